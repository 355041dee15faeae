/* field_embed.c - the shared field embedding fused with the first patch convolution: two linear
 * maps in a row without anything between them are one, C*taps -> dim, so that no array of full
 * resolution with dim channels exists. The gradient of the fused weights is unfused afterwards. */
#include <math.h>
#include <string.h>

#include "chunks.h"
#include "nn.h"
#include "threads.h"

/* Taps that are summed at a time, in double on the stack. */
enum { TAPS = 256 };

static double embed_scale(size_t n_states, size_t counted)
{
  return sqrt((double)n_states / (double)counted);
}

/* out [taps] = scale sum_i conv[i, tap] bag[i]: one output channel and one field; conv [dim, taps],
 * bag with n_states floats from one i to the next. */
static void fuse_weights(float *restrict out, const float *restrict conv, const float *restrict bag,
                         double scale, size_t n_states, size_t dim, size_t taps)
{
  for (size_t t0 = 0; t0 < taps; t0 += TAPS) {
    const size_t nt = mpp_min_size(TAPS, taps - t0);
    double sum[TAPS] = {0.0};
    for (size_t i = 0; i < dim; i++) {
      const double b = (double)bag[i * n_states];
#pragma omp simd
      for (size_t t = 0; t < nt; t++) { sum[t] += (double)conv[i * taps + t0 + t] * b; }
    }
    for (size_t t = 0; t < nt; t++) { out[t0 + t] = (float)(scale * sum[t]); }
  }
}

void mpp_field_embed_forward(float *wf, float *bf, const float *conv, const float *bag_w,
                             const float *bag_b, const int *column, size_t nfields, size_t counted,
                             size_t n_states, size_t dim, size_t taps)
{
  const double scale = embed_scale(n_states, counted);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t o = 0; o < dim; o++) {
    const float *conv_o = conv + o * dim * taps;
    for (size_t c = 0; c < nfields; c++) {
      fuse_weights(wf + (o * nfields + c) * taps, conv_o, bag_w + (size_t)column[c], scale,
                   n_states, dim, taps);
    }
    double bias = 0.0;
    for (size_t i = 0; i < dim; i++) {
      double sum = 0.0;
      for (size_t t = 0; t < taps; t++) { sum += (double)conv_o[i * taps + t]; }
      bias += sum * (double)bag_b[i];
    }
    bf[o] = (float)(scale * bias);
  }
}

/* dconv [o, i, tap] += scale (sum_c bag_w[i, col c] dwf[o, c, tap] + bag_b[i] dbf[o]). */
static void conv_backward(float *dconv, const float *dwf, const float *dbf, const float *bag_w,
                          const float *bag_b, const int *column, size_t nfields, size_t counted,
                          size_t n_states, size_t dim, size_t taps)
{
  const double scale = embed_scale(n_states, counted);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t o = 0; o < dim; o++) {
    for (size_t i = 0; i < dim; i++) {
      float *d = dconv + (o * dim + i) * taps;
      const float bias = (float)(scale * (double)bag_b[i] * (double)dbf[o]);
      for (size_t t = 0; t < taps; t++) { d[t] += bias; }
      for (size_t c = 0; c < nfields; c++) {
        const float b = (float)(scale * (double)bag_w[i * n_states + (size_t)column[c]]);
        const float *dw = dwf + (o * nfields + c) * taps;
#pragma omp simd
        for (size_t t = 0; t < taps; t++) { d[t] += b * dw[t]; }
      }
    }
  }
}

/* dbag_w[i, col c] += scale sum_{o, tap} conv dwf, dbag_b[i] += scale sum_o dbf[o] sum_tap conv:
 * by input channel i, so that each sum has one writer. */
static void bag_backward(float *dbag_w, float *dbag_b, const float *dwf, const float *dbf,
                         const float *conv, const int *column, size_t nfields, size_t counted,
                         size_t n_states, size_t dim, size_t taps)
{
  const double scale = embed_scale(n_states, counted);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < dim; i++) {
    double bias = 0.0;
    for (size_t c = 0; c < nfields; c++) {
      double sum = 0.0;
      for (size_t o = 0; o < dim; o++) {
        const float *w = conv + (o * dim + i) * taps, *dw = dwf + (o * nfields + c) * taps;
#pragma omp simd reduction(+ : sum)
        for (size_t t = 0; t < taps; t++) { sum += (double)w[t] * (double)dw[t]; }
      }
      dbag_w[i * n_states + (size_t)column[c]] += (float)(scale * sum);
    }
    for (size_t o = 0; o < dim; o++) {
      double sum = 0.0;
      for (size_t t = 0; t < taps; t++) { sum += (double)conv[(o * dim + i) * taps + t]; }
      bias += sum * (double)dbf[o];
    }
    dbag_b[i] += (float)(scale * bias);
  }
}

void mpp_field_embed_backward(float *dconv, float *dbag_w, float *dbag_b, const float *dwf,
                              const float *dbf, const float *conv, const float *bag_w,
                              const float *bag_b, const int *column, size_t nfields, size_t counted,
                              size_t n_states, size_t dim, size_t taps)
{
  conv_backward(dconv, dwf, dbf, bag_w, bag_b, column, nfields, counted, n_states, dim, taps);
  bag_backward(dbag_w, dbag_b, dwf, dbf, conv, column, nfields, counted, n_states, dim, taps);
}

/* out [run], `width` floats from one run to the next, = the cells of a line, normed. */
static inline __attribute__((always_inline)) void norm_line(float *restrict out, size_t width,
                                                            const float *restrict cells,
                                                            size_t length, size_t run, float mean,
                                                            float sd)
{
  for (size_t w = 0; w < length / run; w++) {
    for (size_t k = 0; k < run; k++) { out[w * width + k] = (cells[w * run + k] - mean) / sd; }
  }
}

/* Fills the strip of patches that share frame, depth and row: p [W/fw, C, fd, fh, fw] from the
 * first cell of the strip in x [C, D, H, W]; mean, sd [C]. */
static void strip_patches(float *restrict p, const float *restrict x, const float *restrict mean,
                          const float *restrict sd, size_t C, const size_t grid[3],
                          const size_t factor[3])
{
  const size_t taps = factor[0] * factor[1] * factor[2], fw = factor[2], width = C * taps;
  for (size_t c = 0; c < C; c++) {
    for (size_t row = 0; row < factor[0] * factor[1]; row++) {
      const size_t kd = row / factor[1], kh = row % factor[1];
      const float *cells = x + ((c * grid[0] + kd) * grid[1] + kh) * grid[2];
      float *out = p + c * taps + row * fw;
      if (fw == 4) { /* known to compilers, which then divide four at a time */
        norm_line(out, width, cells, grid[2], 4, mean[c], sd[c]);
      } else {
        norm_line(out, width, cells, grid[2], fw, mean[c], sd[c]);
      }
    }
  }
}

void mpp_field_patches(float *p, const float *x, const float *mean, const float *sd, size_t T,
                       size_t B, size_t C, const size_t grid[3], size_t f)
{
  size_t factor[3];
  for (int a = 0; a < 3; a++) { factor[a] = grid[a] == 1 ? 1 : f; }
  const size_t pd = grid[0] / factor[0], ph = grid[1] / factor[1];
  const size_t strip_floats = factor[0] * factor[1] * grid[2] * C;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t strip = 0; strip < T * B * pd * ph; strip++) {
    const size_t h = strip % ph, d = strip / ph % pd, n = strip / ph / pd, b = n % B;
    const size_t cell = (n * C * grid[0] + d * factor[0]) * grid[1] + h * factor[1];
    strip_patches(p + strip * strip_floats, x + cell * grid[2], mean + b * C, sd + b * C, C, grid,
                  factor);
  }
}
