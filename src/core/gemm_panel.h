/* gemm_panel.h - the kernel of our own, for vectors of MPP_LANES floats (lanes.h). To be included
 * once by a source file that is compiled for one instruction set and defines
 *   MPP_GEMM_ROWS      rows of the register tile, at most 8; each has 3 vectors.
 *
 * B is cut into panels of 3 vectors of columns and DEPTH rows. A panel is packed on the stack,
 * where it fills most of the first-level cache (36 KB of 48 with AVX-512, 18 with AVX2), and meets
 * all rows of A, which are read in place: 8 x 48 or 4 x 24 sums stay in registers while an element
 * of A is multiplied with 3 vectors. Rows of a transposed A lie so far apart that they meet in a
 * few sets of the cache, and are asked for early. Packing costs a tenth with 128 rows, less with
 * more. Bound: the multiply-add units (24 a step with AVX-512, against 11 loads); measured on Zen 5
 * at 200 to 235 GFLOP/s a core for the products of the network, where the register tile alone
 * reaches 249.
 *
 * The sum over k of an element is that of blocks of block_depth(k) terms in order, each by fused
 * multiply-adds in order from 0: it depends on k alone. */
#ifndef MPP_GEMM_PANEL_H
#define MPP_GEMM_PANEL_H

#include <stdalign.h>

#define MPP_GEMM_ADD(c, a, b) (c) += (a) * (b)
#include "gemm_tile.h"

enum {
  DEPTH = 192,
  TILE_ROWS_LEAST = 128, /* for packing to cost less than a tenth */
  TILE_ROWS_MOST = 512,  /* DEPTH elements of as many rows of A fit in the second-level cache */
  TILES_A_THREAD = 4
};

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

/* One panel of n columns from column j on, terms l .. l+k-1 of the sums, all rows. */
static void run_panel(const mpp_gemm_product *p, float *panel, size_t j, size_t n, size_t l,
                      size_t k)
{
  const float *b = p->b_transposed ? p->b + j * p->ldb + l : p->b + l * p->ldb + j;
  const tile_task t = task_of(p, panel, j, l, k);
  (p->b_transposed ? pack_columns : pack_rows)(panel, mpp_pad_lanes(n), b, p->ldb, n, k);
  run_rows(p, &t, p->a + l * p->a_column, 0, p->m, j, n, l > 0);
}

static void run_product(const mpp_gemm_product *p)
{
  alignas(64) float panel[DEPTH * PANEL];
  const size_t depth = block_depth(p->k, DEPTH);
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
