/* threads.c - one number of threads for all parallel regions of mpp. */
#include "threads.h"

#include <omp.h>
#include <stdatomic.h>
#include <time.h>

#include "mpp/threads.h"

static atomic_int wanted; /* 0: what OpenMP would take */
static _Thread_local int of_caller;

void mpp_set_threads(int n) { atomic_store(&wanted, n > 0 ? n : 0); }

int mpp_get_threads(void) { return mpp_threads(); }

void mpp_threads_of_caller(int n) { of_caller = n; }

int mpp_threads(void)
{
  if (of_caller > 0) {
    return of_caller;
  }
  const int n = atomic_load_explicit(&wanted, memory_order_relaxed);
  return n > 0 ? n : omp_get_max_threads();
}

double mpp_clock(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
