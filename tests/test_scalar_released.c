#include "scalar_released.h"

#include "test.h"

/* What `run` is given to. */
typedef struct place {
  mpp_pde_setup setup;
  mpp_scalar_released released;
  mpp_pde_run run;
} place;

static place *open_of(mpp_released_scheme scheme, const mpp_scalar_numbers *numbers, size_t n,
                      double horizon, double interval)
{
  static place p;
  p = (place){.setup = {.horizon = horizon, .interval = interval}};
  p.setup.grid.n[2] = n;
  p.setup.grid.dx[2] = (double)numbers->dx;
  REQUIRE_OK(mpp_scalar_released_create(&p.released, scheme, numbers, &p.setup));
  return &p;
}

static void close_of(place *p) { mpp_scalar_released_free(&p->released); }

/* Average over cell i of sin 2 pi (x - shift). */
static double sine(size_t i, size_t n, double shift)
{
  const double dx = 1.0 / (double)n, x = (double)i * dx - shift;
  return (cos(2.0 * M_PI * x) - cos(2.0 * M_PI * (x + dx))) / (2.0 * M_PI * dx);
}

static double advection_error(size_t n)
{
  enum { MOST = 256 };
  const mpp_scalar_numbers numbers = {.dx = 1.0F / (float)n, .speed = 0.5F};
  place *p = open_of(MPP_RELEASED_ADVECTION, &numbers, n, 1.0, 0.1);
  double u[MOST], sum = 0.0;
  for (size_t i = 0; i < n; i++) { u[i] = sine(i, n, 0.0); }
  mpp_scalar_released_start(&p->released, u);
  CU_ASSERT(mpp_scalar_released_advance(&p->released, &p->run, u, 1.0));
  CU_ASSERT_EQUAL(p->run.t, 1.0);
  for (size_t i = 0; i < n; i++) { sum += fabs(u[i] - sine(i, n, 0.5)) / (double)n; }
  close_of(p);
  return sum;
}

static void advection_shifts_at_second_order(void)
{
  const double order = log2(advection_error(32) / advection_error(256)) / 3.0;
  CU_ASSERT_DOUBLE_EQUAL(order, 2.0, 0.3); /* clipped extrema */
}

/* Shock from 1.5 to 0.5 and a fan between them: the shock has moved by 0.3. */
static void burgers_moves_shocks_at_the_mean_speed(void)
{
  enum { N = 400 };
  const mpp_scalar_numbers numbers = {.dx = 1.0F / N, .diffusivity = 1e-5F};
  place *p = open_of(MPP_RELEASED_BURGERS, &numbers, N, 0.3, 0.3);
  double u[N], before = 0.0, after = 0.0, jump = 0.0;
  for (int i = 0; i < N; i++) {
    u[i] = i < N / 2 ? 1.5 : 0.5;
    before += u[i] / N;
  }
  mpp_scalar_released_start(&p->released, u);
  CU_ASSERT(mpp_scalar_released_advance(&p->released, &p->run, u, 0.3));
  for (int i = 0; i < N; i++) { after += u[i] / N; }
  for (int i = 260; i < N; i++) { jump += (u[i] - 0.5) / N; } /* from x = 0.65 on, behind the fan */
  CU_ASSERT_DOUBLE_EQUAL(after, before, 1e-5);                /* float32, 1000 steps */
  CU_ASSERT_DOUBLE_EQUAL(0.65 + jump, 0.8, 1e-3);             /* less than a cell */
  close_of(p);
}

static void burgers_steps_are_those_of_the_stiffer_term(void)
{
  enum { N = 64 };
  double u[N];
  for (int i = 0; i < N; i++) { u[i] = i == 5 ? -2.0 : 1.0; }
  for (int diffusive = 0; diffusive < 2; diffusive++) {
    const mpp_scalar_numbers numbers = {.dx = 1.0F / N, .diffusivity = diffusive ? 0.5F : 1e-6F};
    place *p = open_of(MPP_RELEASED_BURGERS, &numbers, N, 1.0, 1.0);
    const double step = 0.25 * (diffusive ? 1.0 / (N * N) : 0.5 / N);
    double v[N];
    mpp_scalar_released_start(&p->released, u);
    CU_ASSERT(mpp_scalar_released_advance(&p->released, &p->run, v, 3.5 * step));
    /* three whole steps and a rest; the state smooths out a little while it takes them */
    CU_ASSERT_EQUAL(p->run.steps, 4);
    close_of(p);
  }
}

/* Where a step is a visible part of u: uniform fields grow as the logistic equation has it. */
static void fisher_grows_logistically(void)
{
  enum { N = 16 };
  const mpp_scalar_numbers numbers = {.dx = 1.0F / N, .diffusivity = 0.1F, .growth = 3.0F};
  place *p = open_of(MPP_RELEASED_FISHER, &numbers, N, 0.5, 0.5);
  double u[N];
  for (int i = 0; i < N; i++) { u[i] = 0.1; }
  mpp_scalar_released_start(&p->released, u);
  CU_ASSERT(mpp_scalar_released_advance(&p->released, &p->run, u, 0.5));
  for (int i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL(u[i], 0.1 / (0.1 + 0.9 * exp(-1.5)), 1e-5); /* 100 steps of float32 */
  }
  close_of(p);
}

static void fisher_diffuses(void)
{
  enum { N = 64 };
  const mpp_scalar_numbers numbers = {.dx = 1.0F / N, .diffusivity = 0.1F};
  place *p = open_of(MPP_RELEASED_FISHER, &numbers, N, 0.2, 0.2);
  double u[N];
  for (size_t i = 0; i < N; i++) { u[i] = 0.5 + 0.5 * sine(i, N, 0.0); }
  mpp_scalar_released_start(&p->released, u);
  CU_ASSERT(mpp_scalar_released_advance(&p->released, &p->run, u, 0.2));
  const double wave = 2.0 * N * sin(M_PI / N), decay = exp(-0.1 * wave * wave * 0.2);
  for (size_t i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL(u[i], 0.5 + 0.5 * decay * sine(i, N, 0.0),
                           1e-5); /* 700 steps of float32 */
  }
  close_of(p);
}

static void steps_that_do_not_advance_the_time_are_refused(void)
{
  mpp_pde_setup s = {.horizon = 1.0};
  s.grid.dx[2] = 1.0 / 1024;
  ASSERT_OK(mpp_scalar_released_check(&s, 2.0, "Nu", 2.0));
  ASSERT_STATUS(mpp_scalar_released_check(&s, 5.0, "Nu", 7.0), MPP_ERR_USAGE);
  ASSERT_MESSAGE("Nu: found 7");
  s.horizon = 0.5;
  ASSERT_OK(mpp_scalar_released_check(&s, 5.0, "Nu", 5.0));
}

TESTS({"advection shifts at second order", advection_shifts_at_second_order},
      {"Burgers moves shocks at the mean speed", burgers_moves_shocks_at_the_mean_speed},
      {"Burgers' steps are those of the stiffer term", burgers_steps_are_those_of_the_stiffer_term},
      {"Fisher grows logistically", fisher_grows_logistically},
      {"Fisher diffuses", fisher_diffuses},
      {"steps that do not advance the time are refused",
       steps_that_do_not_advance_the_time_are_refused})
