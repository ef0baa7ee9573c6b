// What is measured of a program on TC: its body BENCH_BODIES times in one run (repeat.h says why). Here the head cannot
// be moved from packet to packet at no cost. So all bodies get the same packet: behind each, what it may have changed,
// the first BENCH_RESTORED bytes from where the packet begins then, is as before. Bodies that push headers make the
// packet longer; room for all of them is made before the first, and each run gets a packet of its own. The locked
// instructions wait until what was restored is in the cache.
#ifndef BENCH_REPEAT_TC_H
#define BENCH_REPEAT_TC_H

/// struct __sk_buff, by the numbers of its words.
struct bench_context {
  unsigned words_before[19];
  unsigned data;
  unsigned data_end;
};
static long (*const bench_adjust_room)(void *context, int bytes, unsigned mode, unsigned long long flags)
    __attribute__((unused)) = (void *)50;

#define BENCH_ROOM 1024
#define BENCH_ROOM_MAC 1

int bench_verdict;
int bench_lock;
unsigned long long bench_saved[BENCH_RESTORED / 8];

/// `at` begins the first bytes of the packet; 0 where there are fewer.
static inline __attribute__((always_inline)) volatile unsigned long long *bench_start(struct bench_context *context) {
  unsigned char *data = (unsigned char *)(unsigned long)context->data;
  return data + BENCH_RESTORED > (unsigned char *)(unsigned long)context->data_end ? 0 : (void *)data;
}

struct bench_run {
  struct bench_context *context;
};
static long (*const bench_loop)(unsigned count, long (*step)(unsigned index, struct bench_run *run),
                                struct bench_run *run, unsigned long long flags) __attribute__((unused)) = (void *)181;

#define BENCH_LOOP(name, BODY)                                                                                   \
  static __attribute__((noinline)) long name##_step(unsigned index, struct bench_run *run) {                     \
    struct bench_context *context = run->context;                                                                \
    __sync_fetch_and_add(&bench_lock, 1);                                                                        \
    BODY;                                                                                                        \
    __sync_fetch_and_add(&bench_lock, 1);                                                                        \
    volatile unsigned long long *start = bench_start(context);                                                   \
    if (!start) return 1;                                                                                        \
    _Pragma("clang loop unroll(full)") for (int word = 0; word < BENCH_RESTORED / 8; ++word) start[word] =       \
        bench_saved[word];                                                                                       \
    return 0;                                                                                                    \
  }                                                                                                              \
  __attribute__((section("tc"), used)) int name(struct bench_context *context) {                                 \
    struct bench_run run = {context};                                                                            \
    if (bench_adjust_room(context, BENCH_ROOM, BENCH_ROOM_MAC, 0)) return 0;                                     \
    if (bench_adjust_room(context, -BENCH_ROOM, BENCH_ROOM_MAC, 0)) return 0;                                    \
    volatile unsigned long long *start = bench_start(context);                                                   \
    if (!start) return 0;                                                                                        \
    _Pragma("clang loop unroll(full)") for (int word = 0; word < BENCH_RESTORED / 8; ++word) bench_saved[word] = \
        start[word];                                                                                             \
    bench_loop(BENCH_BODIES, name##_step, &run, 0);                                                              \
    return bench_verdict;                                                                                        \
  }

BENCH_LOOP(bench_repeat, [[clang::always_inline]] bench_verdict = BENCH_BODY((void *)context))
BENCH_LOOP(bench_idle, bench_verdict = 1)

#endif
