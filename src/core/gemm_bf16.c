/* gemm_bf16.c - products whose operands are rounded to bfloat16 (gemm_round.h) and whose sums are
 * float32, for processors with AVX512_BF16.
 *
 * The instruction adds two products to each sum: terms go in pairs, and a pair takes the place that
 * one float has in the float32 kernel, with the same register tile of 8 x 48 sums. A product is a
 * few stages: the threads round panels of B together, up to 1 MB of them, which stay in their
 * second-level caches; then each rounds rows of A into as much as 384 KB of its stack and meets
 * them with all panels. So all of B is rounded once, and all of A once or twice. Bound: the
 * multiply-add units, twice as fast as in float32; measured on Zen 5 at 350 to 435 GFLOP/s a core
 * for the products of the network, where the instruction alone reaches 470.
 *
 * The sum of an element is that of blocks of pairs in order, from 0 each: it depends on k alone.
 * The instruction takes denormal operands for zero. */
#if defined(__x86_64__)

#include <stdalign.h>

#include "gemm_round.h"
#include "gemm_share.h"

#define MPP_GEMM_ROWS         8
#define MPP_GEMM_ADD(c, a, b) (c) = add_pairs(c, a, b)
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
  AREA = 512 * 192, /* pairs of A rounded at a time, by a thread */
  SHARED = 1 << 18, /* pairs of B rounded at a time, by all */
  ROWS_LEAST = 96,  /* of a tile: panels go from the second-level cache to the first for as many */
  TILES_A_THREAD = 4
};

/* Columns j .. j+n-1 of a product, terms l .. l+k-1. Block b of the terms and panel q of the
 * columns are at panels + (b * across + q) * pairs * PANEL. */
typedef struct stage {
  const mpp_gemm_product *p;
  size_t j, n, l, k;
  size_t pairs, blocks, across; /* of a block; blocks, panels of a block */
  float *panels;
} stage;

static float *panel_of(const stage *s, size_t block, size_t q)
{
  return s->panels + (block * s->across + q) * s->pairs * PANEL;
}

/* Terms of block `block` of the stage. */
static size_t terms_of(const stage *s, size_t block)
{
  return min_size(2 * s->pairs, s->k - block * 2 * s->pairs);
}

static void round_panel(const stage *s, size_t block, size_t q)
{
  const mpp_gemm_product *p = s->p;
  const size_t j = s->j + q * PANEL, n = min_size(PANEL, s->n - q * PANEL);
  const size_t l = s->l + block * 2 * s->pairs;
  const float *b = p->b_transposed ? p->b + j * p->ldb + l : p->b + l * p->ldb + j;
  (p->b_transposed ? round_transposed : round_columns)(panel_of(s, block, q), mpp_pad_lanes(n), b,
                                                       p->ldb, n, terms_of(s, block));
}

/* Rows i .. i+rows-1, panels first .. last-1 of a block. a: room for the rows. */
static void run_block(const stage *s, float *a, size_t block, size_t i, size_t rows, size_t first,
                      size_t last)
{
  const mpp_gemm_product *p = s->p;
  const bool ordered = p->a_column == 1; /* the terms of a row lie together */
  const size_t l = s->l + block * 2 * s->pairs, k = terms_of(s, block), pairs = (k + 1) / 2;
  const size_t padded = mpp_pad_lanes(ordered ? pairs : rows);
  const float *from = p->a + i * p->a_row + l * p->a_column;
  if (ordered) {
    round_rows(a, padded, from, p->a_row, rows, k);
  } else {
    round_columns(a, padded, from, p->a_column, rows, k);
  }
  for (size_t q = first; q < last; q++) {
    const size_t j = s->j + q * PANEL;
    tile_task t = task_of(p, panel_of(s, block, q), j, l, pairs);
    t.row = ordered ? padded : 1;
    t.column = ordered ? 1 : padded;
    run_rows(p, &t, a, i, rows, j, min_size(PANEL, s->n - q * PANEL), l > 0);
  }
}

/* Pairs of a block of the sums over k terms, and rows of A that find room at a time. */
static size_t pairs_of_block(size_t k) { return block_depth((k + 1) / 2, DEPTH); }
static size_t rows_of_block(size_t k)
{
  const size_t pairs = mpp_pad_lanes(pairs_of_block(k));
  return AREA / (pairs > 0 ? pairs : MPP_LANES) / MPP_LANES * MPP_LANES;
}

/* Tiles of a stage: as wide as it is, unless they would be too few. */
static mpp_gemm_tiling tiling_of(const stage *s, size_t threads)
{
  const size_t m = s->p->m, wanted = threads > 1 ? TILES_A_THREAD * threads : 1;
  size_t parts = mpp_gemm_parts(m, rows_of_block(s->p->k));
  assert(parts > 0 && s->across > 0);
  while (parts < wanted && m / (parts + 1) >= ROWS_LEAST) { parts++; }
  const size_t across = min_size(mpp_gemm_parts(wanted, parts), (s->across + 1) / 2);
  mpp_gemm_tiling t = {.columns = mpp_gemm_parts(s->across, across) * PANEL};
  t.rows = mpp_gemm_parts(mpp_gemm_parts(m, parts), MPP_GEMM_ROWS) * MPP_GEMM_ROWS;
  t.across = mpp_gemm_parts(s->n, t.columns);
  t.count = mpp_gemm_parts(m, t.rows) * t.across;
  return t;
}

static void run_tile(const stage *s, const mpp_gemm_tiling *t, size_t tile, float *a)
{
  const size_t i = tile / t->across * t->rows, panels = t->columns / PANEL;
  const size_t first = tile % t->across * panels;
  for (size_t block = 0; block < s->blocks; block++) {
    run_block(s, a, block, i, min_size(t->rows, s->p->m - i), first,
              min_size(first + panels, s->across));
  }
}

static void run_stage(const stage *s, int threads)
{
  const mpp_gemm_tiling t = tiling_of(s, (size_t)threads);
  mpp_gemm_shares shares;
  mpp_gemm_divide(&shares, t.count, (size_t)threads);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
    alignas(64) float a[AREA];
    size_t tile, turn = 0;
#pragma omp for schedule(static)
    for (size_t i = 0; i < s->blocks * s->across; i++) {
      round_panel(s, i / s->across, i % s->across);
    }
    while (mpp_gemm_take(&tile, &turn, &shares)) { run_tile(s, &t, tile, a); }
  }
}

/* Stages of equal width, and of as many blocks as find room. */
static void run_on(const mpp_gemm_product *p, int threads)
{
  alignas(64) float panels[SHARED];
  const size_t pairs = pairs_of_block(p->k), room = pairs > 0 ? SHARED / pairs : SHARED;
  const size_t all = pairs > 0 ? mpp_gemm_parts(p->k, 2 * pairs) : 1; /* with k = 0 the empty sum */
  const size_t parts = mpp_gemm_parts(p->n, room / PANEL * PANEL);
  const size_t columns = mpp_gemm_parts(mpp_gemm_parts(p->n, parts), PANEL) * PANEL;
  stage s = {.p = p, .pairs = pairs, .panels = panels};
  for (s.j = 0; s.j < p->n; s.j += columns) {
    s.n = min_size(columns, p->n - s.j);
    s.across = mpp_gemm_parts(s.n, PANEL);
    const size_t most = room / (s.across * PANEL);
    for (size_t block = 0; block < all; block += s.blocks) {
      s.blocks = min_size(most, all - block);
      s.l = block * 2 * pairs;
      s.k = min_size(s.blocks * 2 * pairs, p->k - s.l);
      run_stage(&s, threads);
    }
  }
}

static void run_alone(const mpp_gemm_product *p) { run_on(p, 1); }

const mpp_gemm_kernel mpp_gemm_bf16 = {.name = "AVX512_BF16", .run = run_alone, .run_on = run_on};

#endif
