#include "ins_exact.h"
#include "test.h"

static const double h = 1e-4; /* of central differences: error h^2 times derivatives of some 1000 */

static double v(int axis, const double at[2], double t)
{
  return mpp_ins_exact_velocity(axis, at[0], at[1], t);
}

static double pressure(const double at[2], double t)
{
  return 0.25 * (1.0 + 0.5 * sin(3.0 * t)) * cos(M_PI * at[0]) * cos(M_PI * at[1]);
}

/* d/dx_k and d2/dx_k^2 of a velocity component. */
static double slope(int axis, int k, const double at[2], double t)
{
  double low[2] = {at[0], at[1]}, high[2] = {at[0], at[1]};
  low[k] -= h;
  high[k] += h;
  return (v(axis, high, t) - v(axis, low, t)) / (2.0 * h);
}

static double curvature(int axis, int k, const double at[2], double t)
{
  double low[2] = {at[0], at[1]}, high[2] = {at[0], at[1]};
  low[k] -= h;
  high[k] += h;
  return (v(axis, high, t) - 2.0 * v(axis, at, t) + v(axis, low, t)) / (h * h);
}

static double force(int axis, const double at[2], double t, double nu)
{
  const mpp_ins_wave x = {sin(M_PI * at[0]), cos(M_PI * at[0])};
  const mpp_ins_wave y = {sin(M_PI * at[1]), cos(M_PI * at[1])};
  double f = 0.0;
  mpp_ins_exact_force(&f, 1.0, 1, axis, x, &y, t, nu);
  return f;
}

static void the_force_balances_the_equation(void)
{
  const double nu = 0.03;
  for (int k = 0; k < 40; k++) {
    const double at[2] = {0.05 + 0.09 * (k % 10), 0.93 - 0.2 * (k / 10 % 4)}, t = 0.13 * k;
    for (int axis = 0; axis < 2; axis++) {
      double low[2] = {at[0], at[1]}, high[2] = {at[0], at[1]};
      low[axis] -= h;
      high[axis] += h;
      const double rate = (v(axis, at, t + h) - v(axis, at, t - h)) / (2.0 * h);
      const double convection =
          v(0, at, t) * slope(axis, 0, at, t) + v(1, at, t) * slope(axis, 1, at, t);
      const double push = (pressure(high, t) - pressure(low, t)) / (2.0 * h);
      const double viscous = nu * (curvature(axis, 0, at, t) + curvature(axis, 1, at, t));
      CU_ASSERT_DOUBLE_EQUAL(force(axis, at, t, nu), rate + convection + push - viscous, 1e-5);
    }
    CU_ASSERT_DOUBLE_EQUAL(slope(0, 0, at, t) + slope(1, 1, at, t), 0.0, 1e-5);
  }
}

static void particles_follow_streamlines_and_walls_hold(void)
{
  for (int k = 0; k < 20; k++) {
    const double at[2] = {0.03 + 0.047 * k, 0.9 - 0.04 * k}, s = 0.05 * k;
    const double cx =
        (mpp_ins_exact_particles(at[0] + h, at[1]) - mpp_ins_exact_particles(at[0] - h, at[1])) /
        (2.0 * h);
    const double cy =
        (mpp_ins_exact_particles(at[0], at[1] + h) - mpp_ins_exact_particles(at[0], at[1] - h)) /
        (2.0 * h);
    CU_ASSERT_DOUBLE_EQUAL(v(0, at, 0.7) * cx + v(1, at, 0.7) * cy, 0.0, 1e-5);
    for (int axis = 0; axis < 2; axis++) {
      for (int side = 0; side < 4; side++) {
        const double on[2] = {side < 2 ? s : side - 2.0, side < 2 ? side : s};
        CU_ASSERT_DOUBLE_EQUAL(v(axis, on, 0.7), 0.0, 1e-15); /* rounding of sin(pi) */
      }
    }
  }
}

TESTS({"the force balances the equation", the_force_balances_the_equation},
      {"particles follow streamlines and walls hold", particles_follow_streamlines_and_walls_hold})
