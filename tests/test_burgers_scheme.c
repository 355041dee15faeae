#include "burgers_scheme.h"

#include "test.h"

static mpp_burgers open_of(size_t n, double nu)
{
  mpp_burgers b = {.n = 0};
  REQUIRE_OK(mpp_burgers_create(&b, n, 1.0 / (double)n, nu));
  return b;
}

/* Average over cell i of sin 2 pi k x. */
static double sine(size_t i, size_t n, int k)
{
  const double dx = 1.0 / (double)n, x = (double)i * dx, w = 2.0 * M_PI * k;
  return (cos(w * x) - cos(w * (x + dx))) / (w * dx);
}

/* Waves too small to feel each other, on a mean that carries them: exp(-nu k^2 t) sin k (x - t). */
static void small_waves_decay_and_travel(void)
{
  enum { N = 64 };
  mpp_burgers b = open_of(N, 0.02);
  double u[N];
  for (size_t i = 0; i < N; i++) { u[i] = 1.0 + 1e-6 * sine(i, N, 2); }
  mpp_burgers_start(&b, u);
  CU_ASSERT(mpp_burgers_advance(&b, 1.0)); /* back where it was */
  const double decay = exp(-0.02 * 16.0 * M_PI * M_PI);
  for (size_t i = 0; i < N; i++) {
    /* the wave's square, and the phase error of 10 steps a period */
    CU_ASSERT_DOUBLE_EQUAL((u[i] - 1.0) * decay, b.u[i] - 1.0, 1e-10);
  }
  mpp_burgers_free(&b);
}

/* A shock and a fan without viscosity, against their exact averages. */
static void shocks_and_fans_are_the_exact_ones(void)
{
  enum { N = 200 };
  mpp_burgers b = open_of(N, 0.0);
  double u[N], sum = 0.0;
  for (int i = 0; i < N; i++) { u[i] = i < N / 2 ? 1.5 : -0.5; }
  mpp_burgers_start(&b, u);
  CU_ASSERT(mpp_burgers_advance(&b, 0.2));
  for (int i = 0; i < N; i++) {
    const double x = (i + 0.5) / N; /* shock at 0.5 + 0.1; fan from -0.1 to 0.3 */
    const double fan = x < 0.3 ? x / 0.2 : x > 0.9 ? (x - 1.0) / 0.2 : 1.5;
    sum += fabs(b.u[i] - (x < 0.6 || x > 0.9 ? fan : -0.5)) / N;
  }
  CU_ASSERT(sum < 5e-3); /* a cell of half the jump */
  mpp_burgers_free(&b);
}

static void the_range_does_not_grow_and_the_mean_stays(void)
{
  enum { N = 256 };
  static const double nus[3] = {0.0, 3e-4, 1.0};
  for (int k = 0; k < 3; k++) {
    mpp_burgers b = open_of(N, nus[k]);
    double u[N], low = 1.0, high = -1.0, mean = 0.0;
    for (size_t i = 0; i < N; i++) {
      u[i] = fabs(0.6 * sine(i, N, 3) + 0.5 * sine(i, N, 1)) - 0.3;
      low = fmin(low, u[i]);
      high = fmax(high, u[i]);
      mean += u[i] / N;
    }
    mpp_burgers_start(&b, u);
    for (int frame = 1; frame <= 20; frame++) {
      CU_ASSERT(mpp_burgers_advance(&b, 0.05 * frame));
      double sum = 0.0, over = 0.0;
      for (size_t i = 0; i < N; i++) {
        sum += b.u[i] / N;
        over = fmax(over, fmax(low - b.u[i], b.u[i] - high));
      }
      CU_ASSERT(over < 1e-6 && fabs(sum - mean) < 1e-14); /* WENO's own overshoots; rounding */
    }
    mpp_burgers_free(&b);
  }
}

/* 500 times as viscous, the steps are not more. */
static void steps_do_not_depend_on_the_viscosity(void)
{
  enum { N = 128 };
  size_t steps[2];
  for (int k = 0; k < 2; k++) {
    mpp_burgers b = open_of(N, k == 0 ? 2e-3 : 1.0);
    double u[N];
    for (size_t i = 0; i < N; i++) { u[i] = 1.0 + 0.5 * sine(i, N, 1); }
    mpp_burgers_start(&b, u);
    CU_ASSERT(mpp_burgers_advance(&b, 0.1));
    steps[k] = b.steps;
    mpp_burgers_free(&b);
  }
  CU_ASSERT_EQUAL(steps[0], steps[1]);
  CU_ASSERT_EQUAL(steps[0], 48); /* 1.5 * 0.1 * 128 / 0.4, rounded up */
}

static void a_broken_state_is_a_failure(void)
{
  enum { N = 16 };
  mpp_burgers b = open_of(N, 0.01);
  double u[N] = {0.0};
  u[7] = NAN;
  mpp_burgers_start(&b, u);
  CU_ASSERT(!mpp_burgers_advance(&b, 0.1));
  u[7] = 1e300;
  mpp_burgers_start(&b, u);
  CU_ASSERT(!mpp_burgers_advance(&b, 0.1));
  mpp_burgers_free(&b);
}

static void memory_that_runs_out_leaves_nothing_behind(void)
{
  mpp_burgers b = {.n = 0};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_burgers_create(&b, 32, 1.0 / 32, 0.1));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    mpp_burgers_free(&b);
    b = (mpp_burgers){.n = 0};
  }
  CU_ASSERT(faults.failed > 1);
}

TESTS({"small waves decay and travel", small_waves_decay_and_travel},
      {"shocks and fans are the exact ones", shocks_and_fans_are_the_exact_ones},
      {"the range does not grow and the mean stays", the_range_does_not_grow_and_the_mean_stays},
      {"steps do not depend on the viscosity", steps_do_not_depend_on_the_viscosity},
      {"a broken state is a failure", a_broken_state_is_a_failure},
      {"memory that runs out leaves nothing behind", memory_that_runs_out_leaves_nothing_behind})
