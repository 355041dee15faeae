/* window_scores.c - each predictor forecasts the window once, as far as the largest horizon. */
#include "window_scores.h"

#include "check.h"
#include "window_forecast.h"

/* Names in the predictors' table; NULL: by backtest. */
static const char *const predictor_of[MPP_PREDICTORS] = {
    [MPP_BY_STENCIL_LINEAR] = "stencil-3x2-linear",
    [MPP_BY_STENCIL_CUBIC] = "stencil-3x2-cubic",
    [MPP_BY_STENCIL_CALM] = "stencil-3x3-calm"};

static void add_frame(mpp_scores *s, mpp_predictor p, size_t h, const float *y, const float *truth,
                      size_t cells)
{
  for (size_t c = 0; c < s->nfields; c++) {
    mpp_score *sum = &s->score[((size_t)p * s->nhorizons + h) * s->nfields + c];
    sum->nrmse += mpp_nrmse(y + c * cells, truth + c * cells, cells);
    sum->vrmse += mpp_vrmse(y + c * cells, truth + c * cells, cells);
  }
}

mpp_status mpp_window_scores_add(mpp_scores *s, const mpp_window *w, size_t reach,
                                 const float *truth, size_t stride, float *y)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast *f = NULL;
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  for (mpp_predictor p = MPP_BY_STENCIL_LINEAR; p < MPP_PREDICTORS; p++) {
    MPP_TRY(mpp_window_forecast_create(&f, w, predictor_of[p]));
    for (size_t step = 1; step <= reach; step++) {
      mpp_window_forecast_step(f, y);
      for (size_t h = 0; h < s->nhorizons; h++) {
        if ((size_t)s->horizon[h] == step) {
          add_frame(s, p, h, y, truth + h * stride, cells);
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
