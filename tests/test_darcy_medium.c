#include "darcy_medium.h"
#include "rng.h"
#include "test.h"

enum { N = 16, CELLS = N * N };
static const mpp_grid grid = {
    .n = {1, N, N}, .low = {0.0, 0.0, 0.0}, .dx = {1.0, 1.0 / N, 1.0 / N}};

/* Sum of the bumps at the centre of cell (row, column), from the draws themselves. */
static double bumps(uint64_t sample, size_t row, size_t column)
{
  const double x = ((double)row + 0.5) / N, y = ((double)column + 0.5) / N;
  double sum = 0.0;
  for (uint32_t i = 0; i < 5; i++) {
    const double s = 0.5 * mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i);
    const double dx = x - mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i + 1);
    const double dy = y - mpp_rng_uniform(0, MPP_STREAM_PDE, sample, 3 * i + 2);
    sum += exp(-(dx * dx + dy * dy) / s);
  }
  return sum;
}

static double mean_of(uint64_t first, uint64_t count)
{
  double sum = 0.0;
  for (uint64_t sample = first; sample < first + count; sample++) {
    for (size_t k = 0; k < CELLS; k++) { sum += bumps(sample, k / N, k % N); }
  }
  return sum / (double)(count * CELLS);
}

static void the_expected_mean_is_that_of_many_samples(void)
{
  /* standard deviation 0.7 of a sample's mean over sqrt(3000), three times */
  CU_ASSERT_DOUBLE_EQUAL(mean_of(0, 3000), MPP_DARCY_EXPECTED_MEAN, 0.04);
}

static void a_batch_has_the_mean_of_its_samples(void)
{
  CU_ASSERT_DOUBLE_EQUAL(mpp_darcy_batch_mean(&grid, 0, 0), mean_of(0, 200), 1e-12); /* rounding */
  CU_ASSERT_DOUBLE_EQUAL(mpp_darcy_batch_mean(&grid, 0, 399), mean_of(200, 200), 1e-12);
  CU_ASSERT(mpp_darcy_batch_mean(&grid, 0, 399) == mpp_darcy_batch_mean(&grid, 0, 200));
  CU_ASSERT(mpp_darcy_batch_mean(&grid, 0, 199) != mpp_darcy_batch_mean(&grid, 0, 200));
}

static void permeability_is_high_in_bumps(void)
{
  size_t wrong = 0, high = 0;
  for (uint64_t sample = 0; sample < 20; sample++) {
    mpp_darcy_bump b[MPP_DARCY_BUMPS];
    double a[CELLS];
    mpp_darcy_draw_bumps(b, 0, sample);
    mpp_darcy_permeability(a, &grid, b, 1.7, 0.25, 4.0);
    for (size_t k = 0; k < CELLS; k++) {
      wrong += a[k] != (bumps(sample, k / N, k % N) > 1.7 ? 4.0 : 0.25);
      high += a[k] == 4.0;
    }
  }
  CU_ASSERT_EQUAL(wrong, 0);
  CU_ASSERT(high > 1000 && high < 4000);
}

static void centres_follow_the_grid(void)
{
  const mpp_grid g = {.n = {1, 4, 5}, .low = {0.0, 1.0, -2.0}, .dx = {1.0, 0.5, 0.2}};
  CU_ASSERT_DOUBLE_EQUAL(mpp_darcy_centre(&g, 1, 0), 1.25, 1e-15); /* rounding */
  CU_ASSERT_DOUBLE_EQUAL(mpp_darcy_centre(&g, 2, 4), -1.1, 1e-15);
}

TESTS({"the expected mean is that of many samples", the_expected_mean_is_that_of_many_samples},
      {"a batch has the mean of its samples", a_batch_has_the_mean_of_its_samples},
      {"permeability is high in bumps", permeability_is_high_in_bumps},
      {"centres follow the grid", centres_follow_the_grid})
