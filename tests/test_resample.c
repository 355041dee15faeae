/* test_resample.c - means keep sums, cubics are continued exactly. */
#include "resample.h"

#include "test.h"

enum { FINE = 24, MOST = 64 };

static double cubic(double x) { return 1.0 - 2.0 * x + 0.5 * x * x - 0.25 * x * x * x; }

static void means_over_fewer_cells_keep_sums(void)
{
  static const size_t coarse[] = {24, 18, 12, 9, 7, 1};
  double weight[MOST * FINE];
  for (size_t i = 0; i < sizeof coarse / sizeof coarse[0]; i++) {
    const size_t n = coarse[i];
    mpp_resample_means(weight, n, FINE);
    for (size_t k = 0; k < FINE; k++) {
      double sum = 0.0; /* of all shares of a fine cell, in coarse cells */
      for (size_t r = 0; r < n; r++) { sum += weight[r * FINE + k]; }
      CU_ASSERT(fabs(sum * FINE / (double)n - 1.0) < 1e-13); /* a few roundings of thirds */
    }
    for (size_t r = 0; r < n; r++) {
      double sum = 0.0;
      for (size_t k = 0; k < FINE; k++) { sum += weight[r * FINE + k]; }
      CU_ASSERT(fabs(sum - 1.0) < 1e-13);
    }
  }
}

/* At the centres of another grid of the same domain, the outermost ones beyond those of the
 * coarse. */
static void cubics_are_continued_exactly(void)
{
  static const size_t coarse[] = {4, 6, 9, 18, 24};
  double weight[FINE * MOST], x[MOST], y[FINE];
  for (size_t i = 0; i < FINE; i++) { y[i] = ((double)i + 0.5) / FINE; }
  for (size_t i = 0; i < sizeof coarse / sizeof coarse[0]; i++) {
    const size_t n = coarse[i];
    for (size_t k = 0; k < n; k++) { x[k] = ((double)k + 0.5) / (double)n; }
    mpp_resample_cubic(weight, y, FINE, x, n, 0.0);
    for (size_t r = 0; r < FINE; r++) {
      double sum = 0.0;
      for (size_t k = 0; k < n; k++) { sum += weight[r * n + k] * cubic(x[k]); }
      CU_ASSERT(fabs(sum - cubic(y[r])) < 1e-13); /* four products, weights at most 3 */
    }
  }
}

/* The error of cubic interpolation of sin(2 pi x) is at most (3/128) (2 pi h)^4; across the seam
 * too. */
static void a_period_is_closed(void)
{
  enum { N = 18 };
  double weight[FINE * N], x[N], y[FINE];
  const double two_pi = 6.283185307179586, bound = 3.0 / 128.0 * pow(two_pi / N, 4.0);
  for (size_t i = 0; i < FINE; i++) { y[i] = ((double)i + 0.5) / FINE; }
  for (size_t k = 0; k < N; k++) { x[k] = ((double)k + 0.5) / N; }
  mpp_resample_cubic(weight, y, FINE, x, N, 1.0);
  for (size_t r = 0; r < FINE; r++) {
    double sum = 0.0;
    for (size_t k = 0; k < N; k++) { sum += weight[r * N + k] * sin(two_pi * x[k]); }
    CU_ASSERT(fabs(sum - sin(two_pi * y[r])) <= bound);
  }
}

static void axes_are_resampled_one_after_the_other(void)
{
  const size_t from[3] = {1, 4, 6}, to[3] = {1, 8, 3};
  double one[1] = {1.0}, up[8 * 4], down[3 * 6], x[4], y[8];
  float in[24], out[24];
  for (size_t i = 0; i < 4; i++) { x[i] = (double)i + 0.5; }
  for (size_t i = 0; i < 8; i++) { y[i] = ((double)i + 0.5) / 2.0; }
  mpp_resample_cubic(up, y, 8, x, 4, 0.0);
  mpp_resample_means(down, 3, 6);
  for (size_t i = 0; i < 24; i++) { in[i] = (float)(cubic(x[i / 6]) + (double)(i % 6)); }
  double *work = calloc(mpp_resample_work(to, from), sizeof *work);
  double *const weight[3] = {one, up, down};
  mpp_resample_apply(out, to, in, from, weight, work);
  for (size_t i = 0; i < 24; i++) {
    const double expected = cubic(y[i / 3]) + 2.0 * (double)(i % 3) + 0.5;
    CU_ASSERT(fabs((double)out[i] - expected) < 1e-5); /* values up to 20 in float32 */
  }
  free(work);
}

TESTS({"means over fewer cells keep sums", means_over_fewer_cells_keep_sums},
      {"cubics are continued exactly", cubics_are_continued_exactly},
      {"a period is closed", a_period_is_closed},
      {"axes are resampled one after the other", axes_are_resampled_one_after_the_other})
