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
  REQUIRE_OK(mpp_backtest_run(b, &in, w, &r));
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
  for (size_t r = 0; r < MPP_RANKS; r++) {
    CU_ASSERT(b.rank[r][p][0] < b.rank[r][0][0] && b.rank[r][p][0] < b.rank[r][quadratic][0]);
  }
  double sum = 0.0;
  for (size_t k = 0; k < 4; k++) {
    sum += (double)(k + 1) / 10.0 * log(sqrt(b.error[quadratic][k][0]));
  }
  /* Its handicaps are 1 and 4; rounding of a few logarithms. */
  CU_ASSERT_DOUBLE_EQUAL(b.rank[MPP_RANK_FIRST][quadratic][0], sum, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL(b.rank[MPP_RANK_LATER][quadratic][0], sum + log(4.0), 1e-12);
  double persistence = 0.0;
  for (size_t i = 0; i < (size_t)N * N; i++) {
    persistence += pow((double)x[(T - 3) * N * N + i] - x[(T - 5) * N * N + i], 2) / (N * N);
  }
  CU_ASSERT_DOUBLE_EQUAL(b.error[0][1][0], persistence, 1e-12);
}

static void a_field_that_stands_still_does_not_move(void)
{
  static float alone[T * N * N], x[2 * T * N * N];
  static mpp_backtest b;
  mpp_window w = wave_window(alone, T, N);
  for (size_t i = 0; i < (size_t)2 * T * N * N; i++) {
    const size_t t = i / (2 * N * N), at = i % (2 * N * N);
    x[i] = at < (size_t)N * N ? alone[t * N * N + at] : 2.0f;
  }
  w.x = x;
  w.C = 2;
  w.stride = (size_t)2 * N * N;
  run(&b, &w);
  CU_ASSERT(b.moves[0] && !b.moves[1]);
  for (size_t p = 0; mpp_window_predictor_at(p) != NULL;
       p++) { /* all are as good, but for rounding */
    CU_ASSERT_DOUBLE_EQUAL(exp(b.rank[MPP_RANK_FIRST][p][1]),
                           sqrt(1e-15) * 2.0 * mpp_window_predictor_at(p)->handicap[MPP_RANK_FIRST],
                           1e-12);
  }
}

/* What is not fitted has no rank. */
static void predictors_without_a_fit_are_out(void)
{
  static float x[T * N * N];
  static mpp_backtest b;
  static mpp_stencil_moments m;
  const mpp_window w = wave_window(x, 6, N);
  const mpp_fit_input in = {&w, 4, &m};
  mpp_roll r;
  REQUIRE_OK(mpp_stencil_moments_make(&m, &w, mpp_window_predictors_reach(4), 4));
  REQUIRE_OK(mpp_roll_make(&r, &m.halo, 1));
  REQUIRE_OK(mpp_backtest_run(&b, &in, &w, &r));
  CU_ASSERT(isinf(b.rank[MPP_RANK_FIRST][number_of("stencil-3x2-linear")][0])); /* five frames */
  CU_ASSERT(isfinite(b.rank[MPP_RANK_FIRST][number_of("stencil-3x1-cubic")][0]));
  CU_ASSERT(isfinite(b.rank[MPP_RANK_LATER][0][0]));
  mpp_roll_free(&r);
  mpp_stencil_moments_free(&m);
}

/* Increments that go on as `factor` times the last. */
static void run_free(mpp_free_run *run, double factor, double moved, const mpp_free_run *reference)
{
  static float x[3 * 4] = {0.0f, 0.0f, 0.0f, 0.0f, 1.0f, 1.0f, 1.0f, 1.0f, 2.0f, 2.0f, 2.0f, 2.0f};
  const mpp_window w = {.x = x, .T = 3, .C = 1, .stride = 4, .grid = {1, 1, 4}};
  const mpp_halo h = mpp_halo_make(w.grid, w.edge, 0);
  const mpp_seen seen = {.low = {-1e9}, .high = {1e9}, .moved = {moved}};
  mpp_fitted f = {.by = mpp_window_predictor_find("linear"), .a = {{factor}}};
  mpp_roll r;
  REQUIRE_OK(mpp_roll_make(&r, &h, 1));
  mpp_free_run_make(run, &f, &r, &w, &seen, reference);
  mpp_roll_free(&r);
}

static void growth_is_beyond_what_was_seen_and_the_reference(void)
{
  static mpp_free_run run, flat, reference;
  run_free(&flat, 1.0, 1.0, NULL);
  CU_ASSERT(flat.steps == 6 && flat.holds[0] == SIZE_MAX); /* twice the window */
  run_free(&run, 1.2, 1.0, &flat);
  CU_ASSERT_EQUAL(run.holds[0], 2); /* 1.2^2 < 1.5 < 1.2^3 */
  run_free(&run, 1.2, 2.25, &flat);
  CU_ASSERT_EQUAL(run.holds[0], 4);     /* 1.2^4 < 1.5^2 < 1.2^5 */
  run_free(&reference, 1.1, 1.0, NULL); /* goes on where it grows */
  CU_ASSERT(reference.holds[0] == 4 && reference.moved[5][0] > 3.0);
  run_free(&run, 1.15, 1.0, &reference); /* (1.15 / 1.1)^6 < 1.5 */
  CU_ASSERT_EQUAL(run.holds[0], SIZE_MAX);
  run_free(&run, NAN, 1.0, &reference); /* held at the bounds */
  CU_ASSERT_EQUAL(run.holds[0], 0);
}

static void what_was_seen_bounds_a_forecast(void)
{
  static float x[3 * 4] = {1.0f, 2.0f, 3.0f, 4.0f, 1.0f, 2.0f, 3.0f, 6.0f, 1.0f, 2.0f, 3.0f, 5.0f};
  const mpp_window w = {.x = x, .T = 3, .C = 1, .stride = 4, .grid = {1, 1, 4}};
  mpp_seen s;
  mpp_seen_in(&s, &w, 4, 3);
  CU_ASSERT(s.low[0] == -4.0 && s.high[0] == 11.0 && s.moved[0] == 1.0);
  mpp_roll r = {.held = {0}};
  r.halo.cells = 100;
  r.moved[0] = 16.0;
  r.held[0] = 1;
  CU_ASSERT_FALSE(mpp_seen_breakdown(&r, &s, 0));
  r.held[0] = 2;
  CU_ASSERT_TRUE(mpp_seen_breakdown(&r, &s, 0));
  r.held[0] = 0;
  r.moved[0] = 16.1;
  CU_ASSERT_TRUE(mpp_seen_breakdown(&r, &s, 0));
  r.moved[0] = NAN;
  CU_ASSERT_TRUE(mpp_seen_breakdown(&r, &s, 0));
}

TESTS({"a field that stands still does not move", a_field_that_stands_still_does_not_move},
      {"a third of the window is put aside", a_third_of_the_window_is_put_aside},
      {"the rank is the late mean of logarithms", the_rank_is_the_late_mean_of_logarithms},
      {"predictors without a fit are out", predictors_without_a_fit_are_out},
      {"growth is beyond what was seen and the reference",
       growth_is_beyond_what_was_seen_and_the_reference},
      {"what was seen bounds a forecast", what_was_seen_bounds_a_forecast})
