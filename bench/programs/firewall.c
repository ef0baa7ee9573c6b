// The twin of firewall.p4: flows that were begun inside are remembered, and forgotten where there is no more room.
// entry inside 00000000 = IF1
#include "twin.h"

struct flow {
  __be32 near, far;
  __be16 near_port, far_port;
  __u8 protocol;
  __u8 zero[3];
};

struct {
  __uint(type, BPF_MAP_TYPE_LRU_HASH);
  __uint(max_entries, 65536);
  __type(key, struct flow);
  __type(value, __u8);
} flows SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 1);
  __type(key, __u32);
  __type(value, __u32);  // the interface
} inside SEC(".maps");

SEC("xdp")
int firewall(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  __u32 zero = 0;
  const __u32 *interface = bpf_map_lookup_elem(&inside, &zero);
  if (!interface) return XDP_ABORTED;
  int is_inside = *interface == context->ingress_ifindex;
  if (ipv4->ihl != 5 || (ipv4->frag_off & bpf_htons(0x1fff)) ||
      (ipv4->protocol != IPPROTO_UDP && ipv4->protocol != IPPROTO_TCP))
    return is_inside ? XDP_PASS : XDP_DROP;
  __be16 *ports = (void *)(ipv4 + 1);
  if ((void *)(ports + 2) > end) return XDP_ABORTED;

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
