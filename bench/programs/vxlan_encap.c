// The twin of vxlan_encap.p4: 50 bytes before the frame, by its destination address.
// entry tunnels 020000000001 = 01234500ac100001ac1000020200000000d20200000000d102000000
// entry ports 02000000 = IF2
#include "twin.h"

struct tunnel {
  __be32 vni;
  __be32 local, remote;
  struct mac dst, src;
  __u32 port;
};

MAP(tunnels, HASH, 65536, struct mac, struct tunnel);

MAP(ports, DEVMAP, 64, __u32, __u32);

struct outer {
  struct ethhdr ethernet;
  struct iphdr ipv4;
  struct udphdr udp;
  struct vxlanhdr vxlan;
} __attribute__((packed, aligned(2)));

SEC("xdp")
int vxlan_encap(struct xdp_md *context) {
  struct ip_packet packet;
  if (!parse_ip(context, &packet)) return XDP_ABORTED;
  if (!packet.ipv4) return XDP_PASS;
  const struct tunnel *tunnel = bpf_map_lookup_elem(&tunnels, packet.ethernet->h_dest);
  if (!tunnel) return XDP_PASS;
  __u32 flow = packet.ipv4->saddr ^ packet.ipv4->daddr;
  __u16 length = bpf_ntohs(packet.ipv4->tot_len) + sizeof(struct outer);

  if (bpf_xdp_adjust_head(context, -(int)sizeof(struct outer))) return XDP_ABORTED;
  struct rest rest = rest_of(context);
  struct outer *outer = rest.at;
  if (!skip(&rest, sizeof *outer)) return XDP_ABORTED;
  copy_mac(outer->ethernet.h_dest, &tunnel->dst);
  copy_mac(outer->ethernet.h_source, &tunnel->src);
  outer->ethernet.h_proto = bpf_htons(ETH_P_IP);
  put_ipv4(&outer->ipv4, bpf_htons(length), IPPROTO_UDP, tunnel->local, tunnel->remote);
  outer->udp.source = bpf_htons(0xc000) | (((__u16)flow ^ (__u16)(flow >> 16)) & bpf_htons(0x3fff));
  outer->udp.dest = VXLAN_PORT;
  store32(&outer->udp.len, bpf_htons(length - sizeof(struct iphdr)));
  store32(&outer->vxlan.flags, VXLAN_VALID);
  store32(&outer->vxlan.vni, tunnel->vni);
  return bpf_redirect_map(&ports, tunnel->port, XDP_ABORTED);
}
