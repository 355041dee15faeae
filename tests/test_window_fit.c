/* test_window_fit.c - what is fitted to a window: rules, the next frame, what is kept. */
#include "window_fit.h"

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

/* What lies under a mask is neither fitted nor moved: a fit to waves around a block of noise is that of
 * the waves, and the block stays. */
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
  const long live = mpp_alloc_live();
  mpp_set_threads(1);
  for (int rule = MPP_RULE_PERSISTENCE; rule <= MPP_RULE_BACKTEST; rule++) {
    mpp_status st = MPP_ERR_NOMEM;
    for (long n = 0; st != MPP_OK && n < 3000; n++) {
      mpp_window_fit *f = NULL;
      mpp_fault_after(n);
      st = mpp_window_fit_create(&f, &w, (mpp_window_rule)rule);
      CU_ASSERT((st == MPP_OK) == (f != NULL) && (st == MPP_OK || st == MPP_ERR_NOMEM));
      st = st == MPP_OK ? mpp_window_fit_next(f, y, &w) : st;
      mpp_fault_after(-1);
      mpp_window_fit_destroy(f);
      CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    }
    CU_ASSERT_EQUAL(st, MPP_OK);
  }
  mpp_set_threads(0);
}

TESTS({"pointwise rules are those of window and autoregression",
       pointwise_rules_are_those_of_window_and_autoregression},
      {"a kept fit goes on from its own frames", a_kept_fit_goes_on_from_its_own_frames},
      {"a field that would break down stands still", a_field_that_would_break_down_stands_still},
      {"masked cells are left out and stay", masked_cells_are_left_out_and_stay},
      {"every allocation may fail", every_allocation_may_fail})
