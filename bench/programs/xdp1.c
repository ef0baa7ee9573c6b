// The twin of xdp1.p4: parse Ethernet and IPv4, drop.
#include "twin.h"

SEC("xdp")
int xdp1(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
    struct iphdr *ipv4 = (void *)(ethernet + 1);
    if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  }
  return XDP_DROP;
}
