#include "cns_scheme_viscous.h"
#include "num_hllc.h"
#include "test.h"

/* A wave number k along each axis, small enough that heat does not matter. */
typedef struct box {
  mpp_cns_grid g;
  mpp_cns_viscous v;
  double *u, *q[2];
  size_t cells;
} box;

static void open_box(box *b, int dims, size_t n, double eta, double zeta, bool kinematic)
{
  mpp_pde_setup s = {.grid = {.dx = {1.0, 1.0, 1.0}}};
  b->cells = 1;
  for (int a = 0; a < 3; a++) {
    s.grid.n[a] = a >= 3 - dims ? n : 1;
    s.grid.dx[a] = 1.0 / (double)n;
    b->cells *= s.grid.n[a];
  }
  REQUIRE_OK(mpp_cns_grid_make(&b->g, &s, 5));
  REQUIRE_OK(mpp_cns_viscous_create(&b->v, &b->g, 1.4, eta, zeta, kinematic));
  REQUIRE_OK(MPP_ALLOC(&b->u, 5 * b->cells));
  for (int k = 0; k < 2; k++) { REQUIRE_OK(MPP_ALLOC(&b->q[k], 5 * b->g.field)); }
}

static void close_box(box *b)
{
  mpp_cns_viscous_free(&b->v);
  mpp_free(b->u);
  for (int k = 0; k < 2; k++) { mpp_free(b->q[k]); }
}

static double step(box *b, double dt)
{
  const size_t fields = (size_t)b->g.dims + 2;
  mpp_cns_grid_load(&b->g, b->q[0], b->u, fields);
  mpp_cns_grid_fill(&b->g, b->q[0], fields);
  const double least = mpp_cns_viscous_step(&b->v, &b->g, b->q[1], b->q[0], dt);
  mpp_cns_grid_store(&b->g, b->u, b->q[1], fields);
  return least;
}

/* A sine of velocity `field` along an axis in gas of a density. */
static void sine(box *b, size_t field, int axis, double density)
{
  const size_t n = b->g.n[2], stride = axis == 2 ? 1 : axis == 1 ? n : n * n;
  for (size_t i = 0; i < ((size_t)b->g.dims + 2) * b->cells; i++) {
    const size_t f = i / b->cells, at = i % b->cells / stride % n;
    b->u[i] = f == field               ? 1e-6 * sin(2.0 * M_PI * ((double)at + 0.5) / (double)n)
              : f < (size_t)b->g.dims  ? 0.0
              : f == (size_t)b->g.dims ? density
                                       : 1.0;
  }
}

/* Factor by which a sine shrinks in dt. */
static double shrink(box *b, size_t field, int axis, double density, double dt)
{
  sine(b, field, axis, density);
  const double before = b->u[field * b->cells];
  step(b, dt);
  return b->u[field * b->cells] / before;
}

/* exp(-nu k^2 dt) of the discrete k^2, nu = eta / rho across and (4/3 eta + zeta) / rho along.
 * Third order errors of a step that is 0.02 of the decay time: 0.02^3 / 6 and less. */
static void hold_decay(int dims, bool kinematic)
{
  enum { N = 16 };
  const double k = 2.0 * N * sin(M_PI / N), eta = 0.03, zeta = 0.05, dt = 0.01, density = 2.0;
  box b;
  open_box(&b, dims, N, eta, zeta, kinematic);
  for (int axis = 3 - dims; axis < 3; axis++) {
    for (size_t f = 0; f < (size_t)dims; f++) {
      const bool along = mpp_cns_velocity(&b.g, axis) == (int)f;
      const double nu = (along ? 4.0 / 3.0 * eta + zeta : eta) / (kinematic ? 1.0 : density);
      const double z = nu * k * k * dt;
      CU_ASSERT_DOUBLE_EQUAL(shrink(&b, f, axis, density, dt), exp(-z), 0.2 * z * z * z);
    }
  }
  close_box(&b);
}

static void sines_decay_at_the_known_rate(void)
{
  for (int dims = 1; dims <= 3; dims++) {
    hold_decay(dims, false);
    hold_decay(dims, true);
  }
}

/* Compression along the diagonal, where the mixed derivatives count: with p = kx dx, velocities (1,
 * 1) decay by (4/3 eta + zeta + eta) (2 sin(p/2) / dx)^2 + (zeta - 2/3 eta + eta) (sin(p) / dx)^2;
 * with velocities (1, -1), a shear, the latter counts against. */
static void diagonal_waves_decay_at_the_known_rate(void)
{
  enum { N = 16 };
  const double eta = 0.03, zeta = 0.05, dt = 0.005, p = 2.0 * M_PI / N;
  const double near = pow(2.0 * N * sin(0.5 * p), 2.0), mixed = pow(N * sin(p), 2.0);
  const size_t cells = (size_t)N * N;
  for (int sign = -1; sign <= 1; sign += 2) {
    box b;
    open_box(&b, 2, N, eta, zeta, false);
    for (size_t i = 0; i < cells; i++) {
      const size_t sum = i / N + i % N;
      const double v = 1e-6 * sin(p * ((double)sum + 0.5));
      b.u[i] = v;
      b.u[cells + i] = sign * v;
      b.u[2 * cells + i] = b.u[3 * cells + i] = 1.0;
    }
    const double before = b.u[0];
    step(&b, dt);
    const double rate = (7.0 / 3.0 * eta + zeta) * near + sign * (eta / 3.0 + zeta) * mixed;
    const double z = rate * dt;
    CU_ASSERT_DOUBLE_EQUAL(b.u[0] / before, exp(-z), 0.2 * z * z * z); /* third order */
    CU_ASSERT_DOUBLE_EQUAL(b.u[cells], sign * b.u[0], 1e-20);
    close_box(&b);
  }
}

/* Passes grow as the root of the step; the result stays on the decay, where an explicit step of
 * this length would blow up by a factor of 60. */
static void long_steps_take_few_passes(void)
{
  enum { N = 64 };
  box b;
  open_box(&b, 1, N, 0.03, 0.0, false);
  const double limit = 0.5 / (N * N * 0.04), k = 2.0 * N * sin(M_PI / N);
  const double z = 0.04 * k * k * 30.0 * limit;
  CU_ASSERT_DOUBLE_EQUAL(shrink(&b, 0, 2, 1.0, 30.0 * limit), exp(-z), 0.2 * z * z * z);
  CU_ASSERT(b.v.passes >= 10 && b.v.passes <= 12);
  for (size_t i = 0; i < N; i++) { b.u[i] = i % 2 == 0 ? 1e-3 : -1e-3; } /* the stiffest mode */
  CU_ASSERT(step(&b, 300.0 * limit) > 0.0);
  for (size_t i = 0; i < N; i++) { CU_ASSERT(fabs(b.u[i]) < 0.8e-3); }
  close_box(&b);
}

/* Momentum and energy of gas of varying density stay, and lost motion is found as heat. */
static void momentum_and_energy_stay(void)
{
  for (int dims = 1; dims <= 3; dims++) {
    box b;
    enum { VALUES = 5 * 512 };
    float noise[VALUES];
    double before[5] = {0.0}, after[5] = {0.0}, kinetic[2] = {0.0, 0.0};
    open_box(&b, dims, 8, 0.02, 0.01, false);
    const size_t n = b.cells, d = (size_t)dims;
    test_fill(noise, VALUES, 21);
    for (size_t i = 0; i < (d + 2) * n; i++) {
      b.u[i] = (i >= d * n ? 3.0 : 0.0) + 0.5 * (double)noise[i];
    }
    for (int pass = 0; pass < 2; pass++) {
      double *sum = pass == 0 ? before : after;
      for (size_t i = 0; i < n; i++) {
        for (size_t f = 0; f < d; f++) {
          const double v = b.u[f * n + i], m = b.u[d * n + i] * v;
          sum[f] += m;
          kinetic[pass] += 0.5 * m * v;
          sum[4] += 0.5 * m * v;
        }
        sum[4] += b.u[(d + 1) * n + i] / 0.4;
      }
      if (pass == 0) {
        CU_ASSERT(step(&b, 0.05) > 0.0);
      }
    }
    for (int f = 0; f < 5; f++) {
      CU_ASSERT_DOUBLE_EQUAL(after[f], before[f], 1e-10); /* roundings of a sum of 4000 */
    }
    CU_ASSERT(kinetic[1] < 0.95 * kinetic[0]);
    close_box(&b);
  }
}

static void tiny_viscosity_takes_one_pass(void)
{
  box b;
  open_box(&b, 2, 16, 1e-8, 0.0, false);
  const double rate = 1e-8 * 4.0 * 256 * sin(M_PI / 16) * sin(M_PI / 16);
  CU_ASSERT_DOUBLE_EQUAL((1.0 - shrink(&b, 1, 1, 1.0, 0.01)) / (rate * 0.01), 1.0, 1e-3);
  CU_ASSERT_EQUAL(b.v.passes, 1);
  close_box(&b);
}

TESTS({"sines decay at the known rate", sines_decay_at_the_known_rate},
      {"diagonal waves decay at the known rate", diagonal_waves_decay_at_the_known_rate},
      {"long steps take few passes", long_steps_take_few_passes},
      {"momentum and energy stay", momentum_and_energy_stay},
      {"tiny viscosity takes one pass", tiny_viscosity_takes_one_pass})
