/* test_window_scores.c - rows of the predictors of a window against forecasts by hand. */
#include "window_scores.h"

#include "window_case.h"
#include "window_forecast.h"

static void rows_are_forecasts_by_their_predictors(void)
{
  enum { N = 16, T = 12, REACH = 6, CELLS = N * N };
  static const char *const name[] = {"stencil-3x2-linear", "stencil-3x2-cubic", "stencil-3x3-calm",
                                     NULL};
  static float x[(T + REACH) * CELLS], truth[2 * CELLS], y[CELLS];
  mpp_score score[MPP_PREDICTORS * 2] = {{0.0, 0.0}};
  mpp_scores s = {.nfields = 1, .nhorizons = 2, .horizon = {6, 1}, .score = score};
  mpp_window w = wave_window(x, T + REACH, N);
  w.T = T;
  for (size_t i = 0; i < (size_t)T * CELLS; i++) { x[i] += 0.02f * x[i] * x[i]; }
  memcpy(truth, x + (size_t)(T + 5) * CELLS, CELLS * sizeof *x);
  memcpy(truth + CELLS, x + (size_t)T * CELLS, CELLS * sizeof *x);
  for (size_t twice = 0; twice < 2; twice++) {
    REQUIRE_OK(mpp_window_scores_add(&s, &w, REACH, truth, CELLS, y));
  }
  for (size_t p = 0; p < 4; p++) {
    mpp_window_forecast *f = NULL;
    REQUIRE_OK(mpp_window_forecast_create(&f, &w, name[p]));
    for (size_t k = 1; k <= REACH; k++) {
      mpp_window_forecast_step(f, y);
      for (size_t h = 0; h < 2; h++) {
        if (s.horizon[h] == (long)k) {
          const mpp_score got = mpp_scores_at(&s, (mpp_predictor)(MPP_BY_STENCIL_LINEAR + p), h, 0);
          CU_ASSERT_EQUAL(got.nrmse, 2.0 * mpp_nrmse(y, truth + h * CELLS, CELLS));
          CU_ASSERT_EQUAL(got.vrmse, 2.0 * mpp_vrmse(y, truth + h * CELLS, CELLS));
        }
      }
    }
    mpp_window_forecast_destroy(f);
  }
  for (size_t i = 0; i < MPP_BY_STENCIL_LINEAR * 2; i++) { CU_ASSERT_EQUAL(score[i].nrmse, 0.0); }
}

TESTS({"rows are forecasts by their predictors", rows_are_forecasts_by_their_predictors})
