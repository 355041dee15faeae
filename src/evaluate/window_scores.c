/* window_scores.c - each predictor forecasts the window once, as far as the largest horizon. */
#include "window_scores.h"

#include "check.h"
#include "window_forecast.h"

/* Names in the predictors' table; NULL: by backtest. */
static const char *const predictor_of[MPP_PREDICTORS] = {
    [MPP_BY_STENCIL_LINEAR] = "stencil-3x2-linear",
    [MPP_BY_STENCIL_CUBIC] = "stencil-3x2-cubic",
    [MPP_BY_STENCIL_CALM] = "stencil-3x3-calm"};

mpp_status mpp_window_scores_add(mpp_scorer *s, const mpp_window *w, size_t b, size_t B)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast *f = NULL;
  for (mpp_predictor p = MPP_BY_STENCIL_LINEAR; p < MPP_PREDICTORS; p++) {
    MPP_TRY(mpp_window_forecast_create(&f, w, predictor_of[p]));
    for (size_t step = 1; step <= s->reach; step++) {
      mpp_window_forecast_step(f, s->y);
      for (size_t h = 0; h < s->scores->nhorizons; h++) {
        if ((size_t)s->scores->horizon[h] == step) {
          mpp_scorer_add(s, p, h, b, B, s->y);
        }
      }
    }
    mpp_window_forecast_destroy(f);
    f = NULL;
  }
done:
  mpp_window_forecast_destroy(f);
  return st;
}
