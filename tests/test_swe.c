#include "pde_case.h"
#include "rng.h"
#include "test.h"
#include "trajectory.h"

static mpp_generate_options *options_of(long resolution, bool compat)
{
  static mpp_generate_options o;
  o = (mpp_generate_options){.samples = 1, .resolution = resolution, .pdebench_compat = compat};
  return &o;
}

static mpp_pde_case case_of(const mpp_generate_options *o)
{
  mpp_pde_case c;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, o));
  return c;
}

static double *initial(const mpp_pde_case *c, uint64_t sample)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, 3 * c->cells));
  REQUIRE_OK(mpp_pde_swe.init(u, &c->setup, sample));
  return u;
}

static float *trajectory(const mpp_generate_options *o, uint64_t sample, size_t *count)
{
  size_t shape[5];
  float *x = NULL;
  REQUIRE_OK(mpp_pde_trajectory_shape(shape, &mpp_pde_swe, o));
  *count = shape[0] * shape[1] * shape[2] * shape[3] * shape[4];
  REQUIRE_OK(MPP_ALLOC(&x, *count));
  REQUIRE_OK(mpp_pde_trajectory(x, &mpp_pde_swe, o, sample));
  return x;
}

/* ---- the released data ---- */

typedef struct released {
  long sample;
  double radius, mean, variance;
} released;

static FILE *open_released(void)
{
  char line[256];
  FILE *f = fopen(MPP_TEST_DATA "/pdes/pdebench_swe_2d_rdb.csv", "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  CU_ASSERT(fgets(line, sizeof line, f) != NULL && fgets(line, sizeof line, f) != NULL);
  return f;
}

static bool next_released(FILE *f, released *r)
{
  return fscanf(f, "%ld,%lf,%lf,%lf", &r->sample, &r->radius, &r->mean, &r->variance) == 4;
}

/* No wave reaches the edge, so the mean over time is that of the initial condition. */
static void means_of_released_samples_are_exact(void)
{
  FILE *f = open_released();
  const mpp_pde_case c = case_of(options_of(128, true));
  released r;
  int rows = 0, wrong = 0;
  while (next_released(f, &r)) {
    double *u = initial(&c, (uint64_t)r.sample), sum = 0.0;
    for (size_t i = 0; i < c.cells; i++) { sum += u[i]; }
    wrong += (float)(sum / (double)c.cells) != (float)r.mean;
    mpp_free(u);
    rows++;
  }
  fclose(f);
  CU_ASSERT_EQUAL(rows, 500);
  CU_ASSERT_EQUAL(wrong, 0);
}

static void variances_of_released_samples_agree(void)
{
  FILE *f = open_released();
  const mpp_generate_options *o = options_of(128, true);
  released r;
  double worst = 0.0;
  for (int row = 0; next_released(f, &r); row++) {
    if (row % 42 != 0) {
      continue;
    }
    size_t count = 0;
    float *x = trajectory(o, (uint64_t)r.sample, &count);
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) { sum += (x[i] - r.mean) * (x[i] - r.mean); }
    worst = fmax(worst, fabs(sum / (double)count / r.variance - 1.0));
    mpp_free(x);
  }
  fclose(f);
  CU_ASSERT(worst > 0.0 && worst < 1e-6); /* the released figures are sums in float32 */
}

static void seed_0_has_the_reference_values(void)
{
  enum { N = 128, FRAME = N * N, LAST = 100 * FRAME };
  size_t count = 0;
  const mpp_generate_options *o = options_of(N, true);
  float *x = trajectory(o, 0, &count), low = 9.0F, high = 0.0F;
  const struct {
    int frame, i, j;
    double h;
  } at[] = {{50, 63, 63, 0.767419536},
            {100, 63, 63, 0.759493214},
            {10, 80, 63, 1.208560232},
            {100, 80, 63, 0.863408181},
            {100, 100, 63, 1.199038262}};
  CU_ASSERT_EQUAL(count, LAST + FRAME);
  for (size_t k = 0; k < sizeof at / sizeof at[0]; k++) {
    /* half a unit in the last place of float32 */
    CU_ASSERT_DOUBLE_EQUAL(x[(at[k].frame * N + at[k].i) * N + at[k].j], at[k].h, 6e-8);
  }
  for (int i = LAST; i < LAST + FRAME; i++) {
    low = fminf(low, x[i]);
    high = fmaxf(high, x[i]);
  }
  CU_ASSERT_DOUBLE_EQUAL(low, 0.603032817, 3e-8);
  CU_ASSERT_DOUBLE_EQUAL(high, 1.237080292, 6e-8);
  mpp_free(x);
}

/* The seed moves on with the sample, as the groups of the released file do. */
static void compatible_samples_count_on_from_the_seed(void)
{
  mpp_generate_options *o = options_of(32, true);
  const mpp_pde_case first = case_of(o);
  o->seed = 4;
  const mpp_pde_case later = case_of(o);
  double *a = initial(&first, 6), *b = initial(&later, 2);
  size_t different = 0;
  for (size_t i = 0; i < first.cells; i++) { different += a[i] != b[i]; }
  CU_ASSERT_EQUAL(different, 0);
  mpp_free(a);
  mpp_free(b);
}

/* ---- our own data ---- */

static double radius_of(const mpp_pde_case *c, uint64_t sample)
{
  mpp_note note[MPP_PDE_MAX_DETAILS];
  CU_ASSERT_EQUAL(mpp_pde_swe.details(note, &c->setup, sample), 1);
  CU_ASSERT_STRING_EQUAL(note[0].key, "radius");
  return note[0].value;
}

static void every_radius_gives_its_own_column(void)
{
  const mpp_pde_case c = case_of(options_of(64, false));
  double last = 0.0;
  for (uint64_t s = 0; s < 200; s++) {
    const double r = radius_of(&c, s);
    CU_ASSERT(r >= 0.3 && r < 0.7 && r != last);
    double *u = initial(&c, s), volume = 0.0;
    for (size_t i = 0; i < c.cells; i++) { volume += u[i] - 1.0; }
    volume *= c.setup.grid.dx[1] * c.setup.grid.dx[2];
    CU_ASSERT_DOUBLE_EQUAL(volume / (M_PI * r * r), 1.0, 1e-12); /* rounding of 4096 terms */
    mpp_free(u);
    last = r;
  }
}

static void parameters_shape_the_column(void)
{
  mpp_generate_options *o = options_of(32, false);
  o->set = (mpp_text_list){
      .count = 4,
      .item = {"inner_height=1.5", "outer_height=0.5", "radius_min=1.25", "radius_max=1.25"}};
  const mpp_pde_case c = case_of(o);
  double *u = initial(&c, 3);
  CU_ASSERT_EQUAL(radius_of(&c, 3), 1.25);
  CU_ASSERT_EQUAL(u[0], 0.5);
  CU_ASSERT_DOUBLE_EQUAL(u[16 * 32 + 16], 1.5, 1e-15); /* rounding */
  mpp_free(u);
  o->set = (mpp_text_list){.count = 1, .item = {"radius_min=0.9"}};
  mpp_pde_case refused;
  ASSERT_STATUS(mpp_pde_case_make(&refused, &mpp_pde_swe, o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("radius_max");
}

/* Mean absolute difference of the last frames of a trajectory at n cells and at 2n, averaged. */
static double coarsening_error(long n)
{
  size_t few = 0, many = 0;
  mpp_generate_options *o = options_of(n, false);
  o->frames = 3;
  float *coarse = trajectory(o, 1, &few);
  o->resolution = 2 * n;
  float *fine = trajectory(o, 1, &many);
  const float *a = coarse + 2 * few / 3, *b = fine + 2 * many / 3;
  double sum = 0.0;
  for (long i = 0; i < n; i++) {
    for (long j = 0; j < n; j++) {
      const float *four = b + 4 * i * n + 2 * j;
      const double mean = 0.25 * ((double)four[0] + four[1] + four[2 * n] + four[2 * n + 1]);
      sum += fabs(mean - a[i * n + j]);
    }
  }
  mpp_free(coarse);
  mpp_free(fine);
  return sum / (double)(n * n);
}

/* A shock goes with the first order in L1. */
static void the_column_converges_under_refinement(void)
{
  const double e32 = coarsening_error(32), e64 = coarsening_error(64), e128 = coarsening_error(128);
  CU_ASSERT(log2(e32 / e64) > 0.75 && log2(e64 / e128) > 0.75);
}

static void mass_drifts_by_rounding_alone(void)
{
  const mpp_pde_case c = case_of(options_of(0, false));
  mpp_trajectory t;
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 5));
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  CU_ASSERT_EQUAL(t.nconserved, 1);
  CU_ASSERT(t.drift[0] < 1e-13);      /* one rounding per cell and step, 100 steps */
  CU_ASSERT_EQUAL(t.run->steps, 100); /* one a frame: output times are what limits the step */
  mpp_trajectory_close(&t);
}

TESTS({"means of released samples are exact", means_of_released_samples_are_exact},
      {"variances of released samples agree", variances_of_released_samples_agree},
      {"seed 0 has the reference values", seed_0_has_the_reference_values},
      {"compatible samples count on from the seed", compatible_samples_count_on_from_the_seed},
      {"every radius gives its own column", every_radius_gives_its_own_column},
      {"parameters shape the column", parameters_shape_the_column},
      {"the column converges under refinement", the_column_converges_under_refinement},
      {"mass drifts by rounding alone", mass_drifts_by_rounding_alone})
