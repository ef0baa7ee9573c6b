// What every hand-written twin includes: the kernel's own headers, libbpf's, and the little that they lack.
#pragma once

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

/// A map of this name: MAP(hosts, HASH, 1024, struct mac, __u8).
#define MAP(name, kind, entries, key_type, value_type) \
  struct {                                             \
    __uint(type, BPF_MAP_TYPE_##kind);                 \
    __uint(max_entries, entries);                      \
    __type(key, key_type);                             \
    __type(value, value_type);                         \
  } name SEC(".maps")

struct mac {
  __u8 byte[ETH_ALEN];
};

/// What is left of a packet, from front to back.
struct rest {
  void *at, *end;
};

static __always_inline struct rest rest_of(const struct xdp_md *context) {
  return (struct rest){(void *)(long)context->data, (void *)(long)context->data_end};
}

/// Goes on behind a header of so many bytes. No: the packet ends before.
static __always_inline int skip(struct rest *rest, __u32 size) {
  rest->at += size;
  return rest->at <= rest->end;
}

struct ip_packet {
  struct ethhdr *ethernet;
  struct iphdr *ipv4;  // 0 where it is something else
  struct rest rest;
};

/// Ethernet, and IPv4 where it follows. No: the packet is too short.
static __always_inline int parse_ip(const struct xdp_md *context, struct ip_packet *packet) {
  packet->rest = rest_of(context);
  packet->ethernet = packet->rest.at;
  packet->ipv4 = 0;
  if (!skip(&packet->rest, sizeof(struct ethhdr))) return 0;
  if (packet->ethernet->h_proto != bpf_htons(ETH_P_IP)) return 1;
  packet->ipv4 = packet->rest.at;
  return skip(&packet->rest, sizeof(struct iphdr));
}

/// No options, and UDP or TCP behind it.
static __always_inline int has_ports(const struct iphdr *ipv4) {
  return ipv4->ihl == 5 && (ipv4->protocol == IPPROTO_UDP || ipv4->protocol == IPPROTO_TCP);
}

/// Packets lie at addresses that are no multiples of 4; the kernel takes such accesses, clang would split them.
static __always_inline void store32(void *at, __u32 value) { *(__u32 *)at = value; }
static __always_inline void store16(void *at, __u16 value) { *(__u16 *)at = value; }
static __always_inline __u32 load32(const void *at) { return *(const __u32 *)at; }
static __always_inline __u16 load16(const void *at) { return *(const __u16 *)at; }

/// Six bytes as four and two.
static __always_inline void copy_mac(void *to, const void *from) {
  store32(to, load32(from));
  store16(to + 4, load16(from + 4));
}

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

/// What a 32-bit value adds to a sum that is still to be folded.
static __always_inline __u32 csum_words(__u32 value) { return (__u16)value + (value >> 16); }

/// What a change of 32 bits adds to a sum that is still to be folded.
static __always_inline __u32 csum_change4(__u32 from, __u32 to) {
  return csum_words(~from) + csum_words(to);
}

struct vxlanhdr {
  __be32 flags;
  __be32 vni;  // in the upper 24 bits
};
#define VXLAN_PORT bpf_htons(4789)
#define VXLAN_VALID bpf_htonl(0x08000000)

/// The key of a longest-prefix trie of IPv4 routes.
struct prefix {
  __u32 length;
  __be32 address;
};

/// An IPv4 header of a packet of so many bytes: version 4, 20 bytes; no fragments; TTL 64: constant words.
static __always_inline void put_ipv4(void *at, __be16 total, __u8 protocol, __be32 src, __be32 dst) {
  struct iphdr *ipv4 = at;
  __be16 ttl_protocol = bpf_htons(64 << 8 | protocol);
  __u32 sum = bpf_htons(0x4500) + bpf_htons(0x4000) + ttl_protocol + total + csum_words(src) + csum_words(dst);
  store32(ipv4, bpf_htonl(0x45000000) | (__u32)total << 16);
  store32(&ipv4->id, bpf_htonl(0x00004000));
  store32(&ipv4->ttl, ttl_protocol | (__u32)csum_fold(sum) << 16);
  store32(&ipv4->saddr, src);
  store32(&ipv4->daddr, dst);
}
