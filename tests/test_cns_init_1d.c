#include "cns_setup.h"
#include "test.h"

enum { N = 1024, V = 0, RHO = N, P = 2 * N };
static double u[3 * N];

static void draw(int choice, bool compat, uint64_t seed, uint64_t sample)
{
  const mpp_pde_setup s = cns_setup(1, N, choice, compat, seed);
  REQUIRE_OK(mpp_cns_init(u, &s, sample));
}

/* Mean densities of a released file that cannot change in time; rows of four batches. */
static void hold_released(const char *path, int expected)
{
  char line[256];
  long sample = 0;
  double mean = 0.0, sum = 0.0, worst = 0.0;
  int rows = 0;
  FILE *f = fopen(path, "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  CU_ASSERT(fgets(line, sizeof line, f) != NULL && fgets(line, sizeof line, f) != NULL);
  while (fscanf(f, "%ld,%*f,%lf,%*f,%*f,%*f,%*f", &sample, &mean) == 2) {
    draw(MPP_CNS_1D_RANDOM, true, 2020, (uint64_t)sample);
    const double error = fabs(cns_mean(u + RHO, N) / mean - 1.0);
    sum += error;
    worst = fmax(worst, error);
    rows++;
  }
  fclose(f);
  CU_ASSERT_EQUAL(rows, expected);
  /* a solver and sums in float32: over 2000 rows the median is 4e-6, the largest 2.6e-4 */
  CU_ASSERT(sum / rows > 0.0 && sum / rows < 1e-5);
  CU_ASSERT(worst < 3e-4);
}

static void released_densities_agree(void)
{
  hold_released(MPP_TEST_DATA "/pdes/pdebench_1d_cfd_rand_eta0.01_periodic.csv", 59);
  hold_released(MPP_TEST_DATA "/pdes/pdebench_1d_cfd_rand_eta0.1_periodic.csv", 59);
  hold_released(MPP_TEST_DATA "/pdes/pdebench_1d_cfd_rand_eta1e-8_periodic.csv", 59);
}

static void profiles_lie_between_their_bounds(void)
{
  bool differs = false;
  for (uint64_t sample = 0; sample < 50; sample++) {
    draw(MPP_CNS_1D_RANDOM, false, 3, sample);
    double low[2] = {INFINITY, INFINITY}, high[2] = {0.0, 0.0};
    for (int i = 0; i < 2 * N; i++) {
      low[i / N] = fmin(low[i / N], u[RHO + i]);
      high[i / N] = fmax(high[i / N], u[RHO + i]);
    }
    CU_ASSERT(low[0] >= 1.0 && low[0] <= 10.0 && high[0] > low[0] && high[0] - low[0] <= 10.0);
    CU_ASSERT(low[1] >= 10.0 && low[1] <= 100.0 && high[1] > low[1] && high[1] - low[1] <= 100.0);
    /* the shapes are drawn independently */
    for (int i = 0; i < N; i++) {
      const double a = (u[RHO + i] - low[0]) / (high[0] - low[0]);
      const double b = (u[P + i] - low[1]) / (high[1] - low[1]);
      differs = differs || fabs(a - b) > 0.1;
    }
  }
  CU_ASSERT(differs);
}

/* Density in batch k + 1, pressure in batch k, velocity in batch k - 1 share their key. */
static void released_shapes_repeat_in_other_batches(void)
{
  static double density[N];
  draw(MPP_CNS_1D_RANDOM, true, 2020, 1004);
  memcpy(density, u + RHO, sizeof density);
  draw(MPP_CNS_1D_RANDOM, true, 2020, 4);
  double worst = 0.0;
  const double a = (u[P + 300] - u[P]) / (density[300] - density[0]);
  for (int i = 0; i < N; i++) {
    worst = fmax(worst, fabs(u[P + i] - u[P] - a * (density[i] - density[0])));
  }
  CU_ASSERT(worst < 1e-3); /* float32 profiles of size 100 */
  draw(MPP_CNS_1D_RANDOM, false, 2020, 4);
  CU_ASSERT(fabs(u[P + 500] - u[P] - a * (density[500] - density[0])) > 1e-2);
}

/* Where a field changes, counted from 1; 0: nowhere. */
static int jump_of(const double *field)
{
  int at = 0, jumps = 0;
  for (int i = 1; i < N; i++) {
    if (field[i] != field[i - 1]) {
      at = i;
      jumps++;
    }
  }
  CU_ASSERT_EQUAL(jumps, 1);
  return at;
}

static void shock_tubes_jump_at_one_place_in_their_bounds(void)
{
  int negative = 0, left = N, right = 0;
  for (uint64_t sample = 0; sample < 200; sample++) {
    draw(MPP_CNS_1D_SHOCK, false, 9, sample);
    const int at = jump_of(u + RHO);
    CU_ASSERT_EQUAL(jump_of(u + P), at);
    CU_ASSERT_EQUAL(jump_of(u + V), at);
    left = at < left ? at : left;
    right = at > right ? at : right;
    for (int side = 0; side < N; side += N - 1) {
      CU_ASSERT(u[RHO + side] >= 1.0 && u[RHO + side] <= 10.0);
      CU_ASSERT(u[P + side] >= 10.0 && u[P + side] <= 100.0);
      CU_ASSERT(fabs(u[V + side]) <= 0.5);
      negative += u[V + side] < 0.0;
    }
  }
  CU_ASSERT(left >= N / 4 && left < 300 && right <= 3 * N / 4 && right > 724);
  CU_ASSERT(negative > 150 && negative < 250); /* of 400; standard deviation 10 */
}

static void released_shock_tubes_have_exponentiated_velocities(void)
{
  double low = INFINITY, high = 0.0;
  for (uint64_t sample = 0; sample < 200; sample++) {
    draw(MPP_CNS_1D_SHOCK, true, 2031, sample);
    for (int side = 0; side < N; side += N - 1) {
      low = fmin(low, u[V + side]);
      high = fmax(high, u[V + side]);
    }
  }
  CU_ASSERT(low >= exp(-0.5) && low < 0.63 && high <= exp(0.5) && high > 1.6);
}

static void notes_of_a_shock_tube_are_its_states(void)
{
  const mpp_pde_setup s = cns_setup(1, N, MPP_CNS_1D_SHOCK, false, 9);
  mpp_note notes[MPP_PDE_MAX_DETAILS];
  REQUIRE_OK(mpp_cns_init(u, &s, 6));
  CU_ASSERT_EQUAL_FATAL(mpp_cns_details(notes, &s, 6), 7);
  CU_ASSERT_STRING_EQUAL(notes[0].key, "density_left");
  CU_ASSERT_EQUAL(notes[0].value, u[RHO]);
  CU_ASSERT_EQUAL(notes[1].value, u[RHO + N - 1]);
  CU_ASSERT_EQUAL(notes[5].value, u[V + N - 1]);
  CU_ASSERT_STRING_EQUAL(notes[6].key, "jump");
  CU_ASSERT_EQUAL((int)(notes[6].value * N), jump_of(u + RHO));
}

static void too_many_modes_are_refused(void)
{
  mpp_pde_setup s = cns_setup(1, N, MPP_CNS_1D_RANDOM, false, 9);
  s.param[MPP_CNS_MODES] = 9.0;
  ASSERT_STATUS(mpp_cns_init(u, &s, 0), MPP_ERR_USAGE);
  ASSERT_MESSAGE("modes: found 9, expected at most 8");
}

TESTS({"released densities agree", released_densities_agree},
      {"profiles lie between their bounds", profiles_lie_between_their_bounds},
      {"released shapes repeat in other batches", released_shapes_repeat_in_other_batches},
      {"shock tubes jump at one place in their bounds",
       shock_tubes_jump_at_one_place_in_their_bounds},
      {"released shock tubes have exponentiated velocities",
       released_shock_tubes_have_exponentiated_velocities},
      {"notes of a shock tube are its states", notes_of_a_shock_tube_are_its_states},
      {"too many modes are refused", too_many_modes_are_refused})
