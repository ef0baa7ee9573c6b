// The twin of acl.p4: station address, access list, routes and next hops. The list is short, so it is walked.
// entry stations 020000000001 = 01
// entry access 00000000 = 040000000a000042ffffffff000000000000000000000000000000000000000000000000000000000a000000ff000000000000350000ffff11ff01000a000000ff0000000a000000ff000000000001bb0000ffff06ff01000a000000ffffff000a000000ff00000004000000fc00000011ff0100
// entry routes 080000000a000000 = 03000000
// entry next_hops 03000000 = 0200000000a10200000000b102000000
// entry ports 02000000 = IF2
#include "router.h"

/// All fields in network order; `ports` are source and destination.
struct rule {
  __be32 src, src_mask;
  __be32 dst, dst_mask;
  __be32 ports, ports_mask;
  __u8 protocol, protocol_mask;
  __u8 permit;
};

struct access_list {
  __u32 count;
  struct rule rules[64];
};

MAP(stations, HASH, 64, struct mac, __u8);

MAP(access, ARRAY, 1, __u32, struct access_list);

/// The first rule that matches decides; none: no.
static __always_inline int is_permitted(const struct iphdr *ipv4, __be32 ports) {
  __u32 zero = 0;
  const struct access_list *list = bpf_map_lookup_elem(&access, &zero);
  if (!list) return 0;
  __be32 src = ipv4->saddr, dst = ipv4->daddr;
  __u8 protocol = ipv4->protocol;
  for (__u32 i = 0; i < 64 && i < list->count; ++i) {
    const struct rule *rule = &list->rules[i];
    if ((src & rule->src_mask) == rule->src && (dst & rule->dst_mask) == rule->dst &&
        (protocol & rule->protocol_mask) == rule->protocol && (ports & rule->ports_mask) == rule->ports)
      return rule->permit;
  }
  return 0;
}

SEC("xdp")
int acl(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4 || !has_ports(packet.ipv4)) return XDP_PASS;
  __be32 *ports_at = packet.rest.at;
  if (!skip(&packet.rest, sizeof *ports_at)) return XDP_ABORTED;

  if (!bpf_map_lookup_elem(&stations, packet.ethernet->h_dest)) return XDP_PASS;
  if (!is_permitted(packet.ipv4, *ports_at)) return XDP_DROP;
  __u32 number;
  int verdict = route(packet.ipv4, &number);
  return verdict < 0 ? forward(packet.ethernet, packet.ipv4, number) : verdict;
}
