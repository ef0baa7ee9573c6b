// Several syntax errors: the parser goes on behind each.
const bit<8> a = ;        // expect syntax
const bit<8> b = 1;
header H { bit<8 f; }     // expect syntax
struct S { bit<8> g; }
control c(inout S s) {
    apply {
        s.g = 1 +;        // expect syntax
        s.g = 2;
        if s.g == 1 { }   // expect syntax
    }
}
