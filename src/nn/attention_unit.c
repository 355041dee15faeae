/* attention_unit.c - forward and backward of one sequence and head, of normed rows x_q and x_k:
 *   q = (gq x_q + bq) / sqrt(dh),   k = gk x_k + bk.
 * The bias of the keys adds the same q bk to all scores of a query, which a softmax does not see, and
 * their gain moves to the queries: scores are (gk q) x_k, with x_k as it lies. */
#include "attention_unit.h"

#include <math.h>
#include <string.h>

#include "chunks.h"
#include "fast_math.h"
#include "lanes.h"
#include "small_gemm.h"

/* Vector `v` of a row. */
static inline mpp_lanes *lanes_at(float *row, size_t v) { return (mpp_lanes *)row + v; }
static inline const mpp_lanes *const_lanes_at(const float *row, size_t v)
{
  return (const mpp_lanes *)row + v;
}

static bool in_place(const mpp_unit_shape *s) { return s->dh == s->D; }

mpp_unit_shape mpp_unit_shape_of(const mpp_axis *a)
{
  const mpp_unit_shape s = {a->n,
                            a->nq,
                            a->dh,
                            mpp_pad_lanes(a->n),
                            mpp_pad_lanes(a->dh),
                            a->inner * a->heads * 3 * a->dh,
                            a->inner * a->heads * a->dh};
  return s;
}

mpp_unit mpp_unit_take(mpp_arena *m, const mpp_unit_shape *s)
{
  mpp_unit u = {.norm = mpp_arena_f32(m, 4 * s->D)};
  u.bias = mpp_arena_f32(m, s->nq * s->N);
  u.q = mpp_arena_f32(m, s->nq * s->D);
  u.q_gk = mpp_arena_f32(m, s->nq * s->D);
  u.kt = mpp_arena_f32(m, s->D * s->N);
  u.vt = mpp_arena_f32(m, s->D * s->N);
  u.p = mpp_arena_f32(m, s->nq * s->N);
  u.dp = mpp_arena_f32(m, s->nq * s->N);
  u.dq = mpp_arena_f32(m, s->nq * s->D);
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

void mpp_unit_load_bias(const mpp_unit *u, const float *bias, const mpp_unit_shape *s)
{
  for (size_t i = 0; i < s->nq; i++) {
    memcpy(u->bias + i * s->N, bias + (s->n - s->nq + i) * s->n, s->n * sizeof *bias);
    for (size_t j = s->n; j < s->N; j++) { u->bias[i * s->N + j] = -INFINITY; }
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

/* to [D, N] = the n rows of `from`, transposed; padded keys are 0. */
static void transpose(float *to, const float *from, size_t step, const mpp_unit_shape *s)
{
  for (size_t t = 0; t < s->n; t += MPP_LANES) {
    const size_t count = mpp_min_size(MPP_LANES, s->n - t);
    for (size_t j = 0; j < s->D; j += MPP_LANES) {
      mpp_lanes block[MPP_LANES];
      for (size_t i = 0; i < MPP_LANES; i++) {
        block[i] = (mpp_lanes){0};
        if (i < count) {
          block[i] = *const_lanes_at(from + (t + i) * step + j, 0);
        }
      }
      mpp_lanes_transpose(block);
      for (size_t i = 0; i < MPP_LANES; i++) { *lanes_at(to + (j + i) * s->N + t, 0) = block[i]; }
    }
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
      const mpp_lanes h = *const_lanes_at(x + i * step, v);
      const mpp_lanes q = (h * *const_lanes_at(gq, v) + *const_lanes_at(bq, v)) * scale;
      *lanes_at(u->q + i * D, v) = q;
      *lanes_at(u->q_gk + i * D, v) = q * *const_lanes_at(gk, v);
    }
  }
}

/* ---- probabilities ---- */

/* p = scale softmax(p) for a row of N. A NaN makes its row NaN: it is in the sum whatever the
 * maximum is. */
static void softmax(float *p, float scale, size_t N)
{
  mpp_lanes most = *lanes_at(p, 0), sum = {0};
  for (size_t v = 1; v < N / MPP_LANES; v++) { mpp_lanes_raise(&most, lanes_at(p, v)); }
  const float largest = mpp_lanes_most(&most);
  for (size_t v = 0; v < N / MPP_LANES; v++) {
    float *at = p + v * MPP_LANES;
    for (size_t i = 0; i < MPP_LANES; i++) { at[i] = mpp_fast_exp(at[i] - largest); }
    sum += *lanes_at(at, 0);
  }
  const float share = scale / mpp_lanes_sum(&sum);
  for (size_t v = 0; v < N / MPP_LANES; v++) { *lanes_at(p, v) *= share; }
}

/* u->p [nq, N] = scale softmax(q k^T + bias); fills q, q_gk and kt. x: rows [n, 3, D] of `step`
 * floats. */
static void probabilities(const mpp_unit *u, const float *x, size_t step, float scale,
                          const mpp_unit_shape *s)
{
  const size_t D = s->D, N = s->N;
  load_queries(u, x + (s->n - s->nq) * step, step, s);
  transpose(u->kt, x + D, step, s);
  mpp_small_gemm((mpp_small_product){u->p, u->bias, N, u->q_gk, D, 1, u->kt, N}, s->nq, N, s->dh);
  for (size_t i = 0; i < s->nq; i++) { softmax(u->p + i * N, scale, N); }
}

/* From the probabilities P in u->p, with weight P v the result and dP = dy v^T:
 *   dS = weight P (dP - sum over keys of P dP),   dbias += dS;
 * leaves dS in u->dp and weight P in u->p. */
static void scores_backward(const mpp_unit *u, float *dbias, const float *dy, size_t dy_step,
                            const mpp_unit_shape *s, float weight)
{
  const size_t N = s->N;
  mpp_small_gemm((mpp_small_product){u->dp, NULL, N, dy, dy_step, 1, u->vt, N}, s->nq, N, s->dh);
  for (size_t i = 0; i < s->nq; i++) {
    float *p = u->p + i * N, *ds = u->dp + i * N, *sum = dbias + i * N;
    mpp_lanes products = {0};
    for (size_t v = 0; v < N / MPP_LANES; v++) { products += *lanes_at(p, v) * *lanes_at(ds, v); }
    const float along = mpp_lanes_sum(&products);
    for (size_t v = 0; v < N / MPP_LANES; v++) {
      *lanes_at(p, v) *= weight;
      *lanes_at(ds, v) = *lanes_at(p, v) * (*lanes_at(ds, v) - along);
      *lanes_at(sum, v) += *lanes_at(ds, v);
    }
  }
}

/* ---- the unit ---- */

void mpp_unit_forward(float *y, const mpp_unit *u, const float *x, const mpp_unit_shape *s,
                      float weight, bool add)
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
  probabilities(u, x, step, weight, s);
  const float *init = add && in_place(s) ? out : NULL;
  mpp_small_gemm((mpp_small_product){out, init, y_step, u->p, s->N, 1, x + 2 * s->D, step}, s->nq,
                 s->D, s->n);
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
      mpp_lanes d = *const_lanes_at(u->dq + i * D, v) * *const_lanes_at(gk, v) * scale;
      if (add) {
        d += *lanes_at(out, v);
      }
      *lanes_at(out, v) = d;
    }
  }
}

/* dv (+)= weight P^T dy,   dk (+)= dS^T q  (q holds 1/sqrt(dh) already). */
void mpp_unit_backward(float *dx, float *dbias, const float *dy, const mpp_unit *u, const float *x,
                       const mpp_unit_shape *s, float weight, bool add)
{
  const size_t n = s->n, nq = s->nq, N = s->N, D = s->D;
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
  probabilities(u, x, step, 1.0f, s);
  transpose(u->vt, x + 2 * D, step, s);
  scores_backward(u, dbias, dy, dy_step, s, weight);
  float *dk = out + D, *dv = out + 2 * D;
  mpp_small_gemm((mpp_small_product){dv, more ? dv : NULL, step, u->p, 1, N, dy, dy_step}, n, D,
                 nq);
  mpp_small_gemm((mpp_small_product){dk, more ? dk : NULL, step, u->dp, 1, N, u->q, D}, n, D, nq);
  mpp_small_gemm((mpp_small_product){u->dq, NULL, D, u->dp, N, 1, x + D, step}, nq, D, n);
  queries_backward(out, step, u, s, more);
  if (!in_place(s)) {
    for (size_t i = 0; i < n && !add; i++) {
      memset(dx + i * s->in_step, 0, 3 * s->dh * sizeof *dx);
    }
    add_rows(dx, s->in_step, out, n, 3, s);
  }
}
