#include "cns_setup.h"
#include "test.h"

#define N     ((size_t)64)
#define CELLS (N * N)
static double u[4 * CELLS];

/* d/dx or d/dy by the eighth-order central difference; waves of number 4 on 64 cells: 1e-6. */
static double slope(const double *f, size_t i, size_t j, int axis)
{
  static const double weight[] = {4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0};
  double sum = 0.0;
  for (size_t k = 1; k <= 4; k++) {
    const size_t up = axis == 0 ? (i + k) % N * N + j : i * N + (j + k) % N;
    const size_t down = axis == 0 ? (i + N - k) % N * N + j : i * N + (j + N - k) % N;
    sum += weight[k - 1] * (f[up] - f[down]);
  }
  return sum * (double)N;
}

/* Mean squares of the divergence and of the rotation. */
static void mean_squares(double *divergence, double *rotation)
{
  *divergence = *rotation = 0.0;
  for (size_t c = 0; c < CELLS; c++) {
    const size_t i = c / N, j = c % N;
    const double d = slope(u, i, j, 0) + slope(u + CELLS, i, j, 1);
    const double r = slope(u + CELLS, i, j, 0) - slope(u, i, j, 1);
    *divergence += d * d / (double)CELLS;
    *rotation += r * r / (double)CELLS;
  }
}

static void draw(bool compat, uint64_t sample, double mach)
{
  mpp_pde_setup s = cns_setup(2, N, MPP_CNS_2D_TURBULENT, compat, 2031);
  s.param[MPP_CNS_M] = mach;
  REQUIRE_OK(mpp_cns_init(u, &s, sample));
}

static void the_velocity_has_no_divergence(void)
{
  for (uint64_t sample = 0; sample < 5; sample++) {
    double divergence = 0.0, rotation = 0.0;
    draw(false, sample, 0.1);
    mean_squares(&divergence, &rotation);
    CU_ASSERT(sqrt(divergence / rotation) < 3e-6);
  }
}

static void released_velocities_have_some_divergence(void)
{
  double share = 0.0;
  for (uint64_t sample = 0; sample < 20; sample++) {
    double divergence = 0.0, rotation = 0.0;
    draw(true, sample, 0.1);
    mean_squares(&divergence, &rotation);
    share += divergence / (divergence + rotation) / 20.0;
  }
  CU_ASSERT(share > 0.02 && share < 0.12);
}

static void speed_and_sound_are_those_of_the_mach_number(void)
{
  for (int compat = 0; compat < 2; compat++) {
    double speed = 0.0;
    draw(compat == 1, 3, 0.5);
    for (size_t i = 0; i < CELLS; i++) {
      speed += hypot(u[i], u[CELLS + i]) / (double)CELLS;
      CU_ASSERT_EQUAL(u[2 * CELLS + i], 1.0);
      /* sound = sqrt(gamma p / rho) = 1 / 0.5 */
      CU_ASSERT_DOUBLE_EQUAL(u[3 * CELLS + i], 4.0 * 3.0 / 5.0, 1e-14);
    }
    CU_ASSERT_DOUBLE_EQUAL(speed, 1.0, 1e-12); /* rounding */
  }
}

static void turbulence_has_no_mean_and_differs_between_samples(void)
{
  static double first[2 * CELLS];
  draw(false, 0, 0.1);
  memcpy(first, u, sizeof first);
  CU_ASSERT(fabs(cns_mean(u, CELLS)) < 1e-14 && fabs(cns_mean(u + CELLS, CELLS)) < 1e-14);
  draw(false, 1, 0.1);
  CU_ASSERT(memcmp(first, u, sizeof first) != 0);
}

static void three_dimensions_work_alike(void)
{
  const size_t m = 16, block = m * m * m;
  static double w[5 * 16 * 16 * 16];
  const mpp_pde_setup s = cns_setup(3, m, MPP_CNS_3D_TURBULENT, false, 4);
  double speed = 0.0;
  REQUIRE_OK(mpp_cns_init(w, &s, 0));
  for (size_t i = 0; i < block; i++) {
    speed += sqrt(w[i] * w[i] + w[block + i] * w[block + i] + w[2 * block + i] * w[2 * block + i]);
    CU_ASSERT_EQUAL(w[3 * block + i], 1.0);
  }
  CU_ASSERT_DOUBLE_EQUAL(speed / (double)block, 1.0, 1e-12);
  /* what flows through each plane x = const of an incompressible flow without mean is nothing */
  for (size_t d = 0; d < m; d++) { CU_ASSERT(fabs(cns_mean(w + d * m * m, m * m)) < 1e-14); }
}

TESTS({"the velocity has no divergence", the_velocity_has_no_divergence},
      {"released velocities have some divergence", released_velocities_have_some_divergence},
      {"speed and sound are those of the Mach number",
       speed_and_sound_are_those_of_the_mach_number},
      {"turbulence has no mean and differs between samples",
       turbulence_has_no_mean_and_differs_between_samples},
      {"three dimensions work alike", three_dimensions_work_alike})
