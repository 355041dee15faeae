/* gemm_bf16.c - products whose operands are rounded to bfloat16 (to nearest, ties to even) and
 * whose sums are float32, for processors with AVX512_BF16.
 *
 * The instruction adds two products to each sum: terms go in pairs, and a pair takes the place that
 * one float has in the float32 kernel, with the same register tile of 8 x 48 sums. Some
 * rows of A are rounded into 384 KB of the stack, which stay in the second-level cache while panels
 * of B (36 KB) are rounded into the first. Rounding costs a twentieth of a product.
 * Bound: the multiply-add units, twice as fast as in float32; measured on Zen 5 at 350 to 435
 * GFLOP/s a core for the products of the network, where the instruction alone reaches 470.
 *
 * The sum of an element is that of blocks of pairs in order, from 0 each: it depends on k alone.
 * The instruction takes denormal operands for zero. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <stdalign.h>

/* A pair of bfloat16 numbers, the first term in the lower half, is carried as a float of these
 * bits. */
#define MPP_GEMM_ROWS         8
#define MPP_GEMM_ADD(c, a, b) (c) = add_pairs(c, a, b)
#include "lanes.h"
/* As an instruction, since gcc 12 keeps the sums in memory around its intrinsic function. */
static inline __attribute__((always_inline)) mpp_lanes add_pairs(mpp_lanes c, float a, mpp_lanes b)
{
  const __m512 pair = _mm512_set1_ps(a);
  __asm__("vdpbf16ps %2, %1, %0" : "+v"(c) : "v"(pair), "v"(b));
  return c;
}
#include "gemm_tile.h"

_Static_assert(MPP_LANES == 16, "compile with -march=x86-64-v4 -mavx512bf16");

enum {
  DEPTH = 192,      /* pairs of a block */
  AREA = 512 * 192, /* pairs of A rounded at a time */
  COLUMNS = 384,    /* of a tile, or half: A is rounded once for as many */
  ROWS_LEAST = 128, /* of a tile: B is rounded once for as many */
  TILES_A_THREAD = 4
};

/* The first n (at most 16) of the floats at x, zeros after them. */
static inline __m512 load_first(const float *x, size_t n)
{
  const __mmask16 there = (__mmask16)(n >= 16 ? 0xffffu : (1u << n) - 1);
  return _mm512_maskz_loadu_ps(there, x);
}

/* 16 pairs: of 32 terms in a row, of which n are there. */
static inline __m512 pairs_of_row(const float *x, size_t n)
{
  const __m512 low = load_first(x, n), high = load_first(x + 16, n > 16 ? n - 16 : 0);
  return (__m512)_mm512_cvtne2ps_pbh(high, low);
}

/* 16 pairs: of two terms each, which lie in two rows of which n elements are there. */
static inline __m512 pairs_of_rows(const float *first, const float *second, size_t n)
{
  static const short order[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                  8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512 high = second != NULL ? load_first(second, n) : _mm512_setzero_ps();
  const __m512bh both = _mm512_cvtne2ps_pbh(high, load_first(first, n));
  return (__m512)_mm512_permutexvar_epi16(_mm512_loadu_si512(order), (__m512i)both);
}

/* out [rows, stride] = pairs of the terms of each row of x, k of them in order. */
static void round_rows(float *restrict out, size_t stride, const float *restrict x, size_t ld,
                       size_t rows, size_t k)
{
  for (size_t i = 0; i < rows; i++) {
    for (size_t l = 0; l < k; l += 32) {
      _mm512_storeu_ps(out + i * stride + l / 2, pairs_of_row(x + i * ld + l, k - l));
    }
  }
}

/* out [pairs, stride] = pairs of terms l and l + 1 of x [k, n], zeros in the padding of the rows. */
static void round_columns(float *restrict out, size_t stride, const float *restrict x, size_t ld,
                          size_t n, size_t k)
{
  for (size_t l = 0; l < k; l += 2) {
    const float *first = x + l * ld, *second = l + 1 < k ? first + ld : NULL;
    for (size_t j = 0; j < n; j += 16) {
      const __m512 pairs = pairs_of_rows(first + j, second != NULL ? second + j : NULL, n - j);
      _mm512_storeu_ps(out + l / 2 * stride + j, pairs);
    }
  }
}

/* panel [pairs, width] = pairs of transposed b [n, k], zeros in the padding. */
static void round_transposed(float *restrict panel, size_t width, const float *restrict b,
                             size_t ldb, size_t n, size_t k)
{
  for (size_t j = 0; j < n; j += 16) {
    for (size_t l = 0; l < k; l += 32) {
      mpp_lanes block[MPP_LANES];
#pragma GCC unroll 16
      for (size_t i = 0; i < 16; i++) {
        block[i] = (mpp_lanes){0};
        if (j + i < n) {
          block[i] = (mpp_lanes)pairs_of_row(b + (j + i) * ldb + l, k - l);
        }
      }
      mpp_lanes_transpose(block);
      const size_t pairs = min_size(16, (k - l + 1) / 2);
      for (size_t i = 0; i < pairs; i++) {
        *(mpp_lanes *)(panel + (l / 2 + i) * width + j) = block[i];
      }
    }
  }
}

/* One block: `rows` rows from row i on, k terms from term l on, all columns. */
static void run_block(const mpp_gemm_product *p, float *a, float *panel, size_t i, size_t rows,
                      size_t l, size_t k)
{
  const bool ordered = p->a_column == 1; /* the terms of a row lie together */
  const float *from = p->a + i * p->a_row + l * p->a_column;
  const size_t pairs = (k + 1) / 2, padded = mpp_pad_lanes(ordered ? pairs : rows);
  if (ordered) {
    round_rows(a, padded, from, p->a_row, rows, k);
  } else {
    round_columns(a, padded, from, p->a_column, rows, k);
  }
  for (size_t j = 0; j < p->n; j += PANEL) {
    const size_t n = min_size(PANEL, p->n - j);
    const float *b = p->b_transposed ? p->b + j * p->ldb + l : p->b + l * p->ldb + j;
    tile_task t = task_of(p, panel, j, l, pairs);
    t.row = ordered ? padded : 1;
    t.column = ordered ? 1 : padded;
    (p->b_transposed ? round_transposed : round_columns)(panel, mpp_pad_lanes(n), b, p->ldb, n, k);
    run_rows(p, &t, a, i, rows, j, n, l > 0);
  }
}

/* Pairs of a block of the sums over k terms, and rows of A that find room at a time. */
static size_t pairs_of_block(size_t k) { return block_depth((k + 1) / 2, DEPTH); }
static size_t rows_of_block(size_t k)
{
  const size_t pairs = mpp_pad_lanes(pairs_of_block(k));
  return AREA / (pairs > 0 ? pairs : MPP_LANES) / MPP_LANES * MPP_LANES;
}

static void run_product(const mpp_gemm_product *p)
{
  alignas(64) float panel[DEPTH * PANEL], a[AREA];
  const size_t depth = 2 * pairs_of_block(p->k), rows = rows_of_block(p->k);
  size_t l = 0;
  do { /* once where k is 0: the empty sum */
    for (size_t i = 0; i < p->m; i += rows) {
      run_block(p, a, panel, i, min_size(rows, p->m - i), l, min_size(depth, p->k - l));
    }
    l += depth;
  } while (l < p->k);
}

/* The largest tiles of which there are enough. */
static mpp_gemm_tiling tiling_of(size_t m, size_t n, size_t k, size_t threads)
{
  const size_t wanted = TILES_A_THREAD * threads, most = rows_of_block(k);
  mpp_gemm_tiling t = {.count = 0};
  for (size_t columns = COLUMNS; columns >= COLUMNS / 2 && t.count < wanted; columns /= 2) {
    size_t parts = mpp_gemm_parts(m, most);
    t.columns = columns;
    t.across = mpp_gemm_parts(n, columns);
    while (t.across * parts < wanted && m / (parts + 1) >= ROWS_LEAST) { parts++; }
    t.rows = mpp_gemm_parts(mpp_gemm_parts(m, parts), MPP_GEMM_ROWS) * MPP_GEMM_ROWS;
    t.count = mpp_gemm_parts(m, t.rows) * t.across;
  }
  return t;
}

const mpp_gemm_kernel mpp_gemm_bf16 = {"AVX512_BF16", run_product, tiling_of};

#endif
