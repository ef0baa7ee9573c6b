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

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 64);
  __type(key, __u8[ETH_ALEN]);
  __type(value, __u8);
} stations SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, struct access_list);
} access SEC(".maps");

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
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  if (ipv4->ihl != 5 || (ipv4->protocol != IPPROTO_UDP && ipv4->protocol != IPPROTO_TCP)) return XDP_PASS;
  __be32 *ports_at = (void *)(ipv4 + 1);
  if ((void *)(ports_at + 1) > end) return XDP_ABORTED;

  if (!bpf_map_lookup_elem(&stations, ethernet->h_dest)) return XDP_PASS;
  if (!is_permitted(ipv4, *ports_at)) return XDP_DROP;
  __u32 number;
  int verdict = route(ipv4, &number);
  return verdict < 0 ? forward(ethernet, ipv4, number) : verdict;
}
