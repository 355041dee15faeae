/* test_ins_periodic_exact.c - the solutions obey the equations, by differences. */
#include "ins_periodic_exact.h"
#include "pde_case.h"
#include "test.h"

enum { N = 64, CELLS = N * N, FIELDS = MPP_INS_FIELDS };

static double at(const double *u, size_t f, size_t i, size_t j)
{
  return u[f * CELLS + i % N * N + j % N];
}

/* Fourth-order differences along x (axis 0) and y. */
static double slope(const double *u, size_t f, size_t i, size_t j, int axis)
{
  const size_t a = axis == 0, b = axis == 1, k = N;
  return N / 12.0 *
         (8.0 * (at(u, f, i + a, j + b) - at(u, f, i + k - a, j + k - b)) -
          (at(u, f, i + 2 * a, j + 2 * b) - at(u, f, i + k - 2 * a, j + k - 2 * b)));
}

static double laplacian(const double *u, size_t f, size_t i, size_t j)
{
  double sum = 0.0;
  for (size_t a = 0; a < 2; a++) {
    const size_t b = 1 - a;
    const double one = at(u, f, i + a, j + b) + at(u, f, i + N - a, j + N - b);
    const double two = at(u, f, i + 2 * a, j + 2 * b) + at(u, f, i + N - 2 * a, j + N - 2 * b);
    sum += (16.0 * one - two - 30.0 * at(u, f, i, j)) * N * N / 12.0;
  }
  return sum;
}

/* Vorticity into field 0 of w; curls of the velocities are all that pressure leaves. */
static void curl(double *w, const double *u)
{
  for (size_t k = 0; k < CELLS; k++) {
    w[k] = slope(u, MPP_INS_VY, k / N, k % N, 0) - slope(u, MPP_INS_VX, k / N, k % N, 1);
  }
}

/* Largest of w_t + v . grad w - Nu lap w and c_t + v . grad c - diffusivity lap c; uniform forces
 * on uniform particles have no curl, they are held against the mean velocity. */
static double residual(void (*exact)(double *, double, const mpp_pde_setup *))
{
  static double u[3][FIELDS * CELLS], w[3][CELLS];
  const mpp_generate_options o = {.samples = 1, .resolution = N};
  mpp_pde_case c;
  const double t = 0.3, dt = 1e-3;
  double worst = 0.0, push[2] = {0.0, 0.0};
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_ins_periodic, &o));
  for (int k = 0; k < 3; k++) {
    exact(u[k], t + (k - 1) * dt, &c.setup);
    curl(w[k], u[k]);
  }
  for (size_t k = 0; k < CELLS; k++) {
    const size_t i = k / N, j = k % N;
    const double vx = u[1][k], vy = u[1][CELLS + k];
    const double of_w = (w[2][k] - w[0][k]) / (2.0 * dt) + vx * slope(w[1], 0, i, j, 0) +
                        vy * slope(w[1], 0, i, j, 1) -
                        c.setup.param[MPP_INS_PERIODIC_NU] * laplacian(w[1], 0, i, j);
    const size_t p = MPP_INS_PARTICLES;
    const double of_c = (u[2][p * CELLS + k] - u[0][p * CELLS + k]) / (2.0 * dt) +
                        vx * slope(u[1], p, i, j, 0) + vy * slope(u[1], p, i, j, 1) -
                        c.setup.param[MPP_INS_PERIODIC_DIFFUSIVITY] * laplacian(u[1], p, i, j);
    worst = fmax(worst, fmax(fabs(of_w), fabs(of_c)));
    for (size_t a = 0; a < 2; a++) {
      push[a] += (u[2][a * CELLS + k] - u[0][a * CELLS + k]) / (2.0 * dt) / CELLS -
                 u[1][p * CELLS + k] * u[1][(MPP_INS_FX + a) * CELLS + k] / CELLS;
    }
  }
  return fmax(worst, fmax(fabs(push[0]), fabs(push[1])));
}

static void solutions_obey_the_equations(void)
{
  /* Terms are up to 2 (2 pi)^3 = 500; differences have errors of (2 pi / 64)^4 / 30 of them and of
   * (10 dt)^2 / 6. */
  CU_ASSERT(residual(mpp_ins_periodic_carried) < 0.05);
  CU_ASSERT(residual(mpp_ins_periodic_driven) < 0.05);
}

TESTS({"solutions obey the equations", solutions_obey_the_equations})
