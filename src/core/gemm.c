/* gemm.c - sgemm of OpenBLAS on fixed tiles. OpenBLAS may add in another order when the shape of a
 * product changes, so the tiles are functions of (m, n, k) alone, never of the number of threads. */
#include "gemm.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>

#include "threads.h"

const char *mpp_blas_version(void) { return openblas_get_config(); }

void mpp_gemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b, size_t ldb,
              bool tb, size_t m, size_t n, size_t k, float beta)
{
  assert(m <= INT_MAX && n <= INT_MAX && k <= INT_MAX);
  assert(lda <= INT_MAX && ldb <= INT_MAX && ldc <= INT_MAX);
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, (int)m,
              (int)n, (int)k, 1.0f, a, (int)lda, b, (int)ldb, beta, c, (int)ldc);
}

/* Parts of equal size, the last one smaller, none wider than `most`; a multiple of 16, the width of
 * OpenBLAS's register tiles. */
static size_t tile_width(size_t extent, size_t most)
{
  const size_t parts = (extent + most - 1) / most;
  const size_t width = (extent + parts - 1) / parts;
  return (width + 15) / 16 * 16;
}

void mpp_gemm_parallel(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float beta)
{
  if (m == 0 || n == 0) {
    return;
  }
  const size_t rows = tile_width(m, 256), columns = tile_width(n, 384);
  const size_t mtiles = (m + rows - 1) / rows, ntiles = (n + columns - 1) / columns;
#pragma omp parallel for schedule(dynamic) num_threads(mpp_threads())
  for (size_t tile = 0; tile < mtiles * ntiles; tile++) {
    const size_t i = tile / ntiles * rows, j = tile % ntiles * columns;
    const size_t height = m - i < rows ? m - i : rows, width = n - j < columns ? n - j : columns;
    mpp_gemm(c + i * ldc + j, ldc, ta ? a + i : a + i * lda, lda, ta, tb ? b + j * ldb : b + j, ldb,
             tb, height, width, k, beta);
  }
}
