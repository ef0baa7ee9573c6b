// The bodies of extern_c.p4's functions.
u32 add_up(u8 a, u16 b) { return (u32)a + b; }

void split(u16 value, u8 *high, u8 *low) {
  *high = value >> 8;
  *low = (u8)(*low + value);
}

u8 looks_good(const struct Ethernet *header) {
  return header->valid && header->type == 0x88b5 && header->dst == 0x020000000001ull;
}

void reverse(u8 *value) {
  for (int i = 0; i < 8; ++i) {
    u8 kept = value[i];
    value[i] = value[15 - i];
    value[15 - i] = kept;
  }
}
