// The twin of vxlan_decap.p4: the outer 50 bytes go, the segment's number decides where the frame leaves.
// entry segments 01234500 = 02000000
// entry ports 02000000 = IF2
#include "twin.h"

MAP(segments, HASH, 65536, __be32, __u32);

MAP(ports, DEVMAP, 64, __u32, __u32);

SEC("xdp")
int vxlan_decap(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4) return XDP_PASS;
  if (packet.ipv4->ihl != 5 || packet.ipv4->protocol != IPPROTO_UDP) return XDP_PASS;
  struct udphdr *udp = packet.rest.at;
  if (!skip(&packet.rest, sizeof *udp)) return XDP_ABORTED;
  if (udp->dest != VXLAN_PORT) return XDP_PASS;
  struct vxlanhdr *vxlan = packet.rest.at;
  if (!skip(&packet.rest, sizeof *vxlan)) return XDP_ABORTED;

  __be32 vni = vxlan->vni & bpf_htonl(0xffffff00);
  const __u32 *port = bpf_map_lookup_elem(&segments, &vni);
  if (!port) return XDP_DROP;
  if (bpf_xdp_adjust_head(context, (int)(packet.rest.at - (void *)packet.ethernet))) return XDP_ABORTED;
  return bpf_redirect_map(&ports, *port, XDP_ABORTED);
}
