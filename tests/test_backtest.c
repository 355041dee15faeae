/* test_backtest.c - the rule of the choice. */
#include "backtest.h"

#include "window_case.h"

enum { N = 24, T = 12 };

static void run(mpp_backtest *b, const mpp_window *w)
{
  static mpp_stencil_moments m;
  mpp_roll r;
  const mpp_fit_input in = {w, w->T - mpp_backtest_steps(w->T), &m};
  REQUIRE_OK(mpp_stencil_moments_make(&m, w, mpp_window_predictors_reach(in.head), in.head));
  REQUIRE_OK(mpp_roll_make(&r, &m.halo, w->C));
  REQUIRE_OK(mpp_backtest_run(b, &r, &in));
  mpp_roll_free(&r);
  mpp_stencil_moments_free(&m);
}

static size_t number_of(const char *name)
{
  size_t p = 0;
  while (strcmp(mpp_window_predictor_at(p)->name, name) != 0) { p++; }
  return p;
}

static void a_third_of_the_window_is_put_aside(void)
{
  CU_ASSERT(mpp_backtest_steps(1) == 0 && mpp_backtest_steps(2) == 0);
  CU_ASSERT(mpp_backtest_steps(3) == 1 && mpp_backtest_steps(16) == 5);
  CU_ASSERT_EQUAL(mpp_backtest_steps(1000), MPP_BACKTEST_STEPS);
}

static void the_rank_is_the_late_mean_of_logarithms(void)
{
  static float x[T * N * N];
  static mpp_backtest b;
  const mpp_window w = wave_window(x, T, N);
  run(&b, &w);
  CU_ASSERT_EQUAL(b.steps, 4);
  const size_t p = number_of("stencil-3x2-linear"), quadratic = number_of("quadratic");
  CU_ASSERT(b.rank[p][0] < b.rank[0][0] && b.rank[p][0] < b.rank[quadratic][0]);
  double sum = log(2.0); /* its handicap */
  for (size_t k = 0; k < 4; k++) {
    sum += (double)(k + 1) / 10.0 * log(sqrt(b.error[quadratic][k][0]));
  }
  CU_ASSERT_DOUBLE_EQUAL(b.rank[quadratic][0], sum, 1e-12); /* rounding of a few logarithms */
  double persistence = 0.0;
  for (size_t i = 0; i < (size_t)N * N; i++) {
    persistence += pow((double)x[(T - 3) * N * N + i] - x[(T - 5) * N * N + i], 2) / (N * N);
  }
  CU_ASSERT_DOUBLE_EQUAL(b.error[0][1][0], persistence, 1e-12);
}

/* A checkerboard whose sign flips and whose size doubles with each frame, then stands still. */
static void forecasts_that_grow_are_out(void)
{
  static float x[T * N * N];
  static mpp_backtest b;
  mpp_window w = wave_window(x, T, N);
  for (size_t t = 0; t < T; t++) {
    const double size = t < 8 ? pow(2.0, (double)t) : 128.0;
    for (size_t i = 0; i < (size_t)N * N; i++) {
      x[t * N * N + i] = (float)(((i + i / N + t) % 2 == 0 ? size : -size));
    }
  }
  run(&b, &w);
  CU_ASSERT(isinf(b.rank[number_of("quadratic")][0]));
  CU_ASSERT(isfinite(b.rank[0][0]));
}

static void what_was_seen_bounds_a_forecast(void)
{
  static float x[3 * 4] = {1.0f, 2.0f, 3.0f, 4.0f, 1.0f, 2.0f, 3.0f, 6.0f, 1.0f, 2.0f, 3.0f, 5.0f};
  const mpp_window w = {.x = x, .T = 3, .C = 1, .stride = 4, .grid = {1, 1, 4}};
  mpp_seen s;
  mpp_seen_in(&s, &w, 4, 3);
  CU_ASSERT(s.low[0] == -4.0 && s.high[0] == 11.0 && s.moved[0] == 1.0);
  mpp_roll r = {.held = {0}, .moved = {4.0}};
  CU_ASSERT_FALSE(mpp_seen_growth(&r, &s, 0));
  r.moved[0] = 4.1;
  CU_ASSERT_TRUE(mpp_seen_growth(&r, &s, 0));
  r.moved[0] = NAN;
  CU_ASSERT_TRUE(mpp_seen_growth(&r, &s, 0));
  r.moved[0] = 0.0;
  r.held[0] = 1;
  CU_ASSERT_TRUE(mpp_seen_growth(&r, &s, 0));
  r.halo.cells = 100;
  r.moved[0] = 16.0;
  CU_ASSERT_FALSE(mpp_seen_breakdown(&r, &s, 0));
  r.held[0] = 2;
  CU_ASSERT_TRUE(mpp_seen_breakdown(&r, &s, 0));
  r.held[0] = 0;
  r.moved[0] = 16.1;
  CU_ASSERT_TRUE(mpp_seen_breakdown(&r, &s, 0));
}

TESTS({"a third of the window is put aside", a_third_of_the_window_is_put_aside},
      {"the rank is the late mean of logarithms", the_rank_is_the_late_mean_of_logarithms},
      {"forecasts that grow are out", forecasts_that_grow_are_out},
      {"what was seen bounds a forecast", what_was_seen_bounds_a_forecast})
