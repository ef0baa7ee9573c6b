// The loop in which lookups are measured; it stands behind generated programs and behind those of by_hand.c alike. A run makes
// bench_rounds lookups: the next of many keys is written into the packet, LOOK_UP is called, and the value that it found is read
// from the packet. Which key comes next depends on that value, as each packet's work follows its lookup: what is measured is the
// time until the answer is there. bench_idle does all of it but the lookup, to be subtracted.
#ifndef BENCH_LOOKUP_H
#define BENCH_LOOKUP_H

struct bench_key {
  u64 word[(KEY_BYTES + 7) / 8];  // as it stands in a packet
};
struct bench_keys {
  struct bench_key key[KEYS];  // a power of two
};
P4BPF_MAP(bench_keys, P4BPF_MAP_ARRAY, u32, struct bench_keys, 1, P4BPF_MMAPABLE);

u32 bench_rounds P4BPF_SECTION(".data") = 1024;
u32 bench_position P4BPF_SECTION(".data") = 0;
u32 bench_sum P4BPF_SECTION(".data") = 0;  // of the values that were found

struct bench_run {
  p4bpf_xdp_context *context;
  const struct bench_keys *keys;
  u32 position;
  u32 last;
  u32 sum;
};
struct bench_packet {
  u32 found;
  u32 unused;
  struct bench_key key;
};

// Values are small, so that the highest bit adds nothing; but nobody knows.
#define BENCH_STEP(name, LOOK, RESULT)                                             \
  static __attribute__((noinline)) long name##_step(u32 index, void *argument) {   \
    struct bench_run *run = argument;                                              \
    u64 at = (run->position + index + (run->last >> 31)) & (KEYS - 1);             \
    P4BPF_OPAQUE(at);                                                              \
    if (at >= KEYS) return 1;                                                      \
    const struct bench_key *key = &run->keys->key[at];                             \
    volatile struct bench_packet *packet = (void *)P4BPF_DATA(run->context);       \
    if ((u8 *)(packet + 1) > P4BPF_DATA_END(run->context)) return 1;               \
    packet->found = 0;                                                             \
    P4BPF_EACH(i, (KEY_BYTES + 7) / 8) packet->key.word[i] = key->word[i];         \
    LOOK;                                                                          \
    packet = (void *)P4BPF_DATA(run->context);                                     \
    if ((u8 *)(packet + 1) > P4BPF_DATA_END(run->context)) return 1;               \
    run->last = RESULT;                                                            \
    run->sum += run->last >> 24;                                                   \
    return 0;                                                                      \
  }                                                                                \
  P4BPF_PROGRAM("xdp", name, xdp) {                                                \
    u32 zero = 0;                                                                  \
    const struct bench_keys *keys = p4bpf_map_lookup(&bench_keys, &zero);          \
    if (!keys) return P4BPF_XDP_ABORTED;                                           \
    struct bench_run run = {context, keys, bench_position, 0, 0};                  \
    p4bpf_loop(bench_rounds, name##_step, &run, 0);                                \
    bench_position += bench_rounds;                                                \
    bench_sum = run.sum;                                                           \
    return P4BPF_XDP_DROP;                                                         \
  }

BENCH_STEP(bench_lookup, [[clang::always_inline]] LOOK_UP((void *)run->context), packet->found)
BENCH_STEP(bench_idle, (void)0, ((u32)packet->key.word[0] & 0x7fffffff))

#endif
