/* metrics.c - NRMSE (MPP, train_basic.py) and VRMSE (The Well, benchmark/metrics/spatial.py), and
 * the table of scores. Sums in double: squares of float32 values are exact there. */
#include "mpp/metrics.h"

#include <assert.h>
#include <math.h>

#include "alloc.h"

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

const char *mpp_predictor_name(mpp_predictor p)
{
  static const char *const names[MPP_PREDICTORS] = {"model", "persistence", "linear", "quadratic",
                                                    "backtest"};
  return (unsigned)p < MPP_PREDICTORS ? names[p] : "unknown";
}

void mpp_scores_free(mpp_scores *s)
{
  if (s != NULL) {
    mpp_free(s->score);
    s->score = NULL;
  }
}

mpp_score mpp_scores_at(const mpp_scores *s, mpp_predictor p, size_t horizon, size_t field)
{
  assert((unsigned)p < MPP_PREDICTORS && horizon < s->nhorizons && field < s->nfields);
  return s->score[((size_t)p * s->nhorizons + horizon) * s->nfields + field];
}

mpp_score mpp_scores_mean(const mpp_scores *s, mpp_predictor p, size_t horizon)
{
  mpp_score mean = {0.0, 0.0};
  for (size_t f = 0; f < s->nfields; f++) {
    const mpp_score one = mpp_scores_at(s, p, horizon, f);
    mean.nrmse += one.nrmse / (double)s->nfields;
    mean.vrmse += one.vrmse / (double)s->nfields;
  }
  return mean;
}
