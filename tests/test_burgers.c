#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const pde = &mpp_pde_burgers;

static mpp_trajectory open_of(mpp_pde_case *c, const char *preset, long resolution, bool compat)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .pdebench_compat = compat};
  mpp_trajectory t;
  snprintf(o.preset, sizeof o.preset, "%s", preset);
  REQUIRE_OK(mpp_pde_case_make(c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

typedef struct moments {
  double mean, variance;
} moments;

static moments of_frames(const mpp_trajectory *t)
{
  moments m = {0.0, 0.0};
  const double count = (double)t->c->values;
  for (size_t i = 0; i < t->c->values; i++) { m.mean += (double)t->frames[i] / count; }
  for (size_t i = 0; i < t->c->values; i++) {
    const double difference = (double)t->frames[i] - m.mean;
    m.variance += difference * difference / count;
  }
  return m;
}

/* Rows of the released statistics of 1D_Burgers_Sols_Nu0.001: every second sample from 0 on. */
static size_t read_released(moments *row, size_t most)
{
  FILE *csv = fopen(MPP_TEST_DATA "/pdes/pdebench_1d_burgers_onefile.csv", "r");
  char line[128];
  unsigned sample = 0;
  size_t count = 0;
  CU_ASSERT_PTR_NOT_NULL_FATAL(csv);
  while (count < most && fgets(line, sizeof line, csv) != NULL) {
    if (sscanf(line, "%u,%lf,%lf", &sample, &row[count].mean, &row[count].variance) == 3) {
      CU_ASSERT_EQUAL(sample, 2 * count);
      count++;
    }
  }
  fclose(csv);
  return count;
}

/* ---- the released data ---- */

static void variances_of_released_samples_are_reproduced(void)
{
  enum { ROWS = 31 };
  moments row[ROWS];
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "1D_Burgers_Sols_Nu0.001", 0, true);
  CU_ASSERT_EQUAL_FATAL(read_released(row, ROWS), ROWS);
  CU_ASSERT_EQUAL(c.setup.seed, 2022);
  CU_ASSERT(c.setup.grid.n[2] == 1024 && c.frames == 201);
  for (size_t i = 0; i < ROWS; i++) {
    REQUIRE_OK(mpp_trajectory_init(&t, 2 * i));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    const moments m = of_frames(&t);
    CU_ASSERT_DOUBLE_EQUAL(m.mean, row[i].mean, 5e-7); /* sums in float32 */
    /* Float32 sums of the reference: of the variance, and of what its mean adds to the squares. */
    const double scale = row[i].variance + 1e-3 * row[i].mean * row[i].mean;
    CU_ASSERT_DOUBLE_EQUAL(m.variance, row[i].variance, 2e-6 * scale);
  }
  mpp_trajectory_close(&t);
}

/* At Nu = 1 the solution is a mean with ripples, frozen where updates are lost to float32; the file
 * has these four values at t = 0.05, 16 cells apart. */
static void ripples_frozen_by_float32_are_the_released_ones(void)
{
  static const double value[4] = {.77419776, .77424496, .77424514, .77418697};
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "1D_Burgers_Sols_Nu1.0", 0, true);
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 0.05));
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT_DOUBLE_EQUAL(t.u[16 * i], value[i], 6e-9); /* digits given */
  }
  mpp_trajectory_close(&t);
  /* The true solution at that time is flat to 4e-4 of its wave of 8 pi: exp(-64 pi t). */
  mpp_generate_options o = {.samples = 1, .resolution = 256};
  snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "Nu=1");
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  for (int i = 0; i < 256; i++) { t.u[i] = 0.774 + 0.06 * cos(8.0 * M_PI * i / 256.0); }
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 0.05));
  for (int i = 0; i < 256; i++) { CU_ASSERT_DOUBLE_EQUAL(t.u[i], 0.774, 1e-5); }
  mpp_trajectory_close(&t);
}

/* New data have another profile in each sample, of the same distribution: mean squares of frames
 * over 60 samples against the 2000 released ones. */
static void new_data_have_the_released_distribution(void)
{
  enum { ROWS = 2000, SAMPLES = 60 };
  static moments row[ROWS];
  double released = 0.0, spread = 0.0, own = 0.0;
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, "1D_Burgers_Sols_Nu0.001", 128, false);
  CU_ASSERT_EQUAL_FATAL(read_released(row, ROWS), ROWS);
  for (size_t i = 0; i < ROWS; i++) { released += row[i].variance / ROWS; }
  for (size_t i = 0; i < ROWS; i++) {
    spread += (row[i].variance - released) * (row[i].variance - released) / ROWS;
  }
  for (uint64_t sample = 0; sample < SAMPLES; sample++) {
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    own += of_frames(&t).variance / SAMPLES;
    CU_ASSERT(t.drift[0] < 1e-13); /* rounding of 201 sums */
  }
  CU_ASSERT_DOUBLE_EQUAL(own, released, 3.5 * sqrt(spread / SAMPLES));
  mpp_trajectory_close(&t);
}

/* ---- against the equation ---- */

/* The released initial condition, by both schemes: what 1024 cells leave open. */
static void both_schemes_solve_the_same_equation(void)
{
  enum { N = 512 };
  static double u[N];
  mpp_pde_case c, d;
  mpp_trajectory a = open_of(&c, "1D_Burgers_Sols_Nu0.01", N, true);
  mpp_trajectory b = open_of(&d, "1D_Burgers_Sols_Nu0.01", N, false);
  double difference = 0.0, size = 0.0, low = 0.0, high = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&a, 4));
  memcpy(u, a.u, sizeof u);
  pde->start(a.run, u);
  CU_ASSERT(pde->advance(a.run, a.u, 1.0));
  for (int i = 0; i < N; i++) {
    low = fmin(low, u[i]);
    high = fmax(high, u[i]);
  }
  pde->start(b.run, u);
  CU_ASSERT(pde->advance(b.run, b.u, 1.0));
  for (int i = 0; i < N; i++) {
    difference += fabs(a.u[i] - b.u[i]) / N;
    size += fabs(b.u[i]) / N;
    CU_ASSERT(b.u[i] >= low && b.u[i] <= high);
  }
  CU_ASSERT(difference < 2e-3 * size); /* second order: (dx / width of the shock)^2 */
  mpp_trajectory_close(&a);
  mpp_trajectory_close(&b);
}

static void viscosities_too_large_for_float32_are_refused(void)
{
  mpp_generate_options o = {.samples = 1, .resolution = 1024, .pdebench_compat = true};
  mpp_pde_case c;
  snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "Nu=4");
  ASSERT_OK(mpp_pde_case_make(&c, pde, &o));
  snprintf(o.set.item[0], MPP_TEXT_MAX, "Nu=8");
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("Nu: found 8");
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
    CU_ASSERT(isnan(t.run->bad_value) && t.run->t < 1.001e-3);
    mpp_trajectory_close(&t);
  }
}

TESTS({"variances of released samples are reproduced",
       variances_of_released_samples_are_reproduced},
      {"ripples frozen by float32 are the released ones",
       ripples_frozen_by_float32_are_the_released_ones},
      {"new data have the released distribution", new_data_have_the_released_distribution},
      {"both schemes solve the same equation", both_schemes_solve_the_same_equation},
      {"viscosities too large for float32 are refused",
       viscosities_too_large_for_float32_are_refused},
      {"what is not a number is located", what_is_not_a_number_is_located})
