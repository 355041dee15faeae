/* attention_unit.c - forward and backward of one sequence and head, of normed rows x_q and x_k:
 *   q = (gq x_q + bq) / sqrt(dh),   k = gk x_k + bk.
 * The bias of the keys adds the same q bk to all scores of a query, which a softmax does not see,
 * and their gain moves to the queries: scores are (gk q) x_k, with x_k as it lies. */
#include "attention_unit.h"

#include <math.h>
#include <string.h>

#include "attention_tiled.h"
#include "chunks.h"
#include "fast_math.h"
#include "lanes.h"
#include "qk_norm.h"
#include "small_gemm.h"

static bool in_place(const mpp_unit_shape *s) { return s->dh == s->D; }

/* Queries that share a vector with other keys', at most. */
enum { FEW = 8 };

mpp_unit_shape mpp_unit_shape_of(const mpp_axis *a)
{
  mpp_unit_shape s = {.n = a->n, .nq = a->nq, .dh = a->dh, .D = mpp_pad_lanes(a->dh)};
  s.tiled = a->n >= MPP_TILED_LEAST;
  if (s.tiled) {
    s.Q = MPP_TILE_QUERIES;
    s.keys = a->n;
    s.bias = mpp_pad_lanes(2 * a->n - 1 + MPP_TILE_QUERIES);
  } else {
    s.Q = a->nq <= FEW ? FEW : mpp_pad_lanes(a->nq);
    s.keys = mpp_pad_lanes(a->n * s.Q) / s.Q;
    s.bias = s.keys * s.Q;
  }
  s.in_step = a->inner * a->heads * 3 * a->dh;
  s.out_step = a->inner * a->heads * a->dh;
  return s;
}

mpp_unit mpp_unit_take(mpp_arena *m, const mpp_unit_shape *s)
{
  mpp_unit u = {.norm = mpp_arena_f32(m, 4 * s->D)};
  u.q = mpp_arena_f32(m, s->nq * s->D);
  u.q_gk = mpp_arena_f32(m, s->nq * s->D);
  u.across = mpp_arena_f32(m, s->D * s->Q);
  u.across_dy = mpp_arena_f32(m, s->tiled ? s->D * s->Q : 0);
  u.most = mpp_arena_f32(m, s->tiled ? (s->n / MPP_TILE_KEYS + 1) * s->Q : 0);
  u.p = mpp_arena_f32(m, s->keys * s->Q);
  u.dp = mpp_arena_f32(m, s->keys * s->Q);
  u.dq = mpp_arena_f32(m, (s->tiled && s->nq < s->Q ? s->Q : s->nq) * s->D);
  const size_t copies = in_place(s) ? 0 : 1;
  u.copy_x = mpp_arena_f32(m, copies * s->n * 3 * s->D);
  u.copy_dx = mpp_arena_f32(m, copies * s->n * 3 * s->D);
  u.copy_y = mpp_arena_f32(m, copies * s->nq * s->D);
  return u;
}

void mpp_unit_load_norm(const mpp_unit *u, const mpp_qk_norm *norm, const mpp_unit_shape *s)
{
  const float *const from[4] = {norm->gq, norm->bq, norm->gk, norm->bk};
  memset(u->norm, 0, 4 * s->D * sizeof *u->norm);
  for (size_t k = 0; k < 4; k++) { memcpy(u->norm + k * s->D, from[k], s->dh * sizeof *u->norm); }
}

void mpp_unit_spread_bias(float *to, const float *bias, const mpp_unit_shape *s)
{
  if (s->tiled) {
    memset(to, 0, s->bias * sizeof *to);
    memcpy(to, bias, (2 * s->n - 1) * sizeof *to);
    return;
  }
  for (size_t j = 0; j < s->keys; j++) {
    for (size_t i = 0; i < s->Q; i++) {
      const bool there = j < s->n && i < s->nq;
      to[j * s->Q + i] = there ? bias[2 * s->n - 1 - s->nq + i - j] : 0.0f;
      if (j >= s->n) {
        to[j * s->Q + i] = -INFINITY;
      }
    }
  }
}

void mpp_unit_gather_bias(float *dbias, const float *sums, const mpp_unit_shape *s)
{
  if (s->tiled) {
    for (size_t i = 0; i < 2 * s->n - 1; i++) { dbias[i] += sums[i]; }
    return;
  }
  for (size_t j = 0; j < s->n; j++) {
    for (size_t i = 0; i < s->nq; i++) {
      dbias[2 * s->n - 1 - s->nq + i - j] += sums[j * s->Q + i];
    }
  }
}

/* to [count, parts, D] = rows [count, parts, dh] of `step` floats, zeros in the padding. */
static void copy_rows(float *restrict to, const float *restrict from, size_t step, size_t count,
                      size_t parts, const mpp_unit_shape *s)
{
  memset(to, 0, count * parts * s->D * sizeof *to);
  for (size_t row = 0; row < count * parts; row++) {
    memcpy(to + row * s->D, from + row / parts * step + row % parts * s->dh, s->dh * sizeof *to);
  }
}

static void add_rows(float *restrict to, size_t step, const float *restrict from, size_t count,
                     size_t parts, const mpp_unit_shape *s)
{
  for (size_t row = 0; row < count * parts; row++) {
    float *out = to + row / parts * step + row % parts * s->dh;
    for (size_t j = 0; j < s->dh; j++) { out[j] += from[row * s->D + j]; }
  }
}

/* u->q and u->q_gk; x: the normed queries, rows of `step` floats. */
static void load_queries(const mpp_unit *u, const float *x, size_t step, const mpp_unit_shape *s)
{
  const size_t D = s->D;
  const float *gq = u->norm, *bq = gq + D, *gk = bq + D;
  const float scale = 1.0f / sqrtf((float)s->dh);
  for (size_t i = 0; i < s->nq; i++) {
    for (size_t v = 0; v < D / MPP_LANES; v++) {
      const mpp_lanes h = *mpp_const_lanes_at(x + i * step, v);
      const mpp_lanes q = (h * *mpp_const_lanes_at(gq, v) + *mpp_const_lanes_at(bq, v)) * scale;
      *mpp_lanes_at(u->q + i * D, v) = q;
      *mpp_lanes_at(u->q_gk + i * D, v) = q * *mpp_const_lanes_at(gk, v);
    }
  }
}

/* ---- products of all keys with all queries ---- */

/* For at most FEW queries: a vector holds PAIR_KEYS keys by PAIR_QUERIES queries, whose products
 * along the head width are summed together. Rows that are not there are read as the last one. */
enum {
  PAIR_QUERIES = (int)MPP_LANES < (int)FEW ? (int)MPP_LANES : (int)FEW,
  PAIR_KEYS = MPP_LANES / PAIR_QUERIES
};

static void few_products(float *out, const float *init, const float *keys, size_t key_step,
                         const float *queries, size_t query_step, const mpp_unit_shape *s)
{
  for (size_t first = 0; first < s->keys * FEW; first += MPP_LANES) {
    const float *key[PAIR_KEYS], *query[PAIR_QUERIES];
    mpp_lanes sum[MPP_LANES];
#pragma GCC unroll 8
    for (size_t k = 0; k < PAIR_KEYS; k++) {
      key[k] = keys + mpp_min_size(first / FEW + k, s->n - 1) * key_step;
    }
#pragma GCC unroll 8
    for (size_t i = 0; i < PAIR_QUERIES; i++) {
      query[i] = queries + mpp_min_size(first % FEW + i, s->nq - 1) * query_step;
    }
#pragma GCC unroll 16
    for (size_t r = 0; r < MPP_LANES; r++) { sum[r] = (mpp_lanes){0}; }
    for (size_t v = 0; v < s->D; v += MPP_LANES) {
#pragma GCC unroll 8
      for (size_t i = 0; i < PAIR_QUERIES; i++) {
        const mpp_lanes q = *mpp_const_lanes_at(query[i] + v, 0);
#pragma GCC unroll 8
        for (size_t k = 0; k < PAIR_KEYS; k++) {
          sum[k * PAIR_QUERIES + i] += q * *mpp_const_lanes_at(key[k] + v, 0);
        }
      }
    }
    mpp_lanes sums = mpp_lanes_sums(sum);
    if (init != NULL) {
      sums += *mpp_const_lanes_at(init + first, 0);
    }
    *mpp_lanes_at(out + first, 0) = sums;
  }
}

/* out [keys, Q] = init (NULL: 0) + keys queries^T. */
static void products(float *out, const mpp_unit *u, const float *init, const float *keys,
                     size_t key_step, const float *queries, size_t query_step,
                     const mpp_unit_shape *s)
{
  if (s->Q == FEW) {
    few_products(out, init, keys, key_step, queries, query_step, s);
    return;
  }
  mpp_rows_across(u->across, s->Q, queries, query_step, s->nq, s->D);
  mpp_small_gemm((mpp_small_product){out, init, s->Q, keys, key_step, 1, u->across, s->Q}, s->n,
                 s->Q, s->dh);
}

/* ---- probabilities ---- */

/* A matrix [keys, Q] is walked in columns of a vector: floats from one vector of a column to the
 * next. A vector may hold the queries of two keys. */
static size_t stride_of(const mpp_unit_shape *s) { return s->Q < MPP_LANES ? MPP_LANES : s->Q; }

static bool holds_two_keys(const mpp_unit_shape *s) { return s->Q < MPP_LANES; }

/* In each lane the sum, or the largest, of both keys of its query. */
static inline void sum_keys(mpp_lanes *at, const mpp_unit_shape *s)
{
  if (holds_two_keys(s)) {
    *at += MPP_LANES_HALVES(*at);
  }
}
static inline void raise_keys(mpp_lanes *at, const mpp_unit_shape *s)
{
  if (holds_two_keys(s)) {
    const mpp_lanes other = MPP_LANES_HALVES(*at);
    mpp_lanes_raise(at, &other);
  }
}

/* u->p = scale softmax of the scores there, over the keys. A NaN makes its query NaN: it is in the
 * sum whatever the maximum is. */
static void softmax(const mpp_unit *u, float scale, const mpp_unit_shape *s)
{
  const size_t stride = stride_of(s), count = s->keys * s->Q / stride;
  for (size_t c = 0; c < stride; c += MPP_LANES) {
    float *p = u->p + c;
    mpp_lanes most = *mpp_lanes_at(p, 0), sum = {0};
    for (size_t j = 1; j < count; j++) { mpp_lanes_raise(&most, mpp_lanes_at(p + j * stride, 0)); }
    raise_keys(&most, s);
    for (size_t j = 0; j < count; j++) {
      float *at = p + j * stride;
      for (size_t i = 0; i < MPP_LANES; i++) { at[i] = mpp_fast_exp(at[i] - most[i]); }
      sum += *mpp_lanes_at(at, 0);
    }
    sum_keys(&sum, s);
    const mpp_lanes share = scale / sum;
    for (size_t j = 0; j < count; j++) { *mpp_lanes_at(p + j * stride, 0) *= share; }
  }
}

/* From the probabilities P in u->p, with weight P v the result and dP = dy v^T:
 *   dS = weight P (dP - sum over keys of P dP),   dbias += dS;
 * leaves dS in u->dp and weight P in u->p. v: rows of `step` floats. */
static void scores_backward(const mpp_unit *u, float *dbias, const float *v, size_t step,
                            const float *dy, size_t dy_step, const mpp_unit_shape *s, float weight)
{
  const size_t stride = stride_of(s), end = s->keys * s->Q;
  products(u->dp, u, NULL, v, step, dy, dy_step, s);
  for (size_t c = 0; c < stride; c += MPP_LANES) {
    mpp_lanes along = {0};
    for (size_t j = c; j < end; j += stride) {
      along += *mpp_lanes_at(u->p + j, 0) * *mpp_lanes_at(u->dp + j, 0);
    }
    sum_keys(&along, s);
    for (size_t j = c; j < end; j += stride) {
      const mpp_lanes p = *mpp_lanes_at(u->p + j, 0) * weight;
      const mpp_lanes ds = p * (*mpp_lanes_at(u->dp + j, 0) - along);
      *mpp_lanes_at(u->p + j, 0) = p;
      *mpp_lanes_at(u->dp + j, 0) = ds;
      *mpp_lanes_at(dbias + j, 0) += ds;
    }
  }
}

/* ---- the unit ---- */

/* In which it asks for what the next one reads (mpp_unit_ask). */
enum { FORWARD_PARTS = 3, BACKWARD_PARTS = 8 };

void mpp_unit_norm(float *x, float *rstd, size_t rstd_step, const mpp_unit_shape *s)
{
  for (size_t t = 0; t < s->n; t++) {
    float *row = x + t * s->in_step;
    if (t + s->nq >= s->n) {
      rstd[t * rstd_step] = mpp_norm_row(row, s->dh);
    }
    rstd[t * rstd_step + 1] = mpp_norm_row(row + s->dh, s->dh);
  }
}

void mpp_unit_norm_backward(float *dx, float *sums, const mpp_unit *u, const float *x,
                            const float *rstd, size_t rstd_step, const mpp_unit_shape *s)
{
  const size_t dh = s->dh;
  const float *gq = u->norm, *gk = gq + 2 * s->D;
  for (size_t t = 0; t < s->n; t++) {
    float *d = dx + t * s->in_step;
    const float *hat = x + t * s->in_step, *r = rstd + t * rstd_step;
    if (t + s->nq >= s->n) {
      mpp_norm_row_backward(d, sums, sums + dh, hat, gq, r[0], dh);
    }
    mpp_norm_row_backward(d + dh, sums + 2 * dh, sums + 3 * dh, hat + dh, gk, r[1], dh);
  }
}

void mpp_unit_forward(float *y, const mpp_unit *u, const float *x, const float *bias,
                      const mpp_unit_shape *s, float weight, bool add)
{
  size_t step = s->in_step, y_step = s->out_step;
  float *out = y;
  if (!in_place(s)) {
    copy_rows(u->copy_x, x, step, s->n, 3, s);
    x = u->copy_x;
    step = 3 * s->D;
    out = u->copy_y;
    y_step = s->D;
  }
  load_queries(u, x + (s->n - s->nq) * step, step, s);
  mpp_unit_ask(u, s, 0, s->tiled ? 1 : FORWARD_PARTS);
  const float *init = add && in_place(s) ? out : NULL;
  if (s->tiled) {
    mpp_tiled_forward(out, y_step, u, x, step, bias, s, weight, init != NULL);
  } else {
    products(u->p, u, bias, x + s->D, step, u->q_gk, s->D, s);
    mpp_unit_ask(u, s, 1, FORWARD_PARTS);
    softmax(u, weight, s);
    mpp_unit_ask(u, s, 2, FORWARD_PARTS);
    mpp_small_gemm((mpp_small_product){out, init, y_step, u->p, 1, s->Q, x + 2 * s->D, step}, s->nq,
                   s->D, s->n);
  }
  if (!in_place(s)) {
    for (size_t i = 0; i < s->nq && !add; i++) {
      memset(y + i * s->out_step, 0, s->dh * sizeof *y);
    }
    add_rows(y, s->out_step, out, s->nq, 1, s);
  }
}

/* The gradient of the queries, from u->dq = dS x_k; where it is set, that of positions which do not
 * query is 0. The bias of the keys adds the sum of a row of dS, which is 0. */
static void queries_backward(float *dx, size_t step, const mpp_unit *u, const mpp_unit_shape *s,
                             bool add)
{
  const size_t D = s->D, skipped = s->n - s->nq;
  const float *gk = u->norm + 2 * D;
  const float scale = 1.0f / sqrtf((float)s->dh);
  for (size_t i = 0; i < skipped && !add; i++) { memset(dx + i * step, 0, D * sizeof *dx); }
  for (size_t i = 0; i < s->nq; i++) {
    float *out = dx + (skipped + i) * step;
    for (size_t v = 0; v < D / MPP_LANES; v++) {
      mpp_lanes d = *mpp_const_lanes_at(u->dq + i * D, v) * *mpp_const_lanes_at(gk, v) * scale;
      if (add) {
        d += *mpp_lanes_at(out, v);
      }
      *mpp_lanes_at(out, v) = d;
    }
  }
}

/* dv (+)= weight P^T dy,   dk (+)= dS^T q  (q holds 1/sqrt(dh) already),   u->dq = dS x_k. */
static void whole_backward(float *dx, float *dbias, const float *dy, size_t dy_step,
                           const mpp_unit *u, const float *x, size_t step, const float *bias,
                           const mpp_unit_shape *s, float weight, bool add)
{
  const size_t n = s->n, nq = s->nq, Q = s->Q, D = s->D;
  float *dk = dx + D, *dv = dx + 2 * D;
  products(u->p, u, bias, x + s->D, step, u->q_gk, s->D, s);
  mpp_unit_ask(u, s, 1, BACKWARD_PARTS);
  softmax(u, 1.0f, s);
  mpp_unit_ask(u, s, 2, BACKWARD_PARTS);
  scores_backward(u, dbias, x + 2 * D, step, dy, dy_step, s, weight);
  mpp_unit_ask(u, s, 3, BACKWARD_PARTS);
  mpp_small_gemm((mpp_small_product){dv, add ? dv : NULL, step, u->p, Q, 1, dy, dy_step}, n, D, nq);
  mpp_unit_ask(u, s, 4, BACKWARD_PARTS);
  mpp_small_gemm((mpp_small_product){dk, add ? dk : NULL, step, u->dp, Q, 1, u->q, D}, n, D, nq);
  mpp_unit_ask(u, s, 5, BACKWARD_PARTS);
  mpp_small_gemm((mpp_small_product){u->dq, NULL, D, u->dp, 1, Q, x + D, step}, nq, D, n);
}

void mpp_unit_backward(float *dx, float *dbias, const float *dy, const mpp_unit *u, const float *x,
                       const float *bias, const mpp_unit_shape *s, float weight, bool add)
{
  const size_t n = s->n, nq = s->nq, D = s->D;
  size_t step = s->in_step, dy_step = s->out_step;
  float *out = dx;
  bool more = add;
  if (!in_place(s)) {
    copy_rows(u->copy_x, x, step, n, 3, s);
    copy_rows(u->copy_y, dy, dy_step, nq, 1, s);
    x = u->copy_x;
    dy = u->copy_y;
    out = u->copy_dx;
    step = 3 * D;
    dy_step = D;
    more = false;
  }
  load_queries(u, x + (n - nq) * step, step, s);
  mpp_unit_ask(u, s, 0, s->tiled ? 1 : BACKWARD_PARTS);
  if (s->tiled) {
    mpp_tiled_backward(out, dbias, dy, dy_step, u, x, step, bias, s, weight, more);
  } else {
    whole_backward(out, dbias, dy, dy_step, u, x, step, bias, s, weight, more);
  }
  mpp_unit_ask(u, s, 6, BACKWARD_PARTS);
  queries_backward(out, step, u, s, more);
  mpp_unit_ask(u, s, 7, BACKWARD_PARTS);
  if (!in_place(s)) {
    for (size_t i = 0; i < n && !add; i++) {
      memset(dx + i * s->in_step, 0, 3 * s->dh * sizeof *dx);
    }
    add_rows(dx, s->in_step, out, n, 3, s);
  }
}
