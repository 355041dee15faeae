#include "cns_exact.h"
#include "test.h"

typedef struct tube_case {
  mpp_gas_point left, right;
  double gamma, pressure, u, density_left, density_right, tolerance;
} tube_case;

/* Sod's tube as printed by Toro (2009), table 4.3; the others are PDEBench's tests at gamma = 5/3,
 * solved apart from this program. Tolerances: half of the last digit that is known. */
static void riemann_problems_have_the_known_middle(void)
{
  static const tube_case cases[] = {
      {{1, 0, 1},
       {0.125, 0, 0.1},
       1.4,
       0.3031301781,
       0.9274526200,
       0.4263194282,
       0.2655737117,
       1e-9},
      {{1, 0.75, 1}, {0.125, 0, 0.1}, 5.0 / 3, 0.471293, 1.290992, 0.636758, 0.284803, 6e-7},
      {{1, 0, 1000}, {1, 0, 0.01}, 5.0 / 3, 445.625877, 18.281207, 0.615719, 3.999663, 6e-7},
      {{5.99924, 19.5975, 460.894},
       {5.99242, -6.19633, 46.095},
       5.0 / 3,
       1841.821805,
       8.560449,
       12.743031,
       21.924815,
       6e-7},
      {{1, -2, 0.4}, {1, 2, 0.4}, 5.0 / 3, 8.3e-5, 0.0, 0.006179, 0.006179, 6e-7}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    const tube_case *c = &cases[i];
    const mpp_gas_star s = mpp_gas_riemann_star(c->left, c->right, c->gamma);
    CU_ASSERT_DOUBLE_EQUAL(s.pressure, c->pressure, c->tolerance);
    CU_ASSERT_DOUBLE_EQUAL(s.u, c->u, c->tolerance);
    CU_ASSERT_DOUBLE_EQUAL(s.density_left, c->density_left, c->tolerance);
    CU_ASSERT_DOUBLE_EQUAL(s.density_right, c->density_right, c->tolerance);
  }
}

/* Mass of Sod's tube between -1 and 1 changes by nothing, its momentum by the difference of the
 * pressures at the ends: fan, contact and shock stand at the right places. */
static void a_tube_keeps_its_balances(void)
{
  const mpp_gas_point left = {1.0, 0.0, 1.0}, right = {0.125, 0.0, 0.1};
  const double t = 0.4;
  double mass = 0.0, momentum = 0.0, energy = 0.0;
  enum { N = 20000 };
  for (int i = 0; i < N; i++) {
    const double x = (i + 0.5) * 2.0 / N - 1.0;
    const mpp_gas_point q = mpp_gas_riemann(left, right, 1.4, x / t);
    mass += q.density * 2.0 / N;
    momentum += q.density * q.u * 2.0 / N;
    energy += (q.pressure / 0.4 + 0.5 * q.density * q.u * q.u) * 2.0 / N;
  }
  /* a jump is misplaced by half a cell of 1e-4 at most */
  CU_ASSERT_DOUBLE_EQUAL(mass, 1.125, 1e-4);
  CU_ASSERT_DOUBLE_EQUAL(momentum, 0.9 * t, 1e-4);
  CU_ASSERT_DOUBLE_EQUAL(energy, 2.75, 3e-4);
}

static void a_mirrored_tube_has_the_mirrored_solution(void)
{
  const mpp_gas_point left = {1.0, 0.3, 1.0}, right = {0.4, -0.2, 0.3};
  const mpp_gas_point image_left = {0.4, 0.2, 0.3}, image_right = {1.0, -0.3, 1.0};
  for (int i = 0; i < 80; i++) {
    const double xi = -2.0 + 0.05 * i;
    const mpp_gas_point q = mpp_gas_riemann(left, right, 1.4, xi);
    const mpp_gas_point r = mpp_gas_riemann(image_left, image_right, 1.4, -xi);
    CU_ASSERT_DOUBLE_EQUAL(q.density, r.density, 1e-14); /* sums in another order */
    CU_ASSERT_DOUBLE_EQUAL(q.u, -r.u, 1e-14);
    CU_ASSERT_DOUBLE_EQUAL(q.pressure, r.pressure, 1e-14);
  }
}

/* Residual of the Euler equations in primitive form by central differences of size h, whose error
 * is of the size h^2 times third derivatives (about 2e3 times the amplitude). */
static void the_simple_wave_solves_the_euler_equations(void)
{
  const double h = 1e-5, gamma = 5.0 / 3, a = 0.1, length = 0.7, t = 0.2;
  for (int i = 0; i < 14; i++) {
    const double x = 0.05 * i;
    const mpp_gas_point q = mpp_gas_simple_wave(x, t, gamma, a, length);
    const mpp_gas_point e = mpp_gas_simple_wave(x + h, t, gamma, a, length);
    const mpp_gas_point w = mpp_gas_simple_wave(x - h, t, gamma, a, length);
    const mpp_gas_point n = mpp_gas_simple_wave(x, t + h, gamma, a, length);
    const mpp_gas_point s = mpp_gas_simple_wave(x, t - h, gamma, a, length);
    const double scale = 0.5 / h, ux = (e.u - w.u) * scale;
    const double mass =
        (n.density - s.density) * scale + q.u * (e.density - w.density) * scale + q.density * ux;
    const double momentum =
        q.density * ((n.u - s.u) * scale + q.u * ux) + (e.pressure - w.pressure) * scale;
    CU_ASSERT_DOUBLE_EQUAL(mass, 0.0, 1e-7);
    CU_ASSERT_DOUBLE_EQUAL(momentum, 0.0, 1e-7);
    CU_ASSERT_DOUBLE_EQUAL(mpp_gas_simple_wave(x, 0.0, gamma, a, length).u,
                           a * sin(2.0 * M_PI * x / length), 1e-15);
  }
}

static void the_damped_wave_solves_the_linear_equations(void)
{
  const double h = 1e-5, gamma = 1.4, a = 0.01, length = 0.7, t = 0.2, nu = 0.03;
  for (int i = 0; i < 14; i++) {
    const double x = 0.05 * i;
    const mpp_gas_point q = mpp_gas_damped_wave(x, t, gamma, a, length, nu);
    const mpp_gas_point e = mpp_gas_damped_wave(x + h, t, gamma, a, length, nu);
    const mpp_gas_point w = mpp_gas_damped_wave(x - h, t, gamma, a, length, nu);
    const mpp_gas_point n = mpp_gas_damped_wave(x, t + h, gamma, a, length, nu);
    const mpp_gas_point s = mpp_gas_damped_wave(x, t - h, gamma, a, length, nu);
    const double mass = (n.density - s.density + e.u - w.u) / (2.0 * h);
    const double momentum =
        (n.u - s.u + e.pressure - w.pressure) / (2.0 * h) - nu * (e.u - 2.0 * q.u + w.u) / (h * h);
    CU_ASSERT_DOUBLE_EQUAL(mass, 0.0, 1e-7);
    CU_ASSERT_DOUBLE_EQUAL(momentum, 0.0, 1e-6); /* rounding over h^2 */
    const mpp_gas_point start = mpp_gas_damped_wave(x, 0.0, gamma, a, length, nu);
    CU_ASSERT_DOUBLE_EQUAL(start.u, a * sin(2.0 * M_PI * x / length), 1e-16);
    CU_ASSERT_DOUBLE_EQUAL(start.density - 1.0, start.u, 1e-15);
  }
}

TESTS({"Riemann problems have the known middle", riemann_problems_have_the_known_middle},
      {"a tube keeps its balances", a_tube_keeps_its_balances},
      {"a mirrored tube has the mirrored solution", a_mirrored_tube_has_the_mirrored_solution},
      {"the simple wave solves the Euler equations", the_simple_wave_solves_the_euler_equations},
      {"the damped wave solves the linear equations", the_damped_wave_solves_the_linear_equations})
