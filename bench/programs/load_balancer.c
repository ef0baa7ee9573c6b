// The twin of load_balancer.p4: service, hash, ring, IPIP.
// entry services c633640100501100 = 0001ff000200000000e1
// entry ring 4c010000 = 0a050001
// entry ring 04010000 = 0a050002
#include "twin.h"

struct service_key {
  __be32 address;
  __be16 port;
  __u8 protocol;
  __u8 zero;
};
struct service {
  __u16 base;  // of its part of the ring
  __u16 mask;  // that part's size - 1
  struct mac gateway;
};

MAP(services, HASH, 512, struct service_key, struct service);

MAP(ring, ARRAY, 65536, __u32, __be32);  // the server's address; 0: none

static __always_inline __u32 rotate(__u32 value, int by) { return value << by | value >> (32 - by); }

/// Bob Jenkins' lookup3 of three words.
static __always_inline __u32 lookup3(__u32 a, __u32 b, __u32 c) {
  a += 0xdeadbeef + 12;
  b += 0xdeadbeef + 12;
  c += 0xdeadbeef + 12;
  c = (c ^ b) - rotate(b, 14);
  a = (a ^ c) - rotate(c, 11);
  b = (b ^ a) - rotate(a, 25);
  c = (c ^ b) - rotate(b, 16);
  a = (a ^ c) - rotate(c, 4);
  b = (b ^ a) - rotate(a, 14);
  return (c ^ b) - rotate(b, 24);
}

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
  __u32 hash = lookup3(ipv4->saddr, ipv4->daddr, load32(ports));
  __u32 slot = (service->base + (hash & service->mask)) & 0xffff;
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
