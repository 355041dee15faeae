/* lanes.h - short vectors of floats (the vector extension of GCC 12, Clang 14 and later, compiled
 * to what the processor has), for kernels whose rows are only a few vectors long: the reductions
 * that compilers make of `omp simd` there go through memory. */
#ifndef MPP_LANES_H
#define MPP_LANES_H

#include <stddef.h>

/* As wide as the registers: compilers take wider vectors apart badly. For each width:
 *   SWAPS(X)          X(v) for v with neighbours at a distance of half the lanes, ..., 2, 1 in each
 *                     other's places, so that folding v with all of them in turn is a reduction;
 *   HALVES(v)         v with its halves in each other's places;
 *   FIRST, SECOND     the first and the second halves of a and b, interleaved. */
#if defined(__AVX512F__)
enum { MPP_LANES = 16, MPP_LANES_BITS = 4 };
#define MPP_LANES_SWAPS(X)                                                               \
  X(__builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)) \
  X(__builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)) \
  X(__builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)) \
  X(__builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14))
#define MPP_LANES_HALVES(v) \
  __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define MPP_LANES_FIRST(a, b) \
  __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define MPP_LANES_SECOND(a, b) \
  __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif defined(__AVX__)
enum { MPP_LANES = 8, MPP_LANES_BITS = 3 };
#define MPP_LANES_SWAPS(X)                                 \
  X(__builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)) \
  X(__builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5)) \
  X(__builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6))
#define MPP_LANES_HALVES(v)    __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3)
#define MPP_LANES_FIRST(a, b)  __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define MPP_LANES_SECOND(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
enum { MPP_LANES = 4, MPP_LANES_BITS = 2 };
#define MPP_LANES_SWAPS(X)                     \
  X(__builtin_shufflevector(v, v, 2, 3, 0, 1)) \
  X(__builtin_shufflevector(v, v, 1, 0, 3, 2))
#define MPP_LANES_HALVES(v)    __builtin_shufflevector(v, v, 2, 3, 0, 1)
#define MPP_LANES_FIRST(a, b)  __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define MPP_LANES_SECOND(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/* Read and written at the alignment of float. */
typedef float mpp_lanes
    __attribute__((vector_size(MPP_LANES * sizeof(float)), aligned(4), may_alias));
typedef int mpp_lanes_mask __attribute__((vector_size(MPP_LANES * sizeof(int)), may_alias));

/* Vector `v` of a row. */
static inline mpp_lanes *mpp_lanes_at(float *row, size_t v) { return (mpp_lanes *)row + v; }
static inline const mpp_lanes *mpp_const_lanes_at(const float *row, size_t v)
{
  return (const mpp_lanes *)row + v;
}

/* n rounded up to whole vectors. */
static inline size_t mpp_pad_lanes(size_t n) { return (n + MPP_LANES - 1) / MPP_LANES * MPP_LANES; }

/* Sum of the lanes of *at, by halves. */
static inline float mpp_lanes_sum(const mpp_lanes *at)
{
  mpp_lanes v = *at;
#define MPP_LANES_ADD(swapped) v += (swapped);
  MPP_LANES_SWAPS(MPP_LANES_ADD)
#undef MPP_LANES_ADD
  return v[0];
}

/* *most = lane by lane the larger of *most and *other; a NaN in `other` is passed over. */
static inline void mpp_lanes_raise(mpp_lanes *most, const mpp_lanes *other)
{
  const mpp_lanes_mask larger = (mpp_lanes_mask)(*other > *most);
  *most = (mpp_lanes)(((mpp_lanes_mask)*other & larger) | ((mpp_lanes_mask)*most & ~larger));
}

/* Largest lane of *at. */
static inline float mpp_lanes_most(const mpp_lanes *at)
{
  mpp_lanes v = *at, moved;
#define MPP_LANES_RAISE(swapped) \
  moved = (swapped);             \
  mpp_lanes_raise(&v, &moved);
  MPP_LANES_SWAPS(MPP_LANES_RAISE)
#undef MPP_LANES_RAISE
  return v[0];
}

static inline __attribute__((always_inline)) void mpp_lanes_fold(mpp_lanes *row, const size_t half)
{
#pragma GCC unroll 8
  for (size_t i = 0; i < half; i++) {
    const mpp_lanes a = row[i], b = row[i + half];
    row[i] = MPP_LANES_FIRST(a, b) + MPP_LANES_SECOND(a, b);
  }
}

/* The sums of the lanes of MPP_LANES vectors, in their order: as the transpose below, but of the
 * two rows that an interleaving gives only the sum is kept. Overwrites row. */
static inline __attribute__((always_inline)) mpp_lanes mpp_lanes_sums(mpp_lanes row[MPP_LANES])
{
  mpp_lanes_fold(row, MPP_LANES / 2);
  mpp_lanes_fold(row, MPP_LANES / 4);
  mpp_lanes_fold(row, MPP_LANES / 8);
  mpp_lanes_fold(row, MPP_LANES / 16);
  return row[0];
}

/* Transposes a square of MPP_LANES rows. Interleaving rows i and i + MPP_LANES / 2 into rows 2i and
 * 2i + 1 rotates the bits of (row, column) by one; as often as a row number has bits, it swaps row
 * and column. */
static inline void mpp_lanes_transpose(mpp_lanes row[MPP_LANES])
{
#pragma GCC unroll 4
  for (size_t stage = 0; stage < MPP_LANES_BITS; stage++) {
    mpp_lanes next[MPP_LANES];
#pragma GCC unroll 8
    for (size_t i = 0; i < MPP_LANES / 2; i++) {
      const mpp_lanes a = row[i], b = row[i + MPP_LANES / 2];
      next[2 * i] = MPP_LANES_FIRST(a, b);
      next[2 * i + 1] = MPP_LANES_SECOND(a, b);
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < MPP_LANES; i++) { row[i] = next[i]; }
  }
}

#endif
