/* bootstrap.c - Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 13: the percentile
 * method. Clusters (trajectories) are drawn, not windows. */
#include "bootstrap.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "rng.h"
#include "threads.h"

enum { SEED = 0 }; /* one for all: intervals of two models on the same data have the same draws */

static int ascending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Quantile q of sorted values, linear between neighbours. */
static double quantile(const double *sorted, size_t n, double q)
{
  const double at = q * (double)(n - 1);
  const size_t i = (size_t)at;
  const double part = at - (double)i;
  const bool between = part > 0.0 && sorted[i + 1] > sorted[i]; /* not for two infinities */
  return between ? sorted[i] + part * (sorted[i + 1] - sorted[i]) : sorted[i];
}

/* weight [resamples, ngroups]: how often each group was drawn. */
static void draw(unsigned *weight, size_t resamples, size_t ngroups)
{
  for (size_t r = 0; r < resamples; r++) {
    for (size_t j = 0; j < ngroups; j++) {
      weight[r * ngroups + mpp_rng_below(SEED, MPP_STREAM_BOOTSTRAP, r, (uint32_t)j, ngroups)]++;
    }
  }
}

/* One predictor at one horizon; value [entries, resamples], metric [entries], work. */
static void intervals(double *low, double *high, const mpp_tally *t, mpp_predictor p,
                      size_t horizon, const unsigned *weight, size_t resamples, double confidence,
                      double *value)
{
  const size_t entries = (t->nfields + 1) * MPP_METRICS;
  double *metric = value + entries * resamples, *work = metric + entries;
  for (size_t r = 0; r < resamples; r++) {
    mpp_tally_metrics(t, metric, p, horizon, weight + r * t->ngroups, work);
    for (size_t i = 0; i < entries; i++) { value[i * resamples + r] = metric[i]; }
  }
  for (size_t i = 0; i < entries; i++) {
    double *v = value + i * resamples;
    bool known = true;
    for (size_t r = 0; r < resamples; r++) { known = known && !isnan(v[r]); }
    low[i] = high[i] = NAN;
    if (known) {
      qsort(v, resamples, sizeof *v, ascending);
      low[i] = quantile(v, resamples, 0.5 - 0.5 * confidence);
      high[i] = quantile(v, resamples, 0.5 + 0.5 * confidence);
    }
  }
}

mpp_status mpp_bootstrap(double *low, double *high, const mpp_tally *t, size_t resamples,
                         double confidence)
{
  mpp_status st = MPP_OK;
  const size_t entries = (t->nfields + 1) * MPP_METRICS, pairs = t->npredictors * t->nhorizons;
  const size_t each = entries * (resamples + 1) + t->length;
  const int threads = mpp_threads();
  unsigned *weight = NULL;
  double *room = NULL;
  for (size_t i = 0; i < pairs * entries; i++) { low[i] = high[i] = NAN; }
  if (t->ngroups < 2 || resamples < 2) {
    goto done;
  }
  MPP_TRY(MPP_ALLOC(&weight, resamples * t->ngroups));
  MPP_TRY(MPP_ALLOC(&room, (size_t)threads * each));
  draw(weight, resamples, t->ngroups);
#pragma omp parallel for num_threads(threads) schedule(static)
  for (size_t i = 0; i < pairs; i++) {
    intervals(low + i * entries, high + i * entries, t, (mpp_predictor)(i / t->nhorizons),
              i % t->nhorizons, weight, resamples, confidence,
              room + (size_t)omp_get_thread_num() * each);
  }
done:
  mpp_free(weight);
  mpp_free(room);
  return st;
}
