// The twin of router.p4: longest prefix to next hop, next hop to MAC addresses and port; packets counted by next hop.
// entry routes 080000000a000000 = 03000000
// entry routes 100000000a010000 = 05000000
// entry routes 18000000c0a80100 = fdffffff
// entry routes 20000000c0a80101 = feffffff
// entry next_hops 03000000 = 0200000000a10200000000b102000000
// entry next_hops 05000000 = 0200000000a20200000000b203000000
// entry ports 02000000 = IF2
// entry ports 03000000 = IF3
#include "router.h"

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1024);
  __type(key, __u32);
  __type(value, __u64);
} hop_packets SEC(".maps");

SEC("xdp")
int router(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  __u32 number;
  int verdict = route(ipv4, &number);
  if (verdict >= 0) return verdict;
  verdict = forward(ethernet, ipv4, number);
  __u64 *packets = verdict == XDP_DROP ? 0 : bpf_map_lookup_elem(&hop_packets, &number);
  if (packets) ++*packets;
  return verdict;
}
