/* metrics.c - the table of scores: predictors by horizons by fields. */
#include "mpp/metrics.h"

#include <assert.h>

#include "alloc.h"

const char *mpp_predictor_name(mpp_predictor p)
{
  static const char *const names[MPP_PREDICTORS] = {
      "model",          "persistence",    "linear",        "quadratic",    "backtest",
      "autoregression", "stencil-linear", "stencil-cubic", "stencil-calm", "window"};
  return (unsigned)p < MPP_PREDICTORS ? names[p] : "unknown";
}

mpp_predictor mpp_scores_end(const mpp_scores *s)
{
  return s->stencils ? MPP_PREDICTORS : MPP_BY_STENCIL_LINEAR;
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
