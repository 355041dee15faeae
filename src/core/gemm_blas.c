/* gemm_blas.c - sgemm of OpenBLAS on fixed tiles. OpenBLAS may add in another order when the shape
 * of a product changes, so the tiles are functions of (m, n, k) alone, never of the number of
 * threads. */
#include <assert.h>
#include <cblas.h>
#include <limits.h>

#include "blas.h"
#include "gemm_kernel.h"

const char *mpp_blas_version(void) { return openblas_get_config(); }

enum { COLUMNS_MOST = 384, BESIDE_ROWS = 32 };

/* c = A B + beta c for a part of a product: rows from i on, columns from j on. */
static void sgemm(float *c, size_t ldc, const mpp_gemm_product *p, size_t i, size_t m, size_t j,
                  size_t n, float beta)
{
  const bool ta = p->a_row == 1 && p->a_column != 1;
  size_t lda = ta ? p->a_column : p->a_row;
  if (lda < p->k && !ta) { /* one row, which may be a column of the stored matrix */
    lda = p->k;
  }
  assert(m <= INT_MAX && n <= INT_MAX && p->k <= INT_MAX);
  assert(lda <= INT_MAX && p->ldb <= INT_MAX && ldc <= INT_MAX);
  mpp_blas_enter();
  cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans,
              p->b_transposed ? CblasTrans : CblasNoTrans, (int)m, (int)n, (int)p->k, 1.0f,
              p->a + i * p->a_row, (int)lda, p->b + (p->b_transposed ? j * p->ldb : j), (int)p->ldb,
              beta, c, (int)ldc);
  mpp_blas_leave();
}

/* Products whose sums are more than added to C: a few rows at a time are computed beside it. */
static void run_beside(const mpp_gemm_product *p, size_t i, size_t m, size_t j, size_t n)
{
  float sums[BESIDE_ROWS * COLUMNS_MOST];
  sgemm(sums, n, p, i, m, j, n, 0.0f);
  for (size_t r = 0; r < m; r++) {
    const size_t first = (i + r) * p->ldc + j;
    const float *add = (p->add != NULL ? p->add : p->c) + first;
    const float row_gain = mpp_gemm_row_gain(p, i + r);
    for (size_t q = 0; q < n; q++) {
      float sum = sums[r * n + q];
      sum += p->bias != NULL ? p->bias[j + q] : 0.0f;
      sum *= p->gain != NULL ? p->gain[j + q] * row_gain : row_gain;
      sum *= p->times != NULL ? p->times[first + q] : 1.0f;
      p->c[first + q] = p->beta != 0.0f ? sum + p->beta * add[q] : sum;
    }
  }
}

static void run_blas(const mpp_gemm_product *p)
{
  const bool plain = p->bias == NULL && p->gain == NULL && p->sample_gain == NULL;
  if (plain && p->add == NULL && p->times == NULL) {
    sgemm(p->c, p->ldc, p, 0, p->m, 0, p->n, p->beta);
    return;
  }
  for (size_t i = 0; i < p->m; i += BESIDE_ROWS) {
    for (size_t j = 0; j < p->n; j += COLUMNS_MOST) {
      run_beside(p, i, p->m - i < BESIDE_ROWS ? p->m - i : BESIDE_ROWS, j,
                 p->n - j < COLUMNS_MOST ? p->n - j : COLUMNS_MOST);
    }
  }
}

/* Tiles of one product. Each of them packs its part of A and B anew, at a cost that grows with the
 * sum of its sides, so tiles are large; but a product has TILES_WANTED of them where it can, for
 * that many threads to work on. Measured on Zen 4 for widths of 96 to 384, of the speed of one call
 * for the whole product: one thread reaches 95 to 100 % with the largest tiles and 88 to 97 % with
 * tiles of half the size. */
enum {
  ROWS_MOST = 256,
  SIDE_LEAST = 48,
  PARTS_MOST = 16,
  TILES_WANTED = 8,
  REGISTER_TILE = 16 /* OpenBLAS's own tiles have sides of up to 16 */
};

static mpp_gemm_tiling tiling_of(size_t m, size_t n, size_t parts_m, size_t parts_n)
{
  mpp_gemm_tiling t;
  t.rows = mpp_gemm_parts(mpp_gemm_parts(m, parts_m), REGISTER_TILE) * REGISTER_TILE;
  t.columns = mpp_gemm_parts(mpp_gemm_parts(n, parts_n), REGISTER_TILE) * REGISTER_TILE;
  t.across = mpp_gemm_parts(n, t.columns);
  t.count = mpp_gemm_parts(m, t.rows) * t.across;
  return t;
}

static bool better(const mpp_gemm_tiling *a, const mpp_gemm_tiling *b)
{
  if (a->count < TILES_WANTED || b->count < TILES_WANTED) {
    return a->count > b->count;
  }
  return a->count * (a->rows + a->columns) < b->count * (b->rows + b->columns);
}

static mpp_gemm_tiling blas_tiling(size_t m, size_t n, size_t k, size_t threads)
{
  (void)k;
  (void)threads;
  const size_t least_m = mpp_gemm_parts(m, ROWS_MOST), least_n = mpp_gemm_parts(n, COLUMNS_MOST);
  mpp_gemm_tiling best = tiling_of(m, n, least_m, least_n);
  if (best.count >= TILES_WANTED) {
    return best;
  }
  for (size_t parts_m = least_m; parts_m <= PARTS_MOST; parts_m++) {
    for (size_t parts_n = least_n; parts_n <= PARTS_MOST; parts_n++) {
      const mpp_gemm_tiling t = tiling_of(m, n, parts_m, parts_n);
      const bool sides = (t.rows >= SIDE_LEAST || parts_m == least_m) &&
                         (t.columns >= SIDE_LEAST || parts_n == least_n);
      best = sides && better(&t, &best) ? t : best;
    }
  }
  return best;
}

const mpp_gemm_kernel mpp_gemm_blas = {.name = "OpenBLAS", .run = run_blas, .tiling = blas_tiling};
