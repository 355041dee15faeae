#include "test.h"
#include "trajectory.h"

enum { RELEASED = 10, SAMPLES = 11 };

static void open_of(mpp_trajectory *t, mpp_pde_case *c, const mpp_generate_options *o)
{
  REQUIRE_OK(mpp_pde_case_make(c, &mpp_pde_ins, o));
  REQUIRE_OK(mpp_trajectory_open(t, c));
}

/* ---- the released data ---- */

typedef struct released {
  double force[RELEASED], velocity[RELEASED]; /* variances */
  double force_mean, velocity_mean;           /* largest sizes */
} released;

static int by_size(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* Rows in the order of their variances. */
static released read_released(void)
{
  char line[256];
  released r = {.force_mean = 0.0};
  int rows = 0;
  FILE *f = fopen(MPP_TEST_DATA "/pdes/pdebench_ns_incom.csv", "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  while (fgets(line, sizeof line, f) != NULL) {
    int sample = 0;
    double force = 0.0, velocity = 0.0, of_force = 0.0, of_velocity = 0.0;
    if (sscanf(line, "%d,%lf,%lf,%lf,%lf", &sample, &force, &velocity, &of_force, &of_velocity) ==
            5 &&
        rows < RELEASED) {
      r.force[rows] = of_force;
      r.velocity[rows++] = of_velocity;
      r.force_mean = fmax(r.force_mean, fabs(force));
      r.velocity_mean = fmax(r.velocity_mean, fabs(velocity));
    }
  }
  fclose(f);
  CU_ASSERT_EQUAL(rows, RELEASED);
  qsort(r.force, RELEASED, sizeof r.force[0], by_size);
  qsort(r.velocity, RELEASED, sizeof r.velocity[0], by_size);
  return r;
}

/* Mean and variance of `count` values in each of `blocks` blocks that lie `apart`. */
static void moments(double out[2], const float *x, size_t count, size_t blocks, size_t apart)
{
  double sum = 0.0, square = 0.0;
  for (size_t b = 0; b < blocks; b++) {
    for (size_t k = 0; k < count; k++) {
      sum += x[b * apart + k];
      square += (double)x[b * apart + k] * x[b * apart + k];
    }
  }
  out[0] = sum / (double)(blocks * count);
  out[1] = square / (double)(blocks * count) - out[0] * out[0];
}

/* On the released grid: the faces of the walls take their share of the variance. */
static void the_force_has_the_released_statistics(void)
{
  const released r = read_released();
  const mpp_generate_options o = {.samples = 1, .resolution = 512, .frames = 2, .horizon = 1e-6};
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o);
  for (uint64_t sample = 0; sample < 2; sample++) {
    double m[2];
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    moments(m, t.once, 2 * c.cells, 1, 0);
    CU_ASSERT(fabs(m[0]) < 1e-8 && r.force_mean < 1e-8); /* rounding to float32 */
    CU_ASSERT(m[1] >= r.force[0] - 5e-4 && m[1] <= r.force[RELEASED - 1] + 5e-4);
  }
  mpp_trajectory_close(&t);
}

/* Over the full time, on a coarse grid. No seed is shared, so distributions are compared: the
 * median of 11 lies within the released range, all within it widened by a half. */
static void the_velocity_has_the_released_statistics(void)
{
  const released r = read_released();
  const mpp_generate_options o = {.samples = 1, .resolution = 48, .frames = 101};
  double variance[SAMPLES];
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o);
  for (uint64_t sample = 0; sample < SAMPLES; sample++) {
    double m[2];
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    moments(m, t.frames, 2 * c.cells, c.frames, 3 * c.cells);
    CU_ASSERT(fabs(m[0]) < 1e-8 && r.velocity_mean < 1e-8); /* closed box; rounding to float32 */
    CU_ASSERT(t.drift[0] < 1e-13);                          /* of the particles */
    variance[sample] = m[1];
  }
  qsort(variance, SAMPLES, sizeof variance[0], by_size);
  CU_ASSERT(variance[0] > r.velocity[0] / 1.5);
  CU_ASSERT(variance[SAMPLES - 1] < r.velocity[RELEASED - 1] * 1.5);
  CU_ASSERT(variance[SAMPLES / 2] > r.velocity[0]);
  CU_ASSERT(variance[SAMPLES / 2] < r.velocity[RELEASED - 1]);
  mpp_trajectory_close(&t);
}

static void frames_are_those_of_the_released_files(void)
{
  const mpp_generate_options o = {.samples = 1, .preset = "ns_incom_inhom_2d_512"};
  mpp_pde_case c;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_ins, &o));
  CU_ASSERT(c.frames == 1000 && c.stored[1] == 512 && c.stored[2] == 512);
  CU_ASSERT_EQUAL((float)mpp_pde_case_time(&c, 1), 0.005F);
  CU_ASSERT_EQUAL((float)mpp_pde_case_time(&c, 999), 4.995F);
}

/* ---- our own data ---- */

/* Mean absolute difference of velocity (or particles) at the end between n cells and 2 n, averaged
 * over fours. */
static double coarsening_error(long n, size_t field)
{
  double sum = 0.0;
  mpp_pde_case c[2];
  mpp_trajectory t[2];
  for (int k = 0; k < 2; k++) {
    const mpp_generate_options o = {
        .samples = 1, .resolution = n << k, .frames = 3, .horizon = 1.0};
    open_of(&t[k], &c[k], &o);
    REQUIRE_OK(mpp_trajectory_init(&t[k], 1));
    mpp_trajectory_integrate(&t[k]);
  }
  const float *a = t[0].frames + (6 + field) * c[0].cells;
  const float *b = t[1].frames + (6 + field) * c[1].cells;
  for (size_t i = 0; i < c[0].cells; i++) {
    const size_t w = (size_t)n, row = i / w, column = i % w;
    const float *four = b + 4 * row * w + 2 * column;
    const double mean = 0.25 * ((double)four[0] + four[1] + four[2 * w] + four[2 * w + 1]);
    sum += fabs(mean - a[i]) / (double)c[0].cells;
  }
  mpp_trajectory_close(&t[0]);
  mpp_trajectory_close(&t[1]);
  return sum;
}

/* The same sample on finer grids. The velocity along the walls starts with a jump, and particles
 * are stretched to thin filaments: not the full order. */
static void samples_converge_under_refinement(void)
{
  CU_ASSERT(log2(coarsening_error(32, 0) / coarsening_error(64, 0)) > 1.0);
  CU_ASSERT(log2(coarsening_error(32, 2) / coarsening_error(64, 2)) > 0.5);
}

static void particles_keep_their_range(void)
{
  const mpp_generate_options o = {.samples = 1, .resolution = 48, .frames = 21};
  mpp_pde_case c;
  mpp_trajectory t;
  float low = HUGE_VALF, high = -HUGE_VALF;
  open_of(&t, &c, &o);
  REQUIRE_OK(mpp_trajectory_init(&t, 4));
  mpp_trajectory_integrate(&t);
  for (size_t frame = 0; frame < c.frames; frame++) {
    const float *x = t.frames + (3 * frame + 2) * c.cells;
    for (size_t k = 0; frame == 0 && k < c.cells; k++) {
      low = fminf(low, x[k]);
      high = fmaxf(high, x[k]);
    }
    for (size_t k = 0; k < c.cells; k++) { CU_ASSERT(x[k] >= low && x[k] <= high); }
  }
  CU_ASSERT(low < -1.0F && high > 1.0F);
  mpp_trajectory_close(&t);
}

/* What lies on faces comes back from u: a run begun from a later state goes on as it was. */
static void a_state_can_be_taken_up_again(void)
{
  const mpp_generate_options o = {.samples = 1, .resolution = 24, .frames = 3, .horizon = 0.4};
  mpp_pde_case c;
  mpp_trajectory t;
  double *u = NULL, worst = 0.0;
  open_of(&t, &c, &o);
  REQUIRE_OK(MPP_ALLOC(&u, 9 * c.cells));
  REQUIRE_OK(mpp_trajectory_init(&t, 2));
  c.pde->start(t.run, t.u);
  CU_ASSERT(c.pde->advance(t.run, t.u, 0.2));
  memcpy(u, t.u, 9 * c.cells * sizeof *u);
  CU_ASSERT(c.pde->advance(t.run, t.u, 0.4));
  c.pde->start(t.run, u);
  CU_ASSERT(c.pde->advance(t.run, u, 0.2));
  for (size_t k = 0; k < 9 * c.cells; k++) { worst = fmax(worst, fabs(u[k] - t.u[k])); }
  /* the first step after a start is of first order and does not know the pressure of viscosity */
  CU_ASSERT(worst < 0.01);
  mpp_free(u);
  mpp_trajectory_close(&t);
}

/* Faster than a cell a step, which the splitting cannot do. */
static void compatible_steps_that_are_too_long_say_so(void)
{
  mpp_generate_options o = {.samples = 1, .resolution = 32, .frames = 3, .pdebench_compat = true};
  mpp_pde_case c;
  mpp_trajectory t;
  o.set = (mpp_text_list){.count = 1, .item = {"step=0.02"}};
  open_of(&t, &c, &o);
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("ins: sample 0: the solution diverged at t = ");
  mpp_trajectory_close(&t);
}

static void compatible_steps_are_held_against_viscosity(void)
{
  mpp_generate_options o = {.samples = 1, .resolution = 1024, .pdebench_compat = true};
  mpp_pde_case c;
  ASSERT_STATUS(mpp_pde_case_make(&c, &mpp_pde_ins, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("step: found 5e-05, expected at most 2.38e-05");
  o.pdebench_compat = false;
  ASSERT_OK(mpp_pde_case_make(&c, &mpp_pde_ins, &o));
}

TESTS({"the force has the released statistics", the_force_has_the_released_statistics},
      {"the velocity has the released statistics", the_velocity_has_the_released_statistics},
      {"frames are those of the released files", frames_are_those_of_the_released_files},
      {"samples converge under refinement", samples_converge_under_refinement},
      {"particles keep their range", particles_keep_their_range},
      {"a state can be taken up again", a_state_can_be_taken_up_again},
      {"compatible steps are held against viscosity", compatible_steps_are_held_against_viscosity},
      {"compatible steps that are too long say so", compatible_steps_that_are_too_long_say_so})
