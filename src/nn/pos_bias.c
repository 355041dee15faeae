/* pos_bias.c - bias of the attention scores by relative position (key - query), two kinds:
 *   rel         learned table over the buckets of T5 (Raffel et al., JMLR 2020): 32 buckets, 16 for
 *               each direction, exact up to 7 tokens, logarithmic from 8 to 32;
 *   continuous  16 sigmoid(MLP(position / (n - 1))), 1 -> 512 -> heads with ReLU, after Swin V2
 *               (Liu et al., CVPR 2022).
 * Both as in the published MPP code, whose periodic wraps differ from one another. */
#include <math.h>

#include "chunks.h"
#include "nn.h"
#include "threads.h"

/* Place of key - query among the 2 n - 1 entries of a head. */
static size_t entry_of(ptrdiff_t offset, size_t n) { return (size_t)((ptrdiff_t)n - 1 - offset); }

/* ---- rel ---- */

/* First distance of each bucket of one direction: k to 8, then 8 * 4^(k/8) rounded up, which is
 * what 8 + floor(8 log(distance / 8) / log(32 / 8)) gives. */
enum { BUCKETS = 16 };
static const size_t bucket_start[BUCKETS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 23, 27};

/* Table row of an offset. The published wrap takes the remainder by n / 2, rounded down: for even n
 * this is the nearest image. */
static size_t bucket_of(ptrdiff_t offset, size_t n, bool periodic)
{
  const size_t half = n / 2;
  size_t distance = (size_t)(offset < 0 ? -offset : offset), forward = offset > 0;
  if (periodic && distance > half) {
    distance = (half - distance % half) % half;
    forward = !forward && distance > 0;
  }
  size_t k = BUCKETS - 1;
  while (bucket_start[k] > distance) { k--; }
  return k + (forward ? BUCKETS : 0);
}

void mpp_rel_bias_forward(float *bias, const float *table, size_t heads, size_t n, bool periodic)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t h = 0; h < heads; h++) {
    for (ptrdiff_t offset = 1 - (ptrdiff_t)n; offset < (ptrdiff_t)n; offset++) {
      bias[h * (2 * n - 1) + entry_of(offset, n)] =
          table[bucket_of(offset, n, periodic) * heads + h];
    }
  }
}

void mpp_rel_bias_backward(float *dtable, const float *dbias, size_t heads, size_t n, bool periodic)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t h = 0; h < heads; h++) {
    double sum[2 * BUCKETS] = {0.0};
    for (ptrdiff_t offset = 1 - (ptrdiff_t)n; offset < (ptrdiff_t)n; offset++) {
      sum[bucket_of(offset, n, periodic)] += (double)dbias[h * (2 * n - 1) + entry_of(offset, n)];
    }
    for (size_t k = 0; k < sizeof sum / sizeof sum[0]; k++) {
      dtable[k * heads + h] += (float)sum[k];
    }
  }
}

/* ---- continuous ---- */

enum { HIDDEN = 512 };
static const double bias_scale = 16.0;

/* Input of the MLP. Periodic: the nearest image, n / 2 tokens counted forward. The published code
 * has this for even n and fails for odd n; it divides 0 by 0 for n = 1, where this is 0. */
static double coordinate_of(ptrdiff_t offset, size_t n, bool periodic)
{
  const ptrdiff_t length = (ptrdiff_t)n;
  if (n == 1) {
    return 0.0;
  }
  if (periodic && 2 * offset > length) {
    offset -= length;
  } else if (periodic && 2 * offset <= -length) {
    offset += length;
  }
  return (double)offset / (double)(n - 1);
}

static double hidden_at(double coordinate, const float *w0, const float *b0, size_t k)
{
  return fmax((double)w0[k] * coordinate + (double)b0[k], 0.0);
}

/* sigmoid of the MLP's output for one head; w2 [512] is the row of the head. */
static double head_sigmoid(double coordinate, const float *w0, const float *b0, const float *w2)
{
  double sum = 0.0;
  for (size_t k = 0; k < HIDDEN; k++) { sum += (double)w2[k] * hidden_at(coordinate, w0, b0, k); }
  return 1.0 / (1.0 + exp(-sum));
}

void mpp_cont_bias_forward(float *bias, const float *w0, const float *b0, const float *w2,
                           size_t heads, size_t n, bool periodic)
{
#pragma omp parallel for collapse(2) schedule(static) num_threads(mpp_threads())
  for (size_t h = 0; h < heads; h++) {
    for (size_t row = 0; row < 2 * n - 1; row++) {
      const ptrdiff_t offset = (ptrdiff_t)row - (ptrdiff_t)(n - 1);
      const double s = head_sigmoid(coordinate_of(offset, n, periodic), w0, b0, w2 + h * HIDDEN);
      bias[h * (2 * n - 1) + entry_of(offset, n)] = (float)(bias_scale * s);
    }
  }
}

/* Offsets and heads of one round of the backward pass: what stands between its two steps. */
enum { ROUND_OFFSETS = 64, ROUND_HEADS = 16 };
typedef struct cont_round {
  size_t offsets, heads; /* in this round */
  double coordinate[ROUND_OFFSETS];
  double slope[ROUND_OFFSETS][ROUND_HEADS]; /* d loss / d (output of the MLP) */
} cont_round;

/* Gradients of hidden unit k: with pre = w0 coord + b0 and sums over the round's offsets,
 *   dw2[h, k] += sum slope max(pre, 0),  dpre = [pre > 0] sum_h slope w2[h, k],
 *   dw0[k] += sum dpre coord,  db0[k] += sum dpre. */
static void unit_backward(float *dw0, float *db0, float *dw2, const cont_round *r, const float *w0,
                          const float *b0, const float *w2, size_t k)
{
  double sum_w0 = 0.0, sum_b0 = 0.0, sum_w2[ROUND_HEADS] = {0.0};
  for (size_t i = 0; i < r->offsets; i++) {
    const double hidden = hidden_at(r->coordinate[i], w0, b0, k);
    double back = 0.0;
    for (size_t h = 0; h < r->heads; h++) {
      sum_w2[h] += r->slope[i][h] * hidden;
      back += r->slope[i][h] * (double)w2[h * HIDDEN + k];
    }
    if (hidden > 0.0) {
      sum_w0 += back * r->coordinate[i];
      sum_b0 += back;
    }
  }
  dw0[k] += (float)sum_w0;
  db0[k] += (float)sum_b0;
  for (size_t h = 0; h < r->heads; h++) { dw2[h * HIDDEN + k] += (float)sum_w2[h]; }
}

/* By rounds of offsets and heads: first the slopes, each offset by one writer, then the weights,
 * each hidden unit by one writer. The MLP is linear in the heads from the hidden layer on, so that
 * groups of heads add up. */
void mpp_cont_bias_backward(float *dw0, float *db0, float *dw2, const float *dbias, const float *w0,
                            const float *b0, const float *w2, size_t heads, size_t n, bool periodic)
{
  for (size_t row0 = 0; row0 < 2 * n - 1; row0 += ROUND_OFFSETS) {
    for (size_t h0 = 0; h0 < heads; h0 += ROUND_HEADS) {
      cont_round r = {.offsets = mpp_min_size(ROUND_OFFSETS, 2 * n - 1 - row0),
                      .heads = mpp_min_size(ROUND_HEADS, heads - h0)};
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
      for (size_t i = 0; i < r.offsets; i++) {
        const ptrdiff_t offset = (ptrdiff_t)(row0 + i) - (ptrdiff_t)(n - 1);
        r.coordinate[i] = coordinate_of(offset, n, periodic);
        for (size_t h = 0; h < r.heads; h++) {
          const double s = head_sigmoid(r.coordinate[i], w0, b0, w2 + (h0 + h) * HIDDEN);
          r.slope[i][h] = bias_scale * s * (1.0 - s) *
                          (double)dbias[(h0 + h) * (2 * n - 1) + entry_of(offset, n)];
        }
      }
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
      for (size_t k = 0; k < HIDDEN; k++) {
        unit_backward(dw0, db0, dw2 + h0 * HIDDEN, &r, w0, b0, w2 + h0 * HIDDEN, k);
      }
    }
  }
}
