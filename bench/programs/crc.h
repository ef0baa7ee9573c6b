// CRC-16 (x^16 + x^15 + x^2 + 1) and CRC-32 (IEEE 802.3), least significant bit first, a byte at a time: the tables are
// the remainders of each byte.
#pragma once

#include <linux/types.h>

#include "p4bpf_crc.h"

static __always_inline __u16 crc16(const __u8 *data, int size) {
  __u16 crc = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < size; ++i) crc = p4bpf_crc16_table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return crc;
}

static __always_inline __u32 crc32(const __u8 *data, int size) {
  __u32 crc = ~0u;
#pragma clang loop unroll(full)
  for (int i = 0; i < size; ++i) crc = p4bpf_crc32_table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}
