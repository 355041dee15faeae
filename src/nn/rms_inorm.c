/* rms_inorm.c - instance norm without centring: y = g x / (std(x) + eps).
 * Source: McCabe et al., "Multiple Physics Pretraining", published code, RMSInstanceNorm2d. Kept
 * from it on purpose: the mean enters std but is not subtracted from x; std is unbiased (divisor
 * s - 1); eps is added to std, not to the variance; the stored bias is never applied. */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "columns.h"
#include "nn.h"
#include "threads.h"

static const double eps = 1e-8;

/* Over the s tokens of nc channels of a frame. Two passes: the mean may be far larger than the
 * deviation. A constant channel has sd 0 exactly, since sums of equal float32 values are exact in
 * double. */
static void deviations(float *restrict sd, const float *restrict x, size_t s, size_t c, size_t nc)
{
  double mean[MPP_NN_COLUMNS], square[MPP_NN_COLUMNS];
  memset(mean, 0, nc * sizeof *mean);
  memset(square, 0, nc * sizeof *square);
  mpp_columns_sum(mean, x, s, c, nc);
  for (size_t j = 0; j < nc; j++) { mean[j] /= (double)s; }
  mpp_columns_squares(square, x, mean, s, c, nc);
  const double free_values = s > 1 ? (double)(s - 1) : 1.0;
  for (size_t j = 0; j < nc; j++) { sd[j] = (float)sqrt(square[j] / free_values); }
}

/* x, y [N, S, C]. sd is made where it is `fresh`, else it lies there. */
static void forward(float *y, float *sd, const float *x, const float *g, bool fresh, size_t n,
                    size_t s, size_t c)
{
  const size_t blocks = (c + MPP_NN_COLUMNS - 1) / MPP_NN_COLUMNS;
#pragma omp parallel for collapse(2) schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < n; k++) {
    for (size_t block = 0; block < blocks; block++) {
      const size_t c0 = block * MPP_NN_COLUMNS, nc = mpp_min_size(MPP_NN_COLUMNS, c - c0);
      const size_t first = k * s * c + c0;
      float scale[MPP_NN_COLUMNS];
      if (fresh) {
        deviations(sd + k * c + c0, x + first, s, c, nc);
      }
      for (size_t j = 0; j < nc; j++) {
        scale[j] = (float)((double)g[c0 + j] / ((double)sd[k * c + c0 + j] + eps));
      }
      for (size_t i = 0; i < s; i++) {
        const float *xi = x + first + i * c;
        float *yi = y + first + i * c;
#pragma omp simd
        for (size_t j = 0; j < nc; j++) { yi[j] = scale[j] * xi[j]; }
      }
    }
  }
}

void mpp_rms_inorm_forward(float *y, float *sd, const float *x, const float *g, size_t n, size_t s,
                           size_t c)
{
  forward(y, sd, x, g, true, n, s, c);
}

void mpp_rms_inorm_again(float *y, float *sd, const float *x, const float *g, size_t n, size_t s,
                         size_t c)
{
  forward(y, sd, x, g, false, n, s, c);
}

/* One frame's part, nc channels: with r = 1/(sd + eps) and q = keep sum_j dy_j x_j,
 *   dx_i (+)= g r keep dy_i - g r^2 q (x_i - mean) / ((s - 1) sd),   dg += r q.
 * A constant channel has sd = 0: its second term is dropped, as PyTorch masks d(std) there. */
static void frame_backward(float *restrict dx, double *restrict dg, const float *restrict dy,
                           const float *restrict x, const float *restrict g,
                           const float *restrict sd, double keep, bool add, size_t s, size_t c,
                           size_t nc)
{
  double mean[MPP_NN_COLUMNS], q[MPP_NN_COLUMNS];
  float direct[MPP_NN_COLUMNS], through_sd[MPP_NN_COLUMNS], centre[MPP_NN_COLUMNS];
  memset(mean, 0, nc * sizeof *mean);
  memset(q, 0, nc * sizeof *q);
  mpp_columns_products(mean, q, x, dy, s, c, nc);
  for (size_t j = 0; j < nc; j++) {
    const double r = 1.0 / ((double)sd[j] + eps), a = (double)g[j] * r;
    q[j] *= keep;
    dg[j] += r * q[j];
    direct[j] = (float)(a * keep);
    through_sd[j] = sd[j] > 0.0f ? (float)(a * r * q[j] / ((double)(s - 1) * (double)sd[j])) : 0.0f;
    centre[j] = (float)(mean[j] / (double)s);
  }
  for (size_t i = 0; i < s; i++) {
    const float *xi = x + i * c, *dyi = dy + i * c;
    float *dxi = dx + i * c;
#pragma omp simd
    for (size_t j = 0; j < nc; j++) {
      const float d = direct[j] * dyi[j] - through_sd[j] * (xi[j] - centre[j]);
      dxi[j] = (add ? dxi[j] : 0.0f) + d;
    }
  }
}

/* With the factors of the samples, or without where branch is NULL. */
static void backward(float *dx, float *dg, const float *dy, const float *x, const float *g,
                     const float *sd, const mpp_branch *branch, bool add, size_t n, size_t s,
                     size_t c)
{
  for (size_t c0 = 0; c0 < c; c0 += MPP_NN_SUMS) {
    const size_t columns = mpp_min_size(MPP_NN_SUMS, c - c0);
    mpp_chunk_sums part;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
      const size_t begin = mpp_chunk_start(n, chunk), end = mpp_chunk_start(n, chunk + 1);
      double *sums = part[chunk];
      if (begin < end) {
        memset(sums, 0, columns * sizeof *sums);
      }
      for (size_t k = begin; k < end; k++) {
        const double keep = branch != NULL ? (double)mpp_branch_keep(branch, k * s) : 1.0;
        for (size_t j = 0; j < columns; j += MPP_NN_COLUMNS) {
          const size_t first = k * s * c + c0 + j;
          frame_backward(dx + first, sums + j, dy + first, x + first, g + c0 + j,
                         sd + k * c + c0 + j, keep, add, s, c,
                         mpp_min_size(MPP_NN_COLUMNS, columns - j));
        }
      }
    }
    mpp_chunks_add(dg + c0, part, n, columns);
  }
}

void mpp_rms_inorm_backward(float *dx, float *dg, const float *dy, const float *x, const float *g,
                            const float *sd, size_t n, size_t s, size_t c)
{
  backward(dx, dg, dy, x, g, sd, NULL, true, n, s, c);
}

void mpp_rms_inorm_backward_set(float *dx, float *dg, const float *dy, const float *x,
                                const float *g, const float *sd, size_t n, size_t s, size_t c)
{
  backward(dx, dg, dy, x, g, sd, NULL, false, n, s, c);
}

/* ---- residual branch: the norm with the gain gamma g ---- */

/* sd of m, infinite where m is constant. */
static void pattern_deviations(float *restrict sd, const float *restrict m, float resolution,
                               size_t s, size_t c, size_t nc)
{
  deviations(sd, m, s, c, nc);
  for (size_t j = 0; j < nc; j++) {
    if (sd[j] <= resolution * fabsf(m[j])) {
      sd[j] = INFINITY;
    }
  }
}

/* y may be x. */
static void frame_branch(float *y, const float *restrict sd, const float *x,
                         const float *restrict m, const float *restrict g,
                         const float *restrict gamma, double keep, size_t s, size_t c, size_t nc)
{
  float scale[MPP_NN_COLUMNS];
  for (size_t j = 0; j < nc; j++) {
    scale[j] = (float)(keep * (double)gamma[j] * (double)g[j] / ((double)sd[j] + eps));
  }
  for (size_t i = 0; i < s; i++) {
    const float *xi = x + i * c, *mi = m + i * c;
    float *yi = y + i * c;
#pragma omp simd
    for (size_t j = 0; j < nc; j++) { yi[j] = xi[j] + scale[j] * mi[j]; }
  }
}

/* sd is made where `resolution` >= 0, else it lies there. */
static void branch_forward(float *y, float *sd, const float *x, const float *m, const float *g,
                           float resolution, const mpp_branch *branch, size_t n, size_t c)
{
  const size_t s = branch->tokens, blocks = (c + MPP_NN_COLUMNS - 1) / MPP_NN_COLUMNS;
#pragma omp parallel for collapse(2) schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < n; k++) {
    for (size_t block = 0; block < blocks; block++) {
      const size_t c0 = block * MPP_NN_COLUMNS, first = k * s * c + c0;
      const size_t nc = mpp_min_size(MPP_NN_COLUMNS, c - c0);
      if (resolution >= 0.0f) {
        pattern_deviations(sd + k * c + c0, m + first, resolution, s, c, nc);
      }
      frame_branch(y + first, sd + k * c + c0, x + first, m + first, g + c0, branch->gamma + c0,
                   (double)mpp_branch_keep(branch, k * s), s, c, nc);
    }
  }
}

void mpp_rms_branch_forward(float *y, float *sd, const float *x, const float *m, const float *g,
                            float resolution, const mpp_branch *branch, size_t n, size_t c)
{
  branch_forward(y, sd, x, m, g, resolution, branch, n, c);
}

void mpp_rms_branch_again(float *y, float *sd, const float *x, const float *m, const float *g,
                          const mpp_branch *branch, size_t n, size_t c)
{
  branch_forward(y, sd, x, m, g, -1.0f, branch, n, c);
}

void mpp_rms_branch_backward(float *dm, float *dg, float *dgamma, const float *dy, const float *m,
                             const float *g, const float *sd, const mpp_branch *branch, size_t n,
                             size_t c, float *work)
{
  float *gain = work, *dgain = work + c;
  for (size_t j = 0; j < c; j++) {
    gain[j] = branch->gamma[j] * g[j];
    dgain[j] = 0.0f;
  }
  backward(dm, dgain, dy, m, gain, sd, branch, false, n, branch->tokens, c);
  for (size_t j = 0; j < c; j++) {
    dg[j] += branch->gamma[j] * dgain[j];
    dgamma[j] += g[j] * dgain[j];
  }
}
