/* Forecasts against a window that is moved by hand. */
#include "forecast.h"

#include <math.h>

#include "small_case.h"

enum {
  T = 4,
  B = 2,
  STEPS = 3 * T,
  FRAME = B * SMALL_FRAME,
  WINDOW = T * FRAME,
  REST = WINDOW - FRAME
};

static mpp_window_shape shape_of(const mpp_model *m)
{
  static const mpp_name fields[] = {"diffre2d:activator", "diffre2d:inhibitor"};
  mpp_window_shape s = {
      .T = T, .B = B, .C = 2, .grid = {1, SMALL_H, SMALL_W}, .boundary = {0, 0, MPP_PERIODIC}};
  REQUIRE_OK(mpp_model_columns(m, s.column, fields, 2));
  return s;
}

/* x [T, B, C, S] from two trajectories. */
static void fill_window(float *x)
{
  for (size_t at = 0; at < WINDOW; at++) {
    const size_t cell = at % SMALL_CELLS;
    x[at] = small_value(at / SMALL_FRAME % B, at / FRAME, at / SMALL_CELLS % 2, cell / SMALL_W,
                        cell % SMALL_W);
  }
}

static void a_forecast_is_the_model_applied_to_its_own_predictions(void)
{
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  const mpp_window_shape s = shape_of(m);
  mpp_forecast *f = NULL;
  static float window[WINDOW], y[FRAME], expected[FRAME];
  fill_window(window);
  REQUIRE_OK(mpp_forecast_create(&f, m, window, &s));
  for (int k = 0; k < STEPS; k++) { /* the window moves past the end of its array */
    REQUIRE_OK(mpp_model_predict(m, expected, window, &s));
    REQUIRE_OK(mpp_forecast_step(f, y));
    CU_ASSERT_EQUAL(memcmp(y, expected, sizeof y), 0);
    memmove(window, window + FRAME, REST * sizeof *window);
    memcpy(window + REST, expected, sizeof expected);
  }
  mpp_forecast_destroy(f);
  mpp_model_destroy(m);
}

/* In mode window the base is fitted to the context once; frames of an earlier run move the window
 * as predictions do. */
/* The network says the opposite. */
static void turn(mpp_model *m)
{
  for (size_t i = 0; i < m->params->count; i++) {
    const mpp_param *e = &m->params->entry[i];
    const bool out = strncmp(e->name, "debed.out_", 10) == 0;
    for (size_t k = 0; out && k < e->count; k++) { m->weights[e->offset + k] *= -1.0f; }
  }
}

static void forecast_with(mpp_gain gain)
{
  mpp_model *m = small_model(MPP_MODE_WINDOW, true);
  const mpp_window_shape s = shape_of(m);
  mpp_forecast *f = NULL, *again = NULL;
  mpp_window_fit *fit[B] = {NULL};
  static float window[WINDOW], y[FRAME], expected[FRAME], anew[FRAME];
  bool differs = false, part = false;
  fill_window(window);
  turn(m); /* as it is, it helps nowhere */
  REQUIRE_OK(mpp_forecast_create_with(&f, m, window, &s, gain));
  REQUIRE_OK(mpp_forecast_create_with(&again, m, window, &s, gain));
  REQUIRE_OK(mpp_predict_fit(fit, m, window, &s));
  REQUIRE_OK(gain == MPP_GAIN_FITTED ? mpp_predict_gains(fit, m, window, &s) : MPP_OK);
  for (int k = 0; k < STEPS; k++) {
    REQUIRE_OK(mpp_predict_frame(m, expected, window, &s, fit));
    REQUIRE_OK(mpp_model_predict(m, anew, window, &s));
    REQUIRE_OK(k % 5 == 4 ? mpp_forecast_step(again, y) : mpp_forecast_step(f, y));
    CU_ASSERT_EQUAL(memcmp(y, expected, sizeof y), 0);
    mpp_forecast_push(k % 5 == 4 ? f : again, y);
    differs = differs || memcmp(anew, expected, sizeof y) != 0;
    for (size_t b = 0; b < B; b++) {
      mpp_window_fit_advance(fit[b]);
      for (size_t c = 0; c < 2; c++) {
        const float now = mpp_forecast_gain(f, b, c);
        CU_ASSERT_EQUAL(now, mpp_forecast_gain(again, b, c));
        part = part || (now > 0.0f && now < 1.0f);
        CU_ASSERT(gain == MPP_GAIN_FITTED || now == 1.0f);
      }
    }
    memmove(window, window + FRAME, REST * sizeof *window);
    memcpy(window + REST, expected, sizeof expected);
  }
  CU_ASSERT_TRUE(differs);
  CU_ASSERT_EQUAL(part, gain == MPP_GAIN_FITTED);
  for (size_t b = 0; b < B; b++) { mpp_window_fit_destroy(fit[b]); }
  mpp_forecast_destroy(f);
  mpp_forecast_destroy(again);
  mpp_model_destroy(m);
}

static void a_forecast_keeps_the_fit_of_its_first_window(void)
{
  forecast_with(MPP_GAIN_FULL);
  forecast_with(MPP_GAIN_FITTED);
}

static void a_diverged_step_leaves_frame_and_window_alone(void)
{
  mpp_model *m = small_model(MPP_MODE_FRAME, true);
  const mpp_window_shape s = shape_of(m);
  mpp_forecast *f = NULL;
  static float window[WINDOW], y[FRAME], before[FRAME];
  int steps = 0;
  fill_window(window);
  small_model_grows(m, 1e5f);
  REQUIRE_OK(mpp_forecast_create(&f, m, window, &s));
  mpp_status st = MPP_OK;
  for (; st == MPP_OK && steps < 10; steps++) {
    memcpy(before, y, sizeof y);
    st = mpp_forecast_step(f, y);
  }
  CU_ASSERT(steps > 2);
  for (int again = 0; again < 2; again++) {
    CU_ASSERT_EQUAL(st, MPP_ERR_DIVERGED);
    CU_ASSERT_EQUAL(memcmp(y, before, sizeof y), 0);
    st = mpp_forecast_step(f, y);
  }
  mpp_forecast_destroy(f);
  mpp_model_destroy(m);
}

/* The window is the caller's, and moves; a step that fails leaves it. */
static void a_step_moves_the_callers_window(void)
{
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  const mpp_window_shape s = shape_of(m);
  mpp_forecast *f = NULL;
  static float window[WINDOW], before[WINDOW], y[FRAME], expected[FRAME];
  fill_window(window);
  REQUIRE_OK(mpp_forecast_create(&f, m, window, &s));
  for (int k = 0; k < STEPS; k++) {
    REQUIRE_OK(mpp_forecast_step(f, expected));
    REQUIRE_OK(mpp_rollout_step(m, y, window, &s));
    CU_ASSERT_EQUAL(memcmp(y, expected, sizeof y), 0);
    CU_ASSERT_EQUAL(memcmp(window + REST, expected, sizeof expected), 0);
  }
  window[0] = INFINITY;
  memcpy(before, window, sizeof window);
  ASSERT_STATUS(mpp_rollout_step(m, y, window, &s), MPP_ERR_DIVERGED);
  CU_ASSERT_EQUAL(memcmp(before, window, sizeof window), 0);
  mpp_forecast_destroy(f);
  mpp_model_destroy(m);
}

/* Each thread of the caller has a handle on the same weights and a window of its own. */
static void threads_of_the_caller_forecast_at_once(void)
{
  enum { THREADS = 2 };
  mpp_model *m = small_model(MPP_MODE_AUTOREGRESS, true), *handle[THREADS] = {NULL};
  const mpp_window_shape s = shape_of(m);
  static float window[THREADS][WINDOW], y[THREADS][FRAME], alone[THREADS][FRAME];
  mpp_status st[THREADS] = {MPP_OK};
  for (int pass = 0; pass < 2; pass++) { /* one after the other, then at once */
    for (int i = 0; i < THREADS; i++) {
      if (pass == 0) {
        REQUIRE_OK(mpp_model_share(&handle[i], m));
      }
      fill_window(window[i]);
      for (size_t k = 0; k < WINDOW; k++) { window[i][k] *= (float)(i + 1); }
    }
#pragma omp parallel for num_threads(THREADS) schedule(static) if (pass == 1)
    for (int i = 0; i < THREADS; i++) {
      for (int k = 0; k < STEPS && st[i] == MPP_OK; k++) {
        st[i] = mpp_rollout_step(handle[i], pass == 0 ? alone[i] : y[i], window[i], &s);
      }
    }
  }
  for (int i = 0; i < THREADS; i++) {
    CU_ASSERT_EQUAL(st[i], MPP_OK);
    CU_ASSERT_EQUAL(memcmp(y[i], alone[i], sizeof y[i]), 0);
    mpp_model_destroy(handle[i]);
  }
  mpp_model_destroy(m);
}

static void an_empty_window_is_refused(void)
{
  mpp_model *m = small_model(MPP_MODE_FRAME, false);
  mpp_window_shape s = shape_of(m);
  mpp_forecast *f = NULL;
  const float x = 0.0f;
  s.T = 0;
  ASSERT_STATUS(mpp_forecast_create(&f, m, &x, &s), MPP_ERR_DATA);
  s.T = (size_t)-1 / 4;
  ASSERT_STATUS(mpp_forecast_create(&f, m, &x, &s), MPP_ERR_DATA);
  CU_ASSERT_PTR_NULL(f);
  mpp_model_destroy(m);
}

static void every_fallible_call_may_fail(void)
{
  mpp_model *m = small_model(MPP_MODE_FRAME, false);
  const mpp_window_shape s = shape_of(m);
  static float window[WINDOW];
  fill_window(window);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_forecast *f = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_forecast_create(&f, m, window, &s));
    CU_ASSERT(st == MPP_OK || (st == MPP_ERR_NOMEM && f == NULL));
    mpp_forecast_destroy(f);
  }
  CU_ASSERT_EQUAL(faults.failed, 4); /* four arrays */
  mpp_model_destroy(m);
}

TESTS({"a forecast is the model applied to its own predictions",
       a_forecast_is_the_model_applied_to_its_own_predictions},
      {"a forecast keeps the fit of its first window",
       a_forecast_keeps_the_fit_of_its_first_window},
      {"a diverged step leaves frame and window alone",
       a_diverged_step_leaves_frame_and_window_alone},
      {"a step moves the caller's window", a_step_moves_the_callers_window},
      {"threads of the caller forecast at once", threads_of_the_caller_forecast_at_once},
      {"an empty window is refused", an_empty_window_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
