// What every hand-written twin includes: the kernel's own headers, libbpf's, and the little that they lack.
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/// One's complement sum folded to 16 bits; it is the same in any byte order (RFC 1071).
static __always_inline __u16 csum_fold(__u32 sum) {
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return ~sum;
}

/// The checksum after a 16-bit word that it covers went from `from` to `to` (RFC 1624, equation 3).
static __always_inline __u16 csum_replace2(__u16 check, __u16 from, __u16 to) {
  return csum_fold((__u16)~check + (__u32)(__u16)~from + to);
}

/// What a change of 32 bits adds to a sum that is still to be folded.
static __always_inline __u32 csum_change4(__u32 from, __u32 to) {
  return (__u16)~from + (__u32)(__u16)~(from >> 16) + (to & 0xffff) + (to >> 16);
}
