#include "num_sines.h"

#include "test.h"

enum { N = 1024, ROWS = 10000, MODES = 4, KEY = 2022 };

static const mpp_sines_axis unit = {.n = N, .low = 0.0, .dx = 1.0 / N};

static mpp_sines released(uint32_t row)
{
  return mpp_sines_draw_released(MODES, 0.1, mpp_threefry_seed(KEY), ROWS, row);
}

/* ---- the released profiles ---- */

/* Draws and values of sample 0 of the released sets, as JAX gives them. */
static void sample_0_has_the_released_draws_and_values(void)
{
  static const double amplitude[MODES] = {.4853964, .05835068, .47261488, .04330409};
  static const double phase[MODES] = {3.9276507, 4.6463494, 4.486851, 2.3620286};
  static const double waves[MODES] = {0.0, 4.0, 0.0, 0.0}; /* the second mode was picked twice */
  static const double value[6] = {.8319239, .82868093, .817045, .798791, .7767032, .7541508};
  const mpp_sines s = released(0);
  static float u[N];
  for (int i = 0; i < MODES; i++) {
    CU_ASSERT_EQUAL(s.waves[i], waves[i]);
    CU_ASSERT_DOUBLE_EQUAL(s.amplitude[i], amplitude[i], 5e-8); /* digits given */
    CU_ASSERT_DOUBLE_EQUAL(s.phase[i], phase[i], 5e-7);
  }
  CU_ASSERT(s.absolute && !s.window);
  mpp_sines_released(u, &s, &unit);
  for (size_t i = 0; i < 6; i++) {
    CU_ASSERT_DOUBLE_EQUAL(u[16 * i], value[i], 2e-7); /* rounding of a sum of four in float32 */
  }
}

/* The mean of u is conserved, so that the means of the released Burgers data are those of the
 * profiles: every second one of the first 4000. */
static void released_means_are_reproduced(void)
{
  FILE *csv = fopen(MPP_TEST_DATA "/pdes/pdebench_1d_burgers_onefile.csv", "r");
  char line[128];
  double worst = 0.0, mean = 0.0, variance = 0.0;
  unsigned row = 0, rows = 0;
  static float u[N];
  CU_ASSERT_PTR_NOT_NULL_FATAL(csv);
  while (fgets(line, sizeof line, csv) != NULL) {
    if (sscanf(line, "%u,%lf,%lf", &row, &mean, &variance) != 3) {
      continue; /* the heading */
    }
    const mpp_sines s = released(row);
    double sum = 0.0;
    mpp_sines_released(u, &s, &unit);
    for (int i = 0; i < N; i++) { sum += (double)u[i]; }
    worst = fmax(worst, fabs(sum / N - mean));
    rows++;
  }
  fclose(csv);
  CU_ASSERT_EQUAL(rows, 2000);
  CU_ASSERT(worst < 1e-5); /* what float32 makes of a mean over 2e5 values */
}

/* One key serves the window, its edges and whether there is one. */
static void released_windows_start_between_one_tenth_and_135_thousandths(void)
{
  int windows = 0, absolute = 0;
  for (uint32_t row = 0; row < ROWS; row++) {
    const mpp_sines s = released(row);
    windows += s.window;
    absolute += s.absolute;
    CU_ASSERT_DOUBLE_EQUAL(s.right, s.left + 0.45, 1e-7); /* float32 */
    CU_ASSERT_EQUAL(s.window, s.left < 0.135);
  }
  CU_ASSERT(abs(windows - 1000) < 120 && abs(absolute - 1000) < 120); /* four deviations */
}

/* ---- the distribution of new data ---- */

static void new_profiles_have_the_published_distribution(void)
{
  int windows = 0, absolute = 0, both = 0, positive = 0, twice = 0, waves[MODES] = {0};
  double amplitude = 0.0, phase = 0.0, left = 0.0, right = 0.0, correlation = 0.0;
  for (uint64_t sample = 0; sample < ROWS; sample++) {
    const mpp_sines s = mpp_sines_draw(MODES, 0.1, 7, sample, 0);
    windows += s.window;
    absolute += s.absolute;
    both += s.window && s.absolute;
    positive += s.sign > 0.0;
    for (int i = 0; i < MODES; i++) {
      waves[i] += s.waves[i] > 0.0;
      twice += s.waves[i] == 2.0 * (i + 1);
      amplitude += s.amplitude[i] / (ROWS * MODES);
      phase += s.phase[i] / (ROWS * MODES);
    }
    left += s.left / ROWS;
    right += s.right / ROWS;
    correlation += (s.left - 0.275) * (s.right - 0.725) / ROWS;
  }
  /* Four standard deviations of each number. */
  CU_ASSERT(abs(windows - 1000) < 120 && abs(absolute - 1000) < 120 && abs(both - 100) < 40);
  CU_ASSERT(abs(positive - 5000) < 200 && abs(twice - 2500) < 174);
  for (int i = 0; i < MODES; i++) { CU_ASSERT(abs(waves[i] - 4375) < 200); /* 1 - (3/4)^2 */ }
  CU_ASSERT_DOUBLE_EQUAL(amplitude, 0.5, 0.006);
  CU_ASSERT_DOUBLE_EQUAL(phase, M_PI, 0.037);
  CU_ASSERT_DOUBLE_EQUAL(left, 0.275, 0.0041);
  CU_ASSERT_DOUBLE_EQUAL(right, 0.725, 0.0041);
  CU_ASSERT_DOUBLE_EQUAL(correlation, 0.0, 0.00041); /* the variances are 0.0102 */
}

static void draws_depend_on_seed_sample_and_place_alone(void)
{
  const mpp_sines a = mpp_sines_draw(3, 0.5, 1, 2, 64), b = mpp_sines_draw(3, 0.5, 1, 2, 64);
  const mpp_sines other[3] = {mpp_sines_draw(3, 0.5, 2, 2, 64), mpp_sines_draw(3, 0.5, 1, 3, 64),
                              mpp_sines_draw(3, 0.5, 1, 2, 64 + MPP_SINES_DRAWS)};
  CU_ASSERT_EQUAL(memcmp(a.phase, b.phase, sizeof a.phase), 0);
  for (int i = 0; i < 3; i++) { CU_ASSERT_NOT_EQUAL(a.phase[0], other[i].phase[0]); }
}

/* ---- values ---- */

/* A profile that has everything. */
static mpp_sines full(void)
{
  return (mpp_sines){.modes = 2,
                     .waves = {1.0, 4.0},
                     .amplitude = {0.7, 0.5},
                     .phase = {0.3, 2.0},
                     .absolute = true,
                     .window = true,
                     .sign = -1.0,
                     .left = 0.11,
                     .right = 0.89};
}

static void profiles_are_periodic_windows_too(void)
{
  const mpp_sines_axis axis = {.n = 50, .low = 0.0, .dx = 0.02};
  mpp_sines s = full();
  s.left = 0.13; /* farther from its end than the right edge is */
  for (int i = 0; i < 10; i++) {
    const double x = 0.1 * i + 1e-3;
    CU_ASSERT_DOUBLE_EQUAL(mpp_sines_at(&s, &axis, x), mpp_sines_at(&s, &axis, x + 1.0),
                           1e-12); /* rounding of x + 1 times the slope of the window, 50 */
  }
  /* No jump at the end, where the tails of a window meet: 1e-9 times their slope of 100. */
  const double before = mpp_sines_at(&s, &axis, 1.0 - 1e-9), after = mpp_sines_at(&s, &axis, 0.0);
  CU_ASSERT(after != 0.0);
  CU_ASSERT_DOUBLE_EQUAL(before / after, 1.0, 1e-6);
}

static void the_formula_is_the_published_one(void)
{
  const mpp_sines_axis axis = {.n = 40, .low = -1.0, .dx = 0.05}; /* period 2 */
  const mpp_sines s = full();
  for (int i = 0; i < 18; i++) {
    const double x = -0.85 + 0.1 * i;
    const double sum = 0.7 * sin(M_PI * (x + 1.0) + 0.3) + 0.5 * sin(4.0 * M_PI * (x + 1.0) + 2.0);
    const double m = 0.5 * (tanh((x - 0.11) / 0.01) - tanh((x - 0.89) / 0.01));
    CU_ASSERT_DOUBLE_EQUAL(mpp_sines_at(&s, &axis, x), -fabs(sum) * m, 1e-13); /* rounding */
  }
}

/* Averages against the midpoint rule with 4000 points a cell. */
static void averages_are_integrals_kinks_included(void)
{
  const mpp_sines_axis axis = {.n = 16, .low = 0.0, .dx = 1.0 / 16.0};
  const double shift = 0.37;
  for (int variant = 0; variant < 4; variant++) {
    mpp_sines s = full();
    double u[16];
    s.absolute = variant % 2 != 0;
    s.window = variant / 2 != 0;
    mpp_sines_averages(u, &s, &axis, shift);
    for (int i = 0; i < 16; i++) {
      const int points = 4000;
      double sum = 0.0;
      for (int p = 0; p < points; p++) {
        sum += mpp_sines_at(&s, &axis, (i + (p + 0.5) / points) * axis.dx - shift) / points;
      }
      CU_ASSERT_DOUBLE_EQUAL(u[i], sum, 1e-7); /* the midpoint rule: h^2 u'' / 24, u'' = 5e3 */
    }
  }
}

static void normalised_profiles_reach_from_0_to_1(void)
{
  double u[3] = {-2.0, 6.0, 0.0}, flat[2] = {3.0, 3.0};
  mpp_sines_normalise(u, 3);
  mpp_sines_normalise(flat, 2);
  CU_ASSERT(u[0] == 0.0 && u[1] == 1.0 && u[2] == 0.25);
  CU_ASSERT(flat[0] == 0.0 && flat[1] == 0.0);
}

TESTS({"sample 0 has the released draws and values", sample_0_has_the_released_draws_and_values},
      {"released means are reproduced", released_means_are_reproduced},
      {"released windows start between one tenth and 135 thousandths",
       released_windows_start_between_one_tenth_and_135_thousandths},
      {"new profiles have the published distribution",
       new_profiles_have_the_published_distribution},
      {"draws depend on seed, sample and place alone", draws_depend_on_seed_sample_and_place_alone},
      {"profiles are periodic, windows too", profiles_are_periodic_windows_too},
      {"the formula is the published one", the_formula_is_the_published_one},
      {"averages are integrals, kinks included", averages_are_integrals_kinks_included},
      {"normalised profiles reach from 0 to 1", normalised_profiles_reach_from_0_to_1})
