// What a program needs that tells what becomes of packets (codegen/trace.cpp).
#ifndef P4BPF_TRACE_H
#define P4BPF_TRACE_H

static void *(*const p4bpf_ring_reserve)(void *ring, u64 size, u64 flags) __attribute__((unused)) = (void *)131;
static void (*const p4bpf_ring_submit)(void *record, u64 flags) __attribute__((unused)) = (void *)132;

// What user space asks for (driver/live_trace.cpp).
struct p4bpf_trace_config {
  u32 ifindex;  // only packets that come in here; 0: all
  u32 next;     // number of the next traced pass
};

// The number of this pass of a packet, whose pass before has that one; 0: nobody wants to hear of it.
P4BPF_INLINE u32 p4bpf_trace_begin(void *config_map, u32 ifindex, u32 before) {
  const u32 zero = 0;
  struct p4bpf_trace_config *config = p4bpf_map_lookup(config_map, &zero);
  if (!config || (before == 0 && config->ifindex != 0 && config->ifindex != ifindex)) return 0;
  return __sync_fetch_and_add(&config->next, 1);
}

// Room for a record; null, and the loss is counted, where there is none.
P4BPF_INLINE void *p4bpf_trace_reserve_or_count(void *record, void *lost) {
  const u32 zero = 0;
  if (record) return record;
  u64 *count = p4bpf_map_lookup(lost, &zero);
  if (count) *count += 1;
  return 0;
}
// A macro, since the verifier wants to know the size.
#define p4bpf_trace_reserve(ring, lost, size) p4bpf_trace_reserve_or_count(p4bpf_ring_reserve(ring, size, 0), lost)

#endif  // P4BPF_TRACE_H
