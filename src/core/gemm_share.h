/* gemm_share.h - tiles of a product divided among threads. Each has a share that it takes in order:
 * rows of C that a thread computes it is likely to have read A of, and to go on with, since layers
 * divide their rows in the same way; lines that another core wrote last are several times as far
 * away as the third-level cache. A thread that has no tile of its share left takes from the
 * others. */
#ifndef MPP_GEMM_SHARE_H
#define MPP_GEMM_SHARE_H

#include <assert.h>
#include <omp.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

enum { MPP_GEMM_SHARES = 64 };

typedef struct mpp_gemm_shares {
  size_t count;
  struct {
    alignas(64) atomic_size_t next;
    size_t end;
  } share[MPP_GEMM_SHARES];
} mpp_gemm_shares;

/* Of `tiles` tiles, at least one; before the threads begin. */
static inline void mpp_gemm_divide(mpp_gemm_shares *s, size_t tiles, size_t threads)
{
  s->count = threads < tiles ? threads : tiles;
  s->count = s->count < MPP_GEMM_SHARES ? s->count : MPP_GEMM_SHARES;
  assert(s->count > 0);
  for (size_t i = 0; i < s->count; i++) {
    atomic_init(&s->share[i].next, tiles * i / s->count);
    s->share[i].end = tiles * (i + 1) / s->count;
  }
}

/* The next tile for the calling thread, or false. *turn: shares that it found empty, 0 at first. */
static inline bool mpp_gemm_take(size_t *tile, size_t *turn, mpp_gemm_shares *s)
{
  for (; *turn < s->count; ++*turn) {
    const size_t i = ((size_t)omp_get_thread_num() + *turn) % s->count;
    *tile = atomic_fetch_add_explicit(&s->share[i].next, 1, memory_order_relaxed);
    if (*tile < s->share[i].end) {
      return true;
    }
  }
  return false;
}

#endif
