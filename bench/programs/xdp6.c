// The twin of xdp6.p4: parse Ethernet and IPv4, write the TTL that the destination MAC's entry gives.
// entry hosts 020000000001 = 28
#include "twin.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u8[ETH_ALEN]);
  __type(value, __u8);
} hosts SEC(".maps");

SEC("xdp")
int xdp6(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_DROP;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  const __u8 *ttl = bpf_map_lookup_elem(&hosts, ethernet->h_dest);
  if (!ttl) return XDP_DROP;
  ipv4->ttl = *ttl;
  return XDP_PASS;
}
