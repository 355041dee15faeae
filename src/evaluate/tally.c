/* tally.c - sums of records by trajectory. */
#include "tally.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

mpp_status mpp_tally_create(mpp_tally *t, const mpp_meter *meter, size_t ngroups,
                            size_t npredictors, size_t nhorizons, size_t nfields)
{
  mpp_status st = MPP_OK;
  size_t size = 0;
  *t = (mpp_tally){.meter = meter,
                   .ngroups = ngroups,
                   .npredictors = npredictors,
                   .nhorizons = nhorizons,
                   .nfields = nfields,
                   .length = mpp_meter_length(meter)};
  const size_t factors[] = {ngroups, npredictors, nhorizons, nfields, t->length};
  MPP_REQUIRE(mpp_product(&size, factors, 5), MPP_ERR_NOMEM, "scores of %zu trajectories", ngroups);
  MPP_TRY(MPP_ALLOC(&t->record, size));
  MPP_TRY(MPP_ALLOC(&t->windows, ngroups));
done:
  return st;
}

void mpp_tally_free(mpp_tally *t)
{
  mpp_free(t->record);
  mpp_free(t->windows);
  *t = (mpp_tally){0};
}

static double *at(const mpp_tally *t, size_t group, mpp_predictor p, size_t horizon, size_t field)
{
  return t->record +
         (((group * t->npredictors + (size_t)p) * t->nhorizons + horizon) * t->nfields + field) *
             t->length;
}

void mpp_tally_add(mpp_tally *t, size_t group, mpp_predictor p, size_t horizon,
                   const double *record)
{
  for (size_t f = 0; f < t->nfields; f++) {
    double *sum = at(t, group, p, horizon, f);
    const double *one = record + f * t->length;
    const double largest = fmax(sum[MPP_REC_MAX], one[MPP_REC_MAX]);
    for (size_t i = 0; i < t->length; i++) { sum[i] += one[i]; }
    sum[MPP_REC_MAX] = largest;
  }
}

void mpp_tally_metrics(const mpp_tally *t, double *metric, mpp_predictor p, size_t horizon,
                       const unsigned *weight, double *work)
{
  double *mean = metric + t->nfields * MPP_METRICS;
  for (size_t i = 0; i < MPP_METRICS; i++) { mean[i] = 0.0; }
  for (size_t f = 0; f < t->nfields; f++) {
    double windows = 0.0, largest = 0.0;
    memset(work, 0, t->length * sizeof *work);
    for (size_t g = 0; g < t->ngroups; g++) {
      const double *sum = at(t, g, p, horizon, f), times = weight != NULL ? weight[g] : 1.0;
      if (times == 0.0) { /* 0 times infinity is no number */
        continue;
      }
      for (size_t i = 0; i < t->length; i++) { work[i] += times * sum[i]; }
      windows += times * (double)t->windows[g];
      largest = fmax(largest, sum[MPP_REC_MAX]);
    }
    work[MPP_REC_MAX] = largest;
    double *one = metric + f * MPP_METRICS;
    mpp_meter_metrics(t->meter, one, work, windows);
    for (size_t i = 0; i < MPP_METRICS; i++) { mean[i] += one[i] / (double)t->nfields; }
  }
}
