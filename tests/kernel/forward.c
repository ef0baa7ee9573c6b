// For the tests of loading and controlling: a program as the code generator might write it, with one table of each structure, so that
// these tests do not depend on the compiler. forward.py holds its manifest.
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define SEC(name) __attribute__((section(name), used))
#define UINT(name, value) int(*name)[value]

struct xdp_md {
  u32 data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex;
};
struct sk_buff {
  u32 len, pkt_type, mark, queue_mapping, protocol, vlan_present, vlan_tci, vlan_proto, priority, ingress_ifindex, ifindex;
};

static void *(*lookup)(void *map, const void *key) = (void *)1;
static long (*redirect_map)(void *map, u64 key, u64 flags) = (void *)51;

enum { HASH = 1, ARRAY = 2, PERCPU_ARRAY = 6, LPM_TRIE = 11, ARRAY_OF_MAPS = 12, DEVMAP_HASH = 25 };

struct value {
  u32 action, port;
};

struct {
  UINT(type, HASH);
  u32 *key;
  struct value *value;
  UINT(max_entries, 4);
} Fwd_ports SEC(".maps");
struct {
  UINT(type, LPM_TRIE);
  struct {
    u32 length, dst;
  } *key;
  struct value *value;
  UINT(max_entries, 4);
  UINT(map_flags, 1);
} Fwd_routes SEC(".maps");
struct {
  UINT(type, ARRAY);
  u32 *key;
  struct value *value;
  UINT(max_entries, 4);
} Fwd_slots SEC(".maps");
struct rule_list {
  u32 count, padding;
  struct {
    u8 value[8], mask[8];
    struct value result;
  } rules[4];
  int priorities[4];
};
// The inner map by sizes: for kernels before 6.2 one with types is another than the one without that takes its place.
struct {
  UINT(type, ARRAY_OF_MAPS);
  UINT(key_size, 4);
  UINT(max_entries, 1);
  struct {
    UINT(type, ARRAY);
    UINT(key_size, 4);
    UINT(value_size, sizeof(struct rule_list));
    UINT(max_entries, 1);
    UINT(map_flags, 1024);
  } *values[];
} Fwd_acl SEC(".maps");
struct count {
  u64 packets, bytes;
};
struct {
  UINT(type, PERCPU_ARRAY);
  u32 *key;
  struct count *value;
  UINT(max_entries, 4);
} Fwd_packets SEC(".maps");
u32 port_of_ifindex[65536];
struct {
  UINT(type, DEVMAP_HASH);
  u32 *key;
  u32 *value;
  UINT(max_entries, 256);
} ifindex_of_port SEC(".maps");

volatile struct value Fwd_ports_default = {1, 0};

static struct value decide(u32 ifindex, u64 bytes) {
  u32 index = port_of_ifindex[ifindex % 65536];
  struct count *count = lookup(&Fwd_packets, &index);
  if (count) {
    count->packets += 1;
    count->bytes += bytes;
  }
  struct value *found = lookup(&Fwd_ports, &index);
  if (found) return *found;
  struct value otherwise = {Fwd_ports_default.action, Fwd_ports_default.port};
  return otherwise;
}

// 0: send(port), 1: pass(), 2: drop()
SEC("xdp") int fwd(struct xdp_md *packet) {
  struct value what = decide(packet->ingress_ifindex, packet->data_end - packet->data);
  if (what.action == 0) return redirect_map(&ifindex_of_port, what.port, 0);
  return what.action == 1 ? 2 : 1;
}

#ifdef WITH_TC
SEC("tc") int fwd_in(struct sk_buff *packet) { return decide(packet->ifindex, packet->len).action == 1 ? 0 : 2; }
SEC("tc") int fwd_out(struct sk_buff *packet) { return decide(packet->ifindex, packet->len).action == 1 ? 0 : 2; }
#endif

// Refused by the verifier: reads behind the packet.
#ifdef WITH_MISTAKE
SEC("xdp") int bad(struct xdp_md *packet) {
#line 7 "mistake.p4"
  return *(u8 *)(unsigned long)packet->data;
}
#endif

char license_text[] SEC("license") = "GPL";
