// The twin of load_balancer.p4: service, hash, ring, IPIP.
// entry services c633640100501100 = 000100000200000000e10000
// entry ring ef010000 = 0a050001
// entry ring f2010000 = 0a050002
#include "twin.h"

struct service_key {
  __be32 address;
  __be16 port;
  __u8 protocol;
  __u8 zero;
};
struct service {
  __u32 base;  // of its part of the ring
  struct mac gateway;
};

MAP(services, HASH, 512, struct service_key, struct service);

MAP(ring, ARRAY, 65536, __u32, __be32);  // the server's address; 0: none

SEC("xdp")
int load_balancer(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4 || !has_ports(packet.ipv4)) return XDP_PASS;
  struct iphdr *ipv4 = packet.ipv4;
  __be16 *ports = packet.rest.at;
  if (!skip(&packet.rest, 2 * sizeof *ports)) return XDP_ABORTED;

  struct service_key key = {ipv4->daddr, ports[1], ipv4->protocol, 0};
  const struct service *service = bpf_map_lookup_elem(&services, &key);
  if (!service) return XDP_PASS;
  __u32 hash = bpf_ntohl(ipv4->saddr ^ load32(ports)) * 0x9e3779b1;
  hash = (hash ^ (hash >> 15)) * 0x85ebca6b;
  hash ^= hash >> 13;
  __u32 slot = (service->base + (hash & 0xff)) & 0xffff;
  const __be32 *server = bpf_map_lookup_elem(&ring, &slot);
  if (!server || !*server) return XDP_DROP;

  struct mac station;
  copy_mac(&station, packet.ethernet->h_dest);
  __be16 total = bpf_htons(bpf_ntohs(ipv4->tot_len) + sizeof *ipv4);
  if (bpf_xdp_adjust_head(context, -(int)sizeof(struct iphdr))) return XDP_ABORTED;
  struct rest rest = rest_of(context);
  struct ethhdr *ethernet = rest.at;
  struct iphdr *outer = (void *)(ethernet + 1);
  if (!skip(&rest, sizeof *ethernet + sizeof *outer)) return XDP_ABORTED;
  copy_mac(ethernet->h_dest, &service->gateway);
  copy_mac(ethernet->h_source, &station);
  ethernet->h_proto = bpf_htons(ETH_P_IP);
  put_ipv4(outer, total, IPPROTO_IPIP, bpf_htonl(0xac100000 | hash >> 16), *server);
  return XDP_TX;
}
