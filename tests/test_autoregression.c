/* test_autoregression.c - the auto-regression fitted inside the window. */
#include "autoregression.h"

#include "test.h"

enum { ORDER = MPP_AUTOREGRESSION_ORDER };

/* x [T, 1, 1, S] of increments that follow d_t = a1 d_{t-1} + a2 d_{t-2} + a3 d_{t-3} from random
 * starts, in double before it is rounded. */
static void recurrence(float *x, size_t T, size_t s, const double a[3])
{
  for (size_t i = 0; i < s; i++) {
    float start[4];
    test_fill(start, 4, 100 + i);
    double d[3] = {start[0], start[1], start[2]}, value = start[3];
    for (size_t t = 0; t < T; t++) {
      x[t * s + i] = (float)value;
      const double next = a[0] * d[0] + a[1] * d[1] + a[2] * d[2];
      d[2] = d[1];
      d[1] = d[0];
      d[0] = next;
      value += next;
    }
  }
}

static void a_recurrence_is_found_and_continued(void)
{
  enum { T = 10, S = 300, AHEAD = 5 };
  static float x[(T + AHEAD) * S], y[S];
  const double truth[3] = {1.2, -0.5, 0.1};
  double a[ORDER];
  float scale;
  recurrence(x, T + AHEAD, S, truth);
  mpp_autoregression_fit(a, &scale, x, T, 1, 1, S);
  /* float32 rounding of the values (6e-8) over increments of size 0.3, amplified by the fit */
  for (size_t k = 0; k < ORDER; k++) { CU_ASSERT_DOUBLE_EQUAL(a[k], truth[k], 1e-4); }
  for (size_t steps = 1; steps <= AHEAD; steps++) {
    mpp_autoregression_extrapolate(y, x, a, steps, T, 1, 1, S);
    CU_ASSERT(test_relative_error(y, x + (T + steps - 1) * S, S) < 2e-5);
  }
  /* The residual is rounding, so the floor holds: 0.02 of the last increments' RMS. */
  double square = 0.0;
  for (size_t i = 0; i < S; i++) {
    for (size_t t = T - 3; t < T; t++) {
      square += pow((double)x[t * S + i] - x[(t - 1) * S + i], 2);
    }
  }
  CU_ASSERT_DOUBLE_EQUAL(scale, 0.02 * sqrt(square / (3 * S)), 1e-6 * scale);
}

/* d_t = 0.9 d_{t-4}, which no lower order follows. */
static void higher_orders_are_fitted(void)
{
  enum { T = 14, S = 200, FOUR = MPP_AUTOREGRESSION_MOST };
  static float x[T * S];
  double a[FOUR], three[ORDER];
  float scale, scale_of_three;
  for (size_t i = 0; i < S; i++) {
    float start[5];
    test_fill(start, 5, 300 + i);
    double d[4] = {start[0], start[1], start[2], start[3]}, value = start[4];
    for (size_t t = 0; t < T; t++) {
      x[t * S + i] = (float)value;
      d[t % 4] *= 0.9;
      value += d[t % 4];
    }
  }
  mpp_autoregression_fit_fields(a, &scale, x, S, T, 1, S, FOUR);
  mpp_autoregression_fit_fields(three, &scale_of_three, x, S, T, 1, S, ORDER);
  /* as above: float32 rounding over increments */
  for (size_t k = 0; k < FOUR; k++) { CU_ASSERT_DOUBLE_EQUAL(a[k], k == 3 ? 0.9 : 0.0, 1e-4); }
  CU_ASSERT(scale_of_three > 10.0f * scale);
}

/* The same normal equations written down cell by cell. */
static void plain_normal_equations(double G[3][3], double g[3], const float *x, size_t T, size_t s)
{
  memset(G, 0, 9 * sizeof(double));
  memset(g, 0, 3 * sizeof(double));
  for (size_t t = 4; t < T; t++) {
    double square = 0.0;
    for (size_t i = 0; i < s; i++) { square += pow((double)x[t * s + i] - x[(t - 1) * s + i], 2); }
    for (size_t i = 0; i < s; i++) {
      double d[4];
      for (size_t k = 0; k < 4; k++) { d[k] = (double)x[(t - k) * s + i] - x[(t - k - 1) * s + i]; }
      for (size_t j = 0; j < 3; j++) {
        g[j] += d[0] * d[j + 1] / square;
        for (size_t k = 0; k < 3; k++) { G[j][k] += d[j + 1] * d[k + 1] / square; }
      }
    }
  }
}

static void the_fit_solves_the_weighted_normal_equations(void)
{
  enum { T = 9, S = 131 };
  static float x[T * S];
  double G[3][3], g[3], a[ORDER];
  float scale;
  test_fill(x, (size_t)T * S, 5);
  for (size_t i = 0; i < S; i++) { x[i] *= 50.0f; } /* a fast start */
  mpp_autoregression_fit(a, &scale, x, T, 1, 1, S);
  plain_normal_equations(G, g, x, T, S);
  for (size_t j = 0; j < 3; j++) {
    double left = 0.0;
    for (size_t k = 0; k < 3; k++) { left += G[j][k] * a[k]; }
    CU_ASSERT_DOUBLE_EQUAL(left, g[j], 1e-7 * (fabs(g[j]) + G[j][j])); /* the ridge is 1e-9 */
  }
}

static void growth_is_damped_to_five_percent(void)
{
  enum { T = 12, S = 64 };
  static float x[T * S], near[S], far[S];
  const double doubling[3] = {2.0, 0.0, 0.0};
  double a[ORDER];
  float scale;
  recurrence(x, T, S, doubling);
  mpp_autoregression_fit(a, &scale, x, T, 1, 1, S);
  mpp_autoregression_extrapolate(near, x, a, 40, T, 1, 1, S);
  mpp_autoregression_extrapolate(far, x, a, 41, T, 1, 1, S);
  double step = 0.0, before = 0.0;
  for (size_t i = 0; i < S; i++) {
    step += fabs((double)far[i] - near[i]);
    before += fabs((double)near[i] - x[(size_t)(T - 1) * S + i]);
  }
  /* A geometric sum of ratio r grows by about (r - 1) of itself: 0.05 where r = 1.05, 1 where 2. */
  CU_ASSERT(step / before > 0.04 && step / before < 0.08);
}

static void constants_and_short_windows_are_persistence(void)
{
  enum { S = 20 };
  float x[6 * S], y[S], scale;
  double a[ORDER];
  for (size_t i = 0; i < (size_t)6 * S; i++) { x[i] = 3.25f; }
  for (size_t T = 1; T <= 6; T++) {
    mpp_autoregression_fit(a, &scale, x, T, 1, 1, S);
    mpp_autoregression_extrapolate(y, x, a, 7, T, 1, 1, S);
    CU_ASSERT_EQUAL(memcmp(y, x, sizeof y), 0);
    CU_ASSERT(scale > 0.0f);
  }
  test_fill(x, (size_t)2 * S, 9);
  mpp_autoregression_fit(a, &scale, x, 2, 1, 1, S); /* one increment: nothing to regress on */
  mpp_autoregression_extrapolate(y, x, a, 1, 2, 1, 1, S);
  CU_ASSERT_EQUAL(memcmp(y, x + S, sizeof y), 0);
}

static void fields_are_fitted_each_for_itself_with_the_same_bits_for_any_threads(void)
{
  enum { T = 8, B = 3, C = 2, S = 77 };
  static float x[T * B * C * S], one[T * S];
  double a[B * C * ORDER], again[B * C * ORDER], alone[ORDER];
  float scale[B * C], scale_again[B * C], scale_alone;
  test_fill(x, sizeof x / sizeof *x, 11);
  mpp_set_threads(1);
  mpp_autoregression_fit(a, scale, x, T, B, C, S);
  for (int threads = 2; threads <= 3; threads++) {
    mpp_set_threads(threads);
    mpp_autoregression_fit(again, scale_again, x, T, B, C, S);
    CU_ASSERT_EQUAL(memcmp(a, again, sizeof a), 0);
    CU_ASSERT_EQUAL(memcmp(scale, scale_again, sizeof scale), 0);
  }
  mpp_set_threads(0);
  for (size_t k = 0; k < (size_t)B * C; k++) {
    for (size_t t = 0; t < T; t++) {
      memcpy(one + t * S, x + (t * B * C + k) * S, S * sizeof(float));
    }
    mpp_autoregression_fit(alone, &scale_alone, one, T, 1, 1, S);
    CU_ASSERT_EQUAL(memcmp(alone, a + k * ORDER, sizeof alone), 0);
    CU_ASSERT_EQUAL(scale_alone, scale[k]);
  }
}

TESTS({"a recurrence is found and continued", a_recurrence_is_found_and_continued},
      {"higher orders are fitted", higher_orders_are_fitted},
      {"the fit solves the weighted normal equations",
       the_fit_solves_the_weighted_normal_equations},
      {"growth is damped to five percent", growth_is_damped_to_five_percent},
      {"constants and short windows are persistence", constants_and_short_windows_are_persistence},
      {"fields are fitted each for itself, with the same bits for any number of threads",
       fields_are_fitted_each_for_itself_with_the_same_bits_for_any_threads})
