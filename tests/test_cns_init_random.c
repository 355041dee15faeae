#include "cns_setup.h"
#include "mpp/threads.h"
#include "test.h"

enum { DENSITY = 0, TEMPERATURE, DENSITY_WAVES, PRESSURE_WAVES, WINDOW };

static double *initial(const mpp_pde_setup *s, uint64_t sample, double note[5])
{
  mpp_note notes[MPP_PDE_MAX_DETAILS];
  double *u = NULL;
  CU_ASSERT_EQUAL_FATAL(mpp_cns_details(notes, s, sample), 5);
  CU_ASSERT_STRING_EQUAL(notes[WINDOW].key, "window");
  for (int i = 0; i < 5; i++) { note[i] = notes[i].value; }
  REQUIRE_OK(MPP_ALLOC(&u, ((size_t)mpp_cns_dims(s) + 2) * cns_cells(s)));
  REQUIRE_OK(mpp_cns_init(u, s, sample));
  return u;
}

/* ---- the released data ---- */

typedef struct released {
  long row;
  double v, rho, p;
} released;

static FILE *open_released(void)
{
  char line[256];
  FILE *f = fopen(MPP_TEST_DATA "/pdes/pdebench_2d_cfd_rand_M0.1_512.csv", "r");
  CU_ASSERT_PTR_NOT_NULL_FATAL(f);
  CU_ASSERT(fgets(line, sizeof line, f) != NULL && fgets(line, sizeof line, f) != NULL);
  return f;
}

static bool next_released(FILE *f, released *r)
{
  return fscanf(f, "%ld,%lf,%lf,%lf,%*f,%*f,%*f", &r->row, &r->v, &r->rho, &r->p) == 4;
}

/* Simulation 76 is missing in the file. */
static uint64_t simulation_of(long row) { return (uint64_t)(row < 76 ? row : row + 1); }

/* Mass is conserved, and waves have no mean: without a window the mean is the background. */
static void backgrounds_of_released_samples_are_exact(void)
{
  FILE *f = open_released();
  const mpp_pde_setup s = cns_setup(2, 512, MPP_CNS_2D_RANDOM, true, 2031);
  released r;
  double worst = 0.0;
  int whole = 0;
  while (next_released(f, &r)) {
    mpp_note notes[MPP_PDE_MAX_DETAILS];
    (void)mpp_cns_details(notes, &s, simulation_of(r.row));
    if (notes[WINDOW].value == 0.0) {
      worst = fmax(worst, fabs(notes[DENSITY].value / r.rho - 1.0));
      whole++;
    }
  }
  fclose(f);
  CU_ASSERT_EQUAL(whole, 241);
  CU_ASSERT(worst > 0.0 && worst < 3e-6); /* drift of a float32 solver; reference: at most 2.6e-6 */
}

static void masses_of_released_samples_agree(void)
{
  FILE *f = open_released();
  const mpp_pde_setup s = cns_setup(2, 512, MPP_CNS_2D_RANDOM, true, 2031);
  const size_t cells = cns_cells(&s);
  released r;
  double worst = 0.0;
  int windows = 0;
  for (int row = 0; next_released(f, &r); row++) {
    if (row % 25 != 0) {
      continue;
    }
    double note[5], *u = initial(&s, simulation_of(r.row), note);
    worst = fmax(worst, fabs(cns_mean(u + 2 * cells, cells) / r.rho - 1.0));
    /* waves and heat change the mean pressure by little */
    CU_ASSERT_DOUBLE_EQUAL(cns_mean(u + 3 * cells, cells) / r.p, 1.0, 5e-3);
    windows += note[WINDOW] != 0.0;
    mpp_free(u);
  }
  fclose(f);
  CU_ASSERT(windows > 5);
  CU_ASSERT(worst > 0.0 && worst < 3e-6); /* as above */
}

/* ---- our own ---- */

static double mean_speed(const double *u, size_t dims, size_t cells)
{
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) {
    double square = 0.0;
    for (size_t c = 0; c < dims; c++) { square += u[c * cells + i] * u[c * cells + i]; }
    sum += sqrt(square);
  }
  return sum / (double)cells;
}

static double mean_size(const double *u, size_t cells, double base)
{
  double sum = 0.0;
  for (size_t i = 0; i < cells; i++) { sum += fabs(u[i] / base - 1.0); }
  return sum / (double)cells;
}

static void fields_have_the_sizes_that_were_drawn(void)
{
  for (int dims = 2; dims <= 3; dims++) {
    mpp_pde_setup s = cns_setup(dims, dims == 2 ? 33 : 16, 0, false, 5);
    const size_t cells = cns_cells(&s), d = (size_t)dims;
    s.param[MPP_CNS_WINDOW] = 0.0;
    for (uint64_t sample = 0; sample < 4; sample++) {
      double note[5], *u = initial(&s, sample, note);
      const double pressure = note[DENSITY] * note[TEMPERATURE];
      const double sound = sqrt(5.0 / 3.0 * note[TEMPERATURE]);
      CU_ASSERT_DOUBLE_EQUAL(mean_speed(u, d, cells) / (0.1 * sound), 1.0, 1e-12); /* rounding */
      CU_ASSERT_DOUBLE_EQUAL(mean_size(u + d * cells, cells, note[DENSITY]) / note[DENSITY_WAVES],
                             1.0, 1e-12);
      CU_ASSERT_DOUBLE_EQUAL(mean_size(u + (d + 1) * cells, cells, pressure) / note[PRESSURE_WAVES],
                             1.0, 1e-12);
      mpp_free(u);
    }
  }
}

/* Means and variances of 4000 uniform draws: standard errors 0.016 and 0.014 of the deviation. */
static void backgrounds_are_uniform(void)
{
  enum { SAMPLES = 4000 };
  static const double low[5] = {0.1, 0.1, 0.01, 0.01, 0.0}, high[5] = {10.0, 10.0, 0.2, 0.2, 1.0};
  const mpp_pde_setup s = cns_setup(2, 8, MPP_CNS_2D_RANDOM, false, 3);
  double sum[5] = {0.0}, square[5] = {0.0};
  for (uint64_t sample = 0; sample < SAMPLES; sample++) {
    mpp_note notes[MPP_PDE_MAX_DETAILS];
    (void)mpp_cns_details(notes, &s, sample);
    for (int i = 0; i < 5; i++) {
      const double x = (notes[i].value - low[i]) / (high[i] - low[i]);
      CU_ASSERT(x >= 0.0 && x <= 1.0);
      sum[i] += x / SAMPLES;
      square[i] += x * x / SAMPLES;
    }
  }
  for (int i = 0; i < 5; i++) {
    CU_ASSERT_DOUBLE_EQUAL(sum[i], 0.5, 0.025); /* 5 standard errors at most */
    CU_ASSERT_DOUBLE_EQUAL(square[i], i == WINDOW ? 0.5 : 1.0 / 3.0, 0.025);
  }
}

/* Extent of the gas that moves along an axis of a 2D field. */
static void extent(double edge[2], const double *u, size_t n, int axis)
{
  edge[0] = 1.0;
  edge[1] = 0.0;
  for (size_t i = 0; i < n; i++) {
    double size = 0.0;
    for (size_t j = 0; j < n; j++) {
      const size_t cell = axis == 0 ? i * n + j : j * n + i;
      size = fmax(size, fabs(u[cell]) + fabs(u[n * n + cell]));
    }
    const double x = ((double)i + 0.5) / (double)n;
    edge[0] = size > 1e-2 ? fmin(edge[0], x) : edge[0];
    edge[1] = size > 1e-2 ? fmax(edge[1], x) : edge[1];
  }
}

static void measure_windows(double low[2], double width[2][2], bool compat)
{
  enum { N = 128 };
  const mpp_pde_setup s = cns_setup(2, N, MPP_CNS_2D_RANDOM, compat, 2031);
  low[0] = low[1] = 0.0;
  for (int a = 0; a < 2; a++) {
    width[a][0] = 1.0;
    width[a][1] = 0.0;
  }
  for (uint64_t sample = 0; sample < 60; sample++) {
    double note[5], *u = initial(&s, sample, note);
    for (int a = 0; a < 2 && note[WINDOW] != 0.0; a++) {
      double edge[2];
      extent(edge, u, N, a);
      low[a] = fmax(low[a], edge[0]);
      width[a][0] = fmin(width[a][0], edge[1] - edge[0]);
      width[a][1] = fmax(width[a][1], edge[1] - edge[0]);
    }
    mpp_free(u);
  }
}

static void windows_have_independent_edges(void)
{
  double low[2], width[2][2];
  measure_windows(low, width, false);
  for (int a = 0; a < 2; a++) {
    CU_ASSERT(low[a] > 0.35);      /* up to 0.45 */
    CU_ASSERT(width[a][0] < 0.35); /* from 0.1 */
    CU_ASSERT(width[a][1] > 0.55); /* to 0.8 */
  }
}

static void released_windows_are_those_of_shared_keys(void)
{
  double low[2], width[2][2];
  measure_windows(low, width, true);
  CU_ASSERT(low[0] < 0.275);
  CU_ASSERT(low[1] > 0.35);
  for (int a = 0; a < 2; a++) { /* 0.45 and the width of both edges */
    CU_ASSERT(width[a][0] > 0.44 && width[a][1] < 0.52);
  }
}

/* Centres of every third cell of a grid three times as fine are those of the coarse one; the scale
 * of the waves depends on the grid a little, their shape does not. */
static void a_finer_grid_has_the_same_field(void)
{
  enum { N = 16, FINE = 48 };
  mpp_pde_setup coarse = cns_setup(2, N, MPP_CNS_2D_RANDOM, false, 5);
  mpp_pde_setup fine = cns_setup(2, FINE, MPP_CNS_2D_RANDOM, false, 5);
  double note[5], worst = 0.0;
  coarse.param[MPP_CNS_WINDOW] = fine.param[MPP_CNS_WINDOW] = 0.0;
  double *a = initial(&coarse, 2, note), *b = initial(&fine, 2, note);
  const double scale = b[FINE + 1] / a[0];
  CU_ASSERT_DOUBLE_EQUAL(scale, 1.0, 0.05); /* mean speed by 16 cells in place of 48 */
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < N; j++) {
      worst = fmax(worst, fabs(a[i * N + j] * scale - b[(3 * i + 1) * FINE + 3 * j + 1]));
    }
  }
  CU_ASSERT(worst < 1e-12); /* rounding */
  mpp_free(a);
  mpp_free(b);
}

static void more_waves_leave_the_others_as_they_are(void)
{
  enum { N = 64 };
  mpp_pde_setup few = cns_setup(2, N, MPP_CNS_2D_RANDOM, false, 5);
  mpp_pde_setup many = few;
  double note[5], product = 0.0, size[2] = {0.0, 0.0};
  few.param[MPP_CNS_WINDOW] = many.param[MPP_CNS_WINDOW] = 0.0;
  many.param[MPP_CNS_MODES] = 5.0;
  double *a = initial(&few, 2, note), *b = initial(&many, 2, note);
  for (size_t i = 0; i < 2 * (size_t)N * N; i++) {
    product += a[i] * b[i];
    size[0] += a[i] * a[i];
    size[1] += b[i] * b[i];
  }
  /* of 100 waves 64 are shared, the stronger ones */
  CU_ASSERT(product / sqrt(size[0] * size[1]) > 0.75);
  mpp_free(a);
  mpp_free(b);
}

/* In 3D one field in a hundred would have values below 0. */
static void density_and_pressure_stay_positive(void)
{
  const mpp_pde_setup s = cns_setup(3, 16, MPP_CNS_3D_RANDOM, false, 11);
  const size_t cells = cns_cells(&s);
  double least = 1.0;
  for (uint64_t sample = 0; sample < 200; sample++) {
    double note[5], *u = initial(&s, sample, note);
    for (size_t i = 0; i < cells; i++) {
      least = fmin(least, u[3 * cells + i] / note[DENSITY]);
      least = fmin(least, u[4 * cells + i] / (note[DENSITY] * note[TEMPERATURE]));
    }
    mpp_free(u);
  }
  CU_ASSERT_DOUBLE_EQUAL(least, 0.1, 1e-9); /* rounding */
}

static void samples_do_not_depend_on_threads_and_on_others(void)
{
  const mpp_pde_setup s = cns_setup(3, 35, MPP_CNS_3D_RANDOM, false, 1);
  const size_t bytes = 5 * cns_cells(&s) * sizeof(double);
  const int before = mpp_get_threads();
  double note[5];
  mpp_set_threads(1);
  double *a = initial(&s, 4, note);
  mpp_set_threads(3);
  double *b = initial(&s, 4, note), *c = initial(&s, 5, note);
  mpp_set_threads(before);
  CU_ASSERT(memcmp(a, b, bytes) == 0);
  CU_ASSERT(memcmp(a, c, bytes) != 0);
  mpp_free(a);
  mpp_free(b);
  mpp_free(c);
}

static void lack_of_memory_leaves_nothing_behind(void)
{
  mpp_pde_setup s = cns_setup(2, 8, MPP_CNS_2D_RANDOM, false, 1);
  double *u = NULL;
  s.param[MPP_CNS_WINDOW] = 1.0;
  REQUIRE_OK(MPP_ALLOC(&u, 4 * (size_t)64));
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_cns_init(u, &s, 0));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
  }
  CU_ASSERT(faults.failed > 20); /* waves, five arrays for each field, the window */
  mpp_free(u);
}

TESTS({"backgrounds of released samples are exact", backgrounds_of_released_samples_are_exact},
      {"masses of released samples agree", masses_of_released_samples_agree},
      {"fields have the sizes that were drawn", fields_have_the_sizes_that_were_drawn},
      {"backgrounds are uniform", backgrounds_are_uniform},
      {"windows have independent edges", windows_have_independent_edges},
      {"released windows are those of shared keys", released_windows_are_those_of_shared_keys},
      {"a finer grid has the same field", a_finer_grid_has_the_same_field},
      {"more waves leave the others as they are", more_waves_leave_the_others_as_they_are},
      {"density and pressure stay positive", density_and_pressure_stay_positive},
      {"samples do not depend on threads and on others",
       samples_do_not_depend_on_threads_and_on_others},
      {"lack of memory leaves nothing behind", lack_of_memory_leaves_nothing_behind})
