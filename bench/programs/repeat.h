// What is measured: the body of a program 16 times in one run, because one BPF_PROG_TEST_RUN costs some 25 ns by itself and
// reports whole nanoseconds. This text stands behind the generated program and behind its twin alike, which is BENCH_BODY; the
// same loop around an empty body is measured as well and subtracted.
//
// After each body the packet is as before: the head where it was, and the first BENCH_RESTORE bytes (a multiple of 8).
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

unsigned long long bench_saved[BENCH_RESTORE / 8];

BENCH_INLINE int bench_copy(struct bench_context *context, int save) {
  unsigned char *data = BENCH_START(context);
  if (data + BENCH_RESTORE > BENCH_END(context)) return 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < BENCH_RESTORE / 8; ++i) {
    volatile unsigned long long *word = (void *)(data + 8 * i);
    if (save)
      bench_saved[i] = *word;
    else
      *word = bench_saved[i];
  }
  return 1;
}

BENCH_INLINE long bench_length(struct bench_context *context) {
  long length = BENCH_END(context) - BENCH_START(context);
  __asm__ volatile("" : "+r"(length));
  return length;
}

BENCH_INLINE int bench_run(struct bench_context *context, int with_body) {
  const long length = bench_length(context);
  int verdict = 1;
  if (!bench_copy(context, 1)) return 0;
#pragma clang loop unroll(disable)
  for (int i = 0; i < 16; ++i) {
    __asm__ volatile("" ::: "memory");
    if (with_body) verdict = BENCH_BODY((void *)context);
    __asm__ volatile("" : "+r"(verdict)::"memory");
    const long grown = bench_length(context) - length;
    if (grown != 0 && bench_adjust_head(context, (int)grown)) return 0;
    if (!bench_copy(context, 0)) return 0;
  }
  return verdict;
}

__attribute__((section("xdp"), used, flatten)) int bench_repeat(struct bench_context *context) {
  return bench_run(context, 1);
}
__attribute__((section("xdp"), used, flatten)) int bench_idle(struct bench_context *context) {
  return bench_run(context, 0);
}

#endif
