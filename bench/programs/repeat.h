// What is measured: the body of a program 16 times in one run, because one BPF_PROG_TEST_RUN costs some 25 ns by itself and
// reports whole nanoseconds. This text stands behind the generated program and behind its twin alike, which is BENCH_BODY; the
// same loop around an empty body is measured as well and subtracted.
//
// The packet of a run holds BENCH_BODIES copies of the packet to be measured, BENCH_STRIDE bytes apart, and each body gets the
// next one: the head is moved on behind each, wherever the body left it. So no body reads what was written just before, which
// would stall it as no packet from a network card does. A locked instruction stands before and behind each body: it waits until
// all before it is done, so that the processor does not hide a short body in the loop around it. At the end of the run the head goes back, and what bodies may have
// changed, the first BENCH_RESTORED bytes of each copy, is as before.
#ifndef BENCH_REPEAT_H
#define BENCH_REPEAT_H

struct bench_context {
  unsigned data;
  unsigned data_end;
};
static long (*const bench_adjust_head)(void *context, int delta) __attribute__((unused)) = (void *)44;

#define BENCH_INLINE static inline __attribute__((always_inline))
#define BENCH_START(context) ((unsigned char *)(unsigned long)(context)->data)
#define BENCH_END(context) ((unsigned char *)(unsigned long)(context)->data_end)

int bench_verdict;
int bench_lock;
unsigned long long bench_saved[BENCH_RESTORED / 8];

BENCH_INLINE long bench_length(struct bench_context *context) {
  long length = BENCH_END(context) - BENCH_START(context);
  __asm__ volatile("" : "+r"(length));
  return length;
}

BENCH_INLINE int bench_restore(struct bench_context *context) {
  unsigned char *data = BENCH_START(context);
  if (data + BENCH_BODIES * BENCH_STRIDE > BENCH_END(context)) return 0;
#pragma clang loop unroll(full)
  for (int word = 0; word < BENCH_RESTORED / 8; ++word) {
    const unsigned long long saved = bench_saved[word];
#pragma clang loop unroll(full)
    for (int copy = 0; copy < BENCH_BODIES; ++copy)
      *(volatile unsigned long long *)(data + copy * BENCH_STRIDE + 8 * word) = saved;
  }
  return 1;
}

BENCH_INLINE int bench_save(struct bench_context *context) {
  unsigned char *data = BENCH_START(context);
  if (data + BENCH_RESTORED > BENCH_END(context)) return 0;
#pragma clang loop unroll(full)
  for (int word = 0; word < BENCH_RESTORED / 8; ++word)
    bench_saved[word] = *(volatile unsigned long long *)(data + 8 * word);
  return 1;
}

struct bench_run {
  struct bench_context *context;
  long total;
};
static long (*const bench_loop)(unsigned count, long (*step)(unsigned index, struct bench_run *run), struct bench_run *run,
                                unsigned long long flags) __attribute__((unused)) = (void *)181;

#define BENCH_LOOP(name, BODY)                                                                          \
  static __attribute__((noinline)) long name##_step(unsigned index, struct bench_run *run) {            \
    struct bench_context *context = run->context;                                                       \
    __sync_fetch_and_add(&bench_lock, 1);                                                               \
    BODY;                                                                                               \
    __sync_fetch_and_add(&bench_lock, 1);                                                               \
    const long rest = run->total - (long)(index + 1) * BENCH_STRIDE;                                    \
    return bench_adjust_head(context, (int)(bench_length(context) - rest)) != 0;                        \
  }                                                                                                     \
  __attribute__((section("xdp"), used)) int name(struct bench_context *context) {                       \
    struct bench_run run = {context, bench_length(context)};                                            \
    if (!bench_save(context)) return 0;                                                                 \
    bench_loop(BENCH_BODIES, name##_step, &run, 0);                                                     \
    if (bench_adjust_head(context, (int)(bench_length(context) - run.total))) return 0;                 \
    return bench_restore(context) ? bench_verdict : 0;                                                  \
  }

BENCH_LOOP(bench_repeat, [[clang::always_inline]] bench_verdict = BENCH_BODY((void *)context))
BENCH_LOOP(bench_idle, bench_verdict = 1)


// Live frames (BPF_F_TEST_XDP_LIVE_FRAMES) come again as the program left them; so each gets its first bytes back before. What is
// sent out of a port ends at the far side, where it is counted.
unsigned long long bench_received;

__attribute__((section("xdp"), used)) int bench_live(struct bench_context *context) {
  unsigned long long *data = (void *)BENCH_START(context);
  if ((unsigned char *)data + BENCH_RESTORED > BENCH_END(context)) return 0;
#pragma clang loop unroll(full)
  for (int word = 0; word < BENCH_RESTORED / 8; ++word) ((volatile unsigned long long *)data)[word] = bench_saved[word];
  int verdict;
  [[clang::always_inline]] verdict = BENCH_BODY((void *)context);
  return verdict;
}

__attribute__((section("xdp"), used)) int bench_sink(struct bench_context *context) {
  (void)context;
  ++*(volatile unsigned long long *)&bench_received;
  return 1;
}

#endif
