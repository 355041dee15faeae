#include "h5.h"
#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const pde = &mpp_pde_diffusion_reaction;

/* Options with settings "name=value" in one text, separated by blanks. */
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

static double mean(const double *u, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) { sum += u[i]; }
  return sum / (double)n;
}

static double deviation(const double *u, size_t n)
{
  const double m = mean(u, n);
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) { sum += (u[i] - m) * (u[i] - m); }
  return sqrt(sum / (double)n);
}

/* PDEBench's program at 128 x 128, seed 0, as run with scipy. */
static void the_default_configuration_has_the_reference_values(void)
{
  enum { N = 128, CELLS = N * N, STATE = 2 * CELLS };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, true, "subsample=1"));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  const double *u = t.u, *v = t.u + CELLS;
  CU_ASSERT_EQUAL(2 + 6 * (t.run->steps + t.run->rejected), 1766); /* right-hand sides */
  CU_ASSERT_DOUBLE_EQUAL(u[0], -0.41077288, 5e-9); /* here and below: digits given */
  CU_ASSERT_DOUBLE_EQUAL(u[64 * N + 64], 0.09314489, 5e-9);
  CU_ASSERT_DOUBLE_EQUAL(v[64 * N + 64], 0.05020255, 5e-9);
  CU_ASSERT_DOUBLE_EQUAL(deviation(u, CELLS), 0.31087584, 5e-9);
  CU_ASSERT_DOUBLE_EQUAL(deviation(v, CELLS), 0.16017490, 5e-9);
  CU_ASSERT_DOUBLE_EQUAL(mean(u, CELLS), -0.04820588, 5e-9);
  CU_ASSERT_DOUBLE_EQUAL(mean(v, CELLS), -0.04193327, 5e-9);
  mpp_trajectory_close(&t);
}

/* A file that PDEBench's own simulator wrote: its first frame is carried to its last ones. */
static void frames_of_pdebenchs_simulator_follow_from_its_first(void)
{
  enum { N = 64, FRAMES = 17, CELLS = N * N, STATE = 2 * CELLS };
  const char *path = MPP_TEST_DATA "/pdebench/diff-react_64.h5";
  const size_t frame[4] = {1, N, N, 2};
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, true, "subsample=1"));
  double *data = NULL, worst = 0.0;
  hid_t file = -1;
  REQUIRE_OK(MPP_ALLOC(&data, STATE));
  REQUIRE_OK(mpp_h5_init());
  REQUIRE_OK(mpp_h5_open(&file, path));
  for (size_t k = 0; k < FRAMES; k++) {
    REQUIRE_OK(mpp_h5_read_f64(data, file, path, "0001/data", (const size_t[]){k, 0, 0, 0}, frame));
    if (k == 0) {
      for (size_t i = 0; i < STATE; i++) { t.u[(i % 2) * CELLS + i / 2] = data[i]; }
      pde->start(t.run, t.u);
      continue;
    }
    CU_ASSERT(pde->advance(t.run, t.u, 0.3 * (double)k));
    for (size_t i = 0; i < STATE; i++) {
      worst = fmax(worst, fabs(t.u[(i % 2) * CELLS + i / 2] - data[i]));
    }
  }
  mpp_h5_close(file);
  mpp_free(data);
  mpp_trajectory_close(&t);
  CU_ASSERT(worst > 0.0 && worst < 1e-6); /* both are rounded to float32, the first frame too */
}

/* The released layout: every fourth cell from the second on, of a grid four times as fine. */
static void compatible_data_are_a_finer_grid_subsampled(void)
{
  enum { N = 16, FINE = 64 }; /* two frames of two fields */
  mpp_generate_options *o = options_of(N, true, "");
  static float coarse[2 * 2 * N * N], fine[2 * 2 * FINE * FINE];
  mpp_pde_case c;
  o->frames = 2;
  o->horizon = 0.5;
  REQUIRE_OK(mpp_pde_trajectory(coarse, pde, o, 3));
  o = options_of(FINE, true, "subsample=1");
  o->frames = 2;
  o->horizon = 0.5;
  REQUIRE_OK(mpp_pde_trajectory(fine, pde, o, 3));
  size_t wrong = 0;
  for (size_t kf = 0; kf < 4; kf++) {
    for (size_t j = 0; j < N; j++) {
      for (size_t i = 0; i < N; i++) {
        wrong += coarse[(kf * N + j) * N + i] != fine[(kf * FINE + 4 * j + 1) * FINE + 4 * i + 1];
      }
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
  REQUIRE_OK(mpp_pde_case_make(&c, pde, options_of(128, true, "")));
  CU_ASSERT_EQUAL(c.setup.grid.n[2], 512);
  CU_ASSERT_DOUBLE_EQUAL(mpp_pde_case_coordinate(&c, 2, 0), -0.994140625, 1e-15); /* rounding */
  CU_ASSERT_DOUBLE_EQUAL(mpp_pde_case_coordinate(&c, 1, 127), 0.990234375, 1e-15);
}

/* ---- against the equations ---- */

/* u' = u - u^3 - k - v, v' = u - v by the classical Runge-Kutta scheme in 10 000 steps. */
static void rate(double d[2], const double y[2])
{
  d[0] = y[0] - y[0] * y[0] * y[0] - 5e-3 - y[1];
  d[1] = y[0] - y[1];
}

static void ordinary(double y[2], double t)
{
  const int steps = 10000;
  const double h = t / steps;
  for (int s = 0; s < steps; s++) {
    double a[2], b[2], c[2], d[2], z[2];
    rate(a, y);
    for (int i = 0; i < 2; i++) { z[i] = y[i] + 0.5 * h * a[i]; }
    rate(b, z);
    for (int i = 0; i < 2; i++) { z[i] = y[i] + 0.5 * h * b[i]; }
    rate(c, z);
    for (int i = 0; i < 2; i++) { z[i] = y[i] + h * c[i]; }
    rate(d, z);
    for (int i = 0; i < 2; i++) { y[i] += h / 6.0 * (a[i] + 2.0 * b[i] + 2.0 * c[i] + d[i]); }
  }
}

static void uniform_fields_follow_the_ordinary_equation(void)
{
  enum { N = 9, CELLS = N * N, STATE = 2 * CELLS };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, false, "rtol=1e-9 atol=1e-12"));
  double y[2] = {0.8, -0.3};
  for (size_t i = 0; i < STATE; i++) { t.u[i] = y[i / (CELLS)]; }
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 4.0));
  ordinary(y, 4.0);
  for (size_t i = 0; i < STATE; i++) {
    CU_ASSERT_DOUBLE_EQUAL(t.u[i], y[i / (CELLS)], 1e-8); /* tolerance times some steps */
  }
  mpp_trajectory_close(&t);
}

static void the_fixed_point_stays(void)
{
  enum { N = 8, CELLS = N * N, STATE = 2 * CELLS };
  const double point = -0.1709975947; /* u = v = -k^(1/3) */
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, false, "rtol=1e-9 atol=1e-12"));
  for (size_t i = 0; i < STATE; i++) { t.u[i] = point; }
  pde->start(t.run, t.u);
  CU_ASSERT(pde->advance(t.run, t.u, 5.0));
  for (size_t i = 0; i < STATE; i++) {
    CU_ASSERT_DOUBLE_EQUAL(t.u[i], point, 1e-9); /* digits of the point, growing as e^(0.5 t) */
  }
  mpp_trajectory_close(&t);
}

/* Small cosines with k = 0 grow at the larger eigenvalue of [[1 - Du q, -1], [1, -1 - Dv q]],
 * q = (4 / dx^2) sin^2(n pi dx / 4) the discrete square of the wave number. */
static void small_modes_grow_at_the_linear_rate(void)
{
  enum { N = 48, CELLS = N * N, STATE = 2 * CELLS };
  static const int modes[] = {1, 4, 8};
  for (int m = 0; m < 3; m++) {
    mpp_pde_case c;
    mpp_trajectory t = open_of(&c, options_of(N, false, "k=0 rtol=1e-9 atol=1e-15"));
    const double dx = 2.0 / N, wave = sin(modes[m] * M_PI * dx / 4.0);
    const double q = 4.0 / (dx * dx) * wave * wave, a = 1.0 - 1e-3 * q, b = -1.0 - 5e-3 * q;
    const double growth = 0.5 * (a + b) + sqrt(0.25 * (a - b) * (a - b) - 1.0);
    for (size_t i = 0; i < CELLS; i++) {
      const double x = ((double)(m == 1 ? i / N : i % N) + 0.5) * dx;
      t.u[i] = 1e-6 * cos(0.5 * modes[m] * M_PI * x);
      t.u[CELLS + i] = (a - growth) * t.u[i]; /* the eigenvector */
    }
    const double first = t.u[0];
    pde->start(t.run, t.u);
    CU_ASSERT(pde->advance(t.run, t.u, 3.0));
    /* cubic terms are 1e-12 of the linear ones; tolerance of the integrator */
    CU_ASSERT_DOUBLE_EQUAL(log(t.u[0] / first) / 3.0, growth, 1e-7);
    mpp_trajectory_close(&t);
  }
}

/* ---- the noise of our own data ---- */

/* Variance over a frame, averaged over samples and given in turn for both fields. */
static void variance_of_frames(double variance[2][2], int samples)
{
  enum { N = 128, FRAMES = 101, CELLS = N * N };
  size_t shape[5], count = 0;
  const mpp_generate_options *o = options_of(N, false, "");
  float *x = NULL;
  REQUIRE_OK(mpp_pde_trajectory_shape(shape, pde, o));
  CU_ASSERT_EQUAL_FATAL(shape[0], FRAMES);
  count = (size_t)2 * CELLS;
  REQUIRE_OK(MPP_ALLOC(&x, FRAMES * count));
  for (int s = 0; s < samples; s++) {
    REQUIRE_OK(mpp_pde_trajectory(x, pde, o, (uint64_t)s));
    for (int f = 0; f < 2; f++) {
      double all = 0.0, first = 0.0;
      for (size_t k = 1; k < FRAMES; k++) {
        for (size_t i = 0; i < CELLS; i++) {
          const double value = x[k * count + (size_t)f * CELLS + i];
          all += value * value;
          first += k == 1 ? value * value : 0.0;
        }
      }
      variance[0][f] += first / (samples * CELLS);
      variance[1][f] += all / ((double)samples * (FRAMES - 1) * CELLS);
    }
  }
  mpp_free(x);
}

/* Released, mean of 500 samples: variance of all frames .020586 and .012368, mean squared mean
 * .0010 and .0004; frame 0 is white noise of variance 1, so that the other frames have a mean
 * square of .0118 and .0029. Frame 1 has .014 and .0024. One sample scatters by 8 %; 12 of them
 * by 2.5 %. */
static void later_frames_have_the_released_statistics(void)
{
  double variance[2][2] = {{0.0}, {0.0}};
  variance_of_frames(variance, 12);
  CU_ASSERT_DOUBLE_EQUAL(variance[0][0] / 0.0140, 1.0, 0.05);
  CU_ASSERT_DOUBLE_EQUAL(variance[0][1] / 0.0024, 1.0, 0.05);
  CU_ASSERT_DOUBLE_EQUAL(variance[1][0] / 0.0118, 1.0, 0.10);
  CU_ASSERT_DOUBLE_EQUAL(variance[1][1] / 0.0029, 1.0, 0.15);
}

/* Root mean square difference, at t = 0.5, between n cells and 2n averaged; at t = 0 they agree. */
static double coarsening_error(long n)
{
  const size_t cells = (size_t)(n * n);
  mpp_generate_options *o = options_of(n, false, "rtol=1e-6 atol=1e-9");
  float *coarse = NULL, *fine = NULL;
  double square[2] = {0.0, 0.0};
  o->frames = 2;
  o->horizon = 0.5;
  REQUIRE_OK(MPP_ALLOC(&coarse, 4 * cells));
  REQUIRE_OK(MPP_ALLOC(&fine, 16 * cells));
  REQUIRE_OK(mpp_pde_trajectory(coarse, pde, o, 1));
  o->resolution = 2 * n;
  REQUIRE_OK(mpp_pde_trajectory(fine, pde, o, 1));
  for (long k = 0; k < 4; k++) {
    for (long i = 0; i < n * n; i++) {
      const float *four = fine + ((k * 2 * n + 2 * (i / n)) * 2 * n + 2 * (i % n));
      const double average = 0.25 * ((double)four[0] + four[1] + four[2 * n] + four[2 * n + 1]);
      const double difference = average - coarse[k * n * n + i];
      square[k / 2] += difference * difference / (double)(2 * cells);
    }
  }
  CU_ASSERT(square[0] < 1e-14); /* the same field: rounding to float32 */
  mpp_free(coarse);
  mpp_free(fine);
  return sqrt(square[1]);
}

static void the_noise_converges_under_refinement(void)
{
  const double e32 = coarsening_error(32), e64 = coarsening_error(64), e128 = coarsening_error(128);
  CU_ASSERT(log2(e64 / e128) > 1.7 &&
            e32 > e64); /* order 2 once the modes that live are resolved */
}

/* What is not a number spreads by some cells a step; no step is short enough. */
static void a_broken_state_stops_the_run_and_is_located(void)
{
  enum { N = 16, CELLS = N * N };
  mpp_pde_case c;
  mpp_trajectory t = open_of(&c, options_of(N, false, ""));
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  t.u[CELLS + 9 * N + 4] = NAN;
  pde->start(t.run, t.u);
  CU_ASSERT(!pde->advance(t.run, t.u, 1.0));
  CU_ASSERT_EQUAL(t.run->t, 0.0);
  CU_ASSERT(isnan(t.run->bad_value));
  const size_t row = t.run->bad % CELLS / N;
  CU_ASSERT(row >= 9 - 6 && row <= 9); /* the first one in memory; a step has six stages */
  mpp_trajectory_close(&t);
}

static void whole_numbers_are_asked_for(void)
{
  mpp_pde_case c;
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, options_of(32, false, "modes=3.5")), MPP_ERR_USAGE);
  ASSERT_MESSAGE("modes: found 3.5");
  ASSERT_STATUS(mpp_pde_case_make(&c, pde, options_of(32, true, "subsample=2.5")), MPP_ERR_USAGE);
}

TESTS({"the default configuration has the reference values",
       the_default_configuration_has_the_reference_values},
      {"frames of PDEBench's simulator follow from its first",
       frames_of_pdebenchs_simulator_follow_from_its_first},
      {"compatible data are a finer grid subsampled", compatible_data_are_a_finer_grid_subsampled},
      {"uniform fields follow the ordinary equation", uniform_fields_follow_the_ordinary_equation},
      {"the fixed point stays", the_fixed_point_stays},
      {"small modes grow at the linear rate", small_modes_grow_at_the_linear_rate},
      {"later frames have the released statistics", later_frames_have_the_released_statistics},
      {"the noise converges under refinement", the_noise_converges_under_refinement},
      {"a broken state stops the run and is located", a_broken_state_stops_the_run_and_is_located},
      {"whole numbers are asked for", whole_numbers_are_asked_for})
