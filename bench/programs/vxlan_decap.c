// The twin of vxlan_decap.p4: the outer 50 bytes go, the segment's number decides where the frame leaves.
// entry segments 01234500 = 02000000
// entry ports 02000000 = IF2
#include "twin.h"

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __be32);
  __type(value, __u32);
} segments SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u32);
} ports SEC(".maps");

SEC("xdp")
int vxlan_decap(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  void *data = (void *)(long)context->data;
  struct ethhdr *ethernet = data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  if (ipv4->ihl != 5 || ipv4->protocol != IPPROTO_UDP) return XDP_PASS;
  struct udphdr *udp = (void *)(ipv4 + 1);
  if ((void *)(udp + 1) > end) return XDP_ABORTED;
  if (udp->dest != VXLAN_PORT) return XDP_PASS;
  struct vxlanhdr *vxlan = (void *)(udp + 1);
  if ((void *)(vxlan + 1) > end) return XDP_ABORTED;

  __be32 vni = vxlan->vni & bpf_htonl(0xffffff00);
  const __u32 *port = bpf_map_lookup_elem(&segments, &vni);
  if (!port) return XDP_DROP;
  if (bpf_xdp_adjust_head(context, (int)((void *)(vxlan + 1) - data))) return XDP_ABORTED;
  return bpf_redirect_map(&ports, *port, XDP_ABORTED);
}
