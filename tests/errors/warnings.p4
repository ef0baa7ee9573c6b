// Right programs with warnings: one of each kind.

control unused_c(inout bit<8> x) {
  bit<8> y;  // expect unused
  apply { x = 1; }
}

control uninitialized_c(inout bit<8> x) {
  apply {
    bit<8> y;
    x = y;  // expect uninitialized
  }
}

header h_t { bit<8> f; }
control invalid_header_c(inout bit<8> x) {
  h_t h;
  apply { x = h.f; }  // expect invalid-header
}

control unreachable_c(inout bit<8> x) {
  apply {
    x = 1;
    return;
    x = 2;  // expect unreachable
  }
}

control shadowing_c(inout bit<8> x) {
  apply {
    bit<8> y = 1;
    {
      bit<8> y = x;  // expect shadowing
      x = y + 1;
    }
    x = x + y;
  }
}

control no_effect_c(inout bit<8> x) {
  apply { x = x; }  // expect no-effect
}

control constant_comparison_c(inout bit<8> x) {
  apply {
    if (x >= 0) { x = 1; }  // expect constant-comparison
  }
}
