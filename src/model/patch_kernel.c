/* patch_kernel.c - one linear map and its transpose: tap (kd, kh, kw) of the window's axes belongs
 * to all published taps (h, w) that agree with it on the axes that both have. */
#include "patch_kernel.h"

#include "threads.h"

typedef struct spread {
  size_t f, taps;
  size_t extent[3]; /* taps along D, H, W of the window's kernel */
  float scale;
} spread;

static spread spread_of(const mpp_dims *d, size_t stage, mpp_kernel_use use)
{
  spread s = {.f = d->factor[stage], .taps = mpp_kernel_taps(d, stage), .scale = 1.0f};
  for (int a = 0; a < 3; a++) { s.extent[a] = d->attends[a] ? s.f : 1; }
  if (use == MPP_KERNEL_READS && d->attends[0]) {
    s.scale = 1.0f / (float)s.f;
  }
  for (int a = 1; a < 3; a++) {
    s.scale /= use == MPP_KERNEL_WRITES && !d->attends[a] ? (float)s.f : 1.0f;
  }
  return s;
}

/* Tap of the window's kernel in plane kd for the published tap (h, w). */
static size_t tap_of(const spread *s, size_t kd, size_t h, size_t w)
{
  return (kd * s->extent[1] + (s->extent[1] > 1 ? h : 0)) * s->extent[2] +
         (s->extent[2] > 1 ? w : 0);
}

void mpp_kernel_spread(float *out, const float *w, size_t pairs, const mpp_dims *d, size_t stage,
                       mpp_kernel_use use)
{
  const spread s = spread_of(d, stage, use);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t p = 0; p < pairs; p++) {
    float *to = out + p * s.taps;
    for (size_t t = 0; t < s.taps; t++) { to[t] = 0.0f; }
    for (size_t kd = 0; kd < s.extent[0]; kd++) {
      for (size_t k = 0; k < s.f * s.f; k++) {
        to[tap_of(&s, kd, k / s.f, k % s.f)] += s.scale * w[p * s.f * s.f + k];
      }
    }
  }
}

void mpp_kernel_spread_backward(float *dw, const float *dout, size_t pairs, const mpp_dims *d,
                                size_t stage, mpp_kernel_use use)
{
  const spread s = spread_of(d, stage, use);
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t p = 0; p < pairs; p++) {
    for (size_t k = 0; k < s.f * s.f; k++) {
      float sum = 0.0f;
      for (size_t kd = 0; kd < s.extent[0]; kd++) {
        sum += dout[p * s.taps + tap_of(&s, kd, k / s.f, k % s.f)];
      }
      dw[p * s.f * s.f + k] += s.scale * sum;
    }
  }
}
