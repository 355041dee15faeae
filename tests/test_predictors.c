/* test_predictors.c - the table, and its pointwise predictors against those of the window. */
#include "predictors.h"

#include "autoregression.h"
#include "backtest.h"
#include "window.h"
#include "window_case.h"

enum { T = 10, C = 2, H = 6, W = 7, CELLS = H * W };
static const size_t grid[3] = {1, H, W};

static void names_are_found_and_differ(void)
{
  size_t n = 0;
  for (; mpp_window_predictor_at(n) != NULL; n++) {
    const mpp_window_predictor *p = mpp_window_predictor_at(n);
    CU_ASSERT_PTR_EQUAL(mpp_window_predictor_find(p->name), p);
    CU_ASSERT(p->frames >= 1 && p->handicap[0] >= 1.0 && p->handicap[1] >= 1.0);
  }
  CU_ASSERT(n >= 8 && n <= MPP_BACKTEST_PREDICTORS);
  CU_ASSERT_STRING_EQUAL(mpp_window_predictor_at(0)->name, "persistence");
  CU_ASSERT_PTR_NULL(mpp_window_predictor_find("stencil"));
}

/* y [C, CELLS] = `steps` ahead by the table's predictor. */
static void roll(float *y, const mpp_window *w, const char *name, size_t steps)
{
  const mpp_fit_input in = {.window = w, .head = w->T - 1};
  const mpp_halo h = mpp_halo_make(w->grid, w->edge, 1);
  mpp_fitted f;
  mpp_roll r;
  bool usable = false;
  REQUIRE_OK(mpp_fitted_make(&f, &usable, mpp_window_predictor_find(name), &in, MPP_FIT_WHOLE));
  CU_ASSERT_TRUE(usable);
  REQUIRE_OK(mpp_roll_make(&r, &h, w->C));
  mpp_roll_begin(&r, w->x, w->stride, w->T - 1);
  for (size_t k = 0; k < steps; k++) {
    f.by->step(&r, &f);
    mpp_roll_advance(&r);
  }
  for (size_t c = 0; c < C; c++) { mpp_roll_store(&r, y + c * CELLS, c); }
  mpp_roll_free(&r);
  mpp_fitted_free(&f);
}

static void pointwise_predictors_are_those_of_the_window(void)
{
  static const char *const names[] = {"persistence", "linear", "quadratic"};
  static float x[T * C * CELLS], y[C * CELLS], expected[C * CELLS];
  const mpp_window w = random_window(x, T, C, grid, MPP_EDGE_COPY);
  double a[C * MPP_AUTOREGRESSION_ORDER];
  float scale[C];
  for (size_t steps = 1; steps <= 7; steps += 3) {
    for (int order = 0; order < 3; order++) {
      const int orders[C] = {order, order};
      roll(y, &w, names[order], steps);
      mpp_window_extrapolate(expected, x, orders, steps, T, 1, C, CELLS);
      /* sums in another order, in double, then rounded to float32 */
      CU_ASSERT(test_relative_error(y, expected, (size_t)C * CELLS) < 1e-7);
    }
    roll(y, &w, "autoregression", steps);
    mpp_autoregression_fit(a, scale, x, T, 1, C, CELLS);
    mpp_autoregression_extrapolate(expected, x, a, steps, T, 1, C, CELLS);
    CU_ASSERT(test_relative_error(y, expected, (size_t)C * CELLS) < 1e-7);
  }
}

static void windows_too_short_have_fewer_predictors(void)
{
  CU_ASSERT_EQUAL(mpp_window_predictors_reach(2).frames, 0);
  CU_ASSERT_EQUAL(mpp_window_predictors_reach(3).frames, 1);
  CU_ASSERT_EQUAL(mpp_window_predictors_reach(5).frames, 2);
  CU_ASSERT_EQUAL(mpp_window_predictors_reach(11).frames, 3);
  static float x[T * C * CELLS];
  mpp_window w = random_window(x, T, C, grid, MPP_EDGE_COPY);
  const mpp_fit_input in = {.window = &w, .head = 1};
  mpp_fitted f;
  bool usable = true;
  REQUIRE_OK(mpp_fitted_make(&f, &usable, mpp_window_predictor_find("linear"), &in, MPP_FIT_HEAD));
  CU_ASSERT_FALSE(usable);
  REQUIRE_OK(mpp_fitted_make(&f, &usable, mpp_window_predictor_find("stencil-3x2-linear"), &in,
                             MPP_FIT_WHOLE)); /* no moments */
  CU_ASSERT_FALSE(usable);
}

TESTS({"names are found and differ", names_are_found_and_differ},
      {"pointwise predictors are those of the window",
       pointwise_predictors_are_those_of_the_window},
      {"windows too short have fewer predictors", windows_too_short_have_fewer_predictors})
