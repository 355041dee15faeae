#include "pde_case.h"
#include "scalar_start.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const pde = &mpp_pde_advection;

static mpp_trajectory open_of(mpp_pde_case *c, const char *preset, long resolution, bool compat)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .pdebench_compat = compat};
  mpp_trajectory t;
  snprintf(o.preset, sizeof o.preset, "%s", preset);
  REQUIRE_OK(mpp_pde_case_make(c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

/* Every frame of the published size is the profile shifted, at speed beta. */
static void frames_are_shifted_profiles(void)
{
  enum { N = 1024 };
  static double exact[N];
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "1D_Advection_Sols_beta0.4", 0, false);
  const mpp_sines_axis axis = {.n = N, .dx = 1.0 / N};
  CU_ASSERT_EQUAL(c.frames, 201);
  CU_ASSERT_EQUAL(c.setup.grid.n[2], N);
  for (uint64_t sample = 0; sample < 20; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    const mpp_sines profile = mpp_scalar_profile(&c.setup, sample);
    double worst = 0.0, sum = 0.0;
    for (size_t k = 0; k <= 200; k += 50) {
      mpp_sines_averages(exact, &profile, &axis, 0.4 * mpp_pde_case_time(&c, k));
      for (size_t i = 0; i < N; i++) {
        const double error = fabs((double)t.frames[k * N + i] - exact[i]);
        worst = fmax(worst, error);
        sum += error / (5 * N);
      }
    }
    /* In the mean rounding to float32; where |u| has a kink a part of the 0.05 that u changes by
     * within a cell. */
    CU_ASSERT(sum < (profile.absolute ? 2e-4 : 5e-8) && worst < (profile.absolute ? 8e-3 : 5e-7));
    CU_ASSERT(t.drift[0] < 1e-14);
  }
  mpp_trajectory_close(&t);
}

/* Whole cells are moved as they are, in both directions and past the end. */
static void whole_cells_are_moved_to_the_last_bit(void)
{
  enum { N = 16 };
  static const char *const beta[3] = {"beta=0.5", "beta=-0.25", "beta=17"};
  static const int cells[3] = {8, -4, 272};
  for (int k = 0; k < 3; k++) {
    mpp_generate_options o = {.samples = 1, .resolution = N};
    mpp_pde_case c;
    mpp_trajectory t;
    double before[N];
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", beta[k]);
    REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
    REQUIRE_OK(mpp_trajectory_open(&t, &c));
    REQUIRE_OK(mpp_trajectory_init(&t, 3));
    memcpy(before, t.u, sizeof before);
    pde->start(t.run, t.u);
    CU_ASSERT(pde->advance(t.run, t.u, 1.0));
    for (int i = 0; i < N; i++) { CU_ASSERT_EQUAL(t.u[((i + cells[k]) % N + N) % N], before[i]); }
    mpp_trajectory_close(&t);
  }
}

/* A top hat stays within its bounds but for what the smooth part of the weights lets through. */
static void jumps_do_not_ring(void)
{
  enum { N = 64 };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "", N, false);
  double over = 0.0, sum = 0.0;
  for (size_t i = 0; i < N; i++) { t.u[i] = i >= 20 && i < 40 ? 1.0 : 0.0; }
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 0.3 + 0.4 / N));
  for (size_t i = 0; i < N; i++) {
    over = fmax(over, fmax(-t.u[i], t.u[i] - 1.0));
    sum += t.u[i];
  }
  CU_ASSERT(over < 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(sum, 20.0, 1e-12); /* rounding */
  mpp_trajectory_close(&t);
}

/* The released scheme at the released resolution: by frame 125 the profile has moved by 128
 * cells. */
static void compatible_data_move_at_the_speed_too(void)
{
  enum { N = 1024 };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "1D_Advection_Sols_beta0.1", 0, true);
  REQUIRE_OK(mpp_trajectory_init(&t, 4));
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  double sum = 0.0;
  CU_ASSERT_EQUAL(c.setup.seed, 2022);
  for (size_t i = 0; i < N; i++) {
    sum += fabs((double)t.frames[(size_t)125 * N + i] - (double)t.frames[(i + N - 128) % N]) / N;
  }
  CU_ASSERT(sum > 1e-6 && sum < 2e-4); /* clipped extrema, phases, the jump at the end */
  CU_ASSERT_EQUAL(t.run->steps, 600);  /* of 0.4 dx / beta = 3.9e-3 in an interval of 0.01 */
  mpp_trajectory_close(&t);
}

static void what_is_not_a_number_is_located(void)
{
  enum { N = 16 };
  mpp_pde_case c;
  for (int compat = 0; compat < 2; compat++) {
    mpp_trajectory t = open_of(&c, "", N, compat != 0);
    REQUIRE_OK(mpp_trajectory_init(&t, 0));
    t.u[9] = NAN;
    pde->start(t.run, t.u);
    CU_ASSERT(!pde->advance(t.run, t.u, 1e-3));
    CU_ASSERT(isnan(t.run->bad_value) && t.run->bad >= 5 && t.run->bad <= 9);
    mpp_trajectory_close(&t);
  }
}

static void the_released_scheme_moves_to_the_right_alone(void)
{
  mpp_generate_options o = {.samples = 1, .pdebench_compat = true};
  mpp_pde_case c;
  snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "beta=-1");
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("beta: found -1");
}

TESTS({"frames are shifted profiles", frames_are_shifted_profiles},
      {"whole cells are moved to the last bit", whole_cells_are_moved_to_the_last_bit},
      {"jumps do not ring", jumps_do_not_ring},
      {"compatible data move at the speed too", compatible_data_move_at_the_speed_too},
      {"what is not a number is located", what_is_not_a_number_is_located},
      {"the released scheme moves to the right alone",
       the_released_scheme_moves_to_the_right_alone})
