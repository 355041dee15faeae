/* test_window_scores.c - rows of the predictors of a window against forecasts by hand. */
#include "window_scores.h"

#include "window_case.h"
#include "window_forecast.h"

static void rows_are_forecasts_by_their_predictors(void)
{
  enum { N = 16, T = 12, REACH = 6, CELLS = N * N };
  static const char *const name[] = {"stencil-3x2-linear", "stencil-3x2-cubic", "stencil-3x3-calm",
                                     NULL};
  static float x[(T + REACH) * CELLS], y[CELLS];
  static const mpp_evaluate_options options = {.json = false};
  mpp_scores s = {.stencils = true, .nfields = 1, .nhorizons = 2, .nwindows = 2, .horizon = {6, 1}};
  mpp_scorer r = {.scores = &s,
                  .shape = {.T = T, .B = 1, .C = 1, .grid = {1, N, N}},
                  .cells = CELLS,
                  .frame = CELLS,
                  .reach = REACH};
  mpp_window w = wave_window(x, T + REACH, N);
  w.T = T;
  for (size_t i = 0; i < (size_t)T * CELLS; i++) { x[i] += 0.02f * x[i] * x[i]; }
  REQUIRE_OK(mpp_scorer_open(&r, 1, false, &options));
  memcpy(r.truth, x + (size_t)(T + 5) * CELLS, CELLS * sizeof *x);
  memcpy(r.truth + CELLS, x + (size_t)T * CELLS, CELLS * sizeof *x);
  for (size_t twice = 0; twice < 2; twice++) {
    mpp_scorer_count(&r, 0, 1);
    REQUIRE_OK(mpp_window_scores_add(&r, &w, 0, 1));
  }
  REQUIRE_OK(mpp_scorer_finish(&r, false));
  for (size_t p = 0; p < 4; p++) {
    mpp_window_forecast *f = NULL;
    REQUIRE_OK(mpp_window_forecast_create(&f, &w, name[p]));
    for (size_t k = 1; k <= REACH; k++) {
      mpp_window_forecast_step(f, y);
      for (size_t h = 0; h < 2; h++) {
        if (s.horizon[h] == (long)k) {
          const mpp_score got = mpp_scores_at(&s, (mpp_predictor)(MPP_BY_STENCIL_LINEAR + p), h, 0);
          CU_ASSERT_EQUAL(got.nrmse, mpp_nrmse(y, r.truth + h * CELLS, CELLS)); /* (a + a) / 2 */
          CU_ASSERT_EQUAL(got.vrmse, mpp_vrmse(y, r.truth + h * CELLS, CELLS));
        }
      }
    }
    mpp_window_forecast_destroy(f);
  }
  mpp_scorer_close(&r);
  mpp_scores_free(&s);
}

TESTS({"rows are forecasts by their predictors", rows_are_forecasts_by_their_predictors})
