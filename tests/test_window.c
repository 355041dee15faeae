/* test_window.c - predictors fitted inside the window. */
#include "window.h"

#include "equal_bytes.h"
#include "test.h"

enum { T = 8, B = 2, C = 3, S = 40, FRAME = B * C * S, WINDOW = T * FRAME };

/* x [frames, B, C, S] = c0 + c1 t + c2 t^2 with coefficients of each cell on a grid of 1/64, so
 * that every value is exact in float32. `degree` of field c is c. */
static void fill_polynomials(float *x, size_t frames)
{
  float coefficient[3][FRAME];
  for (int d = 0; d < 3; d++) { test_fill(coefficient[d], FRAME, (uint64_t)d + 1); }
  for (size_t t = 0; t < frames; t++) {
    for (size_t i = 0; i < FRAME; i++) {
      const size_t degree = i / S % C;
      double value = 0.0, power = 1.0;
      for (size_t d = 0; d <= degree; d++) {
        value += round(64.0 * (double)coefficient[d][i]) / 64.0 * power;
        power *= (double)t;
      }
      x[t * FRAME + i] = (float)value;
    }
  }
}

static void polynomials_up_to_degree_two_are_continued_exactly(void)
{
  static float x[(T + 3) * FRAME], y[FRAME];
  int order[B * C];
  float scale[B * C];
  fill_polynomials(x, T + 3);
  mpp_window_backtest(order, scale, x, -1, T, B, C, S);
  for (int k = 0; k < FRAME / S; k++) {
    CU_ASSERT_EQUAL(order[k], k % C); /* the lowest order that is exact wins */
  }
  for (size_t steps = 1; steps <= 3; steps++) {
    mpp_window_extrapolate(y, x, order, steps, T, B, C, S);
    CU_ASSERT(equal_bytes(y, x + (T - 1 + steps) * FRAME, sizeof y));
  }
}

static void an_exact_window_leaves_a_fiftieth_of_the_increments(void)
{
  static float x[WINDOW];
  int order[B * C];
  float scale[B * C], persistence[B * C];
  fill_polynomials(x, T);
  mpp_window_backtest(order, scale, x, -1, T, B, C, S);
  mpp_window_backtest(order, persistence, x, 0, T, B, C, S);
  for (int k = 0; k < FRAME / S; k++) {
    CU_ASSERT_EQUAL(order[k], 0);
    if (k % C != 0) { /* one rounding to float32 in each of the two */
      CU_ASSERT_DOUBLE_EQUAL(scale[k] / persistence[k], 0.02, 1e-8);
    }
  }
}

static void constant_fields_are_continued_to_the_bit_with_a_tiny_scale(void)
{
  const float value[] = {0.0f, 1.0f, -3.1415927f, 1e30f, 1e-30f, 16777215.0f};
  float x[16 * 5], y[5], scale;
  int order;
  for (size_t frames = 1; frames <= 16; frames++) {
    for (size_t v = 0; v < sizeof value / sizeof *value; v++) {
      for (size_t i = 0; i < frames * 5; i++) { x[i] = value[v]; }
      for (int force = -1; force < MPP_ORDERS; force++) {
        mpp_window_backtest(&order, &scale, x, force, frames, 1, 1, 5);
        mpp_window_extrapolate(y, x, &order, 1, frames, 1, 1, 5);
        CU_ASSERT(y[0] == value[v] && y[4] == value[v]);
        CU_ASSERT(scale > 0.0f && scale <= fmaxf(1.01e-7f * fabsf(value[v]), 1e-18f));
        CU_ASSERT(force >= 0 || order == 0); /* a tie goes to the lower order */
      }
    }
  }
}

static void short_windows_take_the_orders_that_they_can_test(void)
{
  static float x[4 * FRAME];
  int order[B * C];
  float scale[B * C];
  fill_polynomials(x, 4);
  const int highest[] = {0, 0, 1, 2};
  for (size_t frames = 1; frames <= 4; frames++) {
    mpp_window_backtest(order, scale, x, -1, frames, B, C, S);
    CU_ASSERT_EQUAL(order[2], highest[frames - 1]); /* the quadratic field */
    CU_ASSERT(isfinite(scale[2]) && scale[2] > 1e-3f);
    mpp_window_backtest(order, scale, x, 2, frames, B, C, S);
    CU_ASSERT_EQUAL(order[2], frames > 2 ? 2 : (int)frames - 1); /* that they can predict */
    CU_ASSERT(isfinite(scale[2]) && scale[2] > 1e-3f);
  }
}

static void the_scale_is_the_rms_error_over_the_last_quarter(void)
{
  enum { FRAMES = 16, CELLS = 10, N = FRAMES * CELLS };
  float x[N], scale;
  int order;
  test_fill(x, N, 5); /* independent noise: persistence errs least */
  double sum = 0.0;
  for (size_t t = 12; t < FRAMES; t++) {
    for (size_t i = 0; i < CELLS; i++) {
      const double e = (double)x[t * CELLS + i] - x[(t - 1) * CELLS + i];
      sum += e * e;
    }
  }
  mpp_window_backtest(&order, &scale, x, -1, FRAMES, 1, 1, CELLS);
  CU_ASSERT_EQUAL(order, 0);
  CU_ASSERT_DOUBLE_EQUAL(scale / sqrt(sum / (4 * CELLS)), 1.0, 1e-6); /* rounding to float32 */
  mpp_window_backtest(&order, &scale, x, 1, FRAMES, 1, 1, CELLS);
  CU_ASSERT_EQUAL(order, 1);
  CU_ASSERT(scale > 1.2 * sqrt(sum / (4 * CELLS))); /* sqrt(3) times as much in the mean */
}

static void huge_values_do_not_overflow(void)
{
  float x[T * 4], y[4], scale;
  int order;
  for (size_t t = 0; t < T; t++) {
    for (size_t i = 0; i < 4; i++) { x[t * 4 + i] = 1e30f * (float)(t + i); }
  }
  mpp_window_backtest(&order, &scale, x, -1, T, 1, 1, 4);
  mpp_window_extrapolate(y, x, &order, 1, T, 1, 1, 4);
  CU_ASSERT(scale > 1e28f && scale < 1e29f);
  CU_ASSERT(fabsf(y[1] / 9e30f - 1.0f) < 1e-6f); /* rounding of the inputs, amplified by 3 */
}

static void scaling_and_shifting_the_window_moves_the_prediction_alike(void)
{
  static float x[WINDOW], shifted[WINDOW], y[FRAME], z[FRAME];
  int order[B * C], order_shifted[B * C];
  float scale[B * C], scale_shifted[B * C];
  test_fill(x, WINDOW, 9);
  for (size_t i = 0; i < WINDOW; i++) {
    x[i] = roundf(1024.0f * x[i]) / 1024.0f; /* so that 4 x - 3 is exact */
    shifted[i] = 4.0f * x[i] - 3.0f;
  }
  mpp_window_backtest(order, scale, x, -1, T, B, C, S);
  mpp_window_backtest(order_shifted, scale_shifted, shifted, -1, T, B, C, S);
  mpp_window_extrapolate(y, x, order, 1, T, B, C, S);
  mpp_window_extrapolate(z, shifted, order_shifted, 1, T, B, C, S);
  for (size_t i = 0; i < FRAME; i++) { CU_ASSERT(z[i] == 4.0f * y[i] - 3.0f); }
  for (size_t k = 0; k < FRAME / S; k++) {
    CU_ASSERT_EQUAL(order[k], order_shifted[k]);
    CU_ASSERT_DOUBLE_EQUAL(scale_shifted[k], 4.0f * scale[k], 1e-6 * scale[k]); /* two roundings */
  }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  static float x[WINDOW], y[3][FRAME];
  int order[3][B * C];
  float scale[3][B * C];
  test_fill(x, WINDOW, 11);
  for (int n = 0; n < 3; n++) {
    mpp_set_threads(n + 1);
    mpp_window_backtest(order[n], scale[n], x, -1, T, B, C, S);
    mpp_window_extrapolate(y[n], x, order[n], 2, T, B, C, S);
    CU_ASSERT(equal_bytes(order[0], order[n], sizeof order[0]));
    CU_ASSERT(equal_bytes(scale[0], scale[n], sizeof scale[0]));
    CU_ASSERT(equal_bytes(y[0], y[n], sizeof y[0]));
  }
  mpp_set_threads(0);
}

TESTS({"polynomials up to degree two are continued exactly",
       polynomials_up_to_degree_two_are_continued_exactly},
      {"an exact window leaves a fiftieth of the increments",
       an_exact_window_leaves_a_fiftieth_of_the_increments},
      {"constant fields are continued to the bit with a tiny scale",
       constant_fields_are_continued_to_the_bit_with_a_tiny_scale},
      {"short windows take the orders that they can test",
       short_windows_take_the_orders_that_they_can_test},
      {"the scale is the RMS error over the last quarter",
       the_scale_is_the_rms_error_over_the_last_quarter},
      {"huge values do not overflow", huge_values_do_not_overflow},
      {"scaling and shifting the window moves the prediction alike",
       scaling_and_shifting_the_window_moves_the_prediction_alike},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads})
