#include "h5.h"
#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const pde = &mpp_pde_diffusion_sorption;

static mpp_trajectory open_of(mpp_pde_case *c, long resolution, bool compat, double horizon)
{
  const mpp_generate_options o = {
      .samples = 1, .resolution = resolution, .pdebench_compat = compat, .horizon = horizon};
  mpp_trajectory t;
  REQUIRE_OK(mpp_pde_case_make(c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

/* ---- the released data ---- */

/* Three cells at each end of sample 0001 of the released file. The solution is noisy at the left
 * one at the level of the tolerance, 1e-3, so that these digits are those of the steps taken. */
static void values_of_the_released_file_are_reproduced(void)
{
  enum { N = 1024 };
  static const double at_5[6] = {.98049348, .96660094, .94190467, .00657433, .00470656, .00283412};
  static const double at_10[3] = {.98778229, .97436893, .96326327};
  static const double at_45[3] = {.99327755, .99188827, .98001324};
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, 0, true, 0.0);
  CU_ASSERT(c.setup.grid.n[2] == N && c.frames == 101 && c.setup.horizon == 500.0);
  REQUIRE_OK(mpp_trajectory_init(&t, 1));
  CU_ASSERT_DOUBLE_EQUAL(t.u[0], 0.0834044009405, 1e-13);
  pde->start(t.run, t.u);
  /* 1e-7: rounding is amplified where the steps are at the limit of stability. */
  CU_ASSERT(pde->advance(t.run, t.u, 5.0));
  for (int i = 0; i < 6; i++) { CU_ASSERT_DOUBLE_EQUAL(t.u[i < 3 ? i : N - 6 + i], at_5[i], 1e-7); }
  CU_ASSERT(pde->advance(t.run, t.u, 10.0));
  for (int i = 0; i < 3; i++) { CU_ASSERT_DOUBLE_EQUAL(t.u[i], at_10[i], 1e-7); }
  CU_ASSERT(pde->advance(t.run, t.u, 45.0));
  for (int i = 0; i < 3; i++) { CU_ASSERT_DOUBLE_EQUAL(t.u[i], at_45[i], 1e-7); }
  mpp_trajectory_close(&t);
}

/* Largest difference of u [n] from frame k of a group, which is kept in `data`. */
static double difference_of(double *data, const double *u, hid_t file, const char *group, size_t k)
{
  enum { N = 256 };
  const size_t frame[3] = {1, N, 1};
  double worst = 0.0;
  REQUIRE_OK(mpp_h5_read_f64(data, file, group, group, (const size_t[]){k, 0, 0}, frame));
  for (size_t i = 0; i < N; i++) { worst = fmax(worst, fabs(u[i] - data[i])); }
  return worst;
}

/* A file that PDEBench's own simulator wrote: its first frame is carried to its last ones. */
static void frames_of_pdebenchs_simulator_follow_from_its_first(void)
{
  enum { N = 256, FRAMES = 11 };
  static const char *const group[2] = {"0001/data", "0003/data"};
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, N, true, 0.0);
  double data[N], worst = 0.0;
  hid_t file = -1;
  REQUIRE_OK(mpp_h5_init());
  REQUIRE_OK(mpp_h5_open(&file, MPP_TEST_DATA "/pdes/diff-sorp_256.h5"));
  for (int g = 0; g < 2; g++) {
    (void)difference_of(t.u, t.u, file, group[g], 0);
    pde->start(t.run, t.u);
    for (size_t k = 1; k < FRAMES; k++) {
      CU_ASSERT(pde->advance(t.run, t.u, 50.0 * (double)k));
      worst = fmax(worst, difference_of(data, t.u, file, group[g], k));
    }
    CU_ASSERT(data[0] > 0.99); /* it is the last frame */
  }
  mpp_h5_close(file);
  mpp_trajectory_close(&t);
  CU_ASSERT(worst > 0.0 && worst < 1e-7); /* both are rounded to float32, the first frame too */
}

/* ---- the two schemes ---- */

/* The ends differ by half a cell, and the released data carry the noise of their tolerance. */
static void both_schemes_converge_to_one_solution(void)
{
  double difference[2];
  for (int k = 0; k < 2; k++) {
    const long n = 64L << (2 * k);
    mpp_pde_case c, d;
    mpp_trajectory a = open_of(&c, n, false, 50.0), b = open_of(&d, n, true, 50.0);
    REQUIRE_OK(mpp_trajectory_init(&b, 1));
    memcpy(a.u, b.u, (size_t)n * sizeof *a.u);
    mpp_trajectory_integrate(&a);
    mpp_trajectory_integrate(&b);
    difference[k] = 0.0;
    for (size_t i = 0; i < c.values; i++) {
      difference[k] += fabs((double)a.frames[i] - (double)b.frames[i]) / (double)c.values;
    }
    mpp_trajectory_close(&a);
    mpp_trajectory_close(&b);
  }
  CU_ASSERT(difference[0] < 0.02);
  CU_ASSERT_DOUBLE_EQUAL(log2(difference[0] / difference[1]) / 2.0, 1.0, 0.15); /* half a cell */
}

/* The published size with few steps; every sample its own level. */
static void the_published_size_takes_some_hundred_steps(void)
{
  enum { N = 1024 };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, 0, false, 0.0);
  double levels[3];
  for (uint64_t sample = 0; sample < 3; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    levels[sample] = t.u[0];
    CU_ASSERT(t.u[0] > 0.0 && t.u[0] < 0.2 && t.u[N - 1] == t.u[0]);
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    CU_ASSERT(t.run->steps < 1000 && t.run->least[0] > 0.0);
    /* by then a straight line from 1 to nearly 0 comes near */
    CU_ASSERT(t.u[0] < 1.0 && t.u[0] > 0.998 && t.u[N / 2] > 0.2 && t.u[N - 1] < 1e-3);
  }
  CU_ASSERT(levels[0] != levels[1] && levels[1] != levels[2]);
  mpp_trajectory_close(&t);
}

static void what_is_not_a_number_is_located(void)
{
  enum { N = 32 };
  mpp_pde_case c;
  for (int compat = 0; compat < 2; compat++) {
    mpp_trajectory t = open_of(&c, N, compat != 0, 1.0);
    REQUIRE_OK(mpp_trajectory_init(&t, 0));
    t.u[20] = NAN;
    pde->start(t.run, t.u);
    CU_ASSERT(!pde->advance(t.run, t.u, 1.0));
    CU_ASSERT(isnan(t.run->bad_value) && t.run->bad <= 20);
    mpp_trajectory_close(&t);
  }
}

static void the_released_scheme_has_no_walls(void)
{
  mpp_generate_options o = {.samples = 1, .pdebench_compat = true};
  mpp_pde_case c;
  snprintf(o.boundary, sizeof o.boundary, "wall");
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("x=open");
}

TESTS({"values of the released file are reproduced", values_of_the_released_file_are_reproduced},
      {"frames of PDEBench's simulator follow from its first",
       frames_of_pdebenchs_simulator_follow_from_its_first},
      {"both schemes converge to one solution", both_schemes_converge_to_one_solution},
      {"the published size takes some hundred steps", the_published_size_takes_some_hundred_steps},
      {"what is not a number is located", what_is_not_a_number_is_located},
      {"the released scheme has no walls", the_released_scheme_has_no_walls})
