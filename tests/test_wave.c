#include "fft.h"
#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const wave = &mpp_pde_wave;

static mpp_trajectory opened(mpp_pde_case *c, long resolution, const char *setting)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .seed = 4};
  mpp_trajectory t;
  if (setting != NULL) {
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", setting);
  }
  REQUIRE_OK(mpp_pde_case_make(c, wave, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

/* Mean of |grad u|^2 over the n x n points of the unit square, by the modes of u. */
static double mean_gradient(const double *u, size_t n)
{
  const mpp_fft_layout layout = {.n = {1, n, n}};
  mpp_fft *fft = NULL;
  double *values = NULL, *c = NULL, sum = 0.0;
  REQUIRE_OK(mpp_fft_create(&fft, &layout));
  const mpp_fft_shape s = mpp_fft_get_shape(fft);
  REQUIRE_OK(MPP_ALLOC(&values, s.values));
  REQUIRE_OK(MPP_ALLOC(&c, s.spectrum));
  memcpy(values, u, n * n * sizeof *u);
  mpp_fft_forward(fft, c, values, 1);
  for (size_t i = 0; i < s.m[1] * s.m[2]; i++) {
    const double kx = mpp_fft_mode(fft, 1, i / s.m[2]), ky = mpp_fft_mode(fft, 2, i % s.m[2]);
    const double twice = ky == 0.0 || 2.0 * ky == (double)n ? 1.0 : 2.0; /* its conjugate */
    sum += twice * (kx * kx + ky * ky) * (c[2 * i] * c[2 * i] + c[2 * i + 1] * c[2 * i + 1]);
  }
  mpp_fft_destroy(fft);
  mpp_free(values);
  mpp_free(c);
  return sum * 4.0 * M_PI * M_PI * s.scale * s.scale;
}

/* 1/2 mean of v^2 / c^2 + |grad u|^2 */
static double energy(const double *u, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n * n; i++) {
    const double v = u[n * n + i] / u[2 * n * n + i];
    sum += v * v / (double)(n * n);
  }
  return 0.5 * (sum + mean_gradient(u, n));
}

/* Largest relative change of the energy at 20 times. */
static double energy_error(const char *courant)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, courant);
  double worst = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  const double first = energy(t.u, 64);
  wave->start(t.run, t.u);
  for (int k = 1; k <= 20; k++) {
    CU_ASSERT(wave->advance(t.run, t.u, 0.1 * k));
    worst = fmax(worst, fabs(energy(t.u, 64) / first - 1.0));
  }
  mpp_trajectory_close(&t);
  return worst;
}

/* A symplectic method of fourth order: bounded, and 16 times less for half the step. */
static void energy_is_kept_to_the_fourth_order(void)
{
  const double coarse = energy_error("courant=0.4"), fine = energy_error("courant=0.2");
  CU_ASSERT(coarse < 1e-4 && fine > 0.0);
  CU_ASSERT(log2(coarse / fine) > 3.7 && log2(coarse / fine) < 4.5);
}

/* A medium and pulses that are the same on any grid. */
static void initial_fields_do_not_depend_on_the_grid(void)
{
  mpp_pde_case coarse_case, fine_case;
  mpp_trajectory coarse = opened(&coarse_case, 33, NULL), fine = opened(&fine_case, 99, NULL);
  double worst = 0.0, least = 9.0, most = 0.0, high = 0.0;
  size_t moving = 0;
  for (uint64_t sample = 0; sample < 10; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&coarse, sample));
    REQUIRE_OK(mpp_trajectory_init(&fine, sample));
    for (size_t i = 0; i < 3 * coarse_case.cells; i++) {
      const size_t f = i / 1089, row = i % 1089 / 33, column = i % 33;
      const double other = fine.u[f * 9801 + (3 * row + 1) * 99 + 3 * column + 1];
      worst = fmax(worst, fabs(coarse.u[i] - other));
    }
    for (size_t i = 0; i < fine_case.cells; i++) {
      moving += fine.u[fine_case.cells + i] != 0.0;
      high = fmax(high, fabs(fine.u[i]));
      least = fmin(least, fine.u[2 * fine_case.cells + i]);
      most = fmax(most, fine.u[2 * fine_case.cells + i]);
    }
  }
  CU_ASSERT(worst < 1e-13); /* roundings */
  CU_ASSERT_EQUAL(moving, 0);
  CU_ASSERT(least > 0.4 && least < 0.8 && most > 1.25 && most < 2.5); /* exp(+-0.2 g), |g| < 4.5 */
  CU_ASSERT(high > 0.5 && high < 2.0);
  mpp_trajectory_close(&coarse);
  mpp_trajectory_close(&fine);
}

/* Nothing moves faster than the largest speed: far from a pulse there is silence, near it is
 * not. */
static void waves_travel_at_the_speed_of_the_medium(void)
{
  enum { N = 96 };
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, N, NULL);
  double front = 0.0, ahead = 0.0;
  size_t changed = 0;
  for (size_t i = 0; i < c.cells; i++) {
    const double x = mpp_pde_case_coordinate(&c, 1, i / N) - 0.5;
    const double y = mpp_pde_case_coordinate(&c, 2, i % N) - 0.5;
    t.u[i] = exp(-0.5 * (x * x + y * y) / (0.03 * 0.03));
    t.u[c.cells + i] = 0.0;
    t.u[2 * c.cells + i] = 2.0;
  }
  wave->start(t.run, t.u);
  CU_ASSERT(wave->advance(t.run, t.u, 0.1)); /* the front is at 0.2 */
  for (size_t i = 0; i < c.cells; i++) {
    const double x = mpp_pde_case_coordinate(&c, 1, i / N) - 0.5;
    const double y = mpp_pde_case_coordinate(&c, 2, i % N) - 0.5, r = sqrt(x * x + y * y);
    front = r > 0.17 && r < 0.23 ? fmax(front, fabs(t.u[i])) : front;
    ahead = r > 0.2 + 8.0 * 0.03 ? fmax(ahead, fabs(t.u[i])) : ahead;
    changed += t.u[2 * c.cells + i] != 2.0;
  }
  CU_ASSERT_EQUAL(changed, 0);
  CU_ASSERT(front > 0.05);
  CU_ASSERT(ahead < 1e-9); /* exp(-8^2/2) = 1e-14, and the error of the steps */
  mpp_trajectory_close(&t);
}

static void what_is_not_finite_is_reported(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 16, NULL);
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  t.u[37] = 1e308;
  t.u[38] = -1e308;
  wave->start(t.run, t.u);
  CU_ASSERT(!wave->advance(t.run, t.u, 0.1));
  CU_ASSERT(!isfinite(t.run->bad_value));
  mpp_trajectory_close(&t);
}

TESTS({"energy is kept to the fourth order", energy_is_kept_to_the_fourth_order},
      {"initial fields do not depend on the grid", initial_fields_do_not_depend_on_the_grid},
      {"waves travel at the speed of the medium", waves_travel_at_the_speed_of_the_medium},
      {"what is not finite is reported", what_is_not_finite_is_reported})
