/* small_gemm.h - products of matrices that fit in the caches of one core (tokens of an axis times
 * width of a head), where the set-up of a BLAS call costs more than the product. Serial; the order
 * of the sums is that of k and depends on nothing else. To be included by kernels only. */
#ifndef MPP_SMALL_GEMM_H
#define MPP_SMALL_GEMM_H

#include <stddef.h>

#include "lanes.h"

/* Arguments of a product c = init + a b: c [m, n], element (i, k) of a at a[i * row + k * col],
 * b [k, n]; n a multiple of MPP_LANES. init, of the row length of c, is 0 where NULL and may be
 * c. */
typedef struct mpp_small_product {
  float *c;
  const float *init;
  size_t ldc;
  const float *a;
  size_t row, col;
  const float *b;
  size_t ldb;
} mpp_small_product;

/* A register tile of ROWS rows from row i0 on and VECTORS vectors from column j0 on. */
#define MPP_SMALL_GEMM_TILE(name, ROWS, VECTORS)                                              \
  static inline void name(const mpp_small_product *p, size_t i0, size_t j0, size_t k)         \
  {                                                                                           \
    const float *a = p->a + i0 * p->row, *b = p->b + j0;                                      \
    const size_t row = p->row, col = p->col, ldb = p->ldb, first = i0 * p->ldc + j0;          \
    mpp_lanes acc[ROWS][VECTORS];                                                             \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS); i++)                               \
    {                                                                                         \
      _Pragma("GCC unroll 4") for (size_t v = 0; v < (VECTORS); v++)                          \
      {                                                                                       \
        acc[i][v] = p->init == NULL ? (mpp_lanes){0}                                          \
                                    : ((const mpp_lanes *)(p->init + first + i * p->ldc))[v]; \
      }                                                                                       \
    }                                                                                         \
    for (size_t l = 0; l < k; l++) {                                                          \
      mpp_lanes bl[VECTORS];                                                                  \
      _Pragma("GCC unroll 4") for (size_t v = 0; v < (VECTORS); v++)                          \
      {                                                                                       \
        bl[v] = ((const mpp_lanes *)(b + l * ldb))[v];                                        \
      }                                                                                       \
      _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS); i++)                             \
      {                                                                                       \
        const float ail = a[i * row + l * col];                                               \
        _Pragma("GCC unroll 4") for (size_t v = 0; v < (VECTORS); v++)                        \
        {                                                                                     \
          acc[i][v] += ail * bl[v];                                                           \
        }                                                                                     \
      }                                                                                       \
    }                                                                                         \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS); i++)                               \
    {                                                                                         \
      _Pragma("GCC unroll 4") for (size_t v = 0; v < (VECTORS); v++)                          \
      {                                                                                       \
        ((mpp_lanes *)(p->c + first + i * p->ldc))[v] = acc[i][v];                            \
      }                                                                                       \
    }                                                                                         \
  }
MPP_SMALL_GEMM_TILE(mpp_tile_4x4, 4, 4)
MPP_SMALL_GEMM_TILE(mpp_tile_1x4, 1, 4)
MPP_SMALL_GEMM_TILE(mpp_tile_4x2, 4, 2)
MPP_SMALL_GEMM_TILE(mpp_tile_1x2, 1, 2)
MPP_SMALL_GEMM_TILE(mpp_tile_8x1, 8, 1)
MPP_SMALL_GEMM_TILE(mpp_tile_4x1, 4, 1)
MPP_SMALL_GEMM_TILE(mpp_tile_1x1, 1, 1)
#undef MPP_SMALL_GEMM_TILE

/* Tiles down the rows of one strip of columns, from row i on. */
#define MPP_SMALL_GEMM_STRIP(tall, TALL_ROWS, single)                     \
  do {                                                                    \
    for (; i + (TALL_ROWS) <= m; i += (TALL_ROWS)) { tall(&p, i, j, k); } \
    for (; i < m; i++) { single(&p, i, j, k); }                           \
  } while (0)

static inline void mpp_small_gemm(mpp_small_product p, size_t m, size_t n, size_t k)
{
  for (size_t j = 0; j < n;) {
    const size_t vectors = (n - j) / MPP_LANES;
    size_t i = 0;
    if (vectors >= 4 && MPP_LANES == 16) { /* processors with 32 registers */
      MPP_SMALL_GEMM_STRIP(mpp_tile_4x4, 4, mpp_tile_1x4);
      j += 4 * (size_t)MPP_LANES;
    } else if (vectors >= 2) {
      MPP_SMALL_GEMM_STRIP(mpp_tile_4x2, 4, mpp_tile_1x2);
      j += 2 * (size_t)MPP_LANES;
    } else {
      for (; i + 8 <= m; i += 8) { mpp_tile_8x1(&p, i, j, k); }
      MPP_SMALL_GEMM_STRIP(mpp_tile_4x1, 4, mpp_tile_1x1);
      j += MPP_LANES;
    }
  }
}
#undef MPP_SMALL_GEMM_STRIP

#endif
