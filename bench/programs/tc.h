// What the hand-written twins on TC share, besides twin.h: v1model's programs forward every packet or drop it.
#pragma once

#include <linux/pkt_cls.h>

#include "twin.h"

MAP(ports, ARRAY, 512, __u32, __u32);      // the interface of a port
MAP(port_of, ARRAY, 65536, __u32, __u32);  // the port of an interface

static __always_inline int send_to(__u32 port) {
  const __u32 *interface = bpf_map_lookup_elem(&ports, &port);
  return interface ? bpf_redirect(*interface, 0) : TC_ACT_SHOT;
}

/// Ethernet and IPv4, in the part of the packet that can be read. No: the packet is shorter, or something else, such as a frame whose
/// VLAN tag the kernel has taken out.
static __always_inline int parse_ipv4(struct __sk_buff *skb, struct ip_packet *packet) {
  if (skb->vlan_present) return 0;
  for (int pulled = 0; pulled < 2; ++pulled) {
    packet->rest = (struct rest){(void *)(long)skb->data, (void *)(long)skb->data_end};
    packet->ethernet = packet->rest.at;
    packet->ipv4 = packet->rest.at + sizeof(struct ethhdr);
    if (skip(&packet->rest, sizeof(struct ethhdr) + sizeof(struct iphdr)))
      return packet->ethernet->h_proto == bpf_htons(ETH_P_IP);
    if (pulled || bpf_skb_pull_data(skb, sizeof(struct ethhdr) + sizeof(struct iphdr))) break;
  }
  return 0;
}

/// The checksum of a header without options.
static __always_inline __u16 ipv4_checksum(const struct iphdr *ipv4) {
  __u64 sum = 0;
  sum += load32(ipv4);
  sum += load32(&ipv4->id);
  sum += load16(&ipv4->ttl);
  sum += load32(&ipv4->saddr);
  sum += load32(&ipv4->daddr);
  sum = (sum & 0xffffffff) + (sum >> 32);
  return csum_fold((__u32)sum + (sum >> 32));
}

/// TTL down by one.
static __always_inline void age(struct iphdr *ipv4) {
  const __u16 before = load16(&ipv4->ttl);
  --ipv4->ttl;
  ipv4->check = csum_replace2(ipv4->check, before, load16(&ipv4->ttl));
}
