// The twin of firewall.p4: flows that were begun inside are remembered, and forgotten where there is no more room.
// entry inside 00000000 = IF1
#include "twin.h"

struct flow {
  __be32 near, far;
  __be16 near_port, far_port;
  __u8 protocol;
  __u8 zero[3];
};

MAP(flows, LRU_HASH, 65536, struct flow, __u8);

MAP(inside, ARRAY, 1, __u32, __u32);  // the interface

SEC("xdp")
int firewall(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  struct iphdr *ipv4 = packet.ipv4;
  if (!ipv4) return XDP_PASS;
  __u32 zero = 0;
  const __u32 *interface = bpf_map_lookup_elem(&inside, &zero);
  if (!interface) return XDP_ABORTED;
  int is_inside = *interface == context->ingress_ifindex;
  if (!has_ports(ipv4) || (ipv4->frag_off & bpf_htons(0x1fff))) return is_inside ? XDP_PASS : XDP_DROP;
  __be16 *ports = packet.rest.at;
  if (!skip(&packet.rest, 2 * sizeof *ports)) return XDP_ABORTED;

  struct flow flow = {.protocol = ipv4->protocol};
  if (is_inside) {
    flow.near = ipv4->saddr;
    flow.far = ipv4->daddr;
    flow.near_port = ports[0];
    flow.far_port = ports[1];
  } else {
    flow.near = ipv4->daddr;
    flow.far = ipv4->saddr;
    flow.near_port = ports[1];
    flow.far_port = ports[0];
  }
  if (bpf_map_lookup_elem(&flows, &flow)) return XDP_PASS;
  if (!is_inside) return XDP_DROP;
  __u8 known = 1;
  bpf_map_update_elem(&flows, &flow, &known, BPF_NOEXIST);
  return XDP_PASS;
}
