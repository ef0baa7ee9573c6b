// The twin of v1_firewall.p4: connections that were opened from inside are remembered in a Bloom filter of two arrays.
// entry ways 01000000 = 0100000002000000
// entry ways 02000000 = 0200000001000000
// entry ports 01000000 = IF1
// entry ports 02000000 = IF2
// entry port_of IF1 = 01000000
// entry port_of IF2 = 02000000
// entry port_of IF3 = 03000000
#include <linux/tcp.h>

#include "crc.h"
#include "tc.h"

enum { FILTER_SIZE = 4096 };
static volatile __u8 first_filter[FILTER_SIZE], second_filter[FILTER_SIZE];

enum { OUTWARD = 1, INWARD = 2 };
struct way {
  __u32 direction;  // 0: none
  __u32 port;
};
MAP(ways, ARRAY, 512, __u32, struct way);

struct connection {
  __be32 inner, outer;
  __u8 protocol;
  __be16 inner_port, outer_port;
} __attribute__((packed));

SEC("tc")
int v1_firewall(struct __sk_buff *skb) {
  const __u32 interface = skb->ifindex;
  const __u32 *port = bpf_map_lookup_elem(&port_of, &interface);
  if (!port) return TC_ACT_SHOT;
  const struct way *way = bpf_map_lookup_elem(&ways, port);
  if (!way || !way->direction) return TC_ACT_SHOT;
  struct ip_packet packet;
  if (!parse_ipv4(skb, &packet)) return send_to(way->port);
  const struct iphdr *ipv4 = packet.ipv4;
  const struct tcphdr *tcp = packet.rest.at;
  if (ipv4->ihl != 5 || ipv4->protocol != IPPROTO_TCP || (ipv4->frag_off & bpf_htons(0x1fff)))
    return send_to(way->port);
  if (!skip(&packet.rest, sizeof *tcp)) return send_to(way->port);

  struct connection connection = {.protocol = IPPROTO_TCP};
  if (way->direction == OUTWARD) {
    if (!tcp->syn) return send_to(way->port);
    connection.inner = ipv4->saddr, connection.outer = ipv4->daddr;
    connection.inner_port = tcp->source, connection.outer_port = tcp->dest;
  } else {
    connection.inner = ipv4->daddr, connection.outer = ipv4->saddr;
    connection.inner_port = tcp->dest, connection.outer_port = tcp->source;
  }
  const __u32 first = crc16((const __u8 *)&connection, sizeof connection) % FILTER_SIZE;
  const __u32 second = crc32((const __u8 *)&connection, sizeof connection) % FILTER_SIZE;
  if (way->direction == OUTWARD) {
    first_filter[first] = 1;
    second_filter[second] = 1;
  } else if (!first_filter[first] || !second_filter[second]) {
    return TC_ACT_SHOT;
  }
  return send_to(way->port);
}
