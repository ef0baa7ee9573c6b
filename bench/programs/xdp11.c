// The twin of xdp11.p4: swap the MAC addresses, send back.
#include "twin.h"

SEC("xdp")
int xdp11(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto == bpf_htons(ETH_P_IP)) {
    struct iphdr *ipv4 = (void *)(ethernet + 1);
    if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  }
  // Six bytes as four and two, in both directions.
  __u32 *high_dst = (void *)ethernet->h_dest, *high_src = (void *)ethernet->h_source;
  __u16 *low_dst = (void *)(ethernet->h_dest + 4), *low_src = (void *)(ethernet->h_source + 4);
  __u32 high = *high_dst;
  __u16 low = *low_dst;
  *high_dst = *high_src;
  *low_dst = *low_src;
  *high_src = high;
  *low_src = low;
  return XDP_TX;
}
