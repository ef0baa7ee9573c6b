// What the twins of router.p4 and acl.p4 share: routes.h, and forwarding.
#pragma once

#include "routes.h"

MAP(ports, DEVMAP, 64, __u32, __u32);

/// The next hop's number, or the verdict where there is none (then not negative).
static __always_inline int route(const struct iphdr *ipv4, __u32 *number) {
  struct prefix key = {32, ipv4->daddr};
  const __u32 *found = bpf_map_lookup_elem(&routes, &key);
  if (!found || *found == TO_KERNEL) return XDP_PASS;
  if (*found == DROP || ipv4->ttl <= 1) return XDP_DROP;
  *number = *found;
  return -1;
}

static __always_inline int forward(struct ethhdr *ethernet, struct iphdr *ipv4, __u32 number) {
  const struct next_hop *hop = bpf_map_lookup_elem(&next_hops, &number);
  if (!hop || !hop->port) return XDP_DROP;
  __builtin_memcpy(ethernet->h_source, &hop->src, ETH_ALEN);
  __builtin_memcpy(ethernet->h_dest, &hop->dst, ETH_ALEN);
  // The TTL is the first byte of a word of the checksum.
  __u16 *word = (__u16 *)&ipv4->ttl;
  __u16 before = *word;
  --ipv4->ttl;
  ipv4->check = csum_replace2(ipv4->check, before, *word);
  return bpf_redirect_map(&ports, hop->port, XDP_ABORTED);
}
