#include "mpp/threads.h"
#include "test.h"
#include "trajectory.h"

static mpp_generate_options options_of(long resolution, long frames)
{
  return (mpp_generate_options){.samples = 1, .resolution = resolution, .frames = frames};
}

/* Depth that vanishes in one place: column of 0.001 in water of 2 that flows apart. */
static void a_solution_that_breaks_down_says_where(void)
{
  enum { N = 16, CELLS = N * N };
  const mpp_generate_options o = options_of(N, 5);
  mpp_pde_case c;
  mpp_trajectory t;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 12));
  for (size_t i = 0; i < CELLS; i++) { t.u[CELLS + i] = i / N < N / 2 ? -9.0 : 9.0; }
  mpp_trajectory_integrate(&t);
  CU_ASSERT(t.diverged);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("swe: sample 12: the solution diverged at t = 0.");
  ASSERT_MESSAGE("h in cell (y ");
  mpp_trajectory_close(&t);
}

static void a_value_that_is_not_finite_is_not_stored(void)
{
  const mpp_generate_options o = options_of(8, 3);
  mpp_pde_case c;
  mpp_trajectory t;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_diffusion_reaction, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  t.u[64 + 8 * 3 + 5] = 1e39; /* finite in float64 alone */
  mpp_trajectory_integrate(&t);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("inhibitor in cell (y 3, x 5): found 1e+39");
  /* The slot serves again. */
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  mpp_trajectory_close(&t);
}

/* Without reaction both means are conserved; with it neither is. */
static void drift_is_measured_of_what_is_conserved(void)
{
  mpp_generate_options o = options_of(16, 4);
  mpp_pde_case c;
  mpp_trajectory t;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_diffusion_reaction, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  CU_ASSERT_EQUAL(t.nconserved, 0);
  mpp_trajectory_close(&t);
  o.set = (mpp_text_list){.count = 1, .item = {"reaction=0"}};
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_diffusion_reaction, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  CU_ASSERT_EQUAL(t.nconserved, 2);
  CU_ASSERT(t.drift[0] < 1e-13 && t.drift[1] < 1e-13); /* rounding */
  mpp_trajectory_close(&t);
  /* And a drift that is there is seen: waves leave the domain. */
  o = options_of(32, 4);
  o.horizon = 4.0;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  CU_ASSERT(t.drift[0] > 1e-3 && t.drift[0] < 0.1);
  mpp_trajectory_close(&t);
}

static void slot_serves_twice(const mpp_pde *pde)
{
  const mpp_generate_options o = options_of(16, pde->steady ? 1 : 4);
  mpp_pde_case c;
  mpp_trajectory t, fresh;
  size_t different = 0;
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_open(&fresh, &c));
  for (uint64_t sample = 5; sample < 7; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
  }
  REQUIRE_OK(mpp_trajectory_init(&fresh, 6));
  mpp_trajectory_integrate(&fresh);
  for (size_t k = 0; k < c.values; k++) { different += t.frames[k] != fresh.frames[k]; }
  CU_ASSERT_EQUAL(different, 0);
  CU_ASSERT_EQUAL(t.run->steps, fresh.run->steps);
  mpp_trajectory_close(&t);
  mpp_trajectory_close(&fresh);
}

static void one_slot_serves_samples_one_after_the_other(void)
{
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) { slot_serves_twice(mpp_pde_at(i)); }
}

/* Each call that may fail does so once; nothing stays allocated (the program's end checks). */
static void failures_on_the_way_leave_nothing_behind(void)
{
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    const mpp_pde *pde = mpp_pde_at(i);
    const mpp_generate_options o = options_of(8, pde->steady ? 1 : 2);
    size_t shape[5], count = 0;
    float *x = NULL;
    REQUIRE_OK(mpp_pde_trajectory_shape(shape, pde, &o));
    CU_ASSERT(mpp_product(&count, shape, 5));
    REQUIRE_OK(MPP_ALLOC(&x, count));
    test_faults faults = {0};
    while (test_faults_next(&faults)) {
      const mpp_status st = TEST_FAULT(&faults, mpp_pde_trajectory(x, pde, &o, 0));
      CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    }
    CU_ASSERT(faults.failed >= 4);
    mpp_free(x);
  }
}

/* Positive quantities of every step, not of the frames alone; what never changes is stored. */
static void smallest_values_are_those_of_all_steps(void)
{
  mpp_generate_options o = options_of(32, 2);
  mpp_pde_case c;
  mpp_trajectory t;
  o.horizon = 4.0;
  float least = HUGE_VALF;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  for (size_t i = 0; i < c.values; i++) { least = fminf(least, t.frames[i]); }
  CU_ASSERT(t.run->least[0] > 0.0 && t.run->least[0] < least); /* deepest between the two frames */
  mpp_trajectory_close(&t);
}

TESTS({"a solution that breaks down says where", a_solution_that_breaks_down_says_where},
      {"a value that is not finite is not stored", a_value_that_is_not_finite_is_not_stored},
      {"drift is measured of what is conserved", drift_is_measured_of_what_is_conserved},
      {"one slot serves samples one after the other", one_slot_serves_samples_one_after_the_other},
      {"smallest values are those of all steps", smallest_values_are_those_of_all_steps},
      {"failures on the way leave nothing behind", failures_on_the_way_leave_nothing_behind})
