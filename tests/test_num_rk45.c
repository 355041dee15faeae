#include "mpp/threads.h"
#include "num_rk45.h"
#include "test.h"

/* y'' = 5 (1 - y^2) y' - y */
static void van_der_pol(double *const *rate, const double *const *above, const double *const *row,
                        const double *const *below, size_t nx, const void *context)
{
  (void)above, (void)below, (void)nx, (void)context;
  rate[0][0] = row[1][0];
  rate[1][0] = 5.0 * (1.0 - row[0][0] * row[0][0]) * row[1][0] - row[0][0];
}

/* Expected: scipy 1.10 solve_ivp, RK45, default tolerances, t_eval = 0, 1, ..., 10. */
static void steps_and_values_are_scipys(void)
{
  static const double expected[11][2] = {{2.0, 0.0},
                                         {1.8694359801510902, -0.14820532989430804},
                                         {1.7092309950414704, -0.17436407816994096},
                                         {1.5133809065361843, -0.22339084142126694},
                                         {1.235295067237858, -0.36420587140856125},
                                         {0.40339235800850914, -2.4426017932885573},
                                         {-1.9790450675713012, 0.13406876287257588},
                                         {-1.8358510737157778, 0.15285978382917975},
                                         {-1.6694794386896217, 0.18256336508719612},
                                         {-1.4616512452503445, 0.24141156278829662},
                                         {-1.146005669307804, 0.4433053556698801}};
  const mpp_rk45_problem p = {2, 1, 1, van_der_pol, NULL, 1e-3, 1e-6};
  const double y0[2] = {2.0, 0.0};
  double y[2];
  mpp_rk45 *rk = NULL;
  REQUIRE_OK(mpp_rk45_create(&rk, &p));
  mpp_rk45_start(rk, y0, 10.0);
  for (int k = 0; k <= 10; k++) {
    CU_ASSERT(mpp_rk45_advance(rk, y, k));
    /* the jump near t = 5 magnifies differences of rounding: 2e-11 measured */
    CU_ASSERT_DOUBLE_EQUAL(y[0], expected[k][0], 1e-10);
    CU_ASSERT_DOUBLE_EQUAL(y[1], expected[k][1], 1e-10);
  }
  const mpp_rk45_state s = mpp_rk45_get_state(rk);
  CU_ASSERT_EQUAL(s.steps, 47);
  CU_ASSERT_EQUAL(s.rejected, 8);
  CU_ASSERT_EQUAL(s.evaluations, 332);
  CU_ASSERT_EQUAL(s.t, 10.0);
  mpp_rk45_destroy(rk);
}

static void decay(double *const *rate, const double *const *above, const double *const *row,
                  const double *const *below, size_t nx, const void *context)
{
  (void)above, (void)below, (void)context;
  for (size_t i = 0; i < nx; i++) { rate[0][i] = -row[0][i]; }
}

/* Many outputs within one step come from its dense output, whatever was asked before. */
static void outputs_within_a_step_do_not_depend_on_each_other(void)
{
  const mpp_rk45_problem p = {1, 1, 1, decay, NULL, 1e-6, 1e-9};
  const double y0 = 1.0;
  double y = 0.0, alone = 0.0;
  mpp_rk45 *rk = NULL, *other = NULL;
  REQUIRE_OK(mpp_rk45_create(&rk, &p));
  REQUIRE_OK(mpp_rk45_create(&other, &p));
  mpp_rk45_start(rk, &y0, 2.0);
  for (int k = 1; k <= 200; k++) {
    const double t = 0.01 * k;
    CU_ASSERT(mpp_rk45_advance(rk, &y, t));
    CU_ASSERT_DOUBLE_EQUAL(y, exp(-t), 2e-6); /* rtol, and as much for the dense output */
    mpp_rk45_start(other, &y0, 2.0);
    CU_ASSERT(mpp_rk45_advance(other, &alone, t));
    CU_ASSERT_EQUAL(y, alone);
  }
  CU_ASSERT(mpp_rk45_get_state(rk).steps < 50);
  mpp_rk45_destroy(rk);
  mpp_rk45_destroy(other);
}

static double decay_error(double rtol, double *steps)
{
  const mpp_rk45_problem p = {1, 1, 1, decay, NULL, rtol, rtol * 1e-3};
  const double y0 = 1.0;
  double y = 0.0;
  mpp_rk45 *rk = NULL;
  REQUIRE_OK(mpp_rk45_create(&rk, &p));
  mpp_rk45_start(rk, &y0, 1.0);
  CU_ASSERT(mpp_rk45_advance(rk, &y, 1.0));
  *steps = (double)mpp_rk45_get_state(rk).steps;
  mpp_rk45_destroy(rk);
  return fabs(y - exp(-1.0));
}

/* Error against the number of steps. The small first steps weigh less the more there are, which
 * shows as a little more than five; a wrong coefficient shows as four or less. */
static void the_order_is_five(void)
{
  double few = 0.0, many = 0.0;
  const double coarse = decay_error(1e-5, &few), fine = decay_error(1e-9, &many);
  CU_ASSERT(coarse < 1e-5 && fine > 0.0);
  CU_ASSERT(log(coarse / fine) / log(many / few) > 4.7);
}

static void explode(double *const *rate, const double *const *above, const double *const *row,
                    const double *const *below, size_t nx, const void *context)
{
  (void)above, (void)below, (void)context;
  for (size_t i = 0; i < nx; i++) { rate[0][i] = row[0][i] * row[0][i]; }
}

/* y' = y^2, y(0) = 1 has its pole at t = 1. */
static void a_pole_ends_the_solution(void)
{
  const mpp_rk45_problem p = {1, 1, 1, explode, NULL, 1e-6, 1e-9};
  const double y0 = 1.0;
  double y = 0.0;
  mpp_rk45 *rk = NULL;
  REQUIRE_OK(mpp_rk45_create(&rk, &p));
  mpp_rk45_start(rk, &y0, 2.0);
  CU_ASSERT(mpp_rk45_advance(rk, &y, 0.5));
  CU_ASSERT_DOUBLE_EQUAL(y, 2.0, 1e-4); /* tolerance times the growth of errors */
  CU_ASSERT(!mpp_rk45_advance(rk, &y, 1.5));
  CU_ASSERT_DOUBLE_EQUAL(mpp_rk45_get_state(rk).t, 1.0, 1e-4);
  mpp_rk45_destroy(rk);
}

/* Two coupled fields with neighbours in both directions. */
static void coupled(double *const *rate, const double *const *above, const double *const *row,
                    const double *const *below, size_t nx, const void *context)
{
  (void)context;
  for (size_t f = 0; f < 2; f++) {
    for (size_t i = 0; i < nx; i++) {
      const double left = row[f][i > 0 ? i - 1 : 0], right = row[f][i + 1 < nx ? i + 1 : i];
      rate[f][i] = above[f][i] + below[f][i] + left + right - 4.0 * row[f][i] + sin(row[1 - f][i]);
    }
  }
}

/* Large enough for five bands. */
enum { NY = 165, NX = 512, COUNT = 2 * NY * NX };

static void run_coupled(double y[COUNT], int threads)
{
  static double y0[COUNT];
  const mpp_rk45_problem p = {2, NY, NX, coupled, NULL, 1e-4, 1e-7};
  mpp_rk45 *rk = NULL;
  for (int i = 0; i < COUNT; i++) { y0[i] = sin(0.7 * i * i); }
  mpp_set_threads(threads);
  REQUIRE_OK(mpp_rk45_create(&rk, &p));
  mpp_rk45_start(rk, y0, 3.0);
  CU_ASSERT(mpp_rk45_advance(rk, y, 0.11));
  CU_ASSERT(mpp_rk45_advance(rk, y, 0.9));
  mpp_rk45_destroy(rk);
  mpp_set_threads(0);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  static double one[COUNT], many[COUNT];
  run_coupled(one, 1);
  for (int threads = 2; threads <= 5; threads++) {
    run_coupled(many, threads);
    size_t different = 0;
    for (size_t i = 0; i < COUNT; i++) { different += one[i] != many[i]; }
    CU_ASSERT_EQUAL(different, 0);
  }
}

static void failed_allocations_are_reported(void)
{
  const mpp_rk45_problem p = {2, NY, NX, coupled, NULL, 1e-4, 1e-7};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_rk45 *rk = NULL;
    const mpp_status st = TEST_FAULT(&faults, mpp_rk45_create(&rk, &p));
    CU_ASSERT_EQUAL(st, rk != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_rk45_destroy(rk);
  }
}

TESTS({"steps and values are scipy's", steps_and_values_are_scipys},
      {"outputs within a step do not depend on each other",
       outputs_within_a_step_do_not_depend_on_each_other},
      {"the order is five", the_order_is_five},
      {"a pole ends the solution", a_pole_ends_the_solution},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"failed allocations are reported", failed_allocations_are_reported})
