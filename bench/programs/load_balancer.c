// The twin of load_balancer.p4: service, hash, ring, IPIP.
// entry services c633640100501100 = 000100000200000000e10000
// entry ring ef010000 = 0a050001
// entry ring f2010000 = 0a050002
#include "twin.h"

struct service_key {
  __be32 address;
  __be16 port;
  __u8 protocol;
  __u8 zero;
};
struct service {
  __u32 base;  // of its part of the ring
  __u8 gateway[ETH_ALEN];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, 512);
  __type(key, struct service_key);
  __type(value, struct service);
} services SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, 65536);
  __type(key, __u32);
  __type(value, __be32);  // the server's address; 0: none
} ring SEC(".maps");

SEC("xdp")
int load_balancer(struct xdp_md *context) {
  void *end = (void *)(long)context->data_end;
  struct ethhdr *ethernet = (void *)(long)context->data;
  if ((void *)(ethernet + 1) > end) return XDP_ABORTED;
  if (ethernet->h_proto != bpf_htons(ETH_P_IP)) return XDP_PASS;
  struct iphdr *ipv4 = (void *)(ethernet + 1);
  if ((void *)(ipv4 + 1) > end) return XDP_ABORTED;
  if (ipv4->ihl != 5 || (ipv4->protocol != IPPROTO_UDP && ipv4->protocol != IPPROTO_TCP)) return XDP_PASS;
  __be16 *ports = (void *)(ipv4 + 1);
  if ((void *)(ports + 2) > end) return XDP_ABORTED;

  struct service_key key = {ipv4->daddr, ports[1], ipv4->protocol, 0};
  const struct service *service = bpf_map_lookup_elem(&services, &key);
  if (!service) return XDP_PASS;
  __u32 hash = bpf_ntohl(ipv4->saddr ^ load32(ports)) * 0x9e3779b1;
  hash = (hash ^ (hash >> 15)) * 0x85ebca6b;
  hash ^= hash >> 13;
  __u32 slot = (service->base + (hash & 0xff)) & 0xffff;
  const __be32 *server = bpf_map_lookup_elem(&ring, &slot);
  if (!server || !*server) return XDP_DROP;

  __u8 station[ETH_ALEN];
  copy_mac(station, ethernet->h_dest);
  __be16 total = bpf_htons(bpf_ntohs(ipv4->tot_len) + sizeof(struct iphdr));
  if (bpf_xdp_adjust_head(context, -(int)sizeof(struct iphdr))) return XDP_ABORTED;
  end = (void *)(long)context->data_end;
  ethernet = (void *)(long)context->data;
  struct iphdr *outer = (void *)(ethernet + 1);
  if ((void *)(outer + 1) > end) return XDP_ABORTED;
  copy_mac(ethernet->h_dest, service->gateway);
  copy_mac(ethernet->h_source, station);
  ethernet->h_proto = bpf_htons(ETH_P_IP);
  __be32 source = bpf_htonl(0xac100000 | hash >> 16), address = *server;
  // Version 4, 20 bytes; no fragments; TTL 64, IPIP: constant words of the header.
  store32(outer, bpf_htonl(0x45000000) | (__u32)total << 16);
  store32(&outer->id, bpf_htonl(0x00004000));
  __u32 sum = bpf_htons(0x4500) + bpf_htons(0x4000) + bpf_htons(64 << 8 | IPPROTO_IPIP) + total;
  sum += (__u16)source + (source >> 16) + (__u16)address + (address >> 16);
  store32(&outer->ttl, bpf_htons(64 << 8 | IPPROTO_IPIP) | (__u32)csum_fold(sum) << 16);
  store32(&outer->saddr, source);
  store32(&outer->daddr, address);
  return XDP_TX;
}
