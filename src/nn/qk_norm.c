/* qk_norm.c - layer norm of the queries and keys of every head over the head width (Dehghani et al.,
 * "Scaling vision transformers to 22 billion parameters"; torch.nn.LayerNorm, eps 1e-5).
 *
 * Centred and scaled rows take the places of q and k, once for all axes that attend to them and for
 * both passes; gain and bias are attention's. Rows are cut into fixed pieces whose sums of parameter
 * gradients are added in order. Bound: memory. */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "lanes.h"
#include "nn.h"
#include "threads.h"

static const float eps = 1e-5f;

static inline mpp_lanes *lanes_at(float *row, size_t v) { return (mpp_lanes *)row + v; }
static inline const mpp_lanes *const_lanes_at(const float *row, size_t v)
{
  return (const mpp_lanes *)row + v;
}

/* x = (x - mean) rstd in place; returns rstd = 1 / sqrt(var + eps). */
static float norm_row(float *x, size_t dh)
{
  const size_t whole = dh / MPP_LANES;
  const float share = 1.0f / (float)dh;
  mpp_lanes sums = {0}, squares = {0};
  for (size_t v = 0; v < whole; v++) { sums += *lanes_at(x, v); }
  float mean = mpp_lanes_sum(&sums);
  for (size_t j = whole * MPP_LANES; j < dh; j++) { mean += x[j]; }
  mean *= share;
  for (size_t v = 0; v < whole; v++) {
    const mpp_lanes centred = *lanes_at(x, v) - mean;
    squares += centred * centred;
  }
  float square = mpp_lanes_sum(&squares);
  for (size_t j = whole * MPP_LANES; j < dh; j++) { square += (x[j] - mean) * (x[j] - mean); }
  const float r = 1.0f / sqrtf(square * share + eps);
  for (size_t v = 0; v < whole; v++) { *lanes_at(x, v) = (*lanes_at(x, v) - mean) * r; }
  for (size_t j = whole * MPP_LANES; j < dh; j++) { x[j] = (x[j] - mean) * r; }
  return r;
}

void mpp_qk_norm_forward(float *qkv, float *rstd, size_t rows, size_t heads, size_t dh)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < rows * heads; i++) {
    rstd[2 * i] = norm_row(qkv + 3 * i * dh, dh);
    rstd[2 * i + 1] = norm_row(qkv + (3 * i + 1) * dh, dh);
  }
}

/* d: the gradient of g hat + b on entry, of what was normed on return:
 *   rstd (g d - <g d> - hat <g d hat>), means over the head width;   dg += d hat,   db += d. */
static void norm_row_backward(float *restrict d, float *restrict dg, float *restrict db,
                              const float *restrict hat, const float *restrict g, float rstd,
                              size_t dh)
{
  const size_t whole = dh / MPP_LANES;
  const float share = 1.0f / (float)dh;
  mpp_lanes sums = {0}, products = {0};
  for (size_t v = 0; v < whole; v++) {
    const mpp_lanes dv = *lanes_at(d, v), h = *const_lanes_at(hat, v);
    const mpp_lanes gd = *const_lanes_at(g, v) * dv;
    *lanes_at(dg, v) += dv * h;
    *lanes_at(db, v) += dv;
    *lanes_at(d, v) = gd;
    sums += gd;
    products += gd * h;
  }
  float mean = mpp_lanes_sum(&sums), product = mpp_lanes_sum(&products);
  for (size_t j = whole * MPP_LANES; j < dh; j++) {
    dg[j] += d[j] * hat[j];
    db[j] += d[j];
    d[j] *= g[j];
    mean += d[j];
    product += d[j] * hat[j];
  }
  mean *= share;
  product *= share;
  for (size_t v = 0; v < whole; v++) {
    *lanes_at(d, v) = (*lanes_at(d, v) - mean - *const_lanes_at(hat, v) * product) * rstd;
  }
  for (size_t j = whole * MPP_LANES; j < dh; j++) {
    d[j] = (d[j] - mean - hat[j] * product) * rstd;
  }
}

size_t mpp_qk_norm_work(size_t dh) { return (size_t)MPP_NN_CHUNKS * 4 * dh; }

void mpp_qk_norm_backward(float *dqkv, const mpp_qk_norm_grad *dnorm, const float *qkv,
                          const float *rstd, const mpp_qk_norm *norm, size_t rows, size_t heads,
                          size_t dh, float *work)
{
  memset(work, 0, mpp_qk_norm_work(dh) * sizeof *work);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    float *sums = work + chunk * 4 * dh; /* of gq, bq, gk, bk */
    const size_t end = mpp_chunk_start(rows * heads, chunk + 1);
    for (size_t i = mpp_chunk_start(rows * heads, chunk); i < end; i++) {
      const size_t q = 3 * i * dh, k = q + dh;
      norm_row_backward(dqkv + q, sums, sums + dh, qkv + q, norm->gq, rstd[2 * i], dh);
      norm_row_backward(dqkv + k, sums + 2 * dh, sums + 3 * dh, qkv + k, norm->gk, rstd[2 * i + 1],
                        dh);
    }
  }
  float *const out[4] = {dnorm->gq, dnorm->bq, dnorm->gk, dnorm->bk};
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    for (size_t k = 0; k < 4; k++) {
      for (size_t j = 0; j < dh; j++) { out[k][j] += work[(chunk * 4 + k) * dh + j]; }
    }
  }
}
