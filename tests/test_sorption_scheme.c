#include "sorption_scheme.h"

#include "test.h"

/* PDEBench's medium. */
static const mpp_sorption_medium soil = {
    .diffusivity = 5e-4, .capacity = 0.71 / 0.29 * 2880.0 * 3.5e-4, .exponent = 0.874};

static mpp_sorption open_of(size_t n, bool closed, double rtol, double atol)
{
  mpp_sorption s = {.n = 0};
  REQUIRE_OK(mpp_sorption_create(&s, &soil, n, 1.0 / (double)n, closed, rtol, atol));
  return s;
}

static void fill(double *u, size_t n, double value)
{
  for (size_t i = 0; i < n; i++) { u[i] = value; }
}

static void the_retardation_is_the_published_one(void)
{
  const double u[5] = {0.1, 1.0, 0.3, 0.3 + 1e-5, -2e-3};
  double w[5], r[5], w0 = 0.0, r0 = 0.0;
  const double zero = 0.0;
  mpp_sorption_total(w, r, u, 5, &soil);
  CU_ASSERT_DOUBLE_EQUAL(r[0], 3.8829, 5e-5); /* digits given */
  CU_ASSERT_DOUBLE_EQUAL(r[1], 3.1569, 5e-5);
  CU_ASSERT_DOUBLE_EQUAL((w[3] - w[2]) / 1e-5, r[2], 1e-5); /* its derivative; u'' 1e-5 / 2 */
  mpp_sorption_total(&w0, &r0, &zero, 1, &soil);
  CU_ASSERT_DOUBLE_EQUAL(w[4], w0 - 2e-3 * r0, 1e-15); /* a straight line below 0 */
}

static void the_solute_between_walls_is_kept(void)
{
  enum { N = 60 };
  mpp_sorption s = open_of(N, true, 1e-2, 1e-4); /* that Newton's method leaves a residual */
  double u[N], before = 0.0;
  for (int i = 0; i < N; i++) { u[i] = i < 20 ? 0.9 : 0.05; }
  mpp_sorption_start(&s, u);
  for (int i = 0; i < N; i++) { before += s.w[i]; }
  for (int frame = 1; frame <= 20; frame++) {
    double w[N], r[N], after = 0.0;
    CU_ASSERT(mpp_sorption_advance(&s, 0.5 * frame * frame * frame));
    mpp_sorption_total(w, r, s.u, N, &soil);
    for (int i = 0; i < N; i++) { after += w[i]; }
    CU_ASSERT_DOUBLE_EQUAL(after / before, 1.0, 1e-13); /* rounding of some steps */
  }
  CU_ASSERT_DOUBLE_EQUAL(s.u[0], s.u[N - 1], 0.1);          /* nearly even by then */
  CU_ASSERT(s.u[0] > s.u[N - 1] && s.least >= 0.05 - 1e-3); /* the tolerance */
  mpp_sorption_free(&s);
}

/* u = 1 - x / (1 + D) with D u_x = -u at the end: linear, hence exact on any grid. */
static void the_steady_state_meets_the_conditions_at_the_ends(void)
{
  enum { N = 25 };
  mpp_sorption s = open_of(N, false, 1e-8, 1e-12);
  double u[N];
  fill(u, N, 0.1);
  mpp_sorption_start(&s, u);
  CU_ASSERT(mpp_sorption_advance(&s, 1e6));
  for (int i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL(s.u[i], 1.0 - (i + 0.5) / N / (1.0 + 5e-4), 1e-9); /* the tolerance */
  }
  mpp_sorption_free(&s);
}

/* Mean difference between n and 2n cells at t = 60, from a jump at the inlet. */
static double coarsening_error(size_t n)
{
  enum { MOST = 256 };
  double coarse[MOST], fine[2 * MOST], sum = 0.0;
  for (int k = 0; k < 2; k++) {
    mpp_sorption s = open_of(n << k, false, 1e-8, 1e-11);
    fill(fine, n << k, 0.05);
    mpp_sorption_start(&s, fine);
    CU_ASSERT(mpp_sorption_advance(&s, 60.0));
    memcpy(k == 0 ? coarse : fine, s.u, (n << k) * sizeof *coarse);
    mpp_sorption_free(&s);
  }
  for (size_t i = 0; i < n; i++) {
    sum += fabs(coarse[i] - 0.5 * (fine[2 * i] + fine[2 * i + 1])) / (double)n;
  }
  return sum;
}

static void the_nonlinear_solution_converges_at_second_order(void)
{
  const double order = log2(coarsening_error(64) / coarsening_error(128));
  CU_ASSERT_DOUBLE_EQUAL(order, 2.0, 0.1);
}

/* At a fixed grid: the difference to a run of tolerance 1e-12. */
static double tolerance_error(double rtol, const double *reference, size_t *steps)
{
  enum { N = 64 };
  mpp_sorption s = open_of(N, false, rtol, 1e-3 * rtol);
  double u[N], worst = 0.0;
  fill(u, N, 0.1);
  mpp_sorption_start(&s, u);
  CU_ASSERT(mpp_sorption_advance(&s, 100.0));
  for (int i = 0; i < N; i++) { worst = fmax(worst, fabs(s.u[i] - reference[i])); }
  *steps = s.steps;
  mpp_sorption_free(&s);
  return worst;
}

/* Errors fall with the tolerance, and of fourth order with the steps. */
static void steps_follow_the_tolerance(void)
{
  enum { N = 64 };
  mpp_sorption s = open_of(N, false, 1e-11, 1e-14);
  double u[N];
  size_t steps[2];
  fill(u, N, 0.1);
  mpp_sorption_start(&s, u);
  CU_ASSERT(mpp_sorption_advance(&s, 100.0));
  const double loose = tolerance_error(1e-5, s.u, &steps[0]);
  const double tight = tolerance_error(1e-8, s.u, &steps[1]);
  CU_ASSERT(loose < 1e-4 && tight < 1e-7);
  const double order = log(loose / tight) / log((double)steps[1] / (double)steps[0]);
  CU_ASSERT(order > 3.0 && order < 5.0);
  mpp_sorption_free(&s);
}

static void concentrations_keep_between_their_bounds(void)
{
  enum { N = 200 };
  static const double level[3] = {1e-7, 1e-3, 0.199};
  for (int k = 0; k < 3; k++) {
    mpp_sorption s = open_of(N, false, 1e-6, 1e-9);
    double u[N];
    fill(u, N, level[k]);
    mpp_sorption_start(&s, u);
    for (int frame = 1; frame <= 20; frame++) {
      CU_ASSERT(mpp_sorption_advance(&s, 0.5 * frame * frame));
      for (int i = 0; i < N; i++) { CU_ASSERT(s.u[i] > 0.0 && s.u[i] < 1.0); }
    }
    CU_ASSERT(s.least > 0.0 && s.least <= level[k]);
    mpp_sorption_free(&s);
  }
}

static void broken_states_are_failures(void)
{
  enum { N = 16 };
  mpp_sorption s = open_of(N, false, 1e-6, 1e-9);
  double u[N];
  fill(u, N, 0.1);
  u[5] = NAN;
  mpp_sorption_start(&s, u);
  CU_ASSERT(!mpp_sorption_advance(&s, 1.0));
  CU_ASSERT_EQUAL(s.t, 0.0);
  u[5] = 0.1;
  mpp_sorption_start(&s, u); /* the same memory again */
  CU_ASSERT(mpp_sorption_advance(&s, 1.0));
  mpp_sorption_free(&s);
}

TESTS({"the retardation is the published one", the_retardation_is_the_published_one},
      {"the solute between walls is kept", the_solute_between_walls_is_kept},
      {"the steady state meets the conditions at the ends",
       the_steady_state_meets_the_conditions_at_the_ends},
      {"the nonlinear solution converges at second order",
       the_nonlinear_solution_converges_at_second_order},
      {"steps follow the tolerance", steps_follow_the_tolerance},
      {"concentrations keep between their bounds", concentrations_keep_between_their_bounds},
      {"broken states are failures", broken_states_are_failures})
