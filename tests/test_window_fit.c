/* test_window_fit.c - what is fitted to a window: rules, the next frame, what is kept. */
#include "window_fit.h"

#include "alloc.h"
#include "autoregression.h"
#include "mpp/threads.h"
#include "window.h"
#include "window_case.h"
#include "window_forecast.h"

enum { T = 9, C = 2, H = 6, W = 7, CELLS = H * W };
static const size_t grid[3] = {1, H, W};

static void expect_next(const mpp_window *w, mpp_window_rule rule, const float *expected,
                        const float *scale)
{
  mpp_window_fit *f = NULL;
  float y[C * CELLS];
  REQUIRE_OK(mpp_window_fit_create(&f, w, rule));
  REQUIRE_OK(mpp_window_fit_next(f, y, w));
  /* sums in another order, in double, then rounded to float32 */
  CU_ASSERT(test_relative_error(y, expected, (size_t)C * CELLS) < 1e-7);
  CU_ASSERT_EQUAL(memcmp(f->scale, scale, C * sizeof *scale), 0);
  mpp_window_fit_destroy(f);
}

static void pointwise_rules_are_those_of_window_and_autoregression(void)
{
  static float x[T * C * CELLS], expected[C * CELLS];
  for (size_t frames = 1; frames <= T; frames++) {
    const mpp_window w = random_window(x, frames, C, grid, MPP_EDGE_COPY);
    double a[C * MPP_AUTOREGRESSION_ORDER];
    float scale[C];
    int order[C];
    for (size_t i = 0; i < frames * CELLS * C; i++) { /* a field that polynomials extrapolate */
      const size_t t = i / (C * CELLS);
      x[i] += i / CELLS % C == 1 ? (float)(t * t) : 0.0f;
    }
    for (int k = 0; k < 2; k++) {
      mpp_window_backtest(order, scale, x, k == 0 ? 0 : -1, frames, 1, C, CELLS);
      mpp_window_extrapolate(expected, x, order, 1, frames, 1, C, CELLS);
      expect_next(&w, k == 0 ? MPP_RULE_PERSISTENCE : MPP_RULE_POLYNOMIAL, expected, scale);
    }
    mpp_autoregression_fit(a, scale, x, frames, 1, C, CELLS);
    mpp_autoregression_extrapolate(expected, x, a, 1, frames, 1, C, CELLS);
    expect_next(&w, MPP_RULE_AUTOREGRESSION, expected, scale);
  }
  CU_ASSERT_FALSE(mpp_window_rule_keeps(MPP_RULE_PERSISTENCE));
  CU_ASSERT_FALSE(mpp_window_rule_keeps(MPP_RULE_POLYNOMIAL));
  CU_ASSERT_FALSE(mpp_window_rule_keeps(MPP_RULE_AUTOREGRESSION));
}

/* A forecast carries its increments in double; here each frame is rounded to float32. */
static void a_kept_fit_goes_on_from_its_own_frames(void)
{
  enum { N = 24, FRAMES = 12, AHEAD = 10, SIZE = N * N };
  static float x[(FRAMES + AHEAD) * SIZE], y[SIZE];
  mpp_window_fit *f = NULL;
  mpp_window w = wave_window(x, FRAMES + AHEAD, N);
  w.T = FRAMES;
  REQUIRE_OK(mpp_window_fit_create(&f, &w, MPP_RULE_BACKTEST));
  CU_ASSERT_TRUE(mpp_window_rule_keeps(MPP_RULE_BACKTEST));
  CU_ASSERT_EQUAL(f->count, 1); /* what no field was given to is gone */
  CU_ASSERT(mpp_window_fit_bytes(f) > sizeof *f + sizeof *f->fitted[0] + 9 * sizeof(double));
  for (size_t k = 0; k < AHEAD; k++) {
    float *next = x + (FRAMES + k) * SIZE, truth[SIZE];
    memcpy(truth, next, sizeof truth);
    REQUIRE_OK(mpp_window_fit_next(f, y, &w));
    /* Rounding of increments, 1e-6 of them, which adds up and grows with the waves. */
    CU_ASSERT(test_relative_error(y, truth, SIZE) < 1e-4);
    memcpy(next, y, sizeof y);
    w.x += SIZE;
  }
  mpp_window_fit_destroy(f);
}

/* Steps of a forecast, and of no forecast, where linear extrapolation gives two steps. */
static void a_forecast_begins_with_the_best_for_its_first_steps(void)
{
  static float x[T * C * CELLS], y[C * CELLS];
  const mpp_window w = random_window(x, T, C, grid, MPP_EDGE_COPY);
  const float *last = x + (T - 1) * w.stride, *before = last - w.stride;
  mpp_window_fit *f = NULL;
  REQUIRE_OK(mpp_window_fit_named(&f, &w, "linear"));
  REQUIRE_OK(mpp_alloc((void **)&f->fitted[1], 1, sizeof *f->fitted[1]));
  f->fitted[1]->by = mpp_window_predictor_find("persistence");
  f->count = 2;
  f->later[1] = 1;
  f->steps[1] = 2;
  f->seen.moved[0] = f->seen.moved[1] = INFINITY; /* random numbers jump */
  for (size_t step = 0; step <= 3; step++) {
    REQUIRE_OK(mpp_window_fit_next(f, y, &w));
    CU_ASSERT_EQUAL(f->step, step);
    for (size_t i = 0; i < (size_t)C * CELLS; i++) {
      const bool linear = i < CELLS || (step > 0 && step <= 2);
      const double next = (double)last[i] + (linear ? (double)last[i] - before[i] : 0.0);
      const double held = fmin(fmax(next, f->seen.low[i / CELLS]), f->seen.high[i / CELLS]);
      CU_ASSERT_DOUBLE_EQUAL(y[i], held, 1e-6); /* rounding to float32 */
    }
    if (step == 0) {
      mpp_window_fit_advance(f); /* of no forecast */
      CU_ASSERT_EQUAL(f->step, 0);
      REQUIRE_OK(mpp_window_fit_begin(f, &w));
    } else {
      mpp_window_fit_advance(f);
    }
  }
  mpp_window_fit_advance(NULL);
  mpp_window_fit_destroy(f);
}

static void the_truth_is_lost_as_the_error_grows(void)
{
  const mpp_window_fit f = {
      .gain = {{.gain = 0.8, .error = 0.5, .growth = 1.0}, {.error = 0.1, .growth = 0.5}}};
  static const double lost[2][4] = {{0.0, 0.125, 0.5, 1.0}, {0.0, 0.005, 0.01, 0.015}};
  for (size_t i = 0; i < 8; i++) { /* rounding */
    CU_ASSERT_DOUBLE_EQUAL(mpp_window_fit_lost(&f, i / 4, i % 4), lost[i / 4][i % 4], 1e-15);
  }
  CU_ASSERT_EQUAL(mpp_window_fit_lost(&f, 0, 1000), 1.0);
}

/* Its frames beside the steps are those of the window's own forecast. */
static void a_forecast_is_accompanied_by_the_predictors_alone(void)
{
  enum { N = 24, FRAMES = 12 };
  static float x[FRAMES * N * N], y[N * N];
  const mpp_window w = wave_window(x, FRAMES, N);
  mpp_window_fit *f = NULL;
  mpp_window_forecast *own = NULL;
  REQUIRE_OK(mpp_window_fit_create(&f, &w, MPP_RULE_BACKTEST));
  REQUIRE_OK(mpp_window_forecast_create(&own, &w, NULL));
  mpp_window_fit_advance(f); /* of no forecast yet */
  CU_ASSERT(f->step == 0 && f->alone == NULL);
  REQUIRE_OK(mpp_window_fit_begin(f, &w));
  for (size_t step = 1; step < 6; step++) {
    mpp_window_forecast_step(own, y);
    CU_ASSERT_EQUAL(f->step, step);
    CU_ASSERT_EQUAL(memcmp(y, f->alone, sizeof y), 0);
    mpp_window_fit_advance(f);
  }
  mpp_window_forecast_destroy(own);
  mpp_window_fit_destroy(f);
}

/* The predictors of a choice on the first part of its window are those named there. */
static void predictors_are_fitted_again_to_a_part_of_the_window(void)
{
  enum { N = 24, FRAMES = 12, HEAD = 8, SIZE = N * N };
  static float x[FRAMES * SIZE], y[SIZE], z[SIZE];
  mpp_window_fit *f = NULL, *again = NULL, *named = NULL;
  mpp_window w = wave_window(x, FRAMES, N);
  REQUIRE_OK(mpp_window_fit_create(&f, &w, MPP_RULE_BACKTEST));
  w.T = HEAD;
  REQUIRE_OK(mpp_window_fit_again(&again, f, &w));
  REQUIRE_OK(mpp_window_fit_named(&named, &w, f->fitted[f->later[0]]->by->name));
  CU_ASSERT_FATAL(again != NULL);
  CU_ASSERT(again->fitted[0]->by == f->fitted[0]->by && again->scale[0] == f->scale[0]);
  CU_ASSERT(again->steps[0] == f->steps[0] && again->step == 0);
  REQUIRE_OK(mpp_window_fit_next(again, y, &w));
  REQUIRE_OK(mpp_window_fit_next(named, z, &w));
  CU_ASSERT_EQUAL(memcmp(y, z, sizeof y), 0);
  REQUIRE_OK(mpp_window_fit_next(f, z, &w));
  CU_ASSERT(memcmp(y, z, sizeof y) != 0); /* which has seen more */
  mpp_window_fit_destroy(again);
  w.T = 2;
  REQUIRE_OK(mpp_window_fit_again(&again, f, &w));
  CU_ASSERT(again == NULL);
  mpp_window_fit_destroy(named);
  mpp_window_fit_destroy(f);
}

static void a_field_that_would_break_down_stands_still(void)
{
  enum { N = 8, FRAMES = 6, SIZE = N * N };
  static float x[FRAMES * SIZE], y[SIZE];
  const mpp_window w = {.x = x, .T = FRAMES, .C = 1, .stride = SIZE, .grid = {1, N, N}};
  mpp_window_fit *f = NULL;
  for (size_t i = 0; i < (size_t)FRAMES * SIZE; i++) { /* a checkerboard that doubles and flips */
    const size_t t = i / SIZE, sign = i % N + i / N + t;
    x[i] = (float)(sign % 2 == 0 ? 1 << t : -(1 << t));
  }
  REQUIRE_OK(mpp_window_fit_named(&f, &w, "quadratic"));
  REQUIRE_OK(mpp_window_fit_next(f, y, &w));
  CU_ASSERT_EQUAL(memcmp(y, x + (FRAMES - 1) * SIZE, sizeof y), 0);
  mpp_window_fit_destroy(f);
}

/* What lies under a mask is neither fitted nor moved: a fit to waves around a block of noise is
 * that of the waves, and the block stays. */
static void masked_cells_are_left_out_and_stay(void)
{
  enum { N = 32, FRAMES = 12, SIZE = N * N };
  static float x[FRAMES * SIZE], clean[FRAMES * SIZE], noise[FRAMES * SIZE], y[SIZE], z[SIZE];
  static unsigned char mask[SIZE];
  mpp_window w = wave_window(x, FRAMES, N);
  memcpy(clean, x, sizeof x);
  test_fill(noise, (size_t)FRAMES * SIZE, 3);
  for (size_t i = 0; i < SIZE; i++) {
    mask[i] = i / N >= 10 && i / N < 14 && i % N >= 8 && i % N < 12;
  }
  for (size_t i = 0; i < (size_t)FRAMES * SIZE; i++) { x[i] += mask[i % SIZE] ? noise[i] : 0.0f; }
  for (int rule = MPP_RULE_AUTOREGRESSION; rule <= MPP_RULE_BACKTEST; rule++) {
    mpp_window_fit *f = NULL;
    double worst = 0.0;
    w.mask = mask;
    REQUIRE_OK(mpp_window_fit_create(&f, &w, (mpp_window_rule)rule));
    REQUIRE_OK(mpp_window_fit_next(f, y, &w));
    mpp_window_fit_destroy(f);
    for (size_t i = 0; i < SIZE; i++) { CU_ASSERT(!mask[i] || y[i] == x[(FRAMES - 1) * SIZE + i]); }
    const mpp_window all = {.x = clean,
                            .T = FRAMES,
                            .C = 1,
                            .stride = SIZE,
                            .grid = {1, N, N},
                            .edge = {MPP_EDGE_WRAP, MPP_EDGE_WRAP, MPP_EDGE_WRAP}};
    REQUIRE_OK(mpp_window_fit_create(&f, &all, (mpp_window_rule)rule));
    REQUIRE_OK(mpp_window_fit_next(f, z, &all));
    mpp_window_fit_destroy(f);
    for (size_t i = 0; i < SIZE; i++) { /* away from the block, which neighbours see */
      const bool near = i / N >= 6 && i / N < 18 && i % N >= 4 && i % N < 16;
      worst = fmax(worst, near ? 0.0 : fabs((double)y[i] - z[i]));
    }
    /* The waves move by 0.05 a frame. Unmasked, the noise takes the fit: 0.02. */
    CU_ASSERT(worst < 5e-3);
  }
}

static void every_allocation_may_fail(void)
{
  enum { N = 8, FRAMES = 9 };
  static float x[FRAMES * N * N], y[N * N];
  const mpp_window w = wave_window(x, FRAMES, N);
  mpp_set_threads(1);
  for (int rule = MPP_RULE_PERSISTENCE; rule <= MPP_RULE_BACKTEST; rule++) {
    test_faults faults = {0};
    while (test_faults_next(&faults)) {
      mpp_window_fit *f = NULL;
      test_fault_begin(&faults);
      mpp_status st = mpp_window_fit_create(&f, &w, (mpp_window_rule)rule);
      CU_ASSERT((st == MPP_OK) == (f != NULL) && (st == MPP_OK || st == MPP_ERR_NOMEM));
      st = st == MPP_OK ? mpp_window_fit_next(f, y, &w) : st;
      test_fault_end(&faults, st);
      mpp_window_fit_destroy(f);
    }
  }
  mpp_set_threads(0);
}

TESTS({"a forecast begins with the best for its first steps",
       a_forecast_begins_with_the_best_for_its_first_steps},
      {"the truth is lost as the error grows", the_truth_is_lost_as_the_error_grows},
      {"a forecast is accompanied by the predictors alone",
       a_forecast_is_accompanied_by_the_predictors_alone},
      {"predictors are fitted again to a part of the window",
       predictors_are_fitted_again_to_a_part_of_the_window},
      {"pointwise rules are those of window and autoregression",
       pointwise_rules_are_those_of_window_and_autoregression},
      {"a kept fit goes on from its own frames", a_kept_fit_goes_on_from_its_own_frames},
      {"a field that would break down stands still", a_field_that_would_break_down_stands_still},
      {"masked cells are left out and stay", masked_cells_are_left_out_and_stay},
      {"every allocation may fail", every_allocation_may_fail})
