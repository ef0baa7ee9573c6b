// The twin of xdp3.p4: parse Ethernet and IPv4, look the destination MAC up, drop where it is not known.
// entry hosts 020000000001 = 01
#include "twin.h"

MAP(hosts, HASH, 1024, struct mac, __u8);

SEC("xdp")
int xdp3(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  const __u8 *pass = bpf_map_lookup_elem(&hosts, packet.ethernet->h_dest);
  return pass && *pass ? XDP_PASS : XDP_DROP;
}
