/* error_norms.c - NRMSE (MPP, train_basic.py) and VRMSE (The Well, benchmark/metrics/spatial.py).
 * Sums in double: squares of float32 values are exact there. */
#include "mpp/error_norms.h"

#include <assert.h>
#include <math.h>

static const double epsilon = 1e-7; /* of both sources, added to the mean square and the variance */

static double mean_square_error(const float *prediction, const float *truth, size_t n)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) {
    const double e = (double)prediction[i] - truth[i];
    sum += e * e;
  }
  return sum / (double)n;
}

double mpp_nrmse(const float *prediction, const float *truth, size_t n)
{
  assert(n > 0);
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += (double)truth[i] * truth[i]; }
  return sqrt(mean_square_error(prediction, truth, n) / (epsilon + sum / (double)n));
}

double mpp_vrmse(const float *prediction, const float *truth, size_t n)
{
  assert(n > 1);
  double sum = 0.0, squares = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += truth[i]; }
  const double mean = sum / (double)n;
#pragma omp simd reduction(+ : squares)
  for (size_t i = 0; i < n; i++) { squares += (truth[i] - mean) * (truth[i] - mean); }
  const double variance = squares / (double)(n - 1);
  return sqrt(mean_square_error(prediction, truth, n) / (epsilon + variance));
}
