// The twin of xdp11.p4: swap the MAC addresses, send back.
#include "twin.h"

SEC("xdp")
int xdp11(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  // Six bytes as four and two, in both directions.
  void *dst = packet.ethernet->h_dest, *src = packet.ethernet->h_source;
  __u32 high = load32(dst);
  __u16 low = load16(dst + 4);
  copy_mac(dst, src);
  store32(src, high);
  store16(src + 4, low);
  return XDP_TX;
}
