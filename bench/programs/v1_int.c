// The twin of v1_int.p4: a router that puts twelve bytes of its own into each datagram to UDP port 5000.
// entry routes 080000000a000000 = 0200000000a10200000000b102000000
// entry routes 100000000a010000 = 0200000000a20200000000b203000000
// entry identity 00000000 = 07000000
// entry ports 02000000 = IF2
// entry ports 03000000 = IF3
// entry port_of IF1 = 01000000
#include "tc.h"

#define PORT_TELEMETRY bpf_htons(5000)
enum { MOST_HOPS = 8 };

struct next_hop {
  struct mac src, dst;
  __u32 port;
};

struct {
  __uint(type, BPF_MAP_TYPE_LPM_TRIE);
  __uint(max_entries, 65536);
  __uint(map_flags, BPF_F_NO_PREALLOC);
  __type(key, struct prefix);
  __type(value, struct next_hop);
} routes SEC(".maps");

MAP(identity, ARRAY, 1, __u32, __u32);  // 0: this switch does not sign

struct telemetry {
  __u8 version, hops;
  __be16 length;
};

struct hop {
  __be32 switch_number;
  __be16 ingress_port, egress_port;
  __be32 packet_length;
};

struct headers {
  struct ethhdr ethernet;
  struct iphdr ipv4;
  struct udphdr udp;
  struct telemetry telemetry;
} __attribute__((packed));

struct grown {
  struct headers headers;
  struct hop hop;
} __attribute__((packed));

/// Puts this switch in front of the hops. The headers move to the front to make room.
static __always_inline int sign(struct __sk_buff *skb, __u32 number, __u32 to) {
  const __u32 interface = skb->ifindex;
  const __u32 *from = bpf_map_lookup_elem(&port_of, &interface);
  const __u32 length = skb->len;
  if (bpf_skb_change_head(skb, sizeof(struct hop), 0)) return 0;
  struct grown *grown = (void *)(long)skb->data;
  if ((void *)(grown + 1) > (void *)(long)skb->data_end) return 0;
  __builtin_memmove(&grown->headers, (void *)grown + sizeof(struct hop), sizeof(struct headers));
  struct headers *headers = &grown->headers;
  grown->hop.switch_number = bpf_htonl(number);
  grown->hop.ingress_port = bpf_htons(from ? *from : 0);
  grown->hop.egress_port = bpf_htons(to);
  grown->hop.packet_length = bpf_htonl(length);
  ++headers->telemetry.hops;
  headers->telemetry.length = bpf_htons(bpf_ntohs(headers->telemetry.length) + sizeof(struct hop));
  headers->udp.len = bpf_htons(bpf_ntohs(headers->udp.len) + sizeof(struct hop));
  headers->udp.check = 0;
  const __u16 before = headers->ipv4.tot_len;
  headers->ipv4.tot_len = bpf_htons(bpf_ntohs(before) + sizeof(struct hop));
  headers->ipv4.check = csum_replace2(headers->ipv4.check, before, headers->ipv4.tot_len);
  return 1;
}

SEC("tc")
int v1_int(struct __sk_buff *skb) {
  struct ip_packet packet;
  if (!parse_ipv4(skb, &packet)) return TC_ACT_SHOT;
  struct iphdr *ipv4 = packet.ipv4;
  if (ipv4->ttl <= 1 || ipv4_checksum(ipv4) != ipv4->check) return TC_ACT_SHOT;
  struct telemetry *telemetry = 0;
  if (ipv4->ihl == 5 && ipv4->protocol == IPPROTO_UDP && !(ipv4->frag_off & bpf_htons(0x1fff))) {
    const struct udphdr *udp = packet.rest.at;
    if (!skip(&packet.rest, sizeof *udp)) return TC_ACT_SHOT;
    if (udp->dest == PORT_TELEMETRY) {
      telemetry = packet.rest.at;
      if (!skip(&packet.rest, sizeof *telemetry)) return TC_ACT_SHOT;
    }
  }
  struct prefix key = {32, ipv4->daddr};
  const struct next_hop *hop = bpf_map_lookup_elem(&routes, &key);
  if (!hop) return TC_ACT_SHOT;
  copy_mac(packet.ethernet->h_source, &hop->src);
  copy_mac(packet.ethernet->h_dest, &hop->dst);
  age(ipv4);
  const __u32 port = hop->port, zero = 0;
  const __u32 *number = bpf_map_lookup_elem(&identity, &zero);
  if (telemetry && telemetry->hops < MOST_HOPS && number && *number && !sign(skb, *number, port)) return TC_ACT_SHOT;
  return send_to(port);
}
