// The twin of xdp1.p4: parse Ethernet and IPv4, drop.
#include "twin.h"

SEC("xdp")
int xdp1(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  return XDP_DROP;
}
