/* lanes.h - short vectors of floats (the vector extension of GCC 12, Clang 14 and later, compiled to
 * what the processor has), for kernels whose rows are only a few vectors long: the reductions that
 * compilers make of `omp simd` there go through memory. */
#ifndef MPP_LANES_H
#define MPP_LANES_H

#include <stddef.h>

enum { MPP_LANES = 16 };

/* Read and written at the alignment of float. */
typedef float mpp_lanes
    __attribute__((vector_size(MPP_LANES * sizeof(float)), aligned(4), may_alias));
typedef int mpp_lanes_mask __attribute__((vector_size(MPP_LANES * sizeof(int)), may_alias));

/* n rounded up to whole vectors. */
static inline size_t mpp_pad_lanes(size_t n) { return (n + MPP_LANES - 1) / MPP_LANES * MPP_LANES; }

/* Lanes of `v` moved by 8, 4, 2, 1: halves change places. */
#define MPP_LANES_SWAP_8(v) \
  __builtin_shufflevector(v, v, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define MPP_LANES_SWAP_4(v) \
  __builtin_shufflevector(v, v, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define MPP_LANES_SWAP_2(v) \
  __builtin_shufflevector(v, v, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define MPP_LANES_SWAP_1(v) \
  __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)

/* Sum of the lanes of *at, by halves. */
static inline float mpp_lanes_sum(const mpp_lanes *at)
{
  mpp_lanes v = *at;
  v += MPP_LANES_SWAP_8(v);
  v += MPP_LANES_SWAP_4(v);
  v += MPP_LANES_SWAP_2(v);
  v += MPP_LANES_SWAP_1(v);
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
  mpp_lanes v = *at, moved = MPP_LANES_SWAP_8(v);
  mpp_lanes_raise(&v, &moved);
  moved = MPP_LANES_SWAP_4(v);
  mpp_lanes_raise(&v, &moved);
  moved = MPP_LANES_SWAP_2(v);
  mpp_lanes_raise(&v, &moved);
  moved = MPP_LANES_SWAP_1(v);
  mpp_lanes_raise(&v, &moved);
  return v[0];
}

/* Transposes a 16 x 16 matrix of 16 rows: four times, rows i and i + 8 are interleaved into rows
 * 2i and 2i + 1, which rotates the bits of (row, column) by one. */
static inline void mpp_lanes_transpose(mpp_lanes row[MPP_LANES])
{
#pragma GCC unroll 4
  for (int stage = 0; stage < 4; stage++) {
    mpp_lanes next[MPP_LANES];
#pragma GCC unroll 8
    for (int i = 0; i < MPP_LANES / 2; i++) {
      const mpp_lanes a = row[i], b = row[i + MPP_LANES / 2];
      next[2 * i] =
          __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29,
                                                14, 30, 15, 31);
    }
#pragma GCC unroll 16
    for (int i = 0; i < MPP_LANES; i++) { row[i] = next[i]; }
  }
}

#endif
