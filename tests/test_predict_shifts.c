/* test_predict_shifts.c - the mean over shifts of the patches. */
#include "predict_shifts.h"

#include "small_case.h"

enum { T = 4, WINDOW = T * SMALL_FRAME };

static void the_mean_is_over_shifts_that_fill_a_patch(void)
{
  static const mpp_name fields[] = {"diffre2d:activator", "diffre2d:inhibitor"};
  static float x[SMALL_ALL], one[SMALL_FRAME], y[SMALL_FRAME], mean[SMALL_FRAME];
  double sum[SMALL_FRAME] = {0.0};
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  mpp_window_shape s = {.T = T, .B = 1, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  mpp_window_fit *fit[1] = {NULL};
  REQUIRE_OK(mpp_model_columns(m, s.column, fields, 2));
  small_trajectory(x, 0);
  REQUIRE_OK(mpp_predict_shifts(m, y, x, &s, fit, 1));
  REQUIRE_OK(mpp_model_predict(m, one, x, &s));
  CU_ASSERT_EQUAL(memcmp(y, one, sizeof y), 0);
  REQUIRE_OK(mpp_predict_shifts(m, mean, x, &s, fit, 4));
  /* patch 4: shifts 0 to 3 along the last axis; 0, 2, 0, 3 by the golden ratio along the other */
  static const size_t other[] = {0, 2, 0, 3};
  for (size_t i = 0; i < 4; i++) {
    s.shift[2] = i;
    s.shift[1] = other[i];
    REQUIRE_OK(mpp_model_predict(m, y, x, &s));
    CU_ASSERT(i == 0 || memcmp(y, one, sizeof y) != 0);
    for (size_t k = 0; k < SMALL_FRAME; k++) { sum[k] += (double)y[k]; }
  }
  for (size_t k = 0; k < SMALL_FRAME; k++) { CU_ASSERT_EQUAL(mean[k], (float)(sum[k] / 4.0)); }
  mpp_model_destroy(m);
}

TESTS({"the mean is over shifts that fill a patch", the_mean_is_over_shifts_that_fill_a_patch})
