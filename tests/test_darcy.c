#include "rng.h"
#include "test.h"
#include "trajectory.h"

static mpp_generate_options options_of(long resolution)
{
  return (mpp_generate_options){.samples = 1, .resolution = resolution};
}

static void open_of(mpp_trajectory *t, mpp_pde_case *c, const mpp_generate_options *o,
                    uint64_t sample)
{
  REQUIRE_OK(mpp_pde_case_make(c, &mpp_pde_darcy, o));
  REQUIRE_OK(mpp_trajectory_open(t, c));
  REQUIRE_OK(mpp_trajectory_init(t, sample));
}

/* u = 1 everywhere: the largest value is that of the series, which page after page quotes. */
static void the_uniform_medium_has_the_known_maximum(void)
{
  mpp_generate_options o = options_of(129); /* a cell at the centre */
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o, 0);
  for (size_t i = 0; i < c.cells; i++) { t.u[c.cells + i] = 2.0; }
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  /* (dx^2 / 12) times fourth derivatives of order 1 */
  CU_ASSERT_DOUBLE_EQUAL(t.u[c.cells / 2], 0.0736713513 / 2.0, 1e-5);
  CU_ASSERT(t.run->least[0] > 0.0);
  mpp_trajectory_close(&t);
}

/* What flows out through the walls is what the source gives. */
static void the_walls_carry_off_the_source(void)
{
  mpp_generate_options o = options_of(48);
  o.set = (mpp_text_list){.count = 1, .item = {"beta=2.5"}};
  for (uint64_t sample = 0; sample < 4; sample++) {
    const size_t n = 48;
    mpp_pde_case c;
    mpp_trajectory t;
    double out = 0.0;
    open_of(&t, &c, &o, sample);
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    const double *u = t.u, *a = t.u + c.cells;
    for (size_t i = 0; i < n; i++) {
      const size_t edge[4] = {i, (n - 1) * n + i, i * n, i * n + n - 1};
      for (int k = 0; k < 4; k++) { out += 2.0 * a[edge[k]] * u[edge[k]]; }
    }
    CU_ASSERT_DOUBLE_EQUAL(out / 2.5, 1.0, 1e-9); /* residual 1e-12 over 48^2 cells */
    mpp_trajectory_close(&t);
  }
}

/* Twice the source, twice the pressure: nothing of the start stays. */
static void pressure_is_proportional_to_the_source(void)
{
  double largest[2];
  for (int k = 0; k < 2; k++) {
    mpp_generate_options o = options_of(32);
    mpp_pde_case c;
    mpp_trajectory t;
    o.set = (mpp_text_list){.count = 1, .item = {"beta=0.01"}};
    snprintf(o.set.item[0], sizeof o.set.item[0], "beta=%g", k == 0 ? 0.01 : 100.0);
    open_of(&t, &c, &o, 1);
    mpp_trajectory_integrate(&t);
    largest[k] = 0.0;
    for (size_t i = 0; i < c.cells; i++) { largest[k] = fmax(largest[k], t.u[i]); }
    mpp_trajectory_close(&t);
  }
  CU_ASSERT_DOUBLE_EQUAL(largest[1] / largest[0], 1e4, 1e-5); /* twice the tolerance */
}

enum { N = 16 };

/* Sum of the bumps drawn as darcy.c says, at the centre of cell (i, j) of N x N. */
static double bumps(uint64_t sample, size_t row, size_t column)
{
  const double x = ((double)row + 0.5) / N, y = ((double)column + 0.5) / N;
  double sum = 0.0;
  for (uint32_t i = 0; i < 5; i++) {
    const double s = 0.5 * mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i);
    const double dx = x - mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i + 1);
    const double dy = y - mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i + 2);
    sum += exp(-(dx * dx + dy * dy) / s);
  }
  return sum;
}

/* The threshold is the mean of the bumps over the square and all samples, by their definition. */
static void the_threshold_is_the_expected_mean(void)
{
  enum { SAMPLES = 3000 };
  double sum = 0.0;
  size_t wrong = 0;
  for (uint64_t sample = 0; sample < SAMPLES; sample++) {
    for (size_t i = 0; i < (size_t)N * N; i++) {
      sum += bumps(sample, i / N, i % N) / (SAMPLES * N * N);
    }
  }
  /* standard deviation 0.7 of a sample's mean over sqrt(3000), three times */
  CU_ASSERT_DOUBLE_EQUAL(sum, 1.8521453299669988, 0.04);
  const mpp_generate_options o = options_of(N);
  mpp_pde_case c;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_darcy, &o));
  for (uint64_t sample = 0; sample < 20; sample++) {
    double u[2 * N * N];
    REQUIRE_OK(mpp_pde_darcy.init(u, &c.setup, sample));
    for (size_t i = 0; i < (size_t)N * N; i++) {
      const bool high = bumps(sample, i / N, i % N) > 1.8521453299669988;
      wrong += u[(size_t)N * N + i] != (high ? 1.0 : 0.1) || u[i] != 0.0;
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
}

/* 200 samples: both media take their share, and the pressure stays between the bounds of the two
 * uniform media. */
static void samples_keep_the_maximum_principle(void)
{
  mpp_generate_options o = options_of(24);
  mpp_pde_case c;
  mpp_trajectory t;
  double share = 0.0;
  open_of(&t, &c, &o, 0);
  for (uint64_t sample = 0; sample < 200; sample++) {
    double largest = 0.0;
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    for (size_t i = 0; i < c.cells; i++) {
      largest = fmax(largest, t.u[i]);
      share += t.u[c.cells + i] == 1.0 ? 1.0 / (200.0 * (double)c.cells) : 0.0;
    }
    CU_ASSERT(t.run->least[0] > 0.0 && largest > 0.073 && largest < 0.738);
  }
  CU_ASSERT(share > 0.3 && share < 0.6);
  mpp_trajectory_close(&t);
}

/* A tolerance below what float64 resolves is met to rounding; a permeability that is not finite is
 * an error that names the cell. */
static void failure_is_reported(void)
{
  mpp_generate_options o = options_of(16);
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o, 3);
  t.u[c.cells + 87] = NAN;
  mpp_trajectory_integrate(&t);
  CU_ASSERT(t.diverged);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  mpp_trajectory_close(&t);
  o.resolution = 256;
  o.set = (mpp_text_list){.count = 1, .item = {"tolerance=1e-14"}};
  open_of(&t, &c, &o, 3);
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  mpp_trajectory_close(&t);
}

TESTS({"the uniform medium has the known maximum", the_uniform_medium_has_the_known_maximum},
      {"the walls carry off the source", the_walls_carry_off_the_source},
      {"pressure is proportional to the source", pressure_is_proportional_to_the_source},
      {"the threshold is the expected mean", the_threshold_is_the_expected_mean},
      {"samples keep the maximum principle", samples_keep_the_maximum_principle},
      {"failure is reported", failure_is_reported})
