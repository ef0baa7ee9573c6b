// The twin of vxlan_encap.p4: 50 bytes before the frame, by its destination address.
// entry tunnels 020000000001 = 01234500ac100001ac1000020200000000d20200000000d102000000
// entry ports 02000000 = IF2
#include "twin.h"

struct tunnel {
  __be32 vni;
  __be32 local, remote;
  __u8 dst[ETH_ALEN], src[ETH_ALEN];
  __u32 port;
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 65536);
  __type(key, __u8[ETH_ALEN]);
  __type(value, struct tunnel);
} tunnels SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_DEVMAP);
  __uint(max_entries, 64);
  __type(key, __u32);
  __type(value, __u32);
} ports SEC(".maps");

struct outer {
  struct ethhdr ethernet;
  struct iphdr ipv4;
  struct udphdr udp;
  struct vxlanhdr vxlan;
} __attribute__((packed, aligned(2)));

SEC("xdp")
int vxlan_encap(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  const struct tunnel *tunnel = bpf_map_lookup_elem(&tunnels, ethernet->h_dest);
  if (!tunnel) return XDP_PASS;
  __u32 flow = ipv4->saddr ^ ipv4->daddr;
  __u16 length = bpf_ntohs(ipv4->tot_len) + sizeof(struct outer);

  if (bpf_xdp_adjust_head(context, -(int)sizeof(struct outer))) return XDP_ABORTED;
  end = (void *)(long)context->data_end;
  struct outer *outer = (void *)(long)context->data;
  if ((void *)(outer + 1) > end) return XDP_ABORTED;
  copy_mac(outer->ethernet.h_dest, tunnel->dst);
  copy_mac(outer->ethernet.h_source, tunnel->src);
  outer->ethernet.h_proto = bpf_htons(ETH_P_IP);
  __be16 total = bpf_htons(length);
  // Version 4, 20 bytes; no fragments; TTL 64, UDP: constant words of the header.
  store32(&outer->ipv4, bpf_htonl(0x45000000) | (__u32)total << 16);
  store32(&outer->ipv4.id, bpf_htonl(0x00004000));
  __u32 sum = bpf_htons(0x4500) + bpf_htons(0x4000) + bpf_htons(64 << 8 | IPPROTO_UDP) + total;
  sum += (__u16)tunnel->local + (tunnel->local >> 16) + (__u16)tunnel->remote + (tunnel->remote >> 16);
  store32(&outer->ipv4.ttl, bpf_htons(64 << 8 | IPPROTO_UDP) | (__u32)csum_fold(sum) << 16);
  store32(&outer->ipv4.saddr, tunnel->local);
  store32(&outer->ipv4.daddr, tunnel->remote);
  outer->udp.source = bpf_htons(0xc000) | (((__u16)flow ^ (__u16)(flow >> 16)) & bpf_htons(0x3fff));
  outer->udp.dest = VXLAN_PORT;
  store32(&outer->udp.len, bpf_htons(length - sizeof(struct iphdr)));
  store32(&outer->vxlan.flags, VXLAN_VALID);
  store32(&outer->vxlan.vni, tunnel->vni);
  return bpf_redirect_map(&ports, tunnel->port, XDP_ABORTED);
}
