/* test_num_spectral.c - products of fields by their modes against sums over all pairs of modes. */
#include "num_spectral.h"
#include "rng.h"
#include "test.h"

static mpp_grid grid_of(size_t nx, size_t ny)
{
  return (mpp_grid){
      .n = {1, nx, ny}, .low = {0.0, 0.0, 0.0}, .dx = {1.0, 3.0 / (double)nx, 5.0 / (double)ny}};
}

static mpp_spectral made(size_t nx, size_t ny, int degree, size_t slots)
{
  const mpp_grid grid = grid_of(nx, ny);
  mpp_spectral s;
  REQUIRE_OK(mpp_spectral_create(&s, &grid, degree, slots));
  return s;
}

static double *array(size_t n)
{
  double *v = NULL;
  REQUIRE_OK(MPP_ALLOC(&v, n));
  return v;
}

/* Random modes of real fields: those of a field whose points are random. */
static void fill(mpp_spectral *s, double *v, size_t fields, uint64_t seed)
{
  const size_t count = fields * s->n[0] * s->n[1];
  double *u = array(count);
  for (size_t i = 0; i < count; i++) { u[i] = mpp_rng_normal(seed, MPP_STREAM_PDE, i, 0); }
  mpp_spectral_from_grid(s, v, u, fields);
  mpp_free(u);
}

static void the_kept_modes_go_to_the_grid_and_back(void)
{
  static const size_t shape[][2] = {{12, 10}, {9, 15}, {8, 8}, {33, 33}, {2, 3}};
  for (size_t k = 0; k < sizeof shape / sizeof shape[0]; k++) {
    for (int degree = 1; degree < 4; degree++) {
      mpp_spectral s = made(shape[k][0], shape[k][1], degree, 3);
      const size_t count = 3 * s.n[0] * s.n[1];
      double *v = array(6 * s.modes), *w = array(6 * s.modes), *u = array(count), worst = 0.0;
      fill(&s, v, 3, k);
      mpp_spectral_to_grid(&s, u, v, 3);
      mpp_spectral_from_grid(&s, w, u, 3);
      for (size_t i = 0; i < 6 * s.modes; i++) { worst = fmax(worst, fabs(v[i] - w[i])); }
      CU_ASSERT(worst < 1e-15); /* roundings of modes below 1 */
      CU_ASSERT_EQUAL(s.rows, 2 * ((s.n[0] - 1) / ((size_t)degree + 1)) + 1);
      mpp_free(v);
      mpp_free(w);
      mpp_free(u);
      mpp_spectral_free(&s);
    }
  }
}

/* A wave along (-2, 3): its modes and wave numbers. */
static void modes_are_means_with_their_wave_numbers(void)
{
  mpp_spectral s = made(12, 15, 2, 1);
  double *v = array(2 * s.modes), *u = array(12 * 15);
  for (size_t i = 0; i < 12; i++) {
    for (size_t j = 0; j < 15; j++) {
      u[i * 15 + j] =
          4.0 * cos(2.0 * M_PI * (-2.0 * (double)i / 12.0 + 3.0 * (double)j / 15.0) + 0.3);
    }
  }
  mpp_spectral_from_grid(&s, v, u, 1);
  const size_t at = (s.rows - 2) * s.columns + 3;
  for (size_t i = 0; i < s.modes; i++) {
    CU_ASSERT(fabs(v[2 * i] - (i == at ? 2.0 * cos(0.3) : 0.0)) < 1e-14); /* a few roundings */
    CU_ASSERT(fabs(v[2 * i + 1] - (i == at ? 2.0 * sin(0.3) : 0.0)) < 1e-14);
  }
  CU_ASSERT_DOUBLE_EQUAL(s.k[0][s.rows - 2], -2.0 * 2.0 * M_PI / 3.0, 1e-14);
  CU_ASSERT_DOUBLE_EQUAL(s.k[1][3], 3.0 * 2.0 * M_PI / 5.0, 1e-14);
  mpp_free(v);
  mpp_free(u);
  mpp_spectral_free(&s);
}

/* ---- products ---- */

typedef struct job {
  const mpp_spectral *s;
  const double *v;
  double *n;
  size_t factors;
} job;

static void spread(double *const *row, size_t r, const void *context)
{
  const job *j = context;
  const size_t length = 2 * j->s->columns;
  for (size_t f = 0; f < j->factors; f++) {
    memcpy(row[f], j->v + 2 * f * j->s->modes + r * length, length * sizeof *row[f]);
  }
}

static void multiply(double *const *u, size_t from, size_t to, const void *context)
{
  const job *j = context;
  for (size_t i = from; i < to; i++) {
    for (size_t f = 1; f < j->factors; f++) { u[0][i] *= u[f][i]; }
  }
}

static void gather(double *const *row, size_t r, const void *context)
{
  const job *j = context;
  const size_t length = 2 * j->s->columns;
  for (size_t i = 0; i < length; i++) { j->n[r * length + i] = row[0][i] * j->s->scale; }
}

static void evaluate(mpp_spectral *s, double *n, const double *v, size_t factors)
{
  const mpp_spectral_terms terms = {
      .in = factors, .out = 1, .spread = spread, .points = multiply, .gather = gather};
  const job j = {.s = s, .v = v, .n = n, .factors = factors};
  mpp_spectral_evaluate(s, &terms, &j);
}

/* Mode (k, l) of field f, any sign; 0 beyond those kept. */
static void mode(double out[2], const mpp_spectral *s, const double *v, int k, int l)
{
  const int sign = l < 0 ? -1 : 1, row = k * sign, column = l * sign, cut = (int)s->rows / 2;
  out[0] = out[1] = 0.0;
  if (abs(row) <= cut && column < (int)s->columns) {
    const size_t r = (size_t)(row >= 0 ? row : row + (int)s->rows);
    out[0] = v[2 * (r * s->columns + (size_t)column)];
    out[1] = sign * v[2 * (r * s->columns + (size_t)column) + 1];
  }
}

/* A product with modes of the 2/3 rule has no aliases among them: the convolution. */
static void products_of_two_fields_are_convolutions(void)
{
  static const size_t shape[][2] = {{12, 10}, {9, 15}, {8, 8}, {33, 20}};
  for (size_t t = 0; t < sizeof shape / sizeof shape[0]; t++) {
    mpp_spectral s = made(shape[t][0], shape[t][1], 2, 2);
    double *v = array(4 * s.modes), *n = array(2 * s.modes), worst = 0.0;
    const int kcut = (int)s.rows / 2, lcut = (int)s.columns - 1;
    fill(&s, v, 2, t + 10);
    evaluate(&s, n, v, 2);
    for (int k = -kcut; k <= kcut; k++) {
      for (int l = 0; l <= lcut; l++) {
        double sum[2] = {0.0, 0.0}, got[2];
        for (int p = -kcut; p <= kcut; p++) {
          for (int q = -lcut; q <= lcut; q++) {
            double a[2], b[2];
            mode(a, &s, v, p, q);
            mode(b, &s, v + 2 * s.modes, k - p, l - q);
            sum[0] += a[0] * b[0] - a[1] * b[1];
            sum[1] += a[0] * b[1] + a[1] * b[0];
          }
        }
        mode(got, &s, n, k, l);
        worst = fmax(worst, fmax(fabs(got[0] - sum[0]), fabs(got[1] - sum[1])));
      }
    }
    CU_ASSERT(worst < 1e-14); /* some hundred products below 0.1 */
    mpp_free(v);
    mpp_free(n);
    mpp_spectral_free(&s);
  }
}

static void the_bits_do_not_depend_on_threads(void)
{
  mpp_spectral s = made(200, 180, 2, 4);
  double *v = array(8 * s.modes), *first = array(2 * s.modes), *n = array(2 * s.modes);
  for (int threads = 1; threads < 4; threads++) {
    mpp_set_threads(threads);
    fill(&s, v, 4, 5);
    evaluate(&s, n, v, 4);
    if (threads == 1) {
      memcpy(first, n, 2 * s.modes * sizeof *n);
    }
    CU_ASSERT_EQUAL(memcmp(first, n, 2 * s.modes * sizeof *n), 0);
  }
  mpp_set_threads(0);
  mpp_free(v);
  mpp_free(first);
  mpp_free(n);
  mpp_spectral_free(&s);
}

static void failures_leave_nothing_behind(void)
{
  const mpp_grid grid = grid_of(8, 9), flat = grid_of(1, 9);
  mpp_spectral s = {.fft = NULL};
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_spectral_create(&s, &grid, 2, 2));
    CU_ASSERT(st == MPP_OK || (st == MPP_ERR_NOMEM && s.fft == NULL));
    mpp_spectral_free(&s);
    s.fft = NULL;
  }
  ASSERT_STATUS(mpp_spectral_create(&s, &flat, 2, 2), MPP_ERR_INTERNAL);
  ASSERT_STATUS(mpp_spectral_create(&s, &grid, 0, 2), MPP_ERR_INTERNAL);
}

TESTS({"the kept modes go to the grid and back", the_kept_modes_go_to_the_grid_and_back},
      {"modes are means with their wave numbers", modes_are_means_with_their_wave_numbers},
      {"products of two fields are convolutions", products_of_two_fields_are_convolutions},
      {"the bits do not depend on threads", the_bits_do_not_depend_on_threads},
      {"failures leave nothing behind", failures_leave_nothing_behind})
