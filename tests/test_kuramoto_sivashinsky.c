#include "pde_case.h"
#include "test.h"
#include "trajectory.h"

static const mpp_pde *const ks = &mpp_pde_kuramoto_sivashinsky;

static mpp_trajectory opened(mpp_pde_case *c, long resolution, const char *setting)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .seed = 4};
  mpp_trajectory t;
  if (setting != NULL) {
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", setting);
  }
  REQUIRE_OK(mpp_pde_case_make(c, ks, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, c));
  return t;
}

static void advance(mpp_trajectory *t, double end)
{
  ks->start(t->run, t->u);
  CU_ASSERT(ks->advance(t->run, t->u, end));
}

/* Waves too small to meet: cos(k . x) grows at k^2 - k^4. */
static void small_waves_grow_as_the_dispersion_says(void)
{
  static const int wave[][2] = {{1, 0}, {0, 1}, {3, 6}, {-7, 2}, {10, 3}};
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, NULL);
  for (size_t w = 0; w < sizeof wave / sizeof wave[0]; w++) {
    const double kx = 2.0 * M_PI * wave[w][0] / 64.0, ky = 2.0 * M_PI * wave[w][1] / 64.0;
    const double q = kx * kx + ky * ky, growth = exp(10.0 * (q - q * q));
    double worst = 0.0, *before = NULL;
    REQUIRE_OK(MPP_ALLOC(&before, c.cells));
    for (size_t i = 0; i < c.cells; i++) {
      const size_t row = i / 64, column = i % 64;
      t.u[i] = 1e-10 * cos(kx * ((double)row + 0.5) + ky * ((double)column + 0.5));
    }
    memcpy(before, t.u, c.cells * sizeof *before);
    advance(&t, 10.0);
    for (size_t i = 0; i < c.cells; i++) { worst = fmax(worst, fabs(t.u[i] - growth * before[i])); }
    /* products of two waves of 1e-10, roundings of 400 transforms grown at most by exp(2.5) */
    CU_ASSERT(worst < 1e-10 * growth * 1e-8);
    mpp_free(before);
  }
  mpp_trajectory_close(&t);
}

/* Cells of a coarse grid are points of the finer one it is computed on. */
static void coarse_grids_show_the_solution_of_fine_ones(void)
{
  mpp_pde_case coarse_case, fine_case;
  mpp_trajectory coarse = opened(&coarse_case, 33, NULL), fine = opened(&fine_case, 99, NULL);
  double difference = 0.0, size = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&coarse, 2));
  REQUIRE_OK(mpp_trajectory_init(&fine, 2));
  for (int time = 0; time < 2; time++) {
    for (size_t i = 0; i < 33; i++) {
      for (size_t j = 0; j < 33; j++) {
        const double exact = fine.u[(3 * i + 1) * 99 + 3 * j + 1];
        difference = fmax(difference, fabs(coarse.u[i * 33 + j] - exact));
        size = fmax(size, fabs(exact));
      }
    }
    CU_ASSERT(difference < 1e-12 * size); /* roundings, grown by exp(5/4) */
    if (time == 0) {
      advance(&coarse, 5.0);
      advance(&fine, 5.0);
    }
  }
  mpp_trajectory_close(&coarse);
  mpp_trajectory_close(&fine);
}

static void the_initial_field_is_small_with_mean_0(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 96, "amplitude=0.2");
  double sum = 0.0, square = 0.0;
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  for (size_t i = 0; i < c.cells; i++) {
    sum += t.u[i];
    square += t.u[i] * t.u[i];
  }
  CU_ASSERT(fabs(sum / (double)c.cells) < 1e-15); /* roundings */
  CU_ASSERT_DOUBLE_EQUAL(sqrt(square / (double)c.cells), 0.2, 1e-13);
  mpp_trajectory_close(&t);
}

/* The solution of the image is the image, while chaos has not grown the roundings. */
static void mirror_images_stay_mirror_images_for_a_time(void)
{
  enum { N = 65 };
  mpp_pde_case c;
  mpp_trajectory a = opened(&c, N, NULL), b = opened(&c, N, NULL);
  for (int axis = 0; axis < 2; axis++) {
    double worst = 0.0, size = 0.0;
    REQUIRE_OK(mpp_trajectory_init(&a, 1));
    for (size_t i = 0; i < N * N; i++) {
      const size_t row = axis == 0 ? N - 1 - i / N : i / N,
                   column = axis == 1 ? N - 1 - i % N : i % N;
      b.u[row * N + column] = a.u[i];
    }
    advance(&a, 20.0);
    advance(&b, 20.0);
    for (size_t i = 0; i < N * N; i++) {
      const size_t row = axis == 0 ? N - 1 - i / N : i / N,
                   column = axis == 1 ? N - 1 - i % N : i % N;
      worst = fmax(worst, fabs(b.u[row * N + column] - a.u[i]));
      size = fmax(size, fabs(a.u[i]));
    }
    /* roundings of 1e-15 grow by exp(20 / 4) at most while the field does, little more after
     * that */
    CU_ASSERT(size > 1.0 && worst < 1e-11 * size);
  }
  mpp_trajectory_close(&a);
  mpp_trajectory_close(&b);
}

/* Chaos of the size that the equation has at any length: gradients of about 1 on scales of about
 * 9. */
static void chaos_is_bounded(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, NULL);
  REQUIRE_OK(mpp_trajectory_init(&t, 3));
  ks->start(t.run, t.u);
  for (int k = 1; k <= 4; k++) {
    double slope = 0.0;
    CU_ASSERT(ks->advance(t.run, t.u, 50.0 * k));
    for (size_t i = 0; i < c.cells; i++) {
      const double right = t.u[i - i % 64 + (i + 1) % 64] - t.u[i];
      slope += right * right / (double)c.cells;
    }
    CU_ASSERT(slope > 0.3 && slope < 3.0);
  }
  mpp_trajectory_close(&t);
}

/* The largest growth rate is 1/4; with it a field of 1e300 leaves the numbers. */
static void a_solution_without_bound_is_reported(void)
{
  mpp_pde_case c;
  mpp_trajectory t = opened(&c, 64, NULL);
  REQUIRE_OK(mpp_trajectory_init(&t, 0));
  for (size_t i = 0; i < c.cells; i++) { t.u[i] *= 1e200; }
  ks->start(t.run, t.u);
  CU_ASSERT(!ks->advance(t.run, t.u, 1.0));
  CU_ASSERT(t.run->t > 0.0 && t.run->t < 1.0 && !isfinite(t.run->bad_value));
  mpp_trajectory_close(&t);
}

TESTS({"small waves grow as the dispersion says", small_waves_grow_as_the_dispersion_says},
      {"coarse grids show the solution of fine ones", coarse_grids_show_the_solution_of_fine_ones},
      {"the initial field is small with mean 0", the_initial_field_is_small_with_mean_0},
      {"mirror images stay mirror images for a time", mirror_images_stay_mirror_images_for_a_time},
      {"chaos is bounded", chaos_is_bounded},
      {"a solution without bound is reported", a_solution_without_bound_is_reported})
