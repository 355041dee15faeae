/* attention.c - multi-head attention along one axis of the token grid, q and k layer-normed over
 * the head width (Dehghani et al., "Scaling vision transformers to 22 billion parameters").
 *
 * The work is a list of units (head, sequence), heads slowest, cut into fixed slots of equal
 * length. Each slot has its own buffers, in which the rows of one unit lie together, padded to
 * whole vectors, and its own partial sums of the parameter gradients, added in order of the slots:
 * the same bits for any number of threads. Padded keys are 0, and -inf in the bias, so that the
 * softmax gives them the weight 0. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "arena.h"
#include "chunks.h"
#include "fast_math.h"
#include "nn.h"
#include "small_gemm.h"
#include "threads.h"

static const float eps = 1e-5f; /* torch.nn.LayerNorm */

/* Buffers of one slot. N: keys padded, D: head width padded. */
typedef struct buffers {
  float *bias;            /* [nq, N], of the current head */
  float *q, *kt, *v;      /* [nq, D], scaled by 1/sqrt(dh); [dh, N]; [n, D] */
  float *p, *y;           /* [nq, N] scores, then probabilities; [nq, D] */
  float *inverse;         /* [nq] 1 / sum of a row of p */
  float *k, *vt, *dy;     /* [n, D], [dh, N], [nq, D] */
  float *hat_q, *hat_k;   /* [nq, D], [n, D] before gain and bias of the norm */
  float *rstd_q, *rstd_k; /* [nq], [n] */
  float *dp;              /* [nq, N] */
  float *dq, *dk, *dv;    /* [nq, D], [n, D], [n, D] */
  float *dnorm;           /* [4, D]: gq, bq, gk, bk; sums of the slot */
  float *dbias;           /* [heads of the slot, nq, N] sums of the slot */
} buffers;

typedef struct layout {
  size_t sequences, units, slots, N, D;
  size_t row, step;    /* floats of a token in qkv, and from one position to the next */
  size_t heads_a_slot; /* most heads that the units of a slot belong to */
  size_t slot_bytes;
} layout;

static size_t slot_start(const layout *l, size_t slot) { return l->units * slot / l->slots; }

static buffers take_buffers(mpp_arena *m, const mpp_axis *a, const layout *l)
{
  const size_t nq = a->nq, n = a->n;
  buffers b = {.bias = mpp_arena_f32(m, nq * l->N)};
  b.q = mpp_arena_f32(m, nq * l->D);
  b.kt = mpp_arena_f32(m, a->dh * l->N);
  b.v = mpp_arena_f32(m, n * l->D);
  b.p = mpp_arena_f32(m, nq * l->N);
  b.y = mpp_arena_f32(m, nq * l->D);
  b.inverse = mpp_arena_f32(m, nq);
  b.k = mpp_arena_f32(m, n * l->D);
  b.vt = mpp_arena_f32(m, a->dh * l->N);
  b.dy = mpp_arena_f32(m, nq * l->D);
  b.hat_q = mpp_arena_f32(m, nq * l->D);
  b.hat_k = mpp_arena_f32(m, n * l->D);
  b.rstd_q = mpp_arena_f32(m, nq);
  b.rstd_k = mpp_arena_f32(m, n);
  b.dp = mpp_arena_f32(m, nq * l->N);
  b.dq = mpp_arena_f32(m, nq * l->D);
  b.dk = mpp_arena_f32(m, n * l->D);
  b.dv = mpp_arena_f32(m, n * l->D);
  b.dnorm = mpp_arena_f32(m, 4 * l->D);
  b.dbias = mpp_arena_f32(m, l->heads_a_slot * nq * l->N);
  return b;
}

static layout layout_of(const mpp_axis *a)
{
  layout l = {.sequences = a->outer * a->inner};
  l.units = a->heads * l.sequences;
  l.slots = mpp_min_size(l.units, MPP_NN_CHUNKS);
  l.N = mpp_pad_lanes(a->n);
  l.D = mpp_pad_lanes(a->dh);
  l.row = a->heads * 3 * a->dh;
  l.step = a->inner * l.row;
  l.heads_a_slot = mpp_min_size(a->heads, a->heads / MPP_NN_CHUNKS + 2);
  mpp_arena measure = {0};
  take_buffers(&measure, a, &l);
  l.slot_bytes = measure.used;
  return l;
}

size_t mpp_attention_work(const mpp_axis *a)
{
  const layout l = layout_of(a);
  return l.slots * l.slot_bytes / sizeof(float);
}

static buffers slot_buffers(float *work, size_t slot, const mpp_axis *a, const layout *l)
{
  assert(work != NULL);
  mpp_arena m = {(char *)work + slot * l->slot_bytes, 0, l->slot_bytes};
  return take_buffers(&m, a, l);
}

/* First token of a unit's sequence in qkv (nq tokens a sequence: in y), in tokens. */
static size_t first_token(const mpp_axis *a, const layout *l, size_t unit, size_t n)
{
  const size_t sequence = unit % l->sequences;
  return sequence / a->inner * n * a->inner + sequence % a->inner;
}

/* hat = (x - mean) / sqrt(var + eps); returns 1 / sqrt(var + eps). */
static float normalise(float *restrict hat, const float *restrict x, size_t dh)
{
  float sum = 0.0f, square = 0.0f;
#pragma omp simd reduction(+ : sum)
  for (size_t j = 0; j < dh; j++) { sum += x[j]; }
  const float mean = sum / (float)dh;
#pragma omp simd reduction(+ : square)
  for (size_t j = 0; j < dh; j++) {
    hat[j] = x[j] - mean;
    square += hat[j] * hat[j];
  }
  const float rstd = 1.0f / sqrtf(square / (float)dh + eps);
#pragma omp simd
  for (size_t j = 0; j < dh; j++) { hat[j] *= rstd; }
  return rstd;
}

static void affine(float *restrict out, const float *restrict hat, const float *restrict g,
                   const float *restrict b, float scale, size_t dh)
{
#pragma omp simd
  for (size_t j = 0; j < dh; j++) { out[j] = (hat[j] * g[j] + b[j]) * scale; }
}

/* Rows of the unit: q [nq, D] of the last nq positions, k [n, D] and kt, both normed, v [n, D]. */
static void gather(const buffers *b, const float *qkv, const mpp_qk_norm *norm, const mpp_axis *a,
                   const layout *l)
{
  const size_t dh = a->dh, first_query = a->n - a->nq;
  const float scale = 1.0f / sqrtf((float)dh);
  for (size_t t = 0; t < a->n; t++) {
    const float *x = qkv + t * l->step;
    if (t >= first_query) {
      const size_t i = t - first_query;
      b->rstd_q[i] = normalise(b->hat_q + i * l->D, x, dh);
      affine(b->q + i * l->D, b->hat_q + i * l->D, norm->gq, norm->bq, scale, dh);
    }
    float *k = b->k + t * l->D;
    b->rstd_k[t] = normalise(b->hat_k + t * l->D, x + dh, dh);
    affine(k, b->hat_k + t * l->D, norm->gk, norm->bk, 1.0f, dh);
    for (size_t j = 0; j < dh; j++) { b->kt[j * l->N + t] = k[j]; }
    memcpy(b->v + t * l->D, x + 2 * dh, dh * sizeof *x);
  }
}

/* p = exp(q k^T + bias - row maximum), inverse = 1 / row sum. */
static void scores(const buffers *b, const mpp_axis *a, const layout *l)
{
  const size_t N = l->N;
  memcpy(b->p, b->bias, a->nq * N * sizeof *b->p);
  mpp_small_gemm(b->p, N, b->q, l->D, 1, b->kt, N, a->nq, N, a->dh, true);
  for (size_t i = 0; i < a->nq; i++) {
    float *p = b->p + i * N;
    float most = p[0], sum = 0.0f;
#pragma omp simd reduction(max : most)
    for (size_t j = 0; j < N; j++) { most = p[j] > most ? p[j] : most; }
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < N; j++) {
      p[j] = mpp_fast_exp(p[j] - most);
      sum += p[j];
    }
    b->inverse[i] = 1.0f / sum;
  }
}

/* The head's last nq rows of bias [heads, n, n] with -inf for the padded keys. */
static void load_bias(const buffers *b, const float *bias, size_t head, const mpp_axis *a,
                      const layout *l)
{
  const float *rows = bias + (head * a->n + a->n - a->nq) * a->n;
  for (size_t i = 0; i < a->nq; i++) {
    memcpy(b->bias + i * l->N, rows + i * a->n, a->n * sizeof *rows);
    for (size_t j = a->n; j < l->N; j++) { b->bias[i * l->N + j] = -INFINITY; }
  }
}

/* Padded keys, which no unit writes: 0, so that products with them are finite. What stands in the
 * padding of the head width reaches padding alone. */
static void clear_padded_keys(const buffers *b, const mpp_axis *a, const layout *l)
{
  if (l->N != a->n) {
    memset(b->kt, 0, a->dh * l->N * sizeof *b->kt);
    memset(b->vt, 0, a->dh * l->N * sizeof *b->vt);
  }
}

static void unit_forward(float *y, const buffers *b, const mpp_axis *a, const layout *l,
                         float weight, bool add)
{
  const size_t width = a->heads * a->dh;
  scores(b, a, l);
  mpp_small_gemm(b->y, l->D, b->p, l->N, 1, b->v, l->D, a->nq, l->D, a->n, false);
  for (size_t i = 0; i < a->nq; i++) {
    const float scale = weight * b->inverse[i];
    const float *row = b->y + i * l->D;
    float *out = y + i * a->inner * width;
#pragma omp simd
    for (size_t j = 0; j < a->dh; j++) { out[j] = (add ? out[j] : 0.0f) + scale * row[j]; }
  }
}

void mpp_attention_forward(float *y, const float *qkv, const mpp_qk_norm *norm, const float *bias,
                           const mpp_axis *a, float weight, bool add, float *work)
{
  const layout l = layout_of(a);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t slot = 0; slot < l.slots; slot++) {
    const buffers b = slot_buffers(work, slot, a, &l);
    clear_padded_keys(&b, a, &l);
    for (size_t u = slot_start(&l, slot), loaded = a->heads; u < slot_start(&l, slot + 1); u++) {
      const size_t head = u / l.sequences;
      if (head != loaded) {
        load_bias(&b, bias, head, a, &l);
        loaded = head;
      }
      gather(&b, qkv + first_token(a, &l, u, a->n) * l.row + head * 3 * a->dh, norm, a, &l);
      unit_forward(y + (first_token(a, &l, u, a->nq) * a->heads + head) * a->dh, &b, a, &l, weight,
                   add);
    }
  }
}

/* Row of a layer norm: with h = (x - mean) rstd and d = scale dout,
 *   dx += rstd (g d - <g d> - h <g d h>),   dg += d h,   db += d,   means over the head width. */
static void norm_backward(float *restrict dx, float *restrict dg, float *restrict db,
                          const float *restrict dout, const float *restrict hat,
                          const float *restrict g, float rstd, float scale, size_t dh)
{
  float sum = 0.0f, product = 0.0f;
#pragma omp simd reduction(+ : sum, product)
  for (size_t j = 0; j < dh; j++) {
    const float d = scale * dout[j];
    dg[j] += d * hat[j];
    db[j] += d;
    sum += g[j] * d;
    product += g[j] * d * hat[j];
  }
  const float mean = sum / (float)dh, mean_product = product / (float)dh;
#pragma omp simd
  for (size_t j = 0; j < dh; j++) {
    dx[j] += rstd * (g[j] * (scale * dout[j]) - mean - hat[j] * mean_product);
  }
}

/* From p and dy to dq, dk, dv: with P the probabilities and o = P v,
 *   dP = dy v^T,  dS = P (dP - rows' <P, dP>),  dbias += dS,
 *   dq = dS k,  dk = dS^T q,  dv = P^T dy  (q holds 1/sqrt(dh) already). */
static void products_backward(const buffers *b, float *dbias, const mpp_axis *a, const layout *l)
{
  const size_t n = a->n, nq = a->nq, N = l->N, D = l->D;
  mpp_small_gemm(b->dp, N, b->dy, D, 1, b->vt, N, nq, N, a->dh, false);
  for (size_t i = 0; i < nq; i++) {
    float *p = b->p + i * N, *ds = b->dp + i * N, *sum = dbias + i * N;
    const float inverse = b->inverse[i];
    float along = 0.0f;
#pragma omp simd reduction(+ : along)
    for (size_t j = 0; j < N; j++) {
      p[j] *= inverse;
      along += p[j] * ds[j];
    }
#pragma omp simd
    for (size_t j = 0; j < N; j++) {
      ds[j] = p[j] * (ds[j] - along);
      sum[j] += ds[j];
    }
  }
  mpp_small_gemm(b->dq, D, b->dp, N, 1, b->k, D, nq, D, n, false);
  mpp_small_gemm(b->dk, D, b->dp, 1, N, b->q, D, n, D, nq, false);
  mpp_small_gemm(b->dv, D, b->p, 1, N, b->dy, D, n, D, nq, false);
}

/* qkv, dqkv, dy point at the unit's head in its first token. */
static void unit_backward(float *dqkv, const buffers *b, float *dbias, const float *dy,
                          const mpp_qk_norm *norm, const mpp_axis *a, const layout *l, float weight)
{
  const size_t dh = a->dh, D = l->D, first_query = a->n - a->nq;
  for (size_t i = 0; i < a->nq; i++) {
    const float *row = dy + i * a->inner * a->heads * dh;
#pragma omp simd
    for (size_t j = 0; j < dh; j++) { b->dy[i * D + j] = weight * row[j]; }
  }
  for (size_t t = 0; t < a->n; t++) {
    for (size_t j = 0; j < dh; j++) { b->vt[j * l->N + t] = b->v[t * D + j]; }
  }
  scores(b, a, l);
  products_backward(b, dbias, a, l);
  for (size_t t = 0; t < a->n; t++) {
    float *dx = dqkv + t * l->step;
    if (t >= first_query) {
      const size_t i = t - first_query;
      norm_backward(dx, b->dnorm, b->dnorm + D, b->dq + i * D, b->hat_q + i * D, norm->gq,
                    b->rstd_q[i], 1.0f / sqrtf((float)dh), dh);
    }
    norm_backward(dx + dh, b->dnorm + 2 * D, b->dnorm + 3 * D, b->dk + t * D, b->hat_k + t * D,
                  norm->gk, b->rstd_k[t], 1.0f, dh);
#pragma omp simd
    for (size_t j = 0; j < dh; j++) { dx[2 * dh + j] += b->dv[t * D + j]; }
  }
}

/* Sums of the slots, in order. */
static void add_partial_sums(const mpp_qk_norm_grad *dnorm, float *dbias, const mpp_axis *a,
                             const layout *l, float *work)
{
  const size_t n = a->n, nq = a->nq;
  float *const out[4] = {dnorm->gq, dnorm->bq, dnorm->gk, dnorm->bk};
  for (size_t slot = 0; slot < l->slots; slot++) {
    const buffers b = slot_buffers(work, slot, a, l);
    for (size_t k = 0; k < 4; k++) {
      for (size_t j = 0; j < a->dh; j++) { out[k][j] += b.dnorm[k * l->D + j]; }
    }
  }
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t row = 0; row < a->heads * nq; row++) {
    const size_t head = row / nq, i = row % nq;
    float *sum = dbias + (head * n + n - nq + i) * n;
    for (size_t slot = 0; slot < l->slots; slot++) {
      const size_t first = slot_start(l, slot) / l->sequences;
      const size_t last = (slot_start(l, slot + 1) - 1) / l->sequences;
      if (head >= first && head <= last) {
        const float *part = slot_buffers(work, slot, a, l).dbias + ((head - first) * nq + i) * l->N;
#pragma omp simd
        for (size_t j = 0; j < n; j++) { sum[j] += part[j]; }
      }
    }
  }
}

void mpp_attention_backward(float *dqkv, const mpp_qk_norm_grad *dnorm, float *dbias,
                            const float *dy, const float *qkv, const mpp_qk_norm *norm,
                            const float *bias, const mpp_axis *a, float weight, float *work)
{
  const layout l = layout_of(a);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t slot = 0; slot < l.slots; slot++) {
    const buffers b = slot_buffers(work, slot, a, &l);
    const size_t begin = slot_start(&l, slot), first_head = begin / l.sequences;
    clear_padded_keys(&b, a, &l);
    memset(b.dnorm, 0, 4 * l.D * sizeof *b.dnorm);
    memset(b.dbias, 0, l.heads_a_slot * a->nq * l.N * sizeof *b.dbias);
    for (size_t u = begin, loaded = a->heads; u < slot_start(&l, slot + 1); u++) {
      const size_t head = u / l.sequences;
      if (head != loaded) {
        load_bias(&b, bias, head, a, &l);
        loaded = head;
      }
      const size_t at = first_token(a, &l, u, a->n) * l.row + head * 3 * a->dh;
      gather(&b, qkv + at, norm, a, &l);
      unit_backward(dqkv + at, &b, b.dbias + (head - first_head) * a->nq * l.N,
                    dy + (first_token(a, &l, u, a->nq) * a->heads + head) * a->dh, norm, a, &l,
                    weight);
    }
  }
  add_partial_sums(dnorm, dbias, a, &l, work);
}
