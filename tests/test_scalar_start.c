#include "scalar_start.h"

#include "test.h"

static mpp_pde_setup setup_of(size_t n, bool compat, uint64_t seed)
{
  mpp_pde_setup s = {.compat = compat, .seed = seed};
  s.grid = (mpp_grid){.n = {1, 1, n}, .dx = {1.0, 1.0, 1.0 / (double)n}};
  return s;
}

static void compatible_profiles_are_the_released_ones_in_float32(void)
{
  enum { N = 1024 };
  const mpp_pde_setup s = setup_of(N, true, 2022);
  double u[N];
  REQUIRE_OK(mpp_scalar_init(u, &s, 0));
  CU_ASSERT_DOUBLE_EQUAL(u[0], .8319239, 2e-7); /* rounding of a sum of four in float32 */
  CU_ASSERT_DOUBLE_EQUAL(u[80], .7541508, 2e-7);
  for (size_t i = 0; i < N; i++) { CU_ASSERT_EQUAL(u[i], (double)(float)u[i]); }
}

static void batches_of_10000_have_a_key_each(void)
{
  const mpp_pde_setup first = setup_of(8, true, 2022), second = setup_of(8, true, 2023);
  const mpp_sines a = mpp_scalar_profile(&first, 10007), b = mpp_scalar_profile(&second, 7);
  CU_ASSERT_EQUAL(memcmp(a.phase, b.phase, sizeof a.phase), 0);
  const mpp_sines c = mpp_scalar_profile(&first, 7);
  CU_ASSERT_NOT_EQUAL(a.phase[0], c.phase[0]);
}

/* The same profile on any grid: averages of averages. */
static void new_profiles_do_not_depend_on_the_grid(void)
{
  enum { N = 32, FINE = 4 * N };
  const mpp_pde_setup coarse = setup_of(N, false, 5), fine = setup_of(FINE, false, 5);
  for (uint64_t sample = 0; sample < 30; sample++) { /* three of them have a window, three kinks */
    double u[N], v[FINE];
    REQUIRE_OK(mpp_scalar_init(u, &coarse, sample));
    REQUIRE_OK(mpp_scalar_init(v, &fine, sample));
    for (size_t i = 0; i < N; i++) {
      const double average = 0.25 * (v[4 * i] + v[4 * i + 1] + v[4 * i + 2] + v[4 * i + 3]);
      CU_ASSERT_DOUBLE_EQUAL(u[i], average, 1e-8); /* Gauss points across the edge of a window */
    }
  }
}

static void details_say_what_was_drawn(void)
{
  const mpp_pde_setup s = setup_of(8, true, 2022);
  mpp_note notes[MPP_PDE_MAX_DETAILS];
  CU_ASSERT_EQUAL(mpp_scalar_details(notes, &s, 10), 2);
  CU_ASSERT_STRING_EQUAL(notes[0].key, "absolute_value");
  CU_ASSERT_STRING_EQUAL(notes[1].key, "window");
  CU_ASSERT(notes[0].value == 0.0 && notes[1].value == 1.0); /* sample 10 has a window */
}

static void the_integral_is_that_of_u(void)
{
  const mpp_pde_setup s = setup_of(8, false, 0);
  const double u[8] = {1.0, -2.0, 3.0, 0.0, 0.0, 0.0, 0.0, 4.0};
  double value = 0.0, size = 0.0;
  CU_ASSERT_EQUAL(mpp_scalar_integral(&value, &size, u, &s), 1);
  CU_ASSERT_EQUAL(value, 0.75);
  CU_ASSERT_EQUAL(size, 1.25);
}

TESTS({"compatible profiles are the released ones in float32",
       compatible_profiles_are_the_released_ones_in_float32},
      {"batches of 10000 have a key each", batches_of_10000_have_a_key_each},
      {"new profiles do not depend on the grid", new_profiles_do_not_depend_on_the_grid},
      {"details say what was drawn", details_say_what_was_drawn},
      {"the integral is that of u", the_integral_is_that_of_u})
