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

/* Tiles of one product. Each of them packs its part of A and B anew, at a cost that grows with the
 * sum of its sides, so tiles are large; but a product has TILES_WANTED of them where it can, for
 * that many threads to work on. Measured on Zen 4 for widths of 96 to 384, of the speed of one call
 * for the whole product: one thread reaches 95 to 100 % with the largest tiles and 88 to 97 % with
 * tiles of half the size. */
enum {
  ROWS_MOST = 256,
  COLUMNS_MOST = 384,
  SIDE_LEAST = 48,
  PARTS_MOST = 16,
  TILES_WANTED = 8,
  REGISTER_TILE = 16,      /* OpenBLAS's own tiles have sides of up to 16 */
  PARALLEL_LEAST = 1 << 18 /* multiplications; less takes a few microseconds, as waking threads */
};

typedef struct tiling {
  size_t rows, columns; /* of a tile */
  size_t across, count; /* tiles in a row of tiles, tiles in all */
} tiling;

static size_t parts_of(size_t extent, size_t width) { return (extent + width - 1) / width; }

static tiling tiling_of(size_t m, size_t n, size_t parts_m, size_t parts_n)
{
  tiling t;
  t.rows = parts_of(parts_of(m, parts_m), REGISTER_TILE) * REGISTER_TILE;
  t.columns = parts_of(parts_of(n, parts_n), REGISTER_TILE) * REGISTER_TILE;
  t.across = parts_of(n, t.columns);
  t.count = parts_of(m, t.rows) * t.across;
  return t;
}

static bool better(const tiling *a, const tiling *b)
{
  if (a->count < TILES_WANTED || b->count < TILES_WANTED) {
    return a->count > b->count;
  }
  return a->count * (a->rows + a->columns) < b->count * (b->rows + b->columns);
}

static tiling choose_tiling(size_t m, size_t n, size_t k)
{
  const size_t least_m = parts_of(m, ROWS_MOST), least_n = parts_of(n, COLUMNS_MOST);
  tiling best = tiling_of(m, n, least_m, least_n);
  if (m * n * k < PARALLEL_LEAST) {
    return (tiling){m, n, 1, 1};
  }
  if (best.count >= TILES_WANTED) {
    return best;
  }
  for (size_t parts_m = least_m; parts_m <= PARTS_MOST; parts_m++) {
    for (size_t parts_n = least_n; parts_n <= PARTS_MOST; parts_n++) {
      const tiling t = tiling_of(m, n, parts_m, parts_n);
      const bool sides = (t.rows >= SIDE_LEAST || parts_m == least_m) &&
                         (t.columns >= SIDE_LEAST || parts_n == least_n);
      best = sides && better(&t, &best) ? t : best;
    }
  }
  return best;
}

void mpp_gemm_parallel(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float beta)
{
  if (m == 0 || n == 0) {
    return;
  }
  const tiling t = choose_tiling(m, n, k);
#pragma omp parallel for schedule(dynamic) num_threads(mpp_threads()) if (t.count > 1)
  for (size_t tile = 0; tile < t.count; tile++) {
    const size_t i = tile / t.across * t.rows, j = tile % t.across * t.columns;
    const size_t height = m - i < t.rows ? m - i : t.rows;
    const size_t width = n - j < t.columns ? n - j : t.columns;
    mpp_gemm(c + i * ldc + j, ldc, ta ? a + i : a + i * lda, lda, ta, tb ? b + j * ldb : b + j, ldb,
             tb, height, width, k, beta);
  }
}
