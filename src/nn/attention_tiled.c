/* attention_tiled.c - softmax over tiles of keys (Milakov and Gimelshein, arXiv 1805.02867; Dao et
 * al., "FlashAttention"): for a tile of queries the largest score so far, the sum of exp(score -
 * largest) and what it weighs are carried from one tile of keys to the next, and shrink by exp(old
 * - new) when the largest grows. The backward pass keeps the exponentials and dP of a tile of
 * queries for all keys, with the largest score that each tile of keys knew. Scores lie as in
 * attention_unit.h, queries in the lanes.
 * Bound: the multiply-add units; 2 products of n n D forward, 5 backward. */
#include "attention_tiled.h"

#include <math.h>
#include <string.h>

#include "chunks.h"
#include "fast_math.h"
#include "lanes.h"
#include "small_gemm.h"

enum { Q = MPP_TILE_QUERIES, VECTORS = Q / MPP_LANES };

/* What a tile of queries carries along the keys, a lane each. */
typedef struct carried {
  mpp_lanes most[VECTORS], sum[VECTORS];
  mpp_lanes along[VECTORS]; /* sum of exp(score - most) dP */
} carried;

/* A tile: queries i .. i+rows-1 of nq, keys j .. j+keys-1 of n. */
typedef struct tile {
  size_t i, rows, j, keys;
} tile;

static tile tile_at(size_t i, size_t j, const mpp_unit_shape *s)
{
  return (tile){i, mpp_min_size(Q, s->nq - i), j, mpp_min_size(MPP_TILE_KEYS, s->n - j)};
}

/* Entry of the first query and key of a tile among those by distance. */
static size_t entry_of(const tile *t, const mpp_unit_shape *s)
{
  return (s->n - s->nq + t->i) + s->n - 1 - t->j;
}

/* p [keys, Q] = scores; u->across holds the queries. */
static void scores(float *p, const mpp_unit *u, const float *x, size_t step, const float *bias,
                   const tile *t, const mpp_unit_shape *s)
{
  const float *from = bias + entry_of(t, s), *keys = x + t->j * step + s->D;
  for (size_t j = 0; j < t->keys; j++) { memcpy(p + j * Q, from - j, Q * sizeof *p); }
  mpp_small_gemm((mpp_small_product){p, p, Q, keys, step, 1, u->across, Q}, t->keys, Q, s->dh);
}

static inline mpp_lanes exponential(const mpp_lanes x)
{
  mpp_lanes y;
  for (size_t i = 0; i < MPP_LANES; i++) { y[i] = mpp_fast_exp(x[i]); }
  return y;
}

/* Takes some scores into c, leaves exp(score - most) in their place, and in shrunk what all that
 * came before has to be multiplied with. A NaN is in the sum whatever the maximum is. */
static void take_scores(carried *c, mpp_lanes shrunk[VECTORS], float *some, size_t keys)
{
  for (size_t v = 0; v < VECTORS; v++) {
    float *p = some + v * MPP_LANES;
    mpp_lanes most = c->most[v], sum = {0};
    for (size_t j = 0; j < keys; j++) { mpp_lanes_raise(&most, mpp_lanes_at(p + j * Q, 0)); }
    for (size_t j = 0; j < keys; j++) {
      mpp_lanes *at = mpp_lanes_at(p + j * Q, 0);
      *at = exponential(*at - most);
      sum += *at;
    }
    shrunk[v] = exponential(c->most[v] - most);
    c->sum[v] = c->sum[v] * shrunk[v] + sum;
    c->most[v] = most;
  }
}

static carried nothing_carried(void)
{
  carried c;
  memset(&c, 0, sizeof c);
  for (size_t v = 0; v < VECTORS; v++) { c.most[v] = (mpp_lanes){0} - INFINITY; }
  return c;
}

/* ---- forward ---- */

/* sums [rows, D] *= by, a factor a row. */
static void scale_rows(float *sums, const float *by, size_t rows, size_t D)
{
  for (size_t i = 0; i < rows; i++) {
    for (size_t v = 0; v < D / MPP_LANES; v++) { *mpp_lanes_at(sums + i * D, v) *= by[i]; }
  }
}

/* y (+)= the sums of the tile's queries over c->sum, times weight. */
static void put_rows(float *y, size_t y_step, const float *sums, const carried *c, size_t rows,
                     size_t D, float weight, bool add)
{
  const float *sum = (const float *)c->sum;
  for (size_t i = 0; i < rows; i++) {
    const float share = weight / sum[i];
    for (size_t v = 0; v < D / MPP_LANES; v++) {
      mpp_lanes value = *mpp_const_lanes_at(sums + i * D, v) * share;
      if (add) {
        value += *mpp_lanes_at(y + i * y_step, v);
      }
      *mpp_lanes_at(y + i * y_step, v) = value;
    }
  }
}

void mpp_tiled_forward(float *y, size_t y_step, const mpp_unit *u, const float *x, size_t step,
                       const float *bias, const mpp_unit_shape *s, float weight, bool add)
{
  const size_t D = s->D;
  for (size_t i = 0; i < s->nq; i += Q) {
    carried c = nothing_carried();
    float *sums = u->dq;
    memset(sums, 0, Q * D * sizeof *sums);
    const size_t rows = tile_at(i, 0, s).rows;
    mpp_rows_across(u->across, Q, u->q_gk + i * D, D, rows, D);
    for (size_t j = 0; j < s->n; j += MPP_TILE_KEYS) {
      const tile t = tile_at(i, j, s);
      mpp_lanes shrunk[VECTORS];
      scores(u->p, u, x, step, bias, &t, s);
      take_scores(&c, shrunk, u->p, t.keys);
      scale_rows(sums, (const float *)shrunk, rows, D);
      mpp_small_gemm((mpp_small_product){sums, sums, D, u->p, 1, Q, x + j * step + 2 * D, step},
                     rows, D, t.keys);
    }
    put_rows(y + i * y_step, y_step, sums, &c, rows, D, weight, add);
  }
}

/* ---- backward ---- */

/* The largest score, and the sums over all keys, of a tile of queries; u->p [n, Q] gets exp(score -
 * u->most), u->most [a row for each tile of keys, Q] what was largest then, and u->dp [n, Q] dP =
 * v dy^T. */
static carried gather(const mpp_unit *u, const float *x, size_t step, const float *bias, size_t i,
                      const mpp_unit_shape *s)
{
  carried c = nothing_carried();
  const float *values = x + 2 * s->D;
  mpp_small_gemm((mpp_small_product){u->dp, NULL, Q, values, step, 1, u->across_dy, Q}, s->n, Q,
                 s->dh);
  for (size_t j = 0; j < s->n; j += MPP_TILE_KEYS) {
    const tile t = tile_at(i, j, s);
    float *p = u->p + j * Q;
    const float *dp = u->dp + j * Q;
    mpp_lanes shrunk[VECTORS];
    scores(p, u, x, step, bias, &t, s);
    take_scores(&c, shrunk, p, t.keys);
    for (size_t v = 0; v < VECTORS; v++) {
      mpp_lanes along = c.along[v] * shrunk[v];
      for (size_t r = 0; r < t.keys * Q; r += Q) {
        along += *mpp_lanes_at(p + r, v) * *mpp_const_lanes_at(dp + r, v);
      }
      c.along[v] = along;
      *mpp_lanes_at(u->most + j / MPP_TILE_KEYS * Q, v) = c.most[v];
    }
  }
  return c;
}

/* For one tile u->p = weight P and u->dp = dS = weight P (dP - sum over keys of P dP), which is
 * added to dbias. */
static void scores_backward(float *dbias, const mpp_unit *u, const carried *c, const tile *t,
                            const mpp_unit_shape *s, float weight)
{
  float *to = dbias + entry_of(t, s), *tile_p = u->p + t->j * Q, *tile_ds = u->dp + t->j * Q;
  for (size_t v = 0; v < VECTORS; v++) {
    const mpp_lanes most = *mpp_lanes_at(u->most + t->j / MPP_TILE_KEYS * Q, v);
    const mpp_lanes share = exponential(most - c->most[v]) * weight / c->sum[v];
    const mpp_lanes along = c->along[v] / c->sum[v];
    for (size_t j = 0; j < t->keys; j++) {
      mpp_lanes *p = mpp_lanes_at(tile_p + j * Q, v), *ds = mpp_lanes_at(tile_ds + j * Q, v);
      *p *= share;
      *ds = *p * (*ds - along);
      *mpp_lanes_at(to - j, v) += *ds;
    }
  }
}

/* dv (+)= weight P^T dy,   dk (+)= dS^T q,   dq += dS x_k   for one tile. */
static void tile_backward(float *dx, const float *dy, size_t dy_step, const mpp_unit *u,
                          const float *x, size_t step, const tile *t, const mpp_unit_shape *s,
                          bool add)
{
  const size_t D = s->D;
  float *dk = dx + t->j * step + D, *dv = dk + D, *dq = u->dq + t->i * D;
  const float *p = u->p + t->j * Q, *ds = u->dp + t->j * Q;
  mpp_small_gemm(
      (mpp_small_product){dv, add ? dv : NULL, step, p, Q, 1, dy + t->i * dy_step, dy_step},
      t->keys, D, t->rows);
  mpp_small_gemm((mpp_small_product){dk, add ? dk : NULL, step, ds, Q, 1, u->q + t->i * D, D},
                 t->keys, D, t->rows);
  mpp_small_gemm(
      (mpp_small_product){dq, t->j > 0 ? dq : NULL, D, ds, 1, Q, x + t->j * step + D, step},
      t->rows, D, t->keys);
}

void mpp_tiled_backward(float *dx, float *dbias, const float *dy, size_t dy_step, const mpp_unit *u,
                        const float *x, size_t step, const float *bias, const mpp_unit_shape *s,
                        float weight, bool add)
{
  for (size_t i = 0; i < s->nq; i += Q) {
    const size_t rows = tile_at(i, 0, s).rows;
    mpp_rows_across(u->across, Q, u->q_gk + i * s->D, s->D, rows, s->D);
    mpp_rows_across(u->across_dy, Q, dy + i * dy_step, dy_step, rows, s->D);
    const carried c = gather(u, x, step, bias, i, s);
    for (size_t j = 0; j < s->n; j += MPP_TILE_KEYS) {
      const tile t = tile_at(i, j, s);
      scores_backward(dbias, u, &c, &t, s, weight);
      tile_backward(dx, dy, dy_step, u, x, step, &t, s, add || i > 0);
    }
  }
}
