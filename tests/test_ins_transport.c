#include "ins_scheme.h"
#include "rng.h"
#include "test.h"

static mpp_ins make(size_t n)
{
  const size_t cells[2] = {n, n};
  const double low[2] = {0.0, 0.0}, dx[2] = {1.0 / (double)n, 1.0 / (double)n};
  mpp_ins s;
  REQUIRE_OK(mpp_ins_create(&s, cells, low, dx, 0.01));
  return s;
}

/* Velocities of the stream function sin^2(pi x) sin^2(pi y) / pi, times `size`: differences of its
 * values at corners are free of divergence. */
static void stir(const mpp_ins *s, double *u, double *v, double size)
{
  for (size_t i = 0; i <= s->n[0]; i++) {
    for (size_t j = 0; j <= s->n[1]; j++) {
      double psi[3];
      for (size_t k = 0; k < 3; k++) { /* at (i, j), (i, j + 1) and (i + 1, j) */
        const double x = ((double)i + (k == 2 ? 1.0 : 0.0)) * s->dx[0];
        const double y = ((double)j + (k == 1 ? 1.0 : 0.0)) * s->dx[1];
        psi[k] = size * sin(M_PI * x) * sin(M_PI * x) * sin(M_PI * y) * sin(M_PI * y) / M_PI;
      }
      u[mpp_ins_at(s, i, j)] = (psi[1] - psi[0]) / s->dx[1];
      v[mpp_ins_at(s, i, j)] = -(psi[2] - psi[0]) / s->dx[0];
    }
  }
  mpp_ins_walls(s, u, v, -1.0);
}

static double blob(const mpp_ins *s, size_t i, size_t j)
{
  const double x = ((double)i + 0.5) * s->dx[0] - 0.5, y = ((double)j + 0.5) * s->dx[1] - 0.72;
  return exp(-60.0 * (x * x + y * y));
}

/* The flow turns a blob around and back again (R. J. LeVeque, SIAM J. Numer. Anal. 33 (1996) 627):
 * after the time 1 all is where it was. Mean absolute difference. */
static double error_after_return(size_t n)
{
  mpp_ins s = make(n);
  const size_t steps = 5 * n;
  double error = 0.0;
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) { s.c[mpp_ins_at(&s, i, j)] = blob(&s, i, j); }
  }
  for (size_t k = 0; k < steps; k++) {
    stir(&s, s.u, s.v, cos(M_PI * (double)k / (double)steps));
    stir(&s, s.u_next, s.v_next, cos(M_PI * (double)(k + 1) / (double)steps));
    mpp_ins_transport(&s, 1.0 / (double)steps);
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      error += fabs(s.c[mpp_ins_at(&s, i, j)] - blob(&s, i, j)) / (double)(n * n);
    }
  }
  mpp_ins_free(&s);
  return error;
}

/* Limiting clips the top of the blob, which costs some tenths of an order. */
static void a_flow_that_returns_brings_particles_back(void)
{
  const double coarse = error_after_return(32), fine = error_after_return(128);
  CU_ASSERT(fine < 1e-3 && log2(coarse / fine) / 2.0 > 1.75);
}

/* At the largest step for which it is promised. */
static void no_value_leaves_the_range(void)
{
  mpp_ins s = make(40);
  double low = HUGE_VAL, high = -HUGE_VAL, divergence = 0.0;
  for (size_t i = 0; i < 40; i++) {
    for (size_t j = 0; j < 40; j++) {
      const double c = mpp_rng_uniform(1, MPP_STREAM_PDE, i, (uint32_t)j) < 0.5 ? -1.0 : 3.0;
      s.c[mpp_ins_at(&s, i, j)] = c;
    }
  }
  stir(&s, s.u, s.v, 1.0);
  stir(&s, s.u_next, s.v_next, 1.0);
  const double dt = 0.5 / mpp_ins_courant_rate(&s, s.u, s.v, &divergence);
  CU_ASSERT(divergence < 1e-11); /* rounding of differences of psi over cells twice */
  for (int k = 0; k < 300; k++) { mpp_ins_transport(&s, dt); }
  for (size_t i = 0; i < 40; i++) {
    for (size_t j = 0; j < 40; j++) {
      low = fmin(low, s.c[mpp_ins_at(&s, i, j)]);
      high = fmax(high, s.c[mpp_ins_at(&s, i, j)]);
    }
  }
  CU_ASSERT(low >= -1.0 - 1e-12 && high <= 3.0 + 1e-12); /* rounding of 300 steps */
  CU_ASSERT(high - low > 1.0);
  mpp_ins_free(&s);
}

static void constants_stay_and_the_sum_is_kept(void)
{
  for (int constant = 0; constant < 2; constant++) {
    mpp_ins s = make(24);
    double before = 0.0, after = 0.0, worst = 0.0;
    for (size_t i = 0; i < 24; i++) {
      for (size_t j = 0; j < 24; j++) {
        const size_t k = mpp_ins_at(&s, i, j);
        s.c[k] = constant == 1 ? 2.0 : mpp_rng_normal(2, MPP_STREAM_PDE, k, 0);
        before += s.c[k];
      }
    }
    stir(&s, s.u, s.v, 1.0);
    stir(&s, s.u_next, s.v_next, 0.8);
    for (int k = 0; k < 50; k++) { mpp_ins_transport(&s, 0.015); }
    for (size_t i = 0; i < 24; i++) {
      for (size_t j = 0; j < 24; j++) {
        after += s.c[mpp_ins_at(&s, i, j)];
        worst = fmax(worst, fabs(s.c[mpp_ins_at(&s, i, j)] - 2.0));
      }
    }
    CU_ASSERT_DOUBLE_EQUAL(after, before, 1e-11); /* rounding: 50 steps, 576 cells */
    CU_ASSERT(constant == 0 ? worst > 0.1 : worst < 1e-13);
    mpp_ins_free(&s);
  }
}

static void speeds_and_leaks_are_measured(void)
{
  mpp_ins s = make(10);
  double divergence = 0.0;
  s.u[mpp_ins_at(&s, 3, 4)] = -2.0;
  s.v[mpp_ins_at(&s, 3, 5)] = 1.0;
  CU_ASSERT_DOUBLE_EQUAL(mpp_ins_courant_rate(&s, s.u, s.v, &divergence), 30.0, 1e-12);
  CU_ASSERT_DOUBLE_EQUAL(divergence, 30.0, 1e-12); /* cell (3, 4): both faces let out */
  s.u[mpp_ins_at(&s, 7, 7)] = NAN;
  CU_ASSERT(!isfinite(mpp_ins_courant_rate(&s, s.u, s.v, &divergence)));
  mpp_ins_free(&s);
}

TESTS({"a flow that returns brings particles back", a_flow_that_returns_brings_particles_back},
      {"no value leaves the range", no_value_leaves_the_range},
      {"constants stay and the sum is kept", constants_stay_and_the_sum_is_kept},
      {"speeds and leaks are measured", speeds_and_leaks_are_measured})
