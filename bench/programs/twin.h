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

/// The checksum of a header without options whose check field is 0.
static __always_inline __u16 csum_ipv4(const struct iphdr *ipv4) {
  const __u16 *words = (const __u16 *)ipv4;
  __u32 sum = 0;
  for (int i = 0; i < 10; ++i) sum += words[i];
  return csum_fold(sum);
}

struct vxlanhdr {
  __be32 flags;
  __be32 vni;  // in the upper 24 bits
};
#define VXLAN_PORT bpf_htons(4789)
#define VXLAN_VALID bpf_htonl(0x08000000)

/// Packets lie at addresses that are no multiples of 4; the kernel takes such accesses, clang would split them.
static __always_inline void store32(void *at, __u32 value) { *(__u32 *)at = value; }
static __always_inline __u32 load32(const void *at) { return *(const __u32 *)at; }
/// Six bytes as four and two.
static __always_inline void copy_mac(void *to, const void *from) {
  *(__u32 *)to = *(const __u32 *)from;
  *(__u16 *)(to + 4) = *(const __u16 *)(from + 4);
}
