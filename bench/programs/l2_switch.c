// The twin of l2_switch.p4: known source address at its port, known destination, out of that port.
// entry sources 0200000000020000IF1 = 01
// entry sources 0200000000030000IF2 = 01
// entry destinations 020000000001 = 02000000
// entry destinations 020000000002 = 01000000
// entry ports 01000000 = IF1
// entry ports 02000000 = IF2
#include "twin.h"

struct source {
  __u8 address[ETH_ALEN];
  __u16 zero;
  __u32 ifindex;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, struct source);
  __type(value, __u8);
} sources SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u8[ETH_ALEN]);
  __type(value, __u32);
} destinations SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u32);
} ports SEC(".maps");

SEC("xdp")
int l2_switch(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  struct source source = {.ifindex = context->ingress_ifindex};
  __builtin_memcpy(source.address, ethernet->h_source, ETH_ALEN);
  if (!bpf_map_lookup_elem(&sources, &source)) return XDP_PASS;
  const __u32 *port = bpf_map_lookup_elem(&destinations, ethernet->h_dest);
  if (!port) return XDP_PASS;
  return bpf_redirect_map(&ports, *port, XDP_ABORTED);
}
