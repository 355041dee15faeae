/* gemm_tile.h - register tiles of the kernels of our own, for vectors of MPP_LANES floats
 * (lanes.h). To be included once by a source file that is compiled for one instruction set and
 * defines MPP_GEMM_ROWS            rows of a tile, at most 8; each has up to 3 vectors of columns;
 *   MPP_GEMM_ADD(c, a, b)    the vector c += a times the vector b, a one element of A. */
#ifndef MPP_GEMM_TILE_H
#define MPP_GEMM_TILE_H

#include <assert.h>
#include <string.h>

#include "gemm_kernel.h"
#include "lanes.h"

enum { PANEL = 3 * MPP_LANES };

/* A register tile: c = times row_gain gain (sum of k terms + bias) + scale init. a: first element
 * of the rows, b: a packed panel. init may be c; the pointers to what is not wanted are NULL. */
typedef struct tile_task {
  float *c;
  const float *init, *times;
  size_t ldc; /* of all three */
  float scale;
  const float *bias, *gain;
  bool rows_scaled;
  float row_gain[MPP_GEMM_ROWS];
  const float *a;
  size_t row, column;
  const float *b;
  size_t k;
} tile_task;

/* clang-format off */
/* All vectors of a tile, unrolled. */
#define EACH(i, v, ROWS_OF, VECTORS_OF)                              \
  _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++)     \
  _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++)
#define TILE(name, ROWS_OF, VECTORS_OF)                                                       \
  static void name(const tile_task *t)                                                        \
  {                                                                                           \
    const float *a = t->a, *b = t->b;                                                         \
    const size_t row = t->row, column = t->column, k = t->k;                                  \
    mpp_lanes acc[ROWS_OF][VECTORS_OF];                                                       \
    EACH(i, v, ROWS_OF, VECTORS_OF) {                                                         \
      acc[i][v] = (mpp_lanes){0};                                                             \
    }                                                                                         \
    if (t->init != NULL) {                                                                    \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        __builtin_prefetch(t->init + i * t->ldc + v * MPP_LANES); /* read at the end */       \
      }                                                                                       \
    }                                                                                         \
    if (t->times != NULL) {                                                                   \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        __builtin_prefetch(t->times + i * t->ldc + v * MPP_LANES);                            \
      }                                                                                       \
    }                                                                                         \
    for (size_t l = 0; l < k; l++) {                                                          \
      mpp_lanes bl[VECTORS_OF];                                                               \
      _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                     \
        bl[v] = ((const mpp_lanes *)(b + l * (VECTORS_OF) * MPP_LANES))[v];                   \
      }                                                                                       \
      __builtin_prefetch(a + (l + 12) * column);                                              \
      _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++) {                        \
        const float ail = a[i * row + l * column];                                            \
        _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                   \
          MPP_GEMM_ADD(acc[i][v], ail, bl[v]);                                                \
        }                                                                                     \
      }                                                                                       \
    }                                                                                         \
    if (t->bias != NULL) {                                                                    \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        acc[i][v] += ((const mpp_lanes *)t->bias)[v];                                         \
      }                                                                                       \
    }                                                                                         \
    if (t->gain != NULL) {                                                                    \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        acc[i][v] *= ((const mpp_lanes *)t->gain)[v];                                         \
      }                                                                                       \
    }                                                                                         \
    if (t->rows_scaled) {                                                                     \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        acc[i][v] *= t->row_gain[i];                                                          \
      }                                                                                       \
    }                                                                                         \
    if (t->times != NULL) {                                                                   \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        acc[i][v] *= ((const mpp_lanes *)(t->times + i * t->ldc))[v];                         \
      }                                                                                       \
    }                                                                                         \
    if (t->init != NULL) {                                                                    \
      EACH(i, v, ROWS_OF, VECTORS_OF) {                                                       \
        acc[i][v] += t->scale * ((const mpp_lanes *)(t->init + i * t->ldc))[v];               \
      }                                                                                       \
    }                                                                                         \
    EACH(i, v, ROWS_OF, VECTORS_OF) {                                                         \
      ((mpp_lanes *)(t->c + i * t->ldc))[v] = acc[i][v];                                      \
    }                                                                                         \
  }
/* clang-format on */
TILE(tile_tall_3, MPP_GEMM_ROWS, 3)
TILE(tile_tall_2, MPP_GEMM_ROWS, 2)
TILE(tile_tall_1, MPP_GEMM_ROWS, 1)
TILE(tile_one_3, 1, 3)
TILE(tile_one_2, 1, 2)
TILE(tile_one_1, 1, 1)
#undef TILE
#undef EACH

typedef void tile_function(const tile_task *t);
static tile_function *const tall_tile[] = {tile_tall_1, tile_tall_2, tile_tall_3};
static tile_function *const one_row[] = {tile_one_1, tile_one_2, tile_one_3};

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

/* A tile of `rows` rows and n columns, n not a multiple of a vector: computed beside C, so that
 * nothing is read or written beyond its columns. */
static void partial_tile(tile_function *tile, const tile_task *t, size_t rows, size_t n)
{
  float c[MPP_GEMM_ROWS * PANEL], bias[PANEL] = {0.0f}, gain[PANEL] = {0.0f};
  float times[MPP_GEMM_ROWS * PANEL];
  tile_task inner = *t;
  inner.c = c;
  inner.ldc = PANEL;
  inner.init = t->init != NULL ? c : NULL;
  inner.times = t->times != NULL ? times : NULL;
  inner.bias = t->bias != NULL ? bias : NULL;
  inner.gain = t->gain != NULL ? gain : NULL;
  for (size_t i = 0; i < rows && t->init != NULL; i++) {
    memset(c + i * PANEL, 0, PANEL * sizeof *c);
    memcpy(c + i * PANEL, t->init + i * t->ldc, n * sizeof *c);
  }
  for (size_t i = 0; i < rows && t->times != NULL; i++) {
    memset(times + i * PANEL, 0, PANEL * sizeof *times);
    memcpy(times + i * PANEL, t->times + i * t->ldc, n * sizeof *times);
  }
  if (t->bias != NULL) {
    memcpy(bias, t->bias, n * sizeof *bias);
  }
  if (t->gain != NULL) {
    memcpy(gain, t->gain, n * sizeof *gain);
  }
  tile(&inner);
  for (size_t i = 0; i < rows; i++) { memcpy(t->c + i * t->ldc, c + i * PANEL, n * sizeof *c); }
}

/* What is done with the sums of block l of the terms, for the columns from j on. Each block takes
 * the gain by itself, so that C may be what is added to. */
static tile_task task_of(const mpp_gemm_product *p, const float *panel, size_t j, size_t l,
                         size_t k)
{
  tile_task t = {.ldc = p->ldc,
                 .scale = l > 0 ? 1.0f : p->beta,
                 .row = p->a_row,
                 .column = p->a_column,
                 .b = panel,
                 .k = k,
                 .rows_scaled = p->sample_gain != NULL};
  if (l == 0 && p->bias != NULL) {
    t.bias = p->bias + j;
  }
  if (p->gain != NULL) {
    t.gain = p->gain + j;
  }
  return t;
}

/* All rows of a task whose columns begin at column j of C: n of them, in a panel packed for `k`
 * elements. a: of the first row; sums go on from C where `more`. */
static void run_rows(const mpp_gemm_product *p, const tile_task *task, const float *a, size_t first,
                     size_t count, size_t j, size_t n, bool more)
{
  const size_t vectors = (n + MPP_LANES - 1) / MPP_LANES;
  const float *init = more ? p->c : p->beta == 0.0f ? NULL : p->add != NULL ? p->add : p->c;
  tile_task t = *task;
  assert(p->c != NULL);
  for (size_t i = first, rows; i < first + count; i += rows) {
    rows = first + count - i >= MPP_GEMM_ROWS ? MPP_GEMM_ROWS : 1;
    tile_function *tile = rows == 1 ? one_row[vectors - 1] : tall_tile[vectors - 1];
    t.c = p->c + i * p->ldc + j;
    t.a = a + (i - first) * t.row;
    t.init = init != NULL ? init + i * p->ldc + j : NULL;
    t.times = p->times != NULL ? p->times + i * p->ldc + j : NULL;
    for (size_t r = 0; r < rows && t.rows_scaled; r++) {
      t.row_gain[r] = mpp_gemm_row_gain(p, i + r);
    }
    if (n == vectors * MPP_LANES) {
      tile(&t);
    } else {
      partial_tile(tile, &t, rows, n);
    }
  }
}

/* Terms of a block of the sums: `most` at most, in equal blocks. */
static size_t block_depth(size_t k, size_t most)
{
  const size_t blocks = (k + most - 1) / most;
  return blocks <= 1 ? k : (k + blocks - 1) / blocks;
}

#endif
