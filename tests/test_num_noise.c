#include "num_noise.h"
#include "rng.h"
#include "test.h"

enum { MODES = 12 };
static const double amplitude = 0.25;

static double *noise(size_t ny, size_t nx, size_t modes, uint64_t sample, uint32_t field)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, ny * nx));
  REQUIRE_OK(mpp_noise_cosine(u, ny, nx, modes, amplitude, 11, sample, field));
  return u;
}

/* The sum as it stands in the header, with the average over [a, b] of cos(k pi x) integrated. */
static double average(int k, double a, double b)
{
  return k == 0 ? 1.0 : sqrt(2.0) * (sin(k * M_PI * b) - sin(k * M_PI * a)) / (k * M_PI * (b - a));
}

static double by_definition(size_t j, size_t i, size_t ny, size_t nx)
{
  double sum = 0.0;
  for (int k = 0; k < MODES; k++) {
    for (int l = 0; l < MODES; l++) {
      const uint32_t draw = (uint32_t)((3 * MPP_NOISE_MAX_MODES + k) * MPP_NOISE_MAX_MODES + l);
      sum += amplitude * mpp_rng_normal(11, MPP_STREAM_PDE, 2, draw) *
             average(k, (double)j / (double)ny, (double)(j + 1) / (double)ny) *
             average(l, (double)i / (double)nx, (double)(i + 1) / (double)nx);
    }
  }
  return sum;
}

/* Finer and coarser than the modes, so that modes fold once and more than once. */
static void cells_hold_the_averages_of_the_field(void)
{
  static const size_t grid[][2] = {{20, 31}, {12, 12}, {7, 5}, {3, 2}, {1, 16}};
  for (size_t g = 0; g < sizeof grid / sizeof grid[0]; g++) {
    const size_t ny = grid[g][0], nx = grid[g][1];
    double *u = noise(ny, nx, MODES, 2, 3), worst = 0.0;
    for (size_t j = 0; j < ny; j++) {
      for (size_t i = 0; i < nx; i++) {
        worst = fmax(worst, fabs(u[j * nx + i] - by_definition(j, i, ny, nx)));
      }
    }
    CU_ASSERT(worst < 1e-13); /* rounding of sums of 144 terms of size 1 */
    mpp_free(u);
  }
}

static void a_coarse_grid_is_the_average_of_a_fine_one(void)
{
  double *fine = noise(48, 48, MODES, 0, 0), *coarse = noise(8, 8, MODES, 0, 0), worst = 0.0;
  for (size_t j = 0; j < 8; j++) {
    for (size_t i = 0; i < 8; i++) {
      double sum = 0.0;
      for (size_t k = 0; k < 36; k++) { sum += fine[(6 * j + k / 6) * 48 + 6 * i + k % 6]; }
      worst = fmax(worst, fabs(sum / 36.0 - coarse[j * 8 + i]));
    }
  }
  CU_ASSERT(worst < 1e-13); /* rounding */
  mpp_free(fine);
  mpp_free(coarse);
}

static void more_modes_add_to_the_field(void)
{
  double *few = noise(4, 4, 1, 0, 0), *many = noise(4, 4, 40, 0, 0), mean = 0.0;
  for (size_t i = 0; i < 16; i++) { mean += many[i] / 16.0; }
  CU_ASSERT_DOUBLE_EQUAL(mean, few[5], 1e-14); /* mode (0, 0) is the mean; rounding */
  CU_ASSERT(few[0] == few[15] && few[0] != 0.0);
  mpp_free(few);
  mpp_free(many);
}

static void samples_and_fields_are_drawn_apart(void)
{
  double *a = noise(8, 8, MODES, 0, 0), *b = noise(8, 8, MODES, 1, 0),
         *c = noise(8, 8, MODES, 0, 1);
  double ab = 0.0, ac = 0.0, aa = 0.0;
  for (size_t i = 0; i < 64; i++) {
    aa += a[i] * a[i];
    ab += a[i] * b[i];
    ac += a[i] * c[i];
  }
  /* correlation of independent fields of 64 modes: about 1/8, three standard deviations */
  CU_ASSERT(fabs(ab) < 0.4 * aa && fabs(ac) < 0.4 * aa);
  mpp_free(a);
  mpp_free(b);
  mpp_free(c);
}

static void the_variance_is_that_of_the_modes(void)
{
  double sum = 0.0;
  const size_t n = 64, samples = 40;
  for (uint64_t s = 0; s < samples; s++) {
    double *u = noise(n, n, MODES, s, 0);
    for (size_t i = 0; i < n * n; i++) { sum += u[i] * u[i]; }
    mpp_free(u);
  }
  const double variance = sum / (double)(samples * n * n);
  /* 144 amplitude^2; averages over cells take 1 %, 40 * 144 squared normals scatter by 2 % */
  CU_ASSERT_DOUBLE_EQUAL(variance / (MODES * MODES * amplitude * amplitude), 1.0, 0.06);
}

static void bad_sizes_are_refused(void)
{
  double u[4];
  ASSERT_STATUS(mpp_noise_cosine(u, 2, 2, 0, 1.0, 0, 0, 0), MPP_ERR_INTERNAL);
  ASSERT_STATUS(mpp_noise_cosine(u, 2, 2, 1025, 1.0, 0, 0, 0), MPP_ERR_INTERNAL);
}

TESTS({"cells hold the averages of the field", cells_hold_the_averages_of_the_field},
      {"a coarse grid is the average of a fine one", a_coarse_grid_is_the_average_of_a_fine_one},
      {"more modes add to the field", more_modes_add_to_the_field},
      {"samples and fields are drawn apart", samples_and_fields_are_drawn_apart},
      {"the variance is that of the modes", the_variance_is_that_of_the_modes},
      {"bad sizes are refused", bad_sizes_are_refused})
