/* inorm.c - instance norm of the time block: y = g (x - mean) / sqrt(var + eps) + b per frame and
 * channel, over the tokens; biased variance, eps inside the root (torch.nn.InstanceNorm2d). */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "columns.h"
#include "nn.h"
#include "threads.h"

static const double eps = 1e-5;

/* Two passes over the s tokens of nc channels of a frame. */
static void moments(float *restrict mean, float *restrict rstd, const float *restrict x, size_t s,
                    size_t c, size_t nc)
{
  double sum[MPP_NN_COLUMNS], square[MPP_NN_COLUMNS];
  memset(sum, 0, nc * sizeof *sum);
  memset(square, 0, nc * sizeof *square);
  mpp_columns_sum(sum, x, s, c, nc);
  for (size_t j = 0; j < nc; j++) { sum[j] /= (double)s; }
  mpp_columns_squares(square, x, sum, s, c, nc);
  for (size_t j = 0; j < nc; j++) {
    mean[j] = (float)sum[j];
    rstd[j] = (float)(1.0 / sqrt(square[j] / (double)s + eps));
  }
}

/* x, y [N, S, C]. mean and rstd are made where they are `fresh`, else they lie there. */
static void forward(float *y, float *mean, float *rstd, const float *x, const float *g,
                    const float *b, bool fresh, size_t n, size_t s, size_t c)
{
  const size_t blocks = (c + MPP_NN_COLUMNS - 1) / MPP_NN_COLUMNS;
#pragma omp parallel for collapse(2) schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < n; k++) {
    for (size_t block = 0; block < blocks; block++) {
      const size_t c0 = block * MPP_NN_COLUMNS, nc = mpp_min_size(MPP_NN_COLUMNS, c - c0);
      const size_t first = k * s * c + c0;
      float *mk = mean + k * c + c0, *rk = rstd + k * c + c0;
      if (fresh) {
        moments(mk, rk, x + first, s, c, nc);
      }
      for (size_t i = 0; i < s; i++) {
        const float *xi = x + first + i * c;
        float *yi = y + first + i * c;
#pragma omp simd
        for (size_t j = 0; j < nc; j++) {
          yi[j] = g[c0 + j] * ((xi[j] - mk[j]) * rk[j]) + b[c0 + j];
        }
      }
    }
  }
}

void mpp_inorm_forward(float *y, float *mean, float *rstd, const float *x, const float *g,
                       const float *b, size_t n, size_t s, size_t c)
{
  forward(y, mean, rstd, x, g, b, true, n, s, c);
}

void mpp_inorm_again(float *y, float *mean, float *rstd, const float *x, const float *g,
                     const float *b, size_t n, size_t s, size_t c)
{
  forward(y, mean, rstd, x, g, b, false, n, s, c);
}

/* One frame's part, nc channels: with u = (x - mean) rstd and means over the tokens,
 *   dx_i (+)= g rstd (dy_i - <dy> - u_i <dy u>),   dg += s <dy u>,   db += s <dy>. */
static void frame_backward(float *restrict dx, double *restrict dg, double *restrict db,
                           const float *restrict dy, const float *restrict x,
                           const float *restrict g, const float *restrict mean,
                           const float *restrict rstd, bool add, size_t s, size_t c, size_t nc)
{
  double sum[MPP_NN_COLUMNS], product[MPP_NN_COLUMNS];
  float mean_dy[MPP_NN_COLUMNS], mean_product[MPP_NN_COLUMNS];
  memset(sum, 0, nc * sizeof *sum);
  memset(product, 0, nc * sizeof *product);
  mpp_columns_normed(sum, product, dy, x, mean, rstd, s, c, nc);
  for (size_t j = 0; j < nc; j++) {
    dg[j] += product[j];
    db[j] += sum[j];
    mean_dy[j] = (float)(sum[j] / (double)s);
    mean_product[j] = (float)(product[j] / (double)s);
  }
  for (size_t i = 0; i < s; i++) {
    const float *xi = x + i * c, *dyi = dy + i * c;
    float *dxi = dx + i * c;
#pragma omp simd
    for (size_t j = 0; j < nc; j++) {
      const float u = (xi[j] - mean[j]) * rstd[j];
      const float d = g[j] * rstd[j] * (dyi[j] - mean_dy[j] - u * mean_product[j]);
      dxi[j] = (add ? dxi[j] : 0.0f) + d;
    }
  }
}

static void backward(float *dx, float *dg, float *db, const float *dy, const float *x,
                     const float *g, const float *mean, const float *rstd, bool add, size_t n,
                     size_t s, size_t c)
{
  for (size_t c0 = 0; c0 < c; c0 += MPP_NN_SUMS) {
    const size_t columns = mpp_min_size(MPP_NN_SUMS, c - c0);
    mpp_chunk_sums part_g, part_b;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
      const size_t begin = mpp_chunk_start(n, chunk), end = mpp_chunk_start(n, chunk + 1);
      double *sum_g = part_g[chunk], *sum_b = part_b[chunk];
      if (begin < end) {
        memset(sum_g, 0, columns * sizeof *sum_g);
        memset(sum_b, 0, columns * sizeof *sum_b);
      }
      for (size_t k = begin; k < end; k++) {
        for (size_t j = 0; j < columns; j += MPP_NN_COLUMNS) {
          const size_t first = k * s * c + c0 + j, row = k * c + c0 + j;
          frame_backward(dx + first, sum_g + j, sum_b + j, dy + first, x + first, g + c0 + j,
                         mean + row, rstd + row, add, s, c,
                         mpp_min_size(MPP_NN_COLUMNS, columns - j));
        }
      }
    }
    mpp_chunks_add(dg + c0, part_g, n, columns);
    mpp_chunks_add(db + c0, part_b, n, columns);
  }
}

void mpp_inorm_backward(float *dx, float *dg, float *db, const float *dy, const float *x,
                        const float *g, const float *mean, const float *rstd, size_t n, size_t s,
                        size_t c)
{
  backward(dx, dg, db, dy, x, g, mean, rstd, true, n, s, c);
}

void mpp_inorm_backward_set(float *dx, float *dg, float *db, const float *dy, const float *x,
                            const float *g, const float *mean, const float *rstd, size_t n,
                            size_t s, size_t c)
{
  backward(dx, dg, db, dy, x, g, mean, rstd, false, n, s, c);
}
