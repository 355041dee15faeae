/* gemm_panel.h - the kernel of our own, for vectors of MPP_LANES floats (lanes.h). To be included
 * once by a source file that is compiled for one instruction set and defines
 *   MPP_GEMM_ROWS      rows of the register tile, at most 8; each has 3 vectors.
 *
 * B is cut into panels of 3 vectors of columns and DEPTH rows. A panel is packed on the stack,
 * where it fills most of the first-level cache (36 KB of 48 with AVX-512, 18 with AVX2), and meets
 * all rows of A, which are read in place: 8 x 48 or 4 x 24 sums stay in registers while an element
 * of A is multiplied with 3 vectors. Rows of a transposed A lie so far apart that they meet in a few
 * sets of the cache, and are asked for early. Packing costs a tenth with 128 rows, less with more.
 * Bound: the multiply-add units (24 a step with AVX-512, against 11 loads); measured on Zen 5 at
 * 200 to 235 GFLOP/s a core for the products of the network, where the register tile alone reaches
 * 249.
 *
 * The sum over k of an element is that of blocks of block_depth(k) terms in order, each by fused
 * multiply-adds in order from 0: it depends on k alone. */
#ifndef MPP_GEMM_PANEL_H
#define MPP_GEMM_PANEL_H

#include <stdalign.h>
#include <string.h>

#include "gemm_kernel.h"
#include "lanes.h"

enum {
  PANEL = 3 * MPP_LANES,
  DEPTH = 192,
  TILE_ROWS_LEAST = 128, /* for packing to cost less than a tenth */
  TILE_ROWS_MOST = 512,  /* DEPTH elements of as many rows of A fit in the second-level cache */
  TILES_A_THREAD = 4
};

/* A register tile: c = row_gain gain (sum of k terms + bias) + scale init. a: first element of the
 * rows, b: a packed panel. init may be c; the pointers to what is not wanted are NULL. */
typedef struct tile_task {
  float *c;
  const float *init;
  size_t ldc; /* of both */
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
    for (size_t l = 0; l < k; l++) {                                                          \
      mpp_lanes bl[VECTORS_OF];                                                               \
      _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                     \
        bl[v] = ((const mpp_lanes *)(b + l * (VECTORS_OF) * MPP_LANES))[v];                   \
      }                                                                                       \
      __builtin_prefetch(a + (l + 12) * column);                                              \
      _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++) {                        \
        const float ail = a[i * row + l * column];                                            \
        _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                   \
          acc[i][v] += ail * bl[v];                                                           \
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

/* panel [k, width] = b [k, n], zeros in the padding. */
static void pack_rows(float *restrict panel, size_t width, const float *restrict b, size_t ldb,
                      size_t n, size_t k)
{
  if (n == PANEL) { /* a compiler makes calls of memcpy of the loops below */
    for (size_t l = 0; l < k; l++, panel += PANEL, b += ldb) {
      const mpp_lanes *from = (const mpp_lanes *)b;
      const mpp_lanes first = from[0], second = from[1], third = from[2];
      mpp_lanes *to = (mpp_lanes *)panel;
      to[0] = first;
      to[1] = second;
      to[2] = third;
    }
    return;
  }
  for (size_t l = 0; l < k; l++, panel += width, b += ldb) {
    for (size_t j = 0; j < width; j++) { panel[j] = j < n ? b[j] : 0.0f; }
  }
}

/* to [MPP_LANES, .., width] = a transposed square of b. */
static void pack_square(float *restrict to, size_t width, const float *restrict b, size_t ldb)
{
  mpp_lanes block[MPP_LANES];
#pragma GCC unroll 16
  for (size_t i = 0; i < MPP_LANES; i++) { block[i] = *(const mpp_lanes *)(b + i * ldb); }
  mpp_lanes_transpose(block);
#pragma GCC unroll 16
  for (size_t i = 0; i < MPP_LANES; i++) { *(mpp_lanes *)(to + i * width) = block[i]; }
}

/* panel [k, width] = transposed b [n, k], zeros in the padding. */
static void pack_columns(float *restrict panel, size_t width, const float *restrict b, size_t ldb,
                         size_t n, size_t k)
{
  for (size_t j = 0; j < width; j += MPP_LANES) {
    size_t l = 0;
    for (; j + MPP_LANES <= n && l + MPP_LANES <= k; l += MPP_LANES) {
      pack_square(panel + l * width + j, width, b + j * ldb + l, ldb);
    }
    for (; l < k; l++) {
      for (size_t i = j; i < j + MPP_LANES; i++) {
        panel[l * width + i] = i < n ? b[i * ldb + l] : 0.0f;
      }
    }
  }
}

/* A tile of `rows` rows and n columns, n not a multiple of a vector: computed beside C, so that
 * nothing is read or written beyond its columns. */
static void partial_tile(tile_function *tile, const tile_task *t, size_t rows, size_t n)
{
  float c[MPP_GEMM_ROWS * PANEL], bias[PANEL] = {0.0f}, gain[PANEL] = {0.0f};
  tile_task inner = *t;
  inner.c = c;
  inner.ldc = PANEL;
  inner.init = t->init != NULL ? c : NULL;
  inner.bias = t->bias != NULL ? bias : NULL;
  inner.gain = t->gain != NULL ? gain : NULL;
  for (size_t i = 0; i < rows && t->init != NULL; i++) {
    memset(c + i * PANEL, 0, PANEL * sizeof *c);
    memcpy(c + i * PANEL, t->init + i * t->ldc, n * sizeof *c);
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

/* One panel of n columns from column j on, terms l .. l+k-1 of the sums, all rows. */
static void run_panel(const mpp_gemm_product *p, float *panel, size_t j, size_t n, size_t l,
                      size_t k)
{
  const size_t vectors = (n + MPP_LANES - 1) / MPP_LANES, width = vectors * MPP_LANES;
  const float *b = p->b_transposed ? p->b + j * p->ldb + l : p->b + l * p->ldb + j;
  const float *init = l > 0 ? p->c : p->beta == 0.0f ? NULL : p->add != NULL ? p->add : p->c;
  tile_task t = task_of(p, panel, j, l, k);
  (p->b_transposed ? pack_columns : pack_rows)(panel, width, b, p->ldb, n, k);
  for (size_t i = 0, rows; i < p->m; i += rows) {
    rows = p->m - i >= MPP_GEMM_ROWS ? MPP_GEMM_ROWS : 1;
    tile_function *tile = rows == 1 ? one_row[vectors - 1] : tall_tile[vectors - 1];
    t.c = p->c + i * p->ldc + j;
    t.a = p->a + i * p->a_row + l * p->a_column;
    t.init = init != NULL ? init + i * p->ldc + j : NULL;
    for (size_t r = 0; r < rows && t.rows_scaled; r++) {
      t.row_gain[r] = mpp_gemm_row_gain(p, i + r);
    }
    if (n == width) {
      tile(&t);
    } else {
      partial_tile(tile, &t, rows, n);
    }
  }
}

/* Terms of a block of the sums: DEPTH at most, in equal blocks. */
static size_t block_depth(size_t k)
{
  const size_t blocks = (k + DEPTH - 1) / DEPTH;
  return blocks <= 1 ? k : (k + blocks - 1) / blocks;
}

static void run_product(const mpp_gemm_product *p)
{
  alignas(64) float panel[DEPTH * PANEL];
  const size_t depth = block_depth(p->k);
  for (size_t j = 0; j < p->n; j += PANEL) {
    size_t l = 0;
    do { /* once where k is 0: the empty sum */
      run_panel(p, panel, j, min_size(PANEL, p->n - j), l, min_size(depth, p->k - l));
      l += depth;
    } while (l < p->k);
  }
}

/* Tiles are a panel wide, and as high as the number of threads lets them be: their shape does not
 * enter the sums. */
static mpp_gemm_tiling panel_tiling(size_t m, size_t n, size_t k, size_t threads)
{
  (void)k;
  const size_t panels = mpp_gemm_parts(n, PANEL), wanted = TILES_A_THREAD * threads;
  size_t parts = mpp_gemm_parts(m, TILE_ROWS_MOST);
  while (panels * parts < wanted && m / (parts + 1) >= TILE_ROWS_LEAST) { parts++; }
  mpp_gemm_tiling t = {.columns = PANEL, .across = panels};
  t.rows = mpp_gemm_parts(mpp_gemm_parts(m, parts), MPP_GEMM_ROWS) * MPP_GEMM_ROWS;
  t.count = mpp_gemm_parts(m, t.rows) * panels;
  return t;
}

#endif
