/* columns.h - sums in double down the columns of matrices [s, c] of floats, row after row: the same
 * bits at any vector width. A block of columns has its sums in registers for all rows, where arrays
 * of sums would go through memory for each row. To be included by kernels only. */
#ifndef MPP_COLUMNS_H
#define MPP_COLUMNS_H

#include <stddef.h>

#include "lanes.h"
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

/* Floats that fill a register as doubles, and these. */
enum { MPP_WIDE = MPP_LANES / 2 };
typedef float mpp_narrow
    __attribute__((vector_size(MPP_WIDE * sizeof(float)), aligned(4), may_alias));
typedef double mpp_wide
    __attribute__((vector_size(MPP_WIDE * sizeof(double)), aligned(8), may_alias));

#define MPP_COLUMNS_INLINE static inline __attribute__((always_inline))

MPP_COLUMNS_INLINE mpp_wide mpp_widened(mpp_narrow x)
{
#if defined(__AVX512F__) /* gcc 12 converts the halves apart */
  return (mpp_wide)_mm512_cvtps_pd((__m256)x);
#else
  return __builtin_convertvector(x, mpp_wide);
#endif
}
MPP_COLUMNS_INLINE mpp_narrow mpp_narrow_at(const float *x, size_t v)
{
  return ((const mpp_narrow *)x)[v];
}
MPP_COLUMNS_INLINE mpp_wide *mpp_wide_at(double *x, size_t v) { return (mpp_wide *)x + v; }
MPP_COLUMNS_INLINE const mpp_wide *mpp_const_wide_at(const double *x, size_t v)
{
  return (const mpp_wide *)x + v;
}

/* RUN(j, V) for blocks of `columns` columns: V vectors from column j on, or with V = 0 one column.
 * Two sums of the widest block fill half of 32 registers. */
#define MPP_COLUMN_BLOCKS(columns, RUN)                 \
  for (size_t j = 0, left; (left = (columns)-j) > 0;) { \
    if (left >= 8 * (size_t)MPP_WIDE) {                 \
      RUN(j, 8);                                        \
      j += 8 * (size_t)MPP_WIDE;                        \
    } else if (left >= 4 * (size_t)MPP_WIDE) {          \
      RUN(j, 4);                                        \
      j += 4 * (size_t)MPP_WIDE;                        \
    } else if (left >= (size_t)MPP_WIDE) {              \
      RUN(j, 1);                                        \
      j += (size_t)MPP_WIDE;                            \
    } else {                                            \
      RUN(j, 0);                                        \
      j++;                                              \
    }                                                   \
  }

/* All vectors of a block, unrolled. */
#define MPP_EACH(v, V) _Pragma("GCC unroll 8") for (size_t v = 0; v < (V); v++)

MPP_COLUMNS_INLINE void mpp_sum_block(double *sum, const float *x, size_t s, size_t c,
                                      const size_t V)
{
  mpp_wide sums[8];
  double one = V == 0 ? *sum : 0.0;
  MPP_EACH(v, V) { sums[v] = *mpp_wide_at(sum, v); }
  for (size_t i = 0; i < s; i++, x += c) {
    MPP_EACH(v, V) { sums[v] += mpp_widened(mpp_narrow_at(x, v)); }
    one += V == 0 ? (double)*x : 0.0;
  }
  MPP_EACH(v, V) { *mpp_wide_at(sum, v) = sums[v]; }
  if (V == 0) {
    *sum = one;
  }
}

/* sum[j] += the sum of column j of x. */
static inline void mpp_columns_sum(double *restrict sum, const float *restrict x, size_t s,
                                   size_t c, size_t columns){
#define RUN(j, V) mpp_sum_block(sum + (j), x + (j), s, c, V)
    MPP_COLUMN_BLOCKS(columns, RUN)
#undef RUN
}

MPP_COLUMNS_INLINE void mpp_squares_block(double *sum, const float *x, const double *mean, size_t s,
                                          size_t c, const size_t V)
{
  mpp_wide sums[8];
  double one = V == 0 ? *sum : 0.0;
  MPP_EACH(v, V) { sums[v] = *mpp_wide_at(sum, v); }
  for (size_t i = 0; i < s; i++, x += c) {
    MPP_EACH(v, V)
    {
      const mpp_wide d = mpp_widened(mpp_narrow_at(x, v)) - *mpp_const_wide_at(mean, v);
      sums[v] += d * d;
    }
    one += V == 0 ? ((double)*x - *mean) * ((double)*x - *mean) : 0.0;
  }
  MPP_EACH(v, V) { *mpp_wide_at(sum, v) = sums[v]; }
  if (V == 0) {
    *sum = one;
  }
}

/* sum[j] += the sum of the squares of column j of x about mean[j]. */
static inline void mpp_columns_squares(double *restrict sum, const float *restrict x,
                                       const double *restrict mean, size_t s, size_t c,
                                       size_t columns){
#define RUN(j, V) mpp_squares_block(sum + (j), x + (j), mean + (j), s, c, V)
    MPP_COLUMN_BLOCKS(columns, RUN)
#undef RUN
}

MPP_COLUMNS_INLINE void mpp_products_block(double *sum, double *product, const float *x,
                                           const float *y, const float *mean, const float *factor,
                                           size_t s, size_t c, const size_t V)
{
  mpp_wide sums[8], products[8];
  double one = V == 0 ? *sum : 0.0, other = V == 0 ? *product : 0.0;
  MPP_EACH(v, V)
  {
    sums[v] = *mpp_wide_at(sum, v);
    products[v] = *mpp_wide_at(product, v);
  }
  for (size_t i = 0; i < s; i++, x += c, y += c) {
    MPP_EACH(v, V)
    {
      const mpp_wide value = mpp_widened(mpp_narrow_at(x, v));
      mpp_narrow u = mpp_narrow_at(y, v);
      if (mean != NULL) {
        u = (u - mpp_narrow_at(mean, v)) * mpp_narrow_at(factor, v);
      }
      sums[v] += value;
      products[v] += value * mpp_widened(u);
    }
    if (V == 0) {
      const float u = mean != NULL ? (*y - *mean) * *factor : *y;
      one += (double)*x;
      other += (double)*x * (double)u;
    }
  }
  MPP_EACH(v, V)
  {
    *mpp_wide_at(sum, v) = sums[v];
    *mpp_wide_at(product, v) = products[v];
  }
  if (V == 0) {
    *sum = one;
    *product = other;
  }
}

/* sum[j] += that of column j of x,   product[j] += that of x y. */
static inline void mpp_columns_products(double *restrict sum, double *restrict product,
                                        const float *restrict x, const float *restrict y, size_t s,
                                        size_t c, size_t columns)
{
#define RUN(j, V) \
  mpp_products_block(sum + (j), product + (j), x + (j), y + (j), NULL, NULL, s, c, V)
  MPP_COLUMN_BLOCKS(columns, RUN)
#undef RUN
}

/* The same with (y - mean[j]) factor[j] for y. */
static inline void mpp_columns_normed(double *restrict sum, double *restrict product,
                                      const float *restrict x, const float *restrict y,
                                      const float *restrict mean, const float *restrict factor,
                                      size_t s, size_t c, size_t columns)
{
#define RUN(j, V) \
  mpp_products_block(sum + (j), product + (j), x + (j), y + (j), mean + (j), factor + (j), s, c, V)
  MPP_COLUMN_BLOCKS(columns, RUN)
#undef RUN
}

#endif
