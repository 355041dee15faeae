/* test_num_etdrk.c - phi functions and order of the exponential Runge-Kutta method. */
#include "num_etdrk.h"
#include "test.h"

/* phi_k(z) = sum_j z^j / (j + k)!, for |z| < 3, where long double has digits to spare. */
static long double series(int k, long double z)
{
  long double term = 1.0L, sum = 0.0L;
  for (int j = 1; j <= k; j++) { term /= j; }
  for (int j = 0; j < 120; j++) {
    sum += term;
    term *= z / (long double)(j + k + 1);
  }
  return sum;
}

static void phi_functions_are_right_to_rounding(void)
{
  static const double at[] = {0.0,  1e-300, 1e-9, -1e-9, 1e-3, -0.01, 0.3, -0.3,
                              0.99, -0.99,  1.0,  -1.0,  1.01, -1.01, 2.5, -2.5};
  for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
    double phi[4];
    mpp_etdrk_phi(phi, at[i]);
    for (int k = 0; k < 4; k++) {
      const double exact = (double)series(k, at[i]);
      /* beyond the series of the code three differences of numbers of the size of the result */
      CU_ASSERT_DOUBLE_EQUAL(phi[k], exact, 2e-15 * fabs(exact));
    }
  }
  double far[4];
  mpp_etdrk_phi(far, -1e4);
  CU_ASSERT_DOUBLE_EQUAL(far[1], 1e-4, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(far[2], 1e-4 - 1e-8, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(far[3], 0.5e-4 - 1e-8 + 1e-12, 1e-18);
}

/* ---- systems ---- */

/* v' = L v - v^2 for each mode and field, complex; field 1 has the term of field 0 too. */
static void square(double *n, const double *v, void *context)
{
  const size_t modes = *(const size_t *)context;
  for (size_t i = 0; i < modes; i++) {
    n[2 * i] = -(v[2 * i] * v[2 * i] - v[2 * i + 1] * v[2 * i + 1]);
    n[2 * i + 1] = -2.0 * v[2 * i] * v[2 * i + 1];
  }
}

static void nothing(double *n, const double *v, void *context)
{
  const size_t modes = *(const size_t *)context;
  (void)v;
  for (size_t i = 0; i < 2 * modes; i++) { n[i] = 0.25; }
}

static mpp_etdrk *made(size_t *modes, double *linear, size_t fields,
                       void (*nonlinear)(double *, const double *, void *))
{
  mpp_etdrk *e = NULL;
  const mpp_etdrk_problem problem = {.fields = fields,
                                     .modes = *modes,
                                     .linear = {linear, linear},
                                     .terms = 1,
                                     .term = {0, 0},
                                     .nonlinear = nonlinear,
                                     .context = modes};
  REQUIRE_OK(mpp_etdrk_create(&e, &problem));
  return e;
}

/* L / (1 + (L / v0 - 1) exp(-L t)) for real v. */
static double logistic_error(double h)
{
  double linear[] = {1.0, -0.5, 0.7}, worst = 0.0, t = 0.0;
  size_t modes = 3, steps = 0;
  mpp_etdrk *e = made(&modes, linear, 1, square);
  for (size_t i = 0; i < 3; i++) {
    mpp_etdrk_state(e)[2 * i] = 0.3;
    mpp_etdrk_state(e)[2 * i + 1] = 0.0;
  }
  CU_ASSERT(mpp_etdrk_advance(e, &t, &steps, 2.0, h, 7.0));
  CU_ASSERT_EQUAL(t, 2.0);
  CU_ASSERT_EQUAL(steps, (size_t)lround(2.0 / h));
  for (size_t i = 0; i < 3; i++) {
    const double exact = linear[i] / (1.0 + (linear[i] / 0.3 - 1.0) * exp(-2.0 * linear[i]));
    worst = fmax(worst, fabs(mpp_etdrk_state(e)[2 * i] - exact));
  }
  mpp_etdrk_destroy(e);
  return worst;
}

static void the_order_is_four(void)
{
  const double coarse = logistic_error(0.1), fine = logistic_error(0.025);
  CU_ASSERT(fine > 0.0 && log2(coarse / fine) / 2.0 > 3.8 && log2(coarse / fine) / 2.0 < 4.3);
}

/* Constant terms are exact for any step: v = (v0 + n/L) exp(L t) - n/L. */
static void stiff_linear_parts_are_exact(void)
{
  double linear[] = {-1e6, -3.0, 0.0, 2.0}, t = 0.0;
  size_t modes = 4, steps = 0;
  mpp_etdrk *e = made(&modes, linear, 2, nothing);
  double *v = mpp_etdrk_state(e);
  for (size_t i = 0; i < 16; i++) { v[i] = 0.1 * (double)i; }
  CU_ASSERT(mpp_etdrk_advance(e, &t, &steps, 1.5, 0.5, 1.0));
  CU_ASSERT_EQUAL(steps, 3);
  for (size_t i = 0; i < 16; i++) {
    const double l = linear[i % 8 / 2], v0 = 0.1 * (double)i;
    const double exact = l == 0.0 ? v0 + 0.375 : (v0 + 0.25 / l) * exp(1.5 * l) - 0.25 / l;
    CU_ASSERT_DOUBLE_EQUAL(v[i], exact, 1e-14 * fmax(1.0, fabs(exact))); /* some roundings */
  }
  mpp_etdrk_destroy(e);
}

/* v' = v^2 from 1 ends at t = 1. */
static void the_end_of_a_solution_is_noticed(void)
{
  double linear[] = {0.0, 0.0}, t = 0.0;
  size_t modes = 2, steps = 0;
  mpp_etdrk *e = made(&modes, linear, 1, square);
  for (size_t i = 0; i < 2; i++) { mpp_etdrk_state(e)[2 * i] = -1.0; }
  CU_ASSERT(!mpp_etdrk_advance(e, &t, &steps, 3.0, 0.01, 3.0));
  CU_ASSERT(t >= 1.0 && t < 1.2); /* a step of 0.01 sees it some steps late */
  CU_ASSERT_EQUAL(steps, (size_t)lround(t / 0.01));
  mpp_etdrk_destroy(e);
}

/* Times of frames differ in their last digits: the same steps, the same bits. */
static void an_interval_is_an_interval_in_spite_of_rounding(void)
{
  double linear[] = {-0.7}, state[2] = {0.0, 0.0};
  size_t modes = 1, steps = 0;
  for (int i = 0; i < 2; i++) {
    mpp_etdrk *e = made(&modes, linear, 1, square);
    double t = i == 0 ? 0.0 : 1000.3;
    mpp_etdrk_state(e)[0] = 0.5;
    CU_ASSERT(mpp_etdrk_advance(e, &t, &steps, t + 0.1, 0.03, 0.1));
    state[i] = mpp_etdrk_state(e)[0];
    mpp_etdrk_destroy(e);
  }
  CU_ASSERT((1000.3 + 0.1) - 1000.3 != 0.1);
  CU_ASSERT_EQUAL(state[0], state[1]);
  CU_ASSERT_EQUAL(steps, 8);
}

static void failures_leave_nothing_behind(void)
{
  double linear[] = {-0.7};
  size_t modes = 1;
  mpp_etdrk_problem problem = {.fields = 1,
                               .modes = 1,
                               .linear = {linear},
                               .terms = 1,
                               .nonlinear = square,
                               .context = &modes};
  mpp_etdrk *e = NULL;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_etdrk_create(&e, &problem));
    CU_ASSERT_EQUAL(st, e != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_etdrk_destroy(e);
    e = NULL;
  }
  mpp_etdrk_destroy(NULL);
  problem.terms = 2;
  ASSERT_STATUS(mpp_etdrk_create(&e, &problem), MPP_ERR_INTERNAL);
}

TESTS({"phi functions are right to rounding", phi_functions_are_right_to_rounding},
      {"the order is four", the_order_is_four},
      {"stiff linear parts are exact", stiff_linear_parts_are_exact},
      {"the end of a solution is noticed", the_end_of_a_solution_is_noticed},
      {"an interval is an interval in spite of rounding",
       an_interval_is_an_interval_in_spite_of_rounding},
      {"failures leave nothing behind", failures_leave_nothing_behind})
