/* small_gemm.h - products of matrices that fit in the caches of one core (tokens of an axis times
 * width of a head), where the set-up of a BLAS call costs more than the product. Serial; the order
 * of the sums is that of k and depends on nothing else. To be included by kernels only. */
#ifndef MPP_SMALL_GEMM_H
#define MPP_SMALL_GEMM_H

#include <stdbool.h>
#include <stddef.h>

enum { MPP_LANES = 16 };

/* Vector of GCC and Clang (compiled to what the processor has), read and written at the alignment
 * of float. */
typedef float mpp_lanes
    __attribute__((vector_size(MPP_LANES * sizeof(float)), aligned(4), may_alias));

/* n rounded up to whole vectors. */
static inline size_t mpp_pad_lanes(size_t n) { return (n + MPP_LANES - 1) / MPP_LANES * MPP_LANES; }

/* A register tile of ROWS rows and VECTORS vectors: c = (add ? c : 0) + a b, element (i, k) of a at
 * a[i * row_step + k * k_step]. */
#define MPP_SMALL_GEMM_TILE(name, ROWS, VECTORS)                                                   \
  static inline void name(float *restrict c, size_t ldc, const float *restrict a, size_t row_step, \
                          size_t k_step, const float *restrict b, size_t ldb, size_t k, bool add)  \
  {                                                                                                \
    mpp_lanes acc[ROWS][VECTORS];                                                                  \
    _Pragma("GCC unroll 8") for (int i = 0; i < ROWS; i++)                                         \
    {                                                                                              \
      _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)                                    \
      {                                                                                            \
        const mpp_lanes *at = (const mpp_lanes *)(c + (size_t)i * ldc) + v;                        \
        acc[i][v] = add ? *at : (mpp_lanes){0};                                                    \
      }                                                                                            \
    }                                                                                              \
    for (size_t l = 0; l < k; l++) {                                                               \
      mpp_lanes bl[VECTORS];                                                                       \
      _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)                                    \
      {                                                                                            \
        bl[v] = ((const mpp_lanes *)(b + l * ldb))[v];                                             \
      }                                                                                            \
      _Pragma("GCC unroll 8") for (int i = 0; i < ROWS; i++)                                       \
      {                                                                                            \
        const float ail = a[(size_t)i * row_step + l * k_step];                                    \
        _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++) { acc[i][v] += ail * bl[v]; }    \
      }                                                                                            \
    }                                                                                              \
    _Pragma("GCC unroll 8") for (int i = 0; i < ROWS; i++)                                         \
    {                                                                                              \
      _Pragma("GCC unroll 4") for (int v = 0; v < VECTORS; v++)                                    \
      {                                                                                            \
        ((mpp_lanes *)(c + (size_t)i * ldc))[v] = acc[i][v];                                       \
      }                                                                                            \
    }                                                                                              \
  }
MPP_SMALL_GEMM_TILE(mpp_tile_4x4, 4, 4)
MPP_SMALL_GEMM_TILE(mpp_tile_1x4, 1, 4)
MPP_SMALL_GEMM_TILE(mpp_tile_4x2, 4, 2)
MPP_SMALL_GEMM_TILE(mpp_tile_1x2, 1, 2)
MPP_SMALL_GEMM_TILE(mpp_tile_8x1, 8, 1)
MPP_SMALL_GEMM_TILE(mpp_tile_1x1, 1, 1)
#undef MPP_SMALL_GEMM_TILE

/* Tiles down the rows of one strip of columns. */
#define MPP_SMALL_GEMM_STRIP(tall, TALL_ROWS, single)                                       \
  do {                                                                                      \
    size_t i = 0;                                                                           \
    for (; i + (TALL_ROWS) <= m; i += (TALL_ROWS)) {                                        \
      tall(c + i * ldc + j, ldc, a + i * row_step, row_step, k_step, b + j, ldb, k, add);   \
    }                                                                                       \
    for (; i < m; i++) {                                                                    \
      single(c + i * ldc + j, ldc, a + i * row_step, row_step, k_step, b + j, ldb, k, add); \
    }                                                                                       \
  } while (0)

/* c [m, n] = (add ? c : 0) + a b for a [m, k] at the given steps, b [k, n]; n, a multiple of
 * MPP_LANES, with rows of at least n floats in b and c. */
static inline void mpp_small_gemm(float *restrict c, size_t ldc, const float *restrict a,
                                  size_t row_step, size_t k_step, const float *restrict b,
                                  size_t ldb, size_t m, size_t n, size_t k, bool add)
{
  for (size_t j = 0; j < n;) {
    const size_t vectors = (n - j) / MPP_LANES;
    if (vectors >= 4) {
      MPP_SMALL_GEMM_STRIP(mpp_tile_4x4, 4, mpp_tile_1x4);
      j += 4 * (size_t)MPP_LANES;
    } else if (vectors >= 2) {
      MPP_SMALL_GEMM_STRIP(mpp_tile_4x2, 4, mpp_tile_1x2);
      j += 2 * (size_t)MPP_LANES;
    } else {
      MPP_SMALL_GEMM_STRIP(mpp_tile_8x1, 8, mpp_tile_1x1);
      j += MPP_LANES;
    }
  }
}
#undef MPP_SMALL_GEMM_STRIP

#endif
