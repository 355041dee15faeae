/* window.c - backtest and extrapolation inside the window; rule and floors in window.h.
 * Extrapolation is Newton's forward formula in the last frame's backward differences
 *   d1 = x0 - x1, d2 = x0 - 2 x1 + x2:  x(n) = x0 + n d1 + n (n + 1) / 2 d2,
 * with n = 1: 2 x0 - x1 and 3 x0 - 3 x1 + x2. Differences of float32 values of one size are exact
 * in double, so that constants come back to the bit. */
#include "window.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

#include "scale_floor.h"
#include "threads.h"

/* What the backtest of one field adds up. */
typedef struct backtest_sums {
  double error[MPP_ORDERS]; /* squared errors of each order */
  double square;            /* of the tested values */
} backtest_sums;

/* Adds one tested frame: `x` and, `stride` floats apart, the frames before it. */
static void add_frame(backtest_sums *sums, const float *x, size_t stride, int highest, size_t s)
{
  const float *x1 = x - stride;
  const float *x2 = highest >= 1 ? x1 - stride : x1;
  const float *x3 = highest >= 2 ? x2 - stride : x2;
  double e0 = 0.0, e1 = 0.0, e2 = 0.0, square = 0.0;
#pragma omp simd reduction(+ : e0, e1, e2, square)
  for (size_t i = 0; i < s; i++) {
    const double truth = x[i], a = x1[i], b = x2[i], c = x3[i];
    const double persistence = truth - a;
    const double linear = persistence - (a - b);
    const double quadratic = linear - (a - 2.0 * b + c);
    e0 += persistence * persistence;
    e1 += linear * linear;
    e2 += quadratic * quadratic;
    square += truth * truth;
  }
  sums->error[0] += e0;
  sums->error[1] += e1;
  sums->error[2] += e2;
  sums->square += square;
}

/* T = 1: nothing to test; the spread of the frame stands in for its increments. */
static double single_frame_scale(const float *x, size_t s)
{
  double sum = 0.0, square = 0.0, spread = 0.0;
  for (size_t i = 0; i < s; i++) {
    sum += (double)x[i];
    square += (double)x[i] * x[i];
  }
  const double mean = sum / (double)s;
  for (size_t i = 0; i < s; i++) { spread += (x[i] - mean) * (x[i] - mean); }
  return mpp_floored_scale(0.0, spread / (double)s, square / (double)s);
}

static void backtest_field(int *order, float *scale, const float *x, int force_order, size_t stride,
                           size_t T, size_t s)
{
  const int reach = T > MPP_ORDERS ? MPP_ORDERS - 1 : (int)T - 1; /* highest that predicts */
  if (T == 1) {
    *order = 0;
    *scale = (float)single_frame_scale(x, s);
    return;
  }
  const int highest = T > MPP_ORDERS ? MPP_ORDERS - 1 : (int)T - 2; /* that can be tested */
  const size_t quarter = T - (T + 3) / 4, needed = (size_t)highest + 1;
  const size_t first = quarter > needed ? quarter : needed;
  backtest_sums sums = {{0.0, 0.0, 0.0}, 0.0};
  for (size_t t = first; t < T; t++) { add_frame(&sums, x + t * stride, stride, highest, s); }
  int best = 0;
  for (int k = 1; k <= highest; k++) { best = sums.error[k] < sums.error[best] ? k : best; }
  if (force_order >= 0) {
    best = force_order < highest ? force_order : highest;
  }
  const double count = (double)(T - first) * (double)s;
  *scale = (float)mpp_floored_scale(sums.error[best] / count, sums.error[0] / count,
                                    sums.square / count);
  *order = force_order < 0 ? best : (force_order < reach ? force_order : reach);
}

void mpp_window_backtest_fields(int *order, float *scale, const float *x, int force_order,
                                size_t stride, size_t T, size_t fields, size_t s)
{
  assert(T >= 1 && s >= 1 && force_order < MPP_ORDERS);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < fields; k++) {
    backtest_field(&order[k], &scale[k], x + k * s, force_order, stride, T, s);
  }
}

void mpp_window_backtest(int *order, float *scale, const float *x, int force_order, size_t T,
                         size_t B, size_t C, size_t s)
{
  mpp_window_backtest_fields(order, scale, x, force_order, B * C * s, T, B * C, s);
}

void mpp_window_extrapolate(float *y, const float *x, const int *order, size_t steps, size_t T,
                            size_t B, size_t C, size_t s)
{
  assert(T >= 1 && steps >= 1);
  const size_t stride = B * C * s;
  const double n = (double)steps, n2 = 0.5 * n * (n + 1.0);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < B * C; k++) {
    const size_t highest = T - 1 < (size_t)order[k] ? T - 1 : (size_t)order[k];
    const float *x0 = x + (T - 1) * stride + k * s;
    const float *x1 = highest >= 1 ? x0 - stride : x0;
    const float *x2 = highest >= 2 ? x1 - stride : x1;
    const double curved = highest >= 2 ? n2 : 0.0;
    for (size_t i = 0; i < s; i++) {
      const double d1 = (double)x0[i] - x1[i];
      const double d2 = d1 - ((double)x1[i] - x2[i]);
      y[k * s + i] = (float)(x0[i] + n * d1 + curved * d2);
    }
  }
}
