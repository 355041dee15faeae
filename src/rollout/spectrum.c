/* spectrum.c - share of short waves: Parseval's sum over coefficients of the transform. */
#include "spectrum.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"

struct mpp_spectrum {
  mpp_fft *fft;
  mpp_fft_shape shape;
  mpp_fft_layout layout;
  size_t cells;
  double *u, *c;       /* values and coefficients, owned */
  double *weight[3];   /* of coefficient k along an axis in Parseval's sum, owned */
  unsigned char *high; /* along an axis: shorter than four cells; owned, [m0 + m1 + m2] */
};

void mpp_spectrum_destroy(mpp_spectrum *s)
{
  if (s != NULL) {
    mpp_fft_destroy(s->fft);
    mpp_free(s->u);
    mpp_free(s->c);
    for (int a = 0; a < 3; a++) { mpp_free(s->weight[a]); }
    mpp_free(s->high);
    mpp_free(s);
  }
}

/* A coefficient of the halved axis stands for its conjugate too; cosines but the mean have half its
 * square on average. Both up to factors that all coefficients share. */
static void fill_axis(mpp_spectrum *s, int axis, unsigned char *high)
{
  const size_t n = s->layout.n[axis], m = s->shape.m[axis];
  const bool cosine = s->layout.kind[axis] == MPP_FFT_COSINE;
  for (size_t k = 0; k < m; k++) {
    const double mode = n > 1 ? fabs(mpp_fft_mode(s->fft, axis, k)) : 0.0;
    const double nyquist = cosine ? (double)n : 0.5 * (double)n;
    const bool alone = mode == 0.0 || (axis == s->shape.halved && 2 * k == n);
    s->weight[axis][k] = cosine || axis == s->shape.halved ? (alone ? 1.0 : 2.0) : 1.0;
    high[k] = n > 1 && mode > 0.5 * nyquist;
  }
}

mpp_status mpp_spectrum_create(mpp_spectrum **out, const size_t grid[3],
                               const mpp_boundary boundary[3])
{
  mpp_status st = MPP_OK;
  mpp_spectrum *s = NULL;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&s, 1));
  for (int a = 0; a < 3; a++) {
    s->layout.n[a] = grid[a];
    s->layout.kind[a] = boundary[a] == MPP_PERIODIC ? MPP_FFT_PERIODIC : MPP_FFT_COSINE;
  }
  s->cells = grid[0] * grid[1] * grid[2];
  MPP_TRY(mpp_fft_create(&s->fft, &s->layout));
  s->shape = mpp_fft_get_shape(s->fft);
  MPP_TRY(MPP_ALLOC(&s->u, s->shape.values));
  MPP_TRY(MPP_ALLOC(&s->c, s->shape.spectrum));
  const size_t *m = s->shape.m;
  MPP_TRY(MPP_ALLOC(&s->high, m[0] + m[1] + m[2]));
  for (int a = 0; a < 3; a++) {
    MPP_TRY(MPP_ALLOC(&s->weight[a], m[a]));
    fill_axis(s, a, s->high + (a > 0 ? m[0] : 0) + (a > 1 ? m[1] : 0));
  }
  *out = s;
  s = NULL;
done:
  mpp_spectrum_destroy(s);
  return st;
}

double mpp_spectrum_high_share(mpp_spectrum *s, const float *u)
{
  const size_t *m = s->shape.m, pair = s->shape.halved >= 0 ? 2 : 1;
  const unsigned char *high[3] = {s->high, s->high + m[0], s->high + m[0] + m[1]};
  const double rounding = 1e-12; /* variance of float32's rounding is 4e-15 of the mean square */
  double all = 0.0, shorter = 0.0, mean = 0.0;
  for (size_t i = 0; i < s->cells; i++) { s->u[i] = (double)u[i]; }
  mpp_fft_forward(s->fft, s->c, s->u, 1);
  for (size_t i = 0, at = 0; i < m[0]; i++) {
    for (size_t j = 0; j < m[1]; j++) {
      double row = 0.0, row_shorter = 0.0;
      for (size_t k = 0; k < m[2]; k++, at += pair) {
        const double re = s->c[at], im = pair == 2 ? s->c[at + 1] : 0.0;
        const double energy = s->weight[2][k] * (re * re + im * im);
        row += energy;
        row_shorter += high[0][i] || high[1][j] || high[2][k] ? energy : 0.0;
      }
      all += s->weight[0][i] * s->weight[1][j] * row;
      shorter += s->weight[0][i] * s->weight[1][j] * row_shorter;
    }
  }
  mean = s->c[0] * s->c[0];
  const double variance = all - mean;
  return variance > rounding * mean && variance > 0.0 ? shorter / variance : 0.0;
}
