// The twin of xdp3.p4: parse Ethernet and IPv4, look the destination MAC up, drop where it is not known.
// entry hosts 020000000001 = 01
#include "twin.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 1024);
  __type(key, __u8[ETH_ALEN]);
  __type(value, __u8);
} hosts SEC(".maps");

SEC("xdp")
int xdp3(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
    struct iphdr *ipv4 = (void *)(ethernet + 1);
    if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  }
  const __u8 *pass = bpf_map_lookup_elem(&hosts, ethernet->h_dest);
  return pass && *pass ? XDP_PASS : XDP_DROP;
}
