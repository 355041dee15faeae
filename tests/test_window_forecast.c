/* test_window_forecast.c - forecasts from a window alone. */
#include "window_forecast.h"

#include "mpp/threads.h"
#include "window_case.h"

static void the_backtest_finds_what_continues_a_wave(void)
{
  enum { N = 24, T = 12, AHEAD = 12 };
  static float x[(T + AHEAD) * N * N], y[N * N];
  mpp_window_forecast *f = NULL;
  mpp_window w = wave_window(x, T + AHEAD, N);
  w.T = T;
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
  CU_ASSERT(strncmp(mpp_window_forecast_choice(f, 0), "stencil-", 8) == 0);
  for (size_t k = 0; k < AHEAD; k++) { mpp_window_forecast_step(f, y); }
  /* rounding of the data, amplified by the fit over twelve steps */
  CU_ASSERT(test_relative_error(y, x + (size_t)(T + AHEAD - 1) * N * N, (size_t)N * N) < 1e-4);
  /* The fit errs by rounding: the scale is its floor, 0.02 of the increments into the last four. */
  double square = 0.0;
  for (size_t i = (size_t)(T - 4) * N * N; i < (size_t)T * N * N; i++) {
    square += pow((double)x[i] - x[i - N * N], 2) / (4 * N * N);
  }
  CU_ASSERT_DOUBLE_EQUAL(mpp_window_forecast_scale(f, 0), 0.02 * sqrt(square), 1e-6 * sqrt(square));
  mpp_window_forecast_destroy(f);
}

/* Fronts that move by a fraction of a cell a frame, which stencils follow for some steps: until
 * these are over a field has the values of its first predictor, from there on, nearly, those of the
 * later one. */
static void a_field_goes_on_with_the_later_predictor(void)
{
  enum { N = 96, T = 16, AHEAD = 24 };
  static float x[T * N], y[N], z[N];
  size_t found = 0;
  for (int k = 0; k < 24; k++) {
    const int slow = k / 8;
    const double width = 0.6 + 0.3 * (k % 8), speed = 0.3 + 0.3 * slow;
    for (size_t i = 0; i < (size_t)T * N; i++) {
      const size_t t = i / N;
      const double place = (double)(i % N) - 20.0 - speed * (double)t;
      x[i] = (float)(tanh(place / width) - tanh((place - 30.0) / width));
    }
    const mpp_window w = {.x = x, .T = T, .C = 1, .stride = N, .grid = {1, 1, N}};
    mpp_window_forecast *f = NULL, *of[2] = {NULL};
    size_t steps = 0;
    REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
    const char *later = mpp_window_forecast_later(f, 0, &steps);
    found += later != NULL && steps > 0;
    REQUIRE_OK(mpp_window_forecast_create(&of[0], &w, mpp_window_forecast_choice(f, 0)));
    REQUIRE_OK(mpp_window_forecast_create(&of[1], &w, later != NULL ? later : "persistence"));
    CU_ASSERT(later == NULL || strcmp(later, mpp_window_forecast_choice(f, 0)) != 0);
    for (size_t step = 1; step <= AHEAD && later != NULL; step++) {
      mpp_window_forecast_step(f, y);
      for (int j = 0; j < 2; j++) {
        mpp_window_forecast_step(of[j], z);
        /* Named fits take the inner products of their own terms alone: other sums, which free runs
         * of sharp fronts amplify. */
        if (j == (step <= steps ? 0 : 1)) {
          CU_ASSERT(test_relative_error(y, z, N) < 0.05);
        }
      }
    }
    mpp_window_forecast_destroy(f);
    for (int j = 0; j < 2; j++) { mpp_window_forecast_destroy(of[j]); }
  }
  CU_ASSERT(found > 0);
}

static void expect_finite(const mpp_window *w, const char *name)
{
  static float y[4096];
  mpp_window_forecast *f = NULL;
  const size_t frame = w->C * w->grid[0] * w->grid[1] * w->grid[2];
  REQUIRE_OK(mpp_window_forecast_create(&f, w, name));
  for (size_t k = 0; k < 30; k++) { mpp_window_forecast_step(f, y); }
  for (size_t i = 0; i < frame; i++) { CU_ASSERT(fabsf(y[i]) <= 3.1f); } /* values in [-1, 1) */
  for (size_t c = 0; c < w->C; c++) {
    CU_ASSERT(mpp_window_forecast_scale(f, c) > 0.0f && isfinite(mpp_window_forecast_scale(f, c)));
  }
  mpp_window_forecast_destroy(f);
}

/* Noise in time and space, which no predictor can follow. */
static void every_predictor_stays_in_bounds_on_any_window(void)
{
  static const size_t grids[][3] = {{1, 1, 33}, {1, 6, 5}, {4, 3, 5}, {1, 1, 1}, {1, 2, 1}};
  static float x[16 * 2 * 64];
  mpp_set_threads(1); /* thousands of steps on a few cells */
  for (size_t g = 0; g < 5; g++) {
    for (size_t T = 1; T <= 16; T += T < 7 ? 1 : 3) {
      mpp_window w = random_window(x, T, 2, grids[g], (mpp_edge)(g % 3));
      expect_finite(&w, NULL);
      for (size_t p = 0; mpp_window_predictor_at(p) != NULL; p++) {
        expect_finite(&w, mpp_window_predictor_at(p)->name);
      }
    }
  }
  mpp_set_threads(0);
}

/* A checkerboard that doubles and flips: quadratic extrapolation of it grows eightfold. */
static void a_forecast_that_breaks_down_stands_still(void)
{
  enum { N = 8, T = 6, CELLS = N * N };
  static float x[T * CELLS], first[CELLS], y[CELLS];
  const mpp_window w = {.x = x, .T = T, .C = 1, .stride = CELLS, .grid = {1, N, N}};
  mpp_window_forecast *f = NULL;
  for (size_t i = 0; i < (size_t)T * CELLS; i++) {
    const size_t t = i / CELLS, sign = i % N + i / N + t; /* N even: rows of a frame flip too */
    x[i] = (float)(sign % 2 == 0 ? 1 << t : -(1 << t));
  }
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, "quadratic"));
  mpp_window_forecast_step(f, first);
  CU_ASSERT(memcmp(first, x + (T - 1) * CELLS, sizeof first) == 0);
  for (size_t k = 0; k < 5; k++) { mpp_window_forecast_step(f, y); }
  CU_ASSERT(memcmp(first, y, sizeof y) == 0);
  mpp_window_forecast_destroy(f);
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, "linear")); /* -3 times as fast: it goes on once */
  mpp_window_forecast_step(f, first);
  CU_ASSERT(memcmp(first, x + (T - 1) * CELLS, sizeof first) != 0);
  mpp_window_forecast_destroy(f);
}

static void what_stands_still_goes_on_standing(void)
{
  enum { N = 16, T = 9 };
  static float x[T * N * N], y[N * N];
  mpp_window_forecast *f = NULL;
  mpp_window w = wave_window(x, T, N);
  for (size_t t = 1; t < T; t++) { memcpy(x + t * N * N, x, (size_t)N * N * sizeof *x); }
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
  for (size_t k = 0; k < 20; k++) { mpp_window_forecast_step(f, y); }
  CU_ASSERT(memcmp(y, x, sizeof y) == 0);
  mpp_window_forecast_destroy(f);
}

/* One predictor for all fields; one that stands still, at zero or not, has no say. */
static void fields_are_predicted_together(void)
{
  enum { N = 24, T = 12, SIZE = N * N };
  static float alone[T * SIZE], x[T * 3 * SIZE], y[3 * SIZE];
  mpp_window w = wave_window(alone, T, N);
  mpp_window_forecast *f = NULL, *one = NULL;
  REQUIRE_OK(mpp_window_forecast_create(&one, &w, NULL));
  for (size_t i = 0; i < (size_t)T * 3 * SIZE; i++) {
    const size_t c = i / SIZE % 3, t = i / SIZE / 3;
    x[i] = c == 1 ? alone[t * SIZE + i % SIZE] : c == 0 ? 0.0f : 2.0f;
  }
  w.x = x;
  w.C = 3;
  w.stride = 3 * SIZE;
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
  for (size_t c = 0; c < 3; c++) {
    CU_ASSERT_STRING_EQUAL(mpp_window_forecast_choice(f, c), mpp_window_forecast_choice(one, 0));
  }
  for (size_t k = 0; k < 10; k++) {
    static float expected[SIZE];
    mpp_window_forecast_step(one, expected);
    mpp_window_forecast_step(f, y);
    for (size_t i = 0; i < SIZE; i++) { CU_ASSERT(y[i] == 0.0f && y[2 * SIZE + i] == 2.0f); }
    /* Rounding of other sums, over ten steps. */
    CU_ASSERT(test_relative_error(y + SIZE, expected, SIZE) < 1e-5);
  }
  mpp_window_forecast_destroy(one);
  mpp_window_forecast_destroy(f);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  enum { N = 40, T = 16 };
  static float x[T * N * N], y[3][N * N];
  const mpp_window w = wave_window(x, T, N);
  for (size_t i = 0; i < (size_t)T * N * N; i++) { x[i] += 0.01f * x[i] * x[i]; }
  for (int n = 0; n < 3; n++) {
    mpp_window_forecast *f = NULL;
    mpp_set_threads(n + 1);
    REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
    for (size_t k = 0; k < 5; k++) { mpp_window_forecast_step(f, y[n]); }
    mpp_window_forecast_destroy(f);
    CU_ASSERT(memcmp(y[n], y[0], sizeof y[0]) == 0);
  }
  mpp_set_threads(0);
}

static void unknown_names_are_refused(void)
{
  static float x[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  const mpp_window w = {.x = x, .T = 1, .C = 1, .stride = 4, .grid = {1, 1, 4}};
  mpp_window_forecast *f = NULL;
  ASSERT_STATUS(mpp_window_forecast_create(&f, &w, "oracle"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("'oracle'");
  CU_ASSERT_PTR_NULL(f);
}

static void every_allocation_may_fail(void)
{
  enum { N = 8, T = 9 };
  static float x[T * N * N];
  const mpp_window w = wave_window(x, T, N);
  mpp_set_threads(1);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_window_forecast *f = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_window_forecast_create(&f, &w, NULL));
    CU_ASSERT((st == MPP_OK) == (f != NULL) && (st == MPP_OK || st == MPP_ERR_NOMEM));
    mpp_window_forecast_destroy(f);
  }
  mpp_set_threads(0);
  CU_ASSERT(faults.failed >= 20);
}

TESTS({"fields are predicted together", fields_are_predicted_together},
      {"the backtest finds what continues a wave", the_backtest_finds_what_continues_a_wave},
      {"a field goes on with the later predictor", a_field_goes_on_with_the_later_predictor},
      {"every predictor stays in bounds on any window",
       every_predictor_stays_in_bounds_on_any_window},
      {"a forecast that breaks down stands still", a_forecast_that_breaks_down_stands_still},
      {"what stands still goes on standing", what_stands_still_goes_on_standing},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"unknown names are refused", unknown_names_are_refused},
      {"every allocation may fail", every_allocation_may_fail})
