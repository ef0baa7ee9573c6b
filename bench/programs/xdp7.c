// The twin of xdp7.p4: another source address and port, both checksums mended, back to the sender.
#include "twin.h"

#define NEW_ADDRESS bpf_htonl(0x0a000001)
#define NEW_PORT bpf_htons(4242)

SEC("xdp")
int xdp7(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4) return XDP_DROP;
  struct iphdr *ipv4 = packet.ipv4;
  if (ipv4->protocol != IPPROTO_UDP) return XDP_DROP;
  struct udphdr *udp = packet.rest.at;
  if (!skip(&packet.rest, sizeof *udp)) return XDP_ABORTED;

  __u32 change = csum_change4(ipv4->saddr, NEW_ADDRESS);
  udp->check = csum_fold(change + (__u16)~udp->check + (__u16)~udp->source + NEW_PORT);
  ipv4->check = csum_fold(change + (__u16)~ipv4->check);
  ipv4->saddr = NEW_ADDRESS;
  udp->source = NEW_PORT;
  return XDP_TX;
}
