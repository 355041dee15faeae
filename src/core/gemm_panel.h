/* gemm_panel.h - the kernel of our own, for vectors of MPP_LANES floats (lanes.h). To be included
 * once by a source file that is compiled for one instruction set and defines
 *   MPP_GEMM_ROWS      rows of the register tile, at most 8; each has 3 vectors.
 *
 * B is cut into panels of 3 vectors of columns and DEPTH rows. A panel is packed on the stack, where
 * it fills most of the first-level cache (36 KB of 48 with AVX-512, 18 with AVX2), and meets all
 * rows of A, which are read in place: 8 x 48 or 4 x 24 sums stay in registers while an element of A
 * is multiplied with 3 vectors. Bound: the multiply-add units (24 a step with AVX-512, against 11
 * loads); measured on Zen 5 at 203 to 235 GFLOP/s a core for the products of the network, where the
 * register tile alone reaches 249. Packing costs a tenth with 128 rows, and less with more.
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

/* A register tile: c = sum of k terms + scale init. a: first element of the rows, b: a packed panel
 * of `vectors` vectors. init may be c, or NULL: 0; ldi is 0 for a bias. */
typedef struct tile_task {
  float *c;
  size_t ldc;
  const float *init;
  size_t ldi;
  float scale;
  const float *a;
  size_t row, column;
  const float *b;
  size_t k;
} tile_task;

/* clang-format off */
#define TILE(name, ROWS_OF, VECTORS_OF)                                                       \
  static void name(const tile_task *t)                                                        \
  {                                                                                           \
    const float *a = t->a, *b = t->b;                                                         \
    const size_t row = t->row, column = t->column, k = t->k;                                  \
    mpp_lanes acc[ROWS_OF][VECTORS_OF];                                                       \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++) {                          \
      _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                     \
        acc[i][v] = (mpp_lanes){0};                                                           \
      }                                                                                       \
      if (t->init != NULL) { /* read at the end */                                            \
        _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                   \
          __builtin_prefetch(t->init + i * t->ldi + v * MPP_LANES);                           \
        }                                                                                     \
      }                                                                                       \
    }                                                                                         \
    for (size_t l = 0; l < k; l++) {                                                          \
      mpp_lanes bl[VECTORS_OF];                                                               \
      _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                     \
        bl[v] = ((const mpp_lanes *)(b + l * (VECTORS_OF) * MPP_LANES))[v];                   \
      }                                                                                       \
      _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++) {                        \
        const float ail = a[i * row + l * column];                                            \
        _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                   \
          acc[i][v] += ail * bl[v];                                                           \
        }                                                                                     \
      }                                                                                       \
    }                                                                                         \
    _Pragma("GCC unroll 8") for (size_t i = 0; i < (ROWS_OF); i++) {                          \
      _Pragma("GCC unroll 3") for (size_t v = 0; v < (VECTORS_OF); v++) {                     \
        mpp_lanes sum = acc[i][v];                                                            \
        if (t->init != NULL) {                                                                \
          sum += t->scale * ((const mpp_lanes *)(t->init + i * t->ldi))[v];                   \
        }                                                                                     \
        ((mpp_lanes *)(t->c + i * t->ldc))[v] = sum;                                          \
      }                                                                                       \
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

typedef void tile_function(const tile_task *t);
static tile_function *const tall_tile[] = {tile_tall_1, tile_tall_2, tile_tall_3};
static tile_function *const one_row[] = {tile_one_1, tile_one_2, tile_one_3};

static size_t min_size(size_t a, size_t b) { return a < b ? a : b; }

/* panel [k, width] = b [k, n], zeros in the padding. */
static void pack_rows(float *restrict panel, size_t width, const float *restrict b, size_t ldb,
                      size_t n, size_t k)
{
  const size_t whole = n / MPP_LANES * MPP_LANES;
  for (size_t l = 0; l < k; l++, panel += width, b += ldb) {
    for (size_t j = 0; j < whole; j += MPP_LANES) {
      *(mpp_lanes *)(panel + j) = *(const mpp_lanes *)(b + j);
    }
    for (size_t j = whole; j < width; j++) { panel[j] = j < n ? b[j] : 0.0f; }
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
  float c[MPP_GEMM_ROWS * PANEL];
  tile_task inner = *t;
  inner.c = c;
  inner.ldc = PANEL;
  inner.init = NULL;
  tile(&inner);
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < n; j++) {
      const float init = t->init != NULL ? t->scale * t->init[i * t->ldi + j] : 0.0f;
      t->c[i * t->ldc + j] = c[i * PANEL + j] + init;
    }
  }
}

/* One panel of n columns from column j on, terms l .. l+k-1 of the sums, all rows. */
static void run_panel(const mpp_gemm_product *p, float *panel, size_t j, size_t n, size_t l,
                      size_t k)
{
  const size_t vectors = (n + MPP_LANES - 1) / MPP_LANES, width = vectors * MPP_LANES;
  const float *b = p->b_transposed ? p->b + j * p->ldb + l : p->b + l * p->ldb + j;
  (p->b_transposed ? pack_columns : pack_rows)(panel, width, b, p->ldb, n, k);
  tile_task t = {.ldc = p->ldc,
                 .ldi = p->ldc,
                 .scale = l > 0 ? 1.0f : p->beta,
                 .row = p->a_row,
                 .column = p->a_column,
                 .b = panel,
                 .k = k};
  const bool add = l > 0 || p->beta != 0.0f, bias = l == 0 && p->bias != NULL;
  if (bias) {
    t.ldi = 0;
    t.scale = 1.0f;
  }
  for (size_t i = 0, rows; i < p->m; i += rows) {
    rows = p->m - i >= MPP_GEMM_ROWS ? MPP_GEMM_ROWS : 1;
    tile_function *tile = (rows == 1 ? one_row : tall_tile)[vectors - 1];
    t.c = p->c + i * p->ldc + j;
    t.a = p->a + i * p->a_row + l * p->a_column;
    t.init = bias ? p->bias + j : add ? t.c : NULL;
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
