/* test_spectrum.c - shares of waves that are known. */
#include "spectrum.h"

#include "test.h"

enum { N = 24, M = 15, CELLS = N * M };

/* Share of a sum of a low wave of size 2 and a high one of size 1 along an axis: 1 / 5. */
static double share(const size_t grid[3], mpp_boundary edge, int axis, double low, double high)
{
  static float u[N * CELLS];
  mpp_spectrum *s = NULL;
  const mpp_boundary boundary[3] = {edge, edge, edge};
  const size_t n = grid[axis], count = grid[0] * grid[1] * grid[2];
  const size_t step = axis == 2 ? 1 : axis == 1 ? grid[2] : grid[1] * grid[2];
  const double unit = (edge == MPP_PERIODIC ? 2.0 : 1.0) * M_PI / (double)n;
  for (size_t i = 0; i < count; i++) {
    const double x = ((double)(i / step % n) + 0.5) * unit;
    u[i] = (float)(3.0 + 2.0 * cos(low * x) + cos(high * x));
  }
  REQUIRE_OK(mpp_spectrum_create(&s, grid, boundary));
  const double found = mpp_spectrum_high_share(s, u);
  mpp_spectrum_destroy(s);
  return found;
}

/* 1e-6: rounding of the field to float32. */
static void short_waves_are_those_of_less_than_four_cells(void)
{
  static const size_t grids[][3] = {{1, 1, N}, {1, N, M}, {1, M, N}, {N, M, 1}, {4, N, M}};
  static const int axes[] = {2, 1, 2, 0, 1}; /* of length N */
  for (size_t k = 0; k < 5; k++) {
    const int a = axes[k];
    CU_ASSERT_DOUBLE_EQUAL(share(grids[k], MPP_PERIODIC, a, 2.0, 7.0), 0.2, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(share(grids[k], MPP_PERIODIC, a, 2.0, 6.0), 0.0, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(share(grids[k], MPP_PERIODIC, a, 7.0, 11.0), 1.0, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(share(grids[k], MPP_OPEN, a, 3.0, 13.0), 0.2, 1e-6);
    CU_ASSERT_DOUBLE_EQUAL(share(grids[k], MPP_OPEN, a, 3.0, 12.0), 0.0, 1e-6);
  }
}

static void a_uniform_field_has_no_waves(void)
{
  static float u[CELLS];
  const size_t grid[3] = {1, N, M};
  const mpp_boundary boundary[3] = {MPP_OPEN, MPP_PERIODIC, MPP_OPEN};
  mpp_spectrum *s = NULL;
  REQUIRE_OK(mpp_spectrum_create(&s, grid, boundary));
  CU_ASSERT_EQUAL(mpp_spectrum_high_share(s, u), 0.0);
  for (size_t i = 0; i < CELLS; i++) { u[i] = 1.0f + (i % 2 == 0 ? 1.2e-7f : 0.0f); } /* rounding */
  CU_ASSERT_EQUAL(mpp_spectrum_high_share(s, u), 0.0);
  mpp_spectrum_destroy(s);
}

TESTS({"short waves are those of less than four cells",
       short_waves_are_those_of_less_than_four_cells},
      {"a uniform field has no waves", a_uniform_field_has_no_waves})
