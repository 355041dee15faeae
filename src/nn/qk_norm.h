/* qk_norm.h - layer norm of the queries and keys of every head over the head width (Dehghani et
 * al., "Scaling vision transformers to 22 billion parameters"; torch.nn.LayerNorm, eps 1e-5), row
 * by row: attention applies it where the rows lie in a cache. Gain and bias are attention's. To be
 * included by kernels only. */
#ifndef MPP_QK_NORM_H
#define MPP_QK_NORM_H

#include <math.h>

#include "lanes.h"

/* x = (x - mean) rstd in place; returns rstd = 1 / sqrt(var + eps). */
static inline float mpp_norm_row(float *x, size_t dh)
{
  const size_t whole = dh / MPP_LANES;
  const float share = 1.0f / (float)dh, eps = 1e-5f;
  mpp_lanes sums = {0}, squares = {0};
  for (size_t v = 0; v < whole; v++) { sums += *mpp_lanes_at(x, v); }
  float mean = mpp_lanes_sum(&sums);
  for (size_t j = whole * MPP_LANES; j < dh; j++) { mean += x[j]; }
  mean *= share;
  for (size_t v = 0; v < whole; v++) {
    const mpp_lanes centred = *mpp_lanes_at(x, v) - mean;
    squares += centred * centred;
  }
  float square = mpp_lanes_sum(&squares);
  for (size_t j = whole * MPP_LANES; j < dh; j++) { square += (x[j] - mean) * (x[j] - mean); }
  const float r = 1.0f / sqrtf(square * share + eps);
  for (size_t v = 0; v < whole; v++) { *mpp_lanes_at(x, v) = (*mpp_lanes_at(x, v) - mean) * r; }
  for (size_t j = whole * MPP_LANES; j < dh; j++) { x[j] = (x[j] - mean) * r; }
  return r;
}

/* d: the gradient of g hat + b on entry, of what was normed on return:
 *   rstd (g d - <g d> - hat <g d hat>), means over the head width;   dg += d hat,   db += d. */
static inline void mpp_norm_row_backward(float *restrict d, float *restrict dg, float *restrict db,
                                         const float *restrict hat, const float *restrict g,
                                         float rstd, size_t dh)
{
  const size_t whole = dh / MPP_LANES;
  const float share = 1.0f / (float)dh;
  mpp_lanes sums = {0}, products = {0};
  for (size_t v = 0; v < whole; v++) {
    const mpp_lanes dv = *mpp_lanes_at(d, v), h = *mpp_const_lanes_at(hat, v);
    const mpp_lanes gd = *mpp_const_lanes_at(g, v) * dv;
    *mpp_lanes_at(dg, v) += dv * h;
    *mpp_lanes_at(db, v) += dv;
    *mpp_lanes_at(d, v) = gd;
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
    *mpp_lanes_at(d, v) =
        (*mpp_lanes_at(d, v) - mean - *mpp_const_lanes_at(hat, v) * product) * rstd;
  }
  for (size_t j = whole * MPP_LANES; j < dh; j++) {
    d[j] = (d[j] - mean - hat[j] * product) * rstd;
  }
}

#endif
