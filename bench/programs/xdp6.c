// The twin of xdp6.p4: parse Ethernet and IPv4, write the TTL that the destination MAC's entry gives.
// entry hosts 020000000001 = 28
#include "twin.h"

MAP(hosts, HASH, 1024, struct mac, __u8);

SEC("xdp")
int xdp6(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4) return XDP_DROP;
  const __u8 *ttl = bpf_map_lookup_elem(&hosts, packet.ethernet->h_dest);
  if (!ttl) return XDP_DROP;
  packet.ipv4->ttl = *ttl;
  return XDP_PASS;
}
