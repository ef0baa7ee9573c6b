// The native side of p4bpf.h: the generated program as a function in a shared object, run by an executor in the same process.
//
//   build:  cc -O2 -fPIC -shared -DP4BPF_NATIVE -I DIR -o prog.so prog.c       (gcc or clang; DIR holds these headers)
//   then:   dlopen, and dlsym of
//     struct p4bpf_native_helpers p4bpf_helpers;               fill in before the first packet
//     struct p4bpf_native_map *p4bpf_map_list(u32 *count);         all maps; set `impl` of each as you like
//     int p4bpf_run(struct p4bpf_native_context *);            one packet; the XDP or TC verdict (p4bpf.h has their values)
//     u32 p4bpf_hook;                                          0 XDP, 1 TC ingress, 2 TC egress: which verdicts p4bpf_run returns
//     any global of the manifest by its name: Table::default_symbol, Manifest::test_port_symbol, p4bpf_missing_extern
//
// The packet lies between `data` and `data_end` inside [buffer, buffer_end): the head may move down to `buffer` (give it 256 bytes of
// room as XDP does) and up to `data_end`; bpf_xdp_adjust_head keeps the 14 bytes of an Ethernet header. Afterwards data..data_end is the packet.
// A map that the kernel would hand through another map is a p4bpf_native_map of the executor's making: a lookup in an
// array of maps returns one, and the program hands it to `lookup` again.
#ifndef P4BPF_NATIVE_H
#define P4BPF_NATIVE_H

struct p4bpf_native_context {
  u8 *buffer;
  u8 *buffer_end;
  u8 *data;
  u8 *data_end;
  u32 mark;     // of a packet's first pass 0, else as it was when the copy was made
  u32 ifindex;  // its slot of Manifest::port_of_ifindex_symbol has the port, which the executor fills as the kernel's user does
};

struct p4bpf_native_map {
  const char *name;
  u32 type;  // enum p4bpf_map_type
  u32 key_size;
  u32 value_size;
  u32 max_entries;
  u32 inner_value_size;  // of P4BPF_MAP_ARRAY_OF_MAPS: the inner arrays have one element of this size
  void *impl;
};

struct p4bpf_native_helpers {
  /// The value's address or null. Per-CPU maps: of one CPU. It must stay good until the packet is done.
  void *(*lookup)(struct p4bpf_native_map *map, const void *key);
  long (*update)(struct p4bpf_native_map *map, const void *key, const void *value, u64 flags);
  long (*remove)(struct p4bpf_native_map *map, const void *key);
  u64 (*time_ns)(void);
  u32 (*random)(void);
  /// bpf_perf_event_output: the high half of `flags` is how many bytes of the packet follow `data`.
  long (*event_output)(struct p4bpf_native_context *context, struct p4bpf_native_map *map, u64 flags, void *data, u64 size);
  /// bpf_ringbuf_output: a negative number where the ring has no room.
  long (*ring_output)(struct p4bpf_native_map *ring, const void *data, u64 size, u64 flags);
};

#define P4BPF_EXPORT __attribute__((visibility("default"), used))

extern struct p4bpf_native_helpers p4bpf_helpers;
P4BPF_EXPORT struct p4bpf_native_helpers p4bpf_helpers;
extern struct p4bpf_native_map __start_p4bpf_maps[] __attribute__((weak, visibility("hidden")));
extern struct p4bpf_native_map __stop_p4bpf_maps[] __attribute__((weak, visibility("hidden")));
P4BPF_EXPORT struct p4bpf_native_map *p4bpf_map_list(u32 *count);
P4BPF_EXPORT struct p4bpf_native_map *p4bpf_map_list(u32 *count) {
  *count = (u32)(__stop_p4bpf_maps - __start_p4bpf_maps);
  return __start_p4bpf_maps;
}

P4BPF_INLINE void *p4bpf_map_lookup(void *map, const void *key) {
  return p4bpf_helpers.lookup((struct p4bpf_native_map *)map, key);
}
P4BPF_INLINE long p4bpf_map_update(void *map, const void *key, const void *value, u64 flags) {
  return p4bpf_helpers.update((struct p4bpf_native_map *)map, key, value, flags);
}
P4BPF_INLINE long p4bpf_map_remove(void *map, const void *key) {
  return p4bpf_helpers.remove((struct p4bpf_native_map *)map, key);
}
P4BPF_INLINE u64 p4bpf_time_ns(void) { return p4bpf_helpers.time_ns(); }
P4BPF_INLINE u32 p4bpf_random(void) { return p4bpf_helpers.random(); }
P4BPF_INLINE long p4bpf_event_output(struct p4bpf_native_context *context, void *map, u64 flags, void *data, u64 size) {
  return p4bpf_helpers.event_output(context, (struct p4bpf_native_map *)map, flags, data, size);
}
P4BPF_INLINE long p4bpf_ring_output(void *ring, void *data, u64 size, u64 flags) {
  return p4bpf_helpers.ring_output((struct p4bpf_native_map *)ring, data, size, flags);
}
// A packet that is at least `shortest` bytes long stays so.
P4BPF_INLINE long p4bpf_move_head(struct p4bpf_native_context *context, int delta, int shortest) {
  const long rest = context->data_end - context->data - delta;
  if (delta < context->buffer - context->data || rest < 0 || (rest < shortest && rest + delta >= shortest)) return -22;
  context->data += delta;
  return 0;
}
P4BPF_INLINE long p4bpf_tc_move_head(struct p4bpf_native_context *context, int delta, u32 shortest, u32 tags) {
  (void)tags;
  return p4bpf_move_head(context, delta, (int)shortest);
}
P4BPF_INLINE long p4bpf_xdp_truncate(struct p4bpf_native_context *context, u32 bytes) {
  if (context->data_end - context->data > bytes) context->data_end = context->data + bytes;
  return 0;
}
P4BPF_INLINE long p4bpf_tc_truncate(struct p4bpf_native_context *context, u32 bytes) {
  return p4bpf_xdp_truncate(context, bytes);
}
P4BPF_INLINE long p4bpf_redirect_map(void *map, u64 key, u64 flags) {
  u32 key32 = (u32)key;
  return p4bpf_map_lookup(map, &key32) ? P4BPF_XDP_REDIRECT : (long)(flags & 3);
}
P4BPF_INLINE int p4bpf_tc_redirect(struct p4bpf_native_context *context, void *ifindex_of_port, u32 port) {
  (void)context;
  return p4bpf_map_lookup(ifindex_of_port, &port) ? P4BPF_TC_REDIRECT : P4BPF_TC_SHOT;
}
P4BPF_INLINE long p4bpf_loop(u32 count, long (*step)(u32 index, void *argument), void *argument, u64 flags) {
  (void)flags;
  for (u32 i = 0; i < count; ++i) {
    if (step(i, argument)) return (long)i + 1;
  }
  return (long)count;
}

// One packet at a time: nobody else is there.
struct p4bpf_lock {
  u32 unused;
};
#define p4bpf_hold(held) ((void)(held))
#define p4bpf_release(held) ((void)(held))

#define P4BPF_DATA(context) ((context)->data)
#define P4BPF_DATA_END(context) ((context)->data_end)
P4BPF_INLINE u32 p4bpf_xdp_length(struct p4bpf_native_context *context) {
  return (u32)(context->data_end - context->data);
}
P4BPF_INLINE long p4bpf_xdp_load_bytes(const void *context, u32 offset, void *to, u32 size) {
  const struct p4bpf_native_context *packet = context;
  if (offset > (u64)(packet->data_end - packet->data) || size > (u64)(packet->data_end - packet->data) - offset) return -14;
  __builtin_memcpy(to, packet->data + offset, size);
  return 0;
}
#define p4bpf_tc_load_bytes p4bpf_xdp_load_bytes
P4BPF_INLINE u32 p4bpf_tc_length(struct p4bpf_native_context *context) { return p4bpf_xdp_length(context); }
P4BPF_INLINE int p4bpf_has(struct p4bpf_native_context *context, u32 offset, u32 bytes, u32 most) {
  return bytes <= most && (u64)offset + bytes <= (u64)(context->data_end - context->data);
}
P4BPF_INLINE long p4bpf_xdp_read(struct p4bpf_native_context *context, u32 offset, void *to, u32 bytes, u32 most) {
  if (!p4bpf_has(context, offset, bytes, most)) return -22;
  __builtin_memcpy(to, context->data + offset, bytes);
  return 0;
}
P4BPF_INLINE long p4bpf_xdp_write(struct p4bpf_native_context *context, u32 offset, const void *from, u32 bytes, u32 most) {
  if (!p4bpf_has(context, offset, bytes, most)) return -22;
  __builtin_memcpy(context->data + offset, from, bytes);
  return 0;
}
#define p4bpf_tc_read p4bpf_xdp_read
#define p4bpf_tc_write p4bpf_xdp_write
P4BPF_INLINE u32 p4bpf_xdp_ifindex(struct p4bpf_native_context *context) { return context->ifindex; }
P4BPF_INLINE u32 p4bpf_tc_ifindex(struct p4bpf_native_context *context) { return context->ifindex; }
P4BPF_INLINE void p4bpf_tc_pull(struct p4bpf_native_context *context, u32 bytes) {
  (void)context;
  (void)bytes;
}

#define P4BPF_HOOK(number)          \
  extern u32 p4bpf_hook;            \
  P4BPF_EXPORT u32 p4bpf_hook = (number)
#define P4BPF_PROGRAM(section, name, kind)                              \
  static int name(struct p4bpf_native_context *context);                \
  P4BPF_EXPORT int p4bpf_run(struct p4bpf_native_context *context);     \
  P4BPF_EXPORT int p4bpf_run(struct p4bpf_native_context *context) {    \
    return name(context);                                               \
  }                                                                     \
  static int name(struct p4bpf_native_context *context)

// A part of a large program is a function.
typedef struct p4bpf_native_context p4bpf_xdp_context;
typedef struct p4bpf_native_context p4bpf_tc_context;
#define P4BPF_PART(section, name, kind) static int name(struct p4bpf_native_context *context)
#define P4BPF_PART_CALL(name, kind, number, failed)                    \
  P4BPF_INLINE int name##_call(struct p4bpf_native_context *context) { \
    return name(context);                                              \
  }
#define P4BPF_PARTS(count, kind, ...) _Static_assert((count) != 0, "parts")

#define P4BPF_MAP(map_name, map_type, key_type, value_type, entries, flags)                    \
  P4BPF_SECTION("p4bpf_maps")                                                                  \
  struct p4bpf_native_map map_name = {#map_name, map_type, sizeof(key_type), sizeof(value_type), entries, 0, 0}
#define P4BPF_MAP_OF_LISTS(map_name, value_type)   \
  P4BPF_SECTION("p4bpf_maps")                      \
  struct p4bpf_native_map map_name = {#map_name, P4BPF_MAP_ARRAY_OF_MAPS, 4, 4, 1, sizeof(value_type), 0}
#define P4BPF_PERF_EVENT_MAP(map_name)             \
  P4BPF_SECTION("p4bpf_maps")                      \
  struct p4bpf_native_map map_name = {#map_name, P4BPF_MAP_PERF_EVENT_ARRAY, 4, 4, 1, 0, 0}

#define P4BPF_RING(map_name, bytes)                \
  P4BPF_SECTION("p4bpf_maps")                      \
  struct p4bpf_native_map map_name = {#map_name, P4BPF_MAP_RINGBUF, 0, 0, bytes, 0, 0}

#endif  // P4BPF_NATIVE_H
