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

#include "p4bpf_crc.h"

// Cyclic redundancy checks by bytes, the lowest bit first: `table` has the remainders of 0 to 255. (It is reached by byte offsets: of an
// index the compiler may drop the mask, knowing the table's size, which the verifier does not.)
P4BPF_INLINE u32 p4bpf_crc_byte(u32 crc, u8 byte, const u32 *table) {
  return P4BPF_LOAD32((const u8 *)table + ((u64)(crc ^ byte) << 2 & 0x3fc)) ^ crc >> 8;
}
P4BPF_INLINE u32 p4bpf_crc(const u8 *data, u32 size, u32 crc, const u32 *table) {
  P4BPF_EACH(i, size) crc = p4bpf_crc_byte(crc, data[i], table);
  return crc;
}
P4BPF_INLINE u32 p4bpf_hash_crc32(const u8 *data, u32 size) { return ~p4bpf_crc(data, size, ~0u, p4bpf_crc32_table); }
P4BPF_INLINE u32 p4bpf_hash_crc16(const u8 *data, u32 size) { return p4bpf_crc(data, size, 0, p4bpf_crc16_table); }

// A cyclic redundancy check of `width` bits, 16 or 32, whose parameters user space sets (runtime/calculation_access.h). The remainder is
// kept so that its next byte to go out is the lowest: turned where the data is, and with its bytes swapped where it is not.
struct p4bpf_calculation {
  u32 start;
  u32 final_xor;
  u32 swaps_bytes;  // in the end
  u32 swaps_bits;   // in each byte
  u32 table[256];
};
#define P4BPF_CALCULATION32 {~0u, ~0u, 0, 0, {P4BPF_CRC32_WORDS}}
#define P4BPF_CALCULATION16 {0, 0, 0, 0, {P4BPF_CRC16_WORDS}}
P4BPF_INLINE u32 p4bpf_hash_custom(const u8 *data, u32 size, const struct p4bpf_calculation *of, u32 width) {
  u32 crc = p4bpf_crc(data, size, of->start, of->table);
  if (of->swaps_bytes) crc = P4BPF_SWAP32(crc) >> (32 - width);
  if (of->swaps_bits) {
    crc = (crc & 0x0f0f0f0f) << 4 | (crc >> 4 & 0x0f0f0f0f);
    crc = (crc & 0x33333333) << 2 | (crc >> 2 & 0x33333333);
    crc = (crc & 0x55555555) << 1 | (crc >> 1 & 0x55555555);
  }
  return crc ^ of->final_xor;
}

// `what` for each word. Of many words (a varbit's) the compiler would load all first, more than the stack holds.
#define P4BPF_EACH_WORD(at, size, word, what)                                   \
  if ((size) > P4BPF_MOST_UNROLLED) {                                           \
    P4BPF_ROLLED for (u32 at = 0; at < (size); at += (word)) what;              \
  } else {                                                                      \
    P4BPF_UNROLL for (u32 at = 0; at < (size); at += (word)) what;              \
  }

// The internet checksum (RFC 1071), and the exclusive or, of words of two bytes. The sum is the same over words of four: what they
// carry into the upper half is added below in the end.
P4BPF_INLINE u32 p4bpf_hash_csum16(const u8 *data, u32 size) {
  u64 sum = 0;
  P4BPF_EACH_WORD(at, size, 4, sum += P4BPF_LOAD32(data + at))
  sum = (sum & 0xffffffff) + (sum >> 32);
  u32 folded = (u32)(sum & 0xffff) + (u32)(sum >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  folded = (folded & 0xffff) + (folded >> 16);
  return P4BPF_SWAP16(~folded);
}
P4BPF_INLINE u32 p4bpf_hash_xor16(const u8 *data, u32 size) {
  u32 all = 0;
  P4BPF_EACH_WORD(at, size, 2, all ^= P4BPF_LOAD16(data + at))
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
