/* metrics.c - the table of scores: predictors by horizons by fields by metrics. */
#include "mpp/metrics.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "alloc.h"

const char *mpp_predictor_name(mpp_predictor p)
{
  static const char *const names[MPP_PREDICTORS] = {
      "model",          "persistence",    "linear",        "quadratic",    "backtest",
      "autoregression", "stencil-linear", "stencil-cubic", "stencil-calm", "window"};
  return (unsigned)p < MPP_PREDICTORS ? names[p] : "unknown";
}

#define FRMSE(bins) \
  "mean over wave numbers " bins " of sqrt(mean over windows of |FFT e|^2) / cells (PDEBench)"
static const struct {
  const char *name, *formula;
} metrics[MPP_METRICS] = {
    [MPP_METRIC_NRMSE] = {"nrmse", "mean over windows of sqrt(<e^2> / (1e-7 + <Y^2>)) (MPP)"},
    [MPP_METRIC_VRMSE] = {"vrmse", "mean over windows of sqrt(<e^2> / (1e-7 + var Y)) (The Well)"},
    [MPP_METRIC_RMSE] = {"rmse", "mean over windows of sqrt(<e^2>)"},
    [MPP_METRIC_NRMSE_PDEBENCH] = {"nrmse-pdebench",
                                   "mean over windows of sqrt(<e^2> / <Y^2>) (PDEBench)"},
    [MPP_METRIC_CRMSE] = {"crmse", "sqrt of the mean over windows of <e>^2 (PDEBench)"},
    [MPP_METRIC_BRMSE] = {"brmse",
                          "mean over windows of sqrt(<e^2> on the edges of the domain) (PDEBench)"},
    [MPP_METRIC_FRMSE_LOW] = {"frmse-low", FRMSE("0 to 3")},
    [MPP_METRIC_FRMSE_MID] = {"frmse-mid", FRMSE("4 to 11")},
    [MPP_METRIC_FRMSE_HIGH] = {"frmse-high", FRMSE("from 12 on")},
    [MPP_METRIC_MAX] = {"max", "largest |e| of all windows (PDEBench)"},
    [MPP_METRIC_CORRELATION] = {"correlation", "mean over windows of Pearson's coefficient"},
};

const char *mpp_metric_name(mpp_metric m)
{
  return (unsigned)m < MPP_METRICS ? metrics[m].name : "unknown";
}

const char *mpp_metric_formula(mpp_metric m)
{
  return (unsigned)m < MPP_METRICS ? metrics[m].formula : "unknown";
}

bool mpp_metric_find(mpp_metric *out, const char *name)
{
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    if (strcmp(metrics[m].name, name) == 0) {
      *out = m;
      return true;
    }
  }
  return false;
}

mpp_predictor mpp_scores_end(const mpp_scores *s)
{
  return s->bare ? MPP_BY_PERSISTENCE : s->stencils ? MPP_PREDICTORS : MPP_BY_STENCIL_LINEAR;
}

void mpp_scores_free(mpp_scores *s)
{
  if (s != NULL) {
    mpp_free(s->score);
    s->score = NULL;
    if (s->details != NULL) {
      mpp_free(s->details->value);
      mpp_free(s->details->low);
      mpp_free(s->details->high);
      mpp_free(s->details->power);
      mpp_free(s->details->trajectory);
      mpp_free(s->details->start);
      mpp_free(s->details);
      s->details = NULL;
    }
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

static size_t entry(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t horizon,
                    size_t field)
{
  assert((unsigned)p < MPP_PREDICTORS && (unsigned)m < MPP_METRICS && horizon < s->nhorizons &&
         field <= s->nfields);
  return (((size_t)p * s->nhorizons + horizon) * (s->nfields + 1) + field) * MPP_METRICS +
         (size_t)m;
}

double mpp_scores_value(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t horizon,
                        size_t field)
{
  if (m == MPP_METRIC_NRMSE || m == MPP_METRIC_VRMSE) {
    const mpp_score one =
        field < s->nfields ? mpp_scores_at(s, p, horizon, field) : mpp_scores_mean(s, p, horizon);
    return m == MPP_METRIC_NRMSE ? one.nrmse : one.vrmse;
  }
  return s->details != NULL ? s->details->value[entry(s, p, m, horizon, field)] : NAN;
}

mpp_interval mpp_scores_interval(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t horizon,
                                 size_t field)
{
  if (s->details == NULL || s->details->low == NULL) {
    return (mpp_interval){NAN, NAN};
  }
  const size_t at = entry(s, p, m, horizon, field);
  return (mpp_interval){s->details->low[at], s->details->high[at]};
}

long mpp_scores_correlation_time(const mpp_scores *s, mpp_predictor p, size_t field)
{
  for (size_t h = 0; s->every_step && h < s->nhorizons; h++) {
    if (mpp_scores_value(s, p, MPP_METRIC_CORRELATION, h, field) < MPP_CORRELATION_LEVEL) {
      return s->horizon[h];
    }
  }
  return 0;
}

const double *mpp_scores_power(const mpp_scores *s, mpp_predictor p, size_t at, size_t field)
{
  const mpp_score_details *d = s->details;
  if (d == NULL || d->power == NULL) {
    return NULL;
  }
  assert((unsigned)p <= MPP_PREDICTORS && at < d->nspectra && field < s->nfields);
  return d->power + (((size_t)p * d->nspectra + at) * s->nfields + field) * d->nbins;
}
