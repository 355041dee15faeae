#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const pde = &mpp_pde_reaction_diffusion;

/* Settings "name=value" separated by blanks. */
static mpp_generate_options *options_of(long resolution, bool compat, const char *settings)
{
  static mpp_generate_options o;
  o = (mpp_generate_options){.samples = 1, .resolution = resolution, .pdebench_compat = compat};
  int used = 0;
  while (sscanf(settings, "%1023s%n", o.set.item[o.set.count], &used) == 1) {
    settings += used;
    o.set.count++;
  }
  return &o;
}

static mpp_trajectory open_of(mpp_pde_case *c, const mpp_generate_options *o)
{
  mpp_trajectory t;
  REQUIRE_OK(mpp_pde_case_make(c, pde, o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

/* ---- the released data ---- */

/* Sample 2 of ReacDiff_Nu0.5_Rho1.0: mean and variance over all frames. Without loss to rounding
 * the mean would be 0.596. */
static void a_released_sample_of_two_waves_is_reproduced(void)
{
  mpp_generate_options *o = options_of(0, true, "");
  mpp_pde_case c;
  snprintf(o->preset, sizeof o->preset, "ReacDiff_Nu0.5_Rho1.0");
  mpp_trajectory t = open_of(&c, o);
  CU_ASSERT(c.setup.grid.n[2] == 1024 && c.frames == 101 && c.setup.seed == 2022);
  REQUIRE_OK(mpp_trajectory_init(&t, 2));
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  double mean = 0.0, variance = 0.0;
  for (size_t i = 0; i < c.values; i++) { mean += (double)t.frames[i] / (double)c.values; }
  for (size_t i = 0; i < c.values; i++) {
    const double difference = (double)t.frames[i] - mean;
    variance += difference * difference / (double)c.values;
  }
  /* A few last digits of 4e6 steps, some of which are 6e-8 each. */
  CU_ASSERT_DOUBLE_EQUAL(mean, 0.530776799, 1e-5);
  CU_ASSERT_DOUBLE_EQUAL(variance / 0.00161446689, 1.0, 1e-4);
  mpp_trajectory_close(&t);
}

static void published_diffusivities_that_stop_float32_time_are_refused(void)
{
  mpp_generate_options *o = options_of(0, true, "");
  mpp_pde_case c;
  snprintf(o->preset, sizeof o->preset, "ReacDiff_Nu2.0_Rho10.0");
  ASSERT_OK(mpp_pde_case_make(&c, pde, o));
  snprintf(o->preset, sizeof o->preset, "ReacDiff_Nu5.0_Rho1.0");
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("Nu: found 5");
  o->pdebench_compat = false;
  ASSERT_OK(mpp_pde_case_make(&c, pde, o));
}

/* ---- against the equation ---- */

static void uniform_fields_grow_logistically(void)
{
  enum { N = 9 };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, false, "rho=5 step=0.03"));
  for (int i = 0; i < N; i++) { t.u[i] = 0.1; }
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 0.7));
  CU_ASSERT_EQUAL(t.run->steps, 29); /* 23 from 0.02 on, 6 before */
  for (int i = 0; i < N; i++) {
    CU_ASSERT_DOUBLE_EQUAL(t.u[i], 0.1 / (0.1 + 0.9 * exp(-3.5)), 1e-14); /* rounding */
  }
  mpp_trajectory_close(&t);
}

/* Between walls cos(pi x), else cos(2 pi x). */
static void waves_decay_at_the_exact_rate(void)
{
  enum { N = 24 };
  for (int wall = 0; wall < 2; wall++) {
    mpp_generate_options *o = options_of(N, false, "rho=0 Nu=0.3");
    mpp_pde_case c;
    snprintf(o->boundary, sizeof o->boundary, wall ? "wall" : "periodic");
    mpp_trajectory t = open_of(&c, o);
    const double wave = (wall ? 1.0 : 2.0) * M_PI, decay = exp(-0.3 * wave * wave * 0.5);
    for (int i = 0; i < N; i++) { t.u[i] = 0.5 + 0.5 * cos(wave * (i + 0.5) / N); }
    pde->start(t.run, t.u);
    CU_ASSERT(pde->advance(t.run, t.u, 0.2));
    CU_ASSERT(pde->advance(t.run, t.u, 0.5));
    for (int i = 0; i < N; i++) {
      /* rounding of 2000 steps */
      CU_ASSERT_DOUBLE_EQUAL(t.u[i], 0.5 + 0.5 * decay * cos(wave * (i + 0.5) / N), 1e-13);
    }
    mpp_trajectory_close(&t);
  }
}

/* Every published pair of numbers, the step by default against one of a quarter. */
static void the_default_step_is_short_enough(void)
{
  static const char *const pair[4] = {"Nu=0.5 rho=1", "Nu=0.5 rho=10", "Nu=5 rho=1", "Nu=5 rho=10"};
  enum { N = 128 };
  for (int p = 0; p < 4; p++) {
    char finer[64];
    mpp_pde_case c, d;
    double worst = 0.0;
    snprintf(finer, sizeof finer, "%s step=6.25e-5", pair[p]);
    mpp_trajectory a = open_of(&c, options_of(N, false, pair[p]));
    mpp_trajectory b = open_of(&d, options_of(N, false, finer));
    REQUIRE_OK(mpp_trajectory_init(&a, 1));
    REQUIRE_OK(mpp_trajectory_init(&b, 1));
    mpp_trajectory_integrate(&a);
    mpp_trajectory_integrate(&b);
    for (size_t i = 0; i < c.values; i++) {
      worst = fmax(worst, fabs((double)a.frames[i] - (double)b.frames[i]));
    }
    CU_ASSERT(worst < 3e-7); /* a few last digits of float32 */
    mpp_trajectory_close(&a);
    mpp_trajectory_close(&b);
  }
}

/* Profiles start between 0 and 1, and stay there; they tend to 1. */
static void concentrations_stay_between_0_and_1(void)
{
  enum { N = 128 };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, false, "rho=10"));
  for (uint64_t sample = 0; sample < 40; sample++) {
    float low = 1.0F, high = 0.0F;
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    for (size_t i = 0; i < c.values; i++) {
      low = fminf(low, t.frames[i]);
      high = fmaxf(high, t.frames[i]);
    }
    CU_ASSERT(low >= 0.0F && high <= 1.0F);
    CU_ASSERT(low < 0.02F && t.frames[c.values - 1] > 0.99F);
  }
  mpp_trajectory_close(&t);
}

/* Point values: a finer grid shows the same function at other points. Cells of a third of the width
 * have every centre of the coarser grid among theirs. */
static void new_profiles_do_not_depend_on_the_grid(void)
{
  enum { N = 16, FINE = 3 * N };
  mpp_pde_case c, d;
  mpp_trajectory a = open_of(&c, options_of(N, false, ""));
  mpp_trajectory b = open_of(&d, options_of(FINE, false, ""));
  for (uint64_t sample = 0; sample < 10; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&a, sample));
    REQUIRE_OK(mpp_trajectory_init(&b, sample));
    for (size_t i = 0; i < N; i++) {
      CU_ASSERT_DOUBLE_EQUAL(a.u[i], b.u[3 * i + 1], 1e-12); /* rounding of x */
    }
  }
  mpp_trajectory_close(&a);
  mpp_trajectory_close(&b);
}

static void what_is_not_a_number_is_a_failure(void)
{
  enum { N = 16 };
  mpp_pde_case c;
  for (int compat = 0; compat < 2; compat++) {
    mpp_trajectory t = open_of(&c, options_of(N, compat != 0, ""));
    REQUIRE_OK(mpp_trajectory_init(&t, 0));
    t.u[9] = NAN;
    pde->start(t.run, t.u);
    CU_ASSERT(!pde->advance(t.run, t.u, 1e-3));
    CU_ASSERT(isnan(t.run->bad_value));
    mpp_trajectory_close(&t);
  }
}

TESTS({"a released sample of two waves is reproduced",
       a_released_sample_of_two_waves_is_reproduced},
      {"published diffusivities that stop float32 time are refused",
       published_diffusivities_that_stop_float32_time_are_refused},
      {"uniform fields grow logistically", uniform_fields_grow_logistically},
      {"waves decay at the exact rate", waves_decay_at_the_exact_rate},
      {"the default step is short enough", the_default_step_is_short_enough},
      {"concentrations stay between 0 and 1", concentrations_stay_between_0_and_1},
      {"new profiles do not depend on the grid", new_profiles_do_not_depend_on_the_grid},
      {"what is not a number is a failure", what_is_not_a_number_is_a_failure})
