/* test_pde_run.c - integrals, and who is to blame. */
#include "pde_system.h"
#include "test.h"

static void integrals_are_those_of_the_cells(void)
{
  const mpp_grid g = {.n = {2, 3, 4}, .dx = {0.5, 2.0, 0.25}};
  double u[24], absolute = 0.0;
  for (int i = 0; i < 24; i++) { u[i] = i % 2 == 0 ? 3.0 : -1.0; }
  CU_ASSERT_EQUAL(mpp_pde_integral(&absolute, u, &g), 12 * (3.0 - 1.0) * 0.25);
  CU_ASSERT_EQUAL(absolute, 12 * (3.0 + 1.0) * 0.25);
  CU_ASSERT_EQUAL(mpp_pde_integral(NULL, u, &g), 6.0);
}

/* A million ones and a small number: a plain sum would lose the last digits of the small one. */
static void rounding_stays_at_the_last_digit(void)
{
  enum { N = 1000 };
  const mpp_grid g = {.n = {1, N, N}, .dx = {1.0, 1.0, 1.0}};
  double *u = NULL;
  REQUIRE_OK(mpp_alloc((void **)&u, N * N, sizeof *u));
  for (size_t i = 0; i < N * N; i++) { u[i] = 0.1; }
  /* 1e6 x 0.1 is 1e5 to 5e-12; added one by one it is off by 1e-6. Two levels of 1000 sums each
   * of rounding 1e-16 x 1e2 and 1e-16 x 1e5. */
  CU_ASSERT_DOUBLE_EQUAL(mpp_pde_integral(NULL, u, &g), 1e5, 1e-8);
  mpp_free(u);
}

static void a_reset_run_has_seen_nothing(void)
{
  mpp_pde_run run = {.t = 3.0, .steps = 7, .repaired = 2.0, .least = {1.0, 1.0}};
  mpp_pde_run_reset(&run);
  CU_ASSERT(run.t == 0.0 && run.steps == 0 && run.repaired == 0.0);
  CU_ASSERT(run.least[0] == HUGE_VAL && run.least[1] == HUGE_VAL);
}

static void the_first_unsound_value_is_blamed(void)
{
  mpp_pde_run run;
  const double largest[] = {1.0, -9.0, 2.0}, negative[] = {1.0, -9.0, NAN},
               broken[] = {1.0, 2.0, NAN};
  mpp_pde_run_reset(&run);
  mpp_pde_run_blame(&run, largest, 3, 0);
  CU_ASSERT(run.bad == 1 && run.bad_value == -9.0);
  mpp_pde_run_blame(&run, negative, 3, 2);
  CU_ASSERT(run.bad == 1 && run.bad_value == -9.0);
  mpp_pde_run_blame(&run, broken, 3, 2);
  CU_ASSERT(run.bad == 2 && isnan(run.bad_value));
}

TESTS({"integrals are those of the cells", integrals_are_those_of_the_cells},
      {"rounding stays at the last digit", rounding_stays_at_the_last_digit},
      {"a reset run has seen nothing", a_reset_run_has_seen_nothing},
      {"the first unsound value is blamed", the_first_unsound_value_is_blamed})
