// Hashes over bytes, in the order in which a packet has them. All give 32 bits; `size` is a constant, and behind the bytes stand
// zeros up to a multiple of 4. Unit tests compile this text for themselves and compare it with src/arch/hash.cpp.
#ifndef P4BPF_HASH_H
#define P4BPF_HASH_H

#define P4BPF_ROTATE(x, by) ((x) << (by) | (x) >> (32 - (by)))

// Bob Jenkins' lookup3 (hashlittle, 2006) with the initial value 0: words of four bytes, the first the lowest.
P4BPF_INLINE u32 p4bpf_hash_lookup3(const u8 *data, u32 size) {
  u32 a = 0xdeadbeefu + size, b = a, c = a, at = 0;
  P4BPF_UNROLL for (; size - at > 12; at += 12) {
    a += P4BPF_LOAD32(data + at);
    b += P4BPF_LOAD32(data + at + 4);
    c += P4BPF_LOAD32(data + at + 8);
    a = (a - c) ^ P4BPF_ROTATE(c, 4), c += b;
    b = (b - a) ^ P4BPF_ROTATE(a, 6), a += c;
    c = (c - b) ^ P4BPF_ROTATE(b, 8), b += a;
    a = (a - c) ^ P4BPF_ROTATE(c, 16), c += b;
    b = (b - a) ^ P4BPF_ROTATE(a, 19), a += c;
    c = (c - b) ^ P4BPF_ROTATE(b, 4), b += a;
  }
  if (size == 0) return c;
  a += P4BPF_LOAD32(data + at);
  if (size - at > 4) b += P4BPF_LOAD32(data + at + 4);
  if (size - at > 8) c += P4BPF_LOAD32(data + at + 8);
  c = (c ^ b) - P4BPF_ROTATE(b, 14);
  a = (a ^ c) - P4BPF_ROTATE(c, 11);
  b = (b ^ a) - P4BPF_ROTATE(a, 25);
  c = (c ^ b) - P4BPF_ROTATE(b, 16);
  a = (a ^ c) - P4BPF_ROTATE(c, 4);
  b = (b ^ a) - P4BPF_ROTATE(a, 14);
  return (c ^ b) - P4BPF_ROTATE(b, 24);
}

// Cyclic redundancy checks by half bytes, the lowest bit first: `table` has the remainders of 0 to 15.
P4BPF_INLINE u32 p4bpf_crc(const u8 *data, u32 size, u32 crc, const u32 *table) {
  P4BPF_EACH(i, size) {
    crc ^= data[i];
    crc = table[crc & 15] ^ crc >> 4;
    crc = table[crc & 15] ^ crc >> 4;
  }
  return crc;
}
// Of Ethernet (IEEE 802.3): the reversed polynomial is 0xedb88320.
static const u32 p4bpf_crc32_table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
P4BPF_INLINE u32 p4bpf_hash_crc32(const u8 *data, u32 size) { return ~p4bpf_crc(data, size, ~0u, p4bpf_crc32_table); }
// CRC-16/ARC, the reversed polynomial is 0xa001.
static const u32 p4bpf_crc16_table[16] = {0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
                                0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400};
P4BPF_INLINE u32 p4bpf_hash_crc16(const u8 *data, u32 size) { return p4bpf_crc(data, size, 0, p4bpf_crc16_table); }

// The internet checksum (RFC 1071), and the exclusive or, of words of two bytes.
P4BPF_INLINE u32 p4bpf_hash_csum16(const u8 *data, u32 size) {
  u32 sum = 0;
  P4BPF_UNROLL for (u32 at = 0; at < size; at += 2) sum += P4BPF_LOAD16(data + at);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return P4BPF_SWAP16(~sum);
}
P4BPF_INLINE u32 p4bpf_hash_xor16(const u8 *data, u32 size) {
  u32 all = 0;
  P4BPF_UNROLL for (u32 at = 0; at < size; at += 2) all ^= P4BPF_LOAD16(data + at);
  return P4BPF_SWAP16(all);
}
// The same of several parts one behind the other: `hash` is that of one part, and `at` bytes stand before it. A part that begins at
// an odd byte counts with the bytes of its words swapped (RFC 1071, section 2).
P4BPF_INLINE u32 p4bpf_hash_csum16_part(u32 sum, u32 at, u32 hash) {
  const u32 part = (u16)~hash;
  return sum + (at & 1 ? P4BPF_SWAP16(part) : part);
}
P4BPF_INLINE u32 p4bpf_hash_csum16_end(u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (u16)~sum;
}
P4BPF_INLINE u32 p4bpf_hash_xor16_part(u32 all, u32 at, u32 hash) { return all ^ (at & 1 ? P4BPF_SWAP16(hash) : hash); }

#endif  // P4BPF_HASH_H
