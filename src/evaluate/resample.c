/* resample.c - separable means and cubic interpolation. */
#include "resample.h"

#include <math.h>
#include <string.h>

void mpp_resample_means(double *weight, size_t n_out, size_t n_in)
{
  const double ratio = (double)n_in / (double)n_out; /* cells of `in` in one of `out` */
  for (size_t i = 0; i < n_out; i++) {
    const double low = (double)i * ratio, high = (double)(i + 1) * ratio;
    for (size_t k = 0; k < n_in; k++) {
      const double shared = fmin(high, (double)(k + 1)) - fmax(low, (double)k);
      weight[i * n_in + k] = shared > 0.0 ? shared / ratio : 0.0;
    }
  }
}

void mpp_resample_cubic(double *weight, const double *x_out, size_t n_out, const double *x_in,
                        size_t n_in, double period)
{
  const size_t points = n_in < 4 ? n_in : 4, before = (points - 1) / 2;
  const double dx = n_in > 1 ? (x_in[n_in - 1] - x_in[0]) / (double)(n_in - 1) : 1.0;
  memset(weight, 0, n_out * n_in * sizeof *weight);
  for (size_t i = 0; i < n_out; i++) {
    const double at = (x_out[i] - x_in[0]) / dx; /* in cells of `in` */
    double first = floor(at) - (double)before;
    if (period == 0.0) {
      first = fmin(fmax(first, 0.0), (double)(n_in - points));
    }
    for (size_t k = 0; k < points; k++) {
      double w = 1.0;
      for (size_t m = 0; m < points; m++) {
        w *= m != k ? (at - first - (double)m) / ((double)k - (double)m) : 1.0;
      }
      const double index = first + (double)k;
      const double wrapped = index - floor(index / (double)n_in) * (double)n_in;
      weight[i * n_in + (size_t)wrapped] += w;
    }
  }
}

size_t mpp_resample_work(const size_t n_out[3], const size_t n_in[3])
{
  size_t cells = 1;
  for (int a = 0; a < 3; a++) { cells *= n_out[a] > n_in[a] ? n_out[a] : n_in[a]; }
  return 2 * cells;
}

/* Along one axis: to [outer, n_out, inner] from [outer, n_in, inner]. */
static void along(double *to, const double *from, const double *weight, size_t outer, size_t n_out,
                  size_t n_in, size_t inner)
{
  for (size_t o = 0; o < outer; o++) {
    for (size_t i = 0; i < n_out; i++) {
      double *row = to + (o * n_out + i) * inner;
      memset(row, 0, inner * sizeof *row);
      for (size_t k = 0; k < n_in; k++) {
        const double w = weight[i * n_in + k], *u = from + (o * n_in + k) * inner;
        for (size_t j = 0; w != 0.0 && j < inner; j++) { row[j] += w * u[j]; }
      }
    }
  }
}

void mpp_resample_apply(float *out, const size_t n_out[3], const float *in, const size_t n_in[3],
                        double *const weight[3], double *work)
{
  double *from = work, *to = work + mpp_resample_work(n_out, n_in) / 2;
  size_t n[3] = {n_in[0], n_in[1], n_in[2]};
  for (size_t i = 0; i < n[0] * n[1] * n[2]; i++) { from[i] = in[i]; }
  for (int a = 0; a < 3; a++) {
    const size_t outer = a == 0 ? 1 : a == 1 ? n[0] : n[0] * n[1];
    const size_t inner = a == 2 ? 1 : a == 1 ? n[2] : n[1] * n[2];
    along(to, from, weight[a], outer, n_out[a], n[a], inner);
    n[a] = n_out[a];
    double *swap = from;
    from = to;
    to = swap;
  }
  for (size_t i = 0; i < n[0] * n[1] * n[2]; i++) { out[i] = (float)from[i]; }
}
