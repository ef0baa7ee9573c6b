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

MAP(hop_packets, PERCPU_ARRAY, 1024, __u32, __u64);

SEC("xdp")
int router(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4) return XDP_PASS;
  __u32 number;
  int verdict = route(packet.ipv4, &number);
  if (verdict >= 0) return verdict;
  verdict = forward(packet.ethernet, packet.ipv4, number);
  __u64 *packets = verdict == XDP_DROP ? 0 : bpf_map_lookup_elem(&hop_packets, &number);
  if (packets) ++*packets;
  return verdict;
}
