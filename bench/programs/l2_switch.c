// The twin of l2_switch.p4: known source address at its port, known destination, out of that port.
// entry sources 0200000000020000IF1 = 01
// entry sources 0200000000030000IF2 = 01
// entry destinations 020000000001 = 02000000
// entry destinations 020000000002 = 01000000
// entry ports 01000000 = IF1
// entry ports 02000000 = IF2
#include "twin.h"

struct source {
  struct mac address;
  __u16 zero;
  __u32 ifindex;
};

MAP(sources, HASH, 65536, struct source, __u8);

MAP(destinations, HASH, 65536, struct mac, __u32);

MAP(ports, DEVMAP, 64, __u32, __u32);

SEC("xdp")
int l2_switch(struct xdp_md *context) {
  struct rest rest = rest_of(context);
  struct ethhdr *ethernet = rest.at;
  if (!skip(&rest, sizeof *ethernet)) return XDP_ABORTED;
  struct source source = {.ifindex = context->ingress_ifindex};
  __builtin_memcpy(&source.address, ethernet->h_source, ETH_ALEN);
  if (!bpf_map_lookup_elem(&sources, &source)) return XDP_PASS;
  const __u32 *port = bpf_map_lookup_elem(&destinations, ethernet->h_dest);
  if (!port) return XDP_PASS;
  return bpf_redirect_map(&ports, *port, XDP_ABORTED);
}
