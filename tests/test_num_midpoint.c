#include "num_midpoint.h"

#include "test.h"

enum { N = 5 };

/* u' = rate u + (neighbours do not count); the step is `longest`. */
typedef struct decay {
  float rate, longest;
} decay;

static float limit(const float *u, size_t n, const void *context)
{
  const decay *d = context;
  (void)u;
  (void)n;
  return d->longest;
}

static void decay_step(float *to, const float *from, const float *at, float dt, size_t n,
                       const void *context)
{
  const decay *d = context;
  for (size_t i = 0; i < n; i++) { to[i] = from[i] + dt * d->rate * at[i]; }
}

/* The sum of both neighbours on each side. */
static void neighbours(float *to, const float *from, const float *at, float dt, size_t n,
                       const void *context)
{
  (void)from;
  (void)context;
  for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++) {
    to[i] = dt < 1.0F ? at[i] : at[i - 2] + at[i - 1] + at[i + 1] + at[i + 2];
  }
}

static mpp_midpoint open_with(const decay *d)
{
  const mpp_midpoint_scheme scheme = {.limit = limit, .step = decay_step, .context = d};
  mpp_midpoint m = {.n = 0};
  REQUIRE_OK(mpp_midpoint_create(&m, &scheme, N));
  return m;
}

static void a_step_is_the_midpoint_rule(void)
{
  const decay d = {.rate = -1.0F, .longest = 0.25F};
  const double u0[N] = {1.0, 2.0, 0.5, -1.0, 4.0};
  double u[N];
  mpp_midpoint m = open_with(&d);
  mpp_midpoint_start(&m, u0, 1.0, 0.5);
  CU_ASSERT(mpp_midpoint_advance(&m, u, 0.5));
  CU_ASSERT_EQUAL(m.steps, 2);
  const double factor = 1.0 - 0.25 + 0.25 * 0.25 / 2.0;
  for (int i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL(u[i], u0[i] * factor * factor, 1e-6); /* rounding to float32 */
  }
  mpp_midpoint_free(&m);
}

static void steps_end_at_stored_times(void)
{
  const decay d = {.rate = -1.0F, .longest = 0.3F};
  const double u0[N] = {1.0};
  double u[N], v[N];
  mpp_midpoint m = open_with(&d);
  mpp_midpoint_start(&m, u0, 2.0, 0.5);
  for (int k = 1; k <= 4; k++) { CU_ASSERT(mpp_midpoint_advance(&m, u, 0.5 * k)); }
  CU_ASSERT_EQUAL(m.steps, 8); /* 0.3 and 0.2 each time */
  CU_ASSERT_EQUAL(m.t, 2.0F);
  mpp_midpoint_start(&m, u0, 2.0, 0.5);
  CU_ASSERT(mpp_midpoint_advance(&m, v, 2.0)); /* asked for the last one alone */
  CU_ASSERT_EQUAL(m.steps, 8);
  CU_ASSERT_EQUAL(u[0], v[0]);
  mpp_midpoint_start(&m, u0, 2.0, 0.5);
  CU_ASSERT(mpp_midpoint_advance(&m, v, 0.75)); /* between two */
  CU_ASSERT_EQUAL(m.t, 0.75F);
  CU_ASSERT_EQUAL(m.steps, 3);
  mpp_midpoint_free(&m);
}

/* 0.01 added 100 times in float32 is not 1; the stored time is the sum. */
static void stored_times_are_added_up_in_float32(void)
{
  const decay d = {.rate = 0.0F, .longest = 1.0F};
  const double u0[N] = {1.0};
  double u[N];
  float sum = 0.0F;
  mpp_midpoint m = open_with(&d);
  mpp_midpoint_start(&m, u0, 2.0, 0.01);
  for (int k = 1; k <= 100; k++) {
    CU_ASSERT(mpp_midpoint_advance(&m, u, 0.01 * k));
    sum += 0.01F;
    CU_ASSERT_EQUAL(m.t, sum);
  }
  CU_ASSERT_NOT_EQUAL(sum, 1.0F);
  CU_ASSERT_EQUAL(m.steps, 100);
  mpp_midpoint_free(&m);
}

static void short_steps_advance_the_time_alone(void)
{
  const decay d = {.rate = -1.0F, .longest = 1e-8F};
  const double u0[N] = {1.0};
  double u[N];
  mpp_midpoint m = open_with(&d);
  mpp_midpoint_start(&m, u0, 1e-7, 1e-7);
  CU_ASSERT(mpp_midpoint_advance(&m, u, 1e-7));
  CU_ASSERT_EQUAL(m.t, 1e-7F);
  CU_ASSERT_EQUAL(m.steps, 0);
  CU_ASSERT_EQUAL(u[0], 1.0);
  mpp_midpoint_free(&m);
}

static void ghosts_are_periodic(void)
{
  const mpp_midpoint_scheme scheme = {
      .limit = limit, .step = neighbours, .context = &(decay){.longest = 1.0F}};
  const double u0[N] = {1.0, 10.0, 100.0, 1000.0, 10000.0};
  double u[N];
  mpp_midpoint m = {.n = 0};
  REQUIRE_OK(mpp_midpoint_create(&m, &scheme, N));
  mpp_midpoint_start(&m, u0, 1.0, 1.0);
  CU_ASSERT(mpp_midpoint_advance(&m, u, 1.0));
  for (int i = 0; i < N; i++) { CU_ASSERT_EQUAL(u[i], 11111.0 - u0[i]); }
  mpp_midpoint_free(&m);
}

static void time_that_stands_still_and_broken_states_are_failures(void)
{
  decay d = {.rate = 1.0F, .longest = 2e-8F};
  const double u0[N] = {1.0}, broken[N] = {0.0, 0.0, 0.0, NAN, 0.0};
  double u[N];
  mpp_midpoint m = open_with(&d);
  mpp_midpoint_start(&m, u0, 1.0, 0.5);
  m.t = 0.5F; /* the last digit of 1/2 is 6e-8 */
  CU_ASSERT(!mpp_midpoint_advance(&m, u, 1.0));
  CU_ASSERT_EQUAL(m.t, 0.5F);
  d.longest = 0.1F;
  mpp_midpoint_start(&m, broken, 1.0, 0.5);
  CU_ASSERT(!mpp_midpoint_advance(&m, u, 0.5));
  CU_ASSERT(isnan(u[3]) && u[2] == 0.0);
  mpp_midpoint_free(&m);
}

TESTS({"a step is the midpoint rule", a_step_is_the_midpoint_rule},
      {"steps end at stored times", steps_end_at_stored_times},
      {"stored times are added up in float32", stored_times_are_added_up_in_float32},
      {"short steps advance the time alone", short_steps_advance_the_time_alone},
      {"ghosts are periodic", ghosts_are_periodic},
      {"time that stands still and broken states are failures",
       time_that_stands_still_and_broken_states_are_failures})
