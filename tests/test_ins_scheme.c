#include "ins_scheme.h"

#include "ins_exact.h"
#include "mpp/threads.h"
#include "test.h"

static mpp_ins make(size_t n, double nu)
{
  const size_t cells[2] = {n, n};
  const double low[2] = {0.0, 0.0}, dx[2] = {1.0 / (double)n, 1.0 / (double)n};
  mpp_ins s;
  REQUIRE_OK(mpp_ins_create(&s, cells, low, dx, nu));
  return s;
}

/* The flow of ins_exact.h at t = 0, with a push on particles besides. */
static void fill(mpp_ins *s)
{
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t j = 0; j < s->n[1]; j++) {
      const size_t k = mpp_ins_at(s, i, j);
      const double x = (double)i * s->dx[0], y = (double)j * s->dx[1], h = 0.5 * s->dx[0];
      s->u[k] = mpp_ins_exact_velocity(0, x, y + h, 0.0);
      s->v[k] = mpp_ins_exact_velocity(1, x + h, y, 0.0);
      s->c[k] = mpp_ins_exact_particles(x + h, y + h);
      s->fx[k] = sin(5.0 * (y + h));
      s->fy[k] = cos(4.0 * x);
    }
  }
  mpp_ins_start(s);
}

static double *copy_of(const mpp_ins *s)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, s->count));
  memcpy(u, s->u, s->count * sizeof *u);
  return u;
}

/* u of all inner faces after the time 0.2 in equal parts, each of one step. */
static double *after_parts(size_t parts)
{
  mpp_ins s = make(16, 0.02);
  fill(&s);
  for (size_t k = 1; k <= parts; k++) {
    CU_ASSERT(mpp_ins_advance(&s, 0.2 * (double)k / (double)parts));
  }
  CU_ASSERT_EQUAL(s.steps, parts);
  double *u = copy_of(&s);
  mpp_ins_free(&s);
  return u;
}

static void steps_are_of_second_order(void)
{
  double *u[4], size[3] = {0.0, 0.0, 0.0};
  for (size_t k = 0; k < 4; k++) { u[k] = after_parts((size_t)20 << k); }
  for (size_t i = 0; i < (size_t)20 * 20; i++) {
    for (size_t k = 0; k < 3; k++) { size[k] += fabs(u[k][i] - u[k + 1][i]); }
  }
  CU_ASSERT(log2(size[0] / size[1]) > 1.7 && log2(size[1] / size[2]) > 1.8);
  for (size_t k = 0; k < 4; k++) { mpp_free(u[k]); }
}

static void divergence_stays_at_rounding(void)
{
  mpp_ins s = make(48, 0.01);
  fill(&s);
  CU_ASSERT(mpp_ins_advance(&s, 0.5));
  CU_ASSERT(s.steps > 20);
  CU_ASSERT(s.divergence > 0.0 && s.divergence < 1e-12); /* of velocities of 1 over cells of 1/48 */
  mpp_ins_free(&s);
}

/* Mean absolute difference of pressure gradients along x to those of ins_exact.h at t = 0.5. */
static double pressure_error(size_t n)
{
  mpp_ins s = make(n, 0.02);
  double error = 0.0;
  s.body = mpp_ins_exact_force;
  fill(&s);
  memset(s.fx, 0, s.count * sizeof *s.fx);
  memset(s.fy, 0, s.count * sizeof *s.fy);
  mpp_ins_start(&s);
  CU_ASSERT(mpp_ins_advance(&s, 0.5));
  const double g = 0.25 * (1.0 + 0.5 * sin(1.5));
  for (size_t i = 1; i < n; i++) {
    for (size_t j = 0; j < n; j++) {
      const double x = (double)i / (double)n, y = ((double)j + 0.5) / (double)n;
      const size_t k = mpp_ins_at(&s, i, j);
      const double slope = (s.p[k] - s.p[k - s.stride]) * (double)n;
      error += fabs(slope + g * M_PI * sin(M_PI * x) * cos(M_PI * y)) / (double)(n * n);
    }
  }
  mpp_ins_free(&s);
  return error;
}

/* Second order in the mean; along walls the rotational form promises 3/2. */
static void the_pressure_is_that_of_the_flow(void)
{
  const double coarse = pressure_error(24), fine = pressure_error(48);
  CU_ASSERT(fine < 0.01 && log2(coarse / fine) > 1.7);
}

static void water_at_rest_stays_at_rest(void)
{
  mpp_ins s = make(16, 0.01);
  for (size_t k = 0; k < s.count; k++) { s.c[k] = 3.0; }
  for (size_t k = 0; k < s.count; k++) {
    s.fx[k] = 1.0; /* as weight, along a diagonal */
    s.fy[k] = -2.0;
  }
  mpp_ins_start(&s);
  CU_ASSERT(mpp_ins_advance(&s, 2.0));
  for (size_t k = 0; k < s.count; k++) {
    CU_ASSERT(fabs(s.u[k]) < 1e-12 && fabs(s.v[k]) < 1e-12); /* rounding of the pressure */
  }
  CU_ASSERT_DOUBLE_EQUAL(s.p[mpp_ins_at(&s, 9, 5)] - s.p[mpp_ins_at(&s, 8, 5)], 3.0 / 16.0, 1e-12);
  mpp_ins_free(&s);
}

/* A velocity that grows fast is caught: the step is taken again, shorter, and the bound holds. */
static void steps_that_become_too_long_are_taken_again(void)
{
  mpp_ins s = make(16, 1e-4);
  double divergence = 0.0;
  fill(&s);
  for (size_t k = 0; k < s.count; k++) {
    s.u[k] *= 1e-3;
    s.v[k] *= 1e-3;
    s.fx[k] *= 300.0;
    s.fy[k] *= 300.0;
  }
  mpp_ins_start(&s);
  CU_ASSERT(mpp_ins_advance(&s, 0.3));
  CU_ASSERT(s.rejected > 0);
  CU_ASSERT(s.dt * mpp_ins_courant_rate(&s, s.u, s.v, &divergence) <= 0.5);
  mpp_ins_free(&s);
}

static void what_is_not_finite_stops_it(void)
{
  mpp_ins s = make(16, 0.01);
  fill(&s);
  s.c[mpp_ins_at(&s, 4, 4)] = NAN;
  CU_ASSERT(!mpp_ins_advance(&s, 0.1));
  fill(&s);
  CU_ASSERT(mpp_ins_advance(&s, 0.1)); /* and a start begins anew */
  s.u[mpp_ins_at(&s, 4, 4)] = 1e200;
  s.rate = 1e202;
  CU_ASSERT(!mpp_ins_advance(&s, 0.2));
  mpp_ins_free(&s);
}

/* A grid that is worth three threads. */
static void threads_change_no_bits(void)
{
  double *one = NULL;
  for (int threads = 1; threads <= 3; threads++) {
    mpp_ins s = make(160, 0.01);
    mpp_set_threads(threads);
    fill(&s);
    CU_ASSERT(mpp_ins_advance(&s, 0.02));
    if (threads == 1) {
      one = copy_of(&s);
    }
    CU_ASSERT(s.threads == threads && memcmp(one, s.u, s.count * sizeof *one) == 0);
    mpp_ins_free(&s);
  }
  mpp_set_threads(0);
  mpp_free(one);
}

static void failures_leave_nothing_behind(void)
{
  const size_t good[2] = {8, 8}, bad[2] = {8, 1};
  const double low[2] = {0.0, 0.0}, dx[2] = {0.125, 0.125};
  mpp_ins s;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_ins_create(&s, good, low, dx, 0.01));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    if (st == MPP_OK) {
      mpp_ins_free(&s);
    }
  }
  CU_ASSERT(faults.failed >= 10);
  ASSERT_STATUS(mpp_ins_create(&s, bad, low, dx, 0.01), MPP_ERR_INTERNAL);
}

TESTS({"steps are of second order", steps_are_of_second_order},
      {"divergence stays at rounding", divergence_stays_at_rounding},
      {"the pressure is that of the flow", the_pressure_is_that_of_the_flow},
      {"water at rest stays at rest", water_at_rest_stays_at_rest},
      {"steps that become too long are taken again", steps_that_become_too_long_are_taken_again},
      {"what is not finite stops it", what_is_not_finite_stops_it},
      {"threads change no bits", threads_change_no_bits},
      {"failures leave nothing behind", failures_leave_nothing_behind})
