// The twin of v1_router.p4: longest prefix to next hop, next hop to MAC addresses and port; packets counted by next hop.
// entry routes 080000000a000000 = 03000000
// entry routes 100000000a010000 = 05000000
// entry routes 20000000c0a80101 = feffffff
// entry next_hops 03000000 = 0200000000a10200000000b102000000
// entry next_hops 05000000 = 0200000000a20200000000b203000000
// entry ports 02000000 = IF2
// entry ports 03000000 = IF3
#include "routes.h"
#include "tc.h"

MAP(hop_packets, PERCPU_ARRAY, 1024, __u32, __u64);

SEC("tc")
int v1_router(struct __sk_buff *skb) {
  struct ip_packet packet;
  if (!parse_ipv4(skb, &packet)) return TC_ACT_SHOT;
  struct iphdr *ipv4 = packet.ipv4;
  if (ipv4->ttl <= 1 || ipv4_checksum(ipv4) != ipv4->check) return TC_ACT_SHOT;
  struct prefix key = {32, ipv4->daddr};
  const __u32 *found = bpf_map_lookup_elem(&routes, &key);
  if (!found || *found == DROP) return TC_ACT_SHOT;
  const __u32 number = *found;
  const struct next_hop *hop = bpf_map_lookup_elem(&next_hops, &number);
  if (!hop || !hop->port) return TC_ACT_SHOT;
  copy_mac(packet.ethernet->h_source, &hop->src);
  copy_mac(packet.ethernet->h_dest, &hop->dst);
  age(ipv4);
  __u64 *packets = bpf_map_lookup_elem(&hop_packets, &number);
  if (packets) ++*packets;
  return send_to(hop->port);
}
