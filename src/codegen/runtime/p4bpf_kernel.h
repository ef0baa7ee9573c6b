// The kernel's side of p4bpf.h: contexts, helpers and map definitions for clang -target bpf.
#ifndef P4BPF_KERNEL_H
#define P4BPF_KERNEL_H

// struct xdp_md and struct __sk_buff as far as they are read here.
// They bear the kernel's names, since BTF tells the verifier by these that an argument is the context; to those who include
// <linux/bpf.h> behind this they are hidden (at the end of this file).
struct xdp_md {
  u32 data;
  u32 data_end;
  u32 data_meta;
  u32 ingress_ifindex;
  u32 rx_queue_index;
  u32 egress_ifindex;
};
struct __sk_buff {
  u32 len;
  u32 pkt_type;
  u32 mark;
  u32 queue_mapping;
  u32 protocol;
  u32 vlan_present;
  u32 vlan_tci;
  u32 vlan_proto;
  u32 priority;
  u32 ingress_ifindex;
  u32 ifindex;
  u32 tc_index;
  u32 cb[5];
  u32 hash;
  u32 tc_classid;
  u32 data;
  u32 data_end;
};
typedef struct xdp_md p4bpf_xdp_context;
typedef struct __sk_buff p4bpf_tc_context;

// Helpers by their number in the kernel's ABI.
static void *(*const p4bpf_map_lookup)(void *map, const void *key) __attribute__((unused)) = (void *)1;
static long (*const p4bpf_map_update)(void *map, const void *key, const void *value, u64 flags)
    __attribute__((unused)) = (void *)2;
static long (*const p4bpf_skb_store_bytes)(p4bpf_tc_context *context, u32 offset, const void *from, u32 bytes, u64 flags)
    __attribute__((unused)) = (void *)9;
static long (*const p4bpf_skb_load_bytes)(const p4bpf_tc_context *context, u32 offset, void *to, u32 bytes)
    __attribute__((unused)) = (void *)26;
static long (*const p4bpf_xdp_load_bytes)(p4bpf_xdp_context *context, u32 offset, void *to, u32 bytes)
    __attribute__((unused)) = (void *)189;
static long (*const p4bpf_xdp_store_bytes)(p4bpf_xdp_context *context, u32 offset, const void *from, u32 bytes)
    __attribute__((unused)) = (void *)190;
static long (*const p4bpf_map_remove)(void *map, const void *key) __attribute__((unused)) = (void *)3;
static u64 (*const p4bpf_time_ns)(void) __attribute__((unused)) = (void *)5;
static u32 (*const p4bpf_random)(void) __attribute__((unused)) = (void *)7;
static long (*const p4bpf_tail_call)(void *context, void *programs, u32 index) __attribute__((unused)) = (void *)12;
static long (*const p4bpf_event_output)(void *context, void *map, u64 flags, void *data, u64 size)
    __attribute__((unused)) = (void *)25;
static long (*const p4bpf_skb_pull_data)(p4bpf_tc_context *context, u32 bytes) __attribute__((unused)) = (void *)39;
static long (*const p4bpf_xdp_adjust_head)(p4bpf_xdp_context *context, int delta)
    __attribute__((unused)) = (void *)44;
#define p4bpf_tc_load_bytes p4bpf_skb_load_bytes
static long (*const p4bpf_ring_output)(void *ring, void *data, u64 size, u64 flags)
    __attribute__((unused)) = (void *)130;
// The kernel refuses what would leave less than an Ethernet header.
#define p4bpf_move_head(context, delta, shortest) p4bpf_xdp_adjust_head(context, delta)
static long (*const p4bpf_xdp_adjust_tail)(p4bpf_xdp_context *context, int delta)
    __attribute__((unused)) = (void *)65;
static long (*const p4bpf_redirect_map)(void *map, u64 key, u64 flags) __attribute__((unused)) = (void *)51;
// Runs step(index, argument) for index 0, 1, ... until it returns 1 or `count` is reached (from kernel 5.17 on).
static long (*const p4bpf_loop)(u32 count, long (*step)(u32 index, void *argument), void *argument, u64 flags)
    __attribute__((unused)) = (void *)181;


// A lock, by which the verifier knows it from the name of its struct. While it is held no helper is called.
struct bpf_spin_lock {
  u32 value;
};
struct p4bpf_lock {
  struct bpf_spin_lock lock;
};
static long (*const p4bpf_spin_lock)(struct bpf_spin_lock *lock) __attribute__((unused)) = (void *)93;
static long (*const p4bpf_spin_unlock)(struct bpf_spin_lock *lock) __attribute__((unused)) = (void *)94;
#define p4bpf_hold(held) p4bpf_spin_lock(&(held)->lock)
#define p4bpf_release(held) p4bpf_spin_unlock(&(held)->lock)

// The packet's bounds. They are 32 bits in the struct and become pointers by the verifier's rewriting.
#define P4BPF_DATA(context) ((u8 *)(unsigned long)(context)->data)
#define P4BPF_DATA_END(context) ((u8 *)(unsigned long)(context)->data_end)

P4BPF_INLINE u32 p4bpf_xdp_length(p4bpf_xdp_context *context) {
  // Stays a 64-bit subtraction: the verifier refuses 32-bit arithmetic on pointers.
  u64 length = (u64)(P4BPF_DATA_END(context) - P4BPF_DATA(context));
  P4BPF_OPAQUE(length);
  return (u32)length;
}
P4BPF_INLINE u32 p4bpf_tc_length(p4bpf_tc_context *context) { return context->len; }
P4BPF_INLINE long p4bpf_xdp_truncate(p4bpf_xdp_context *context, u32 bytes) {
  const u32 length = p4bpf_xdp_length(context);
  return length > bytes && p4bpf_xdp_adjust_tail(context, -(int)(length - bytes));
}
P4BPF_INLINE u32 p4bpf_xdp_ifindex(p4bpf_xdp_context *context) { return context->ingress_ifindex; }
P4BPF_INLINE u32 p4bpf_tc_ifindex(p4bpf_tc_context *context) { return context->ifindex; }

// A TC packet may hold its bytes in fragments that direct access cannot see: brings the first `bytes` of it together.
P4BPF_INLINE void p4bpf_tc_pull(p4bpf_tc_context *context, u32 bytes) {
  if (P4BPF_DATA(context) + bytes > P4BPF_DATA_END(context))
    p4bpf_skb_pull_data(context, context->len < bytes ? context->len : bytes);
}

// Copies `bytes`, at most `most` of them, out of the packet from `offset` on, or into it. The verifier wants at least one byte, and knows of a
// comparison with 0 only on newer kernels.
#define P4BPF_COPY_SOME(bytes, most, copy)     \
  ({                                           \
    long p4bpf_failed = 0;                     \
    u64 p4bpf_rest = (u64)(bytes)-1;           \
    P4BPF_OPAQUE(p4bpf_rest);                  \
    if (p4bpf_rest < (most)) {                 \
      u32 p4bpf_count = (u32)p4bpf_rest + 1;   \
      p4bpf_failed = copy;                     \
    }                                          \
    p4bpf_failed;                              \
  })
#define p4bpf_xdp_read(context, offset, to, bytes, most) \
  P4BPF_COPY_SOME(bytes, most, p4bpf_xdp_load_bytes(context, offset, to, p4bpf_count))
#define p4bpf_xdp_write(context, offset, from, bytes, most) \
  P4BPF_COPY_SOME(bytes, most, p4bpf_xdp_store_bytes(context, offset, from, p4bpf_count))
#define p4bpf_tc_read(context, offset, to, bytes, most) \
  P4BPF_COPY_SOME(bytes, most, p4bpf_skb_load_bytes(context, offset, to, p4bpf_count))
#define p4bpf_tc_write(context, offset, from, bytes, most) \
  P4BPF_COPY_SOME(bytes, most, p4bpf_skb_store_bytes(context, offset, from, p4bpf_count, 0))

#include "p4bpf_tc.h"

// Which hook the program was made for matters to the native executor only.
#define P4BPF_HOOK(number) _Static_assert((number) < 3, "a hook")
#define P4BPF_PROGRAM(section, name, kind) P4BPF_SECTION(section) int name(p4bpf_##kind##_context *context)
// The parts of a program that is too large for one: programs of their own, called by number through a program array. A function
// for each call, so that the number is a constant of the jump; not static, so
// that the verifier takes what it returns for unknown; nor may the compiler know it.
#define P4BPF_PART(section, name, kind) P4BPF_PROGRAM(section, name, kind)
#define P4BPF_PART_CALL(name, kind, number, failed)                            \
  int name##_call(p4bpf_##kind##_context *context);                            \
  __attribute__((noinline)) int name##_call(p4bpf_##kind##_context *context) { \
    int result = failed;                                                       \
    p4bpf_tail_call(context, &p4bpf_parts, number);                            \
    P4BPF_OPAQUE(result);                                                      \
    return result;                                                             \
  }
#define P4BPF_PARTS(count, kind, ...)           \
  struct {                                      \
    int (*type)[P4BPF_MAP_PROG_ARRAY];          \
    int (*key_size)[4];                         \
    int (*max_entries)[count];                  \
    int (*values[])(p4bpf_##kind##_context *);  \
  } p4bpf_parts P4BPF_SECTION(".maps") = {.values = {__VA_ARGS__}}

// Maps, in the form that libbpf reads from BTF.
#define P4BPF_MAP(map_name, map_type, key_type, value_type, entries, flags) \
  struct {                                                                 \
    int (*type)[map_type];                                                 \
    __typeof__(key_type) *key;                                             \
    __typeof__(value_type) *value;                                         \
    int (*max_entries)[entries];                                           \
    int (*map_flags)[flags];                                               \
  } map_name P4BPF_SECTION(".maps")
// An array of one map, whose inner maps are arrays of one `value_type`. (By size: clang leaves the BTF of a struct that only an
// inner map names incomplete.) User space writes what a new one needs straight into its memory.
#define P4BPF_MAP_OF_LISTS(map_name, value_type) \
  struct map_name##_inner {                      \
    int (*type)[P4BPF_MAP_ARRAY];                \
    int (*key_size)[4];                          \
    int (*value_size)[sizeof(value_type)];       \
    int (*max_entries)[1];                       \
    int (*map_flags)[P4BPF_MMAPABLE];            \
  };                                             \
  struct {                                       \
    int (*type)[P4BPF_MAP_ARRAY_OF_MAPS];        \
    u32 *key;                                    \
    int (*max_entries)[1];                       \
    struct map_name##_inner *values[];           \
  } map_name P4BPF_SECTION(".maps")
#define P4BPF_PERF_EVENT_MAP(map_name)           \
  struct {                                       \
    int (*type)[P4BPF_MAP_PERF_EVENT_ARRAY];     \
    int (*key_size)[4];                          \
    int (*value_size)[4];                        \
  } map_name P4BPF_SECTION(".maps")

#define P4BPF_RING(map_name, bytes)     \
  struct {                              \
    int (*type)[P4BPF_MAP_RINGBUF];     \
    int (*max_entries)[bytes];          \
  } map_name P4BPF_SECTION(".maps")

char p4bpf_license[] P4BPF_SECTION("license") = "Dual BSD/GPL";

#define xdp_md p4bpf_linux_xdp_md
#define __sk_buff p4bpf_linux_sk_buff
#define bpf_spin_lock p4bpf_linux_bpf_spin_lock

#endif  // P4BPF_KERNEL_H
