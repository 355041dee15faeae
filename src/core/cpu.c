/* cpu.c - the level of the processor. */
#include "cpu.h"

#include <stdatomic.h>
#include <stdlib.h>

static int ask(void)
{
  int level = 2;
#if defined(__x86_64__)
  __builtin_cpu_init();
  /* A level has small instructions too, which came with those that are asked for. */
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    level = 3;
  }
  if (level == 3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl")) {
    level = 4;
  }
#endif
  const char *text = getenv("MPP_CPU_LEVEL");
  const long most = text != NULL ? strtol(text, NULL, 10) : level;
  return most >= 2 && most < level ? (int)most : level;
}

int mpp_cpu_level(void)
{
  static atomic_int known; /* 0: not yet */
  int level = atomic_load_explicit(&known, memory_order_relaxed);
  if (level == 0) {
    level = ask();
    atomic_store_explicit(&known, level, memory_order_relaxed);
  }
  return level;
}

bool mpp_cpu_has_bf16(void)
{
#if defined(__x86_64__)
  __builtin_cpu_init();
  return mpp_cpu_level() >= 4 && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}
