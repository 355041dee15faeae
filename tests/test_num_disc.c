#include "num_disc.h"
#include "test.h"

static void cells_of_a_grid_add_up_to_the_disc(void)
{
  static const double radius[] = {0.3, 0.5195254015709299, 0.69999, 2.4};
  for (int k = 0; k < 4; k++) {
    for (int n = 7; n <= 200; n = 2 * n + 1) { /* odd: cells straddle the axes */
      const double dx = 5.0 / n;
      double sum = 0.0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          const double x = (i - 0.5 * n) * dx, y = (j - 0.5 * n) * dx;
          sum += mpp_disc_area(x, x + dx, y, y + dx, radius[k]);
        }
      }
      /* rounding of n^2 terms */
      CU_ASSERT_DOUBLE_EQUAL(sum / (M_PI * radius[k] * radius[k]), 1.0, 1e-12);
    }
  }
}

/* Midpoint rule in x over the exact chord, refined where sqrt is singular: error below 1e-9. */
static double by_quadrature(double x0, double x1, double y0, double y1, double r)
{
  const int n = 2000000;
  double sum = 0.0;
  for (int i = 0; i < n; i++) {
    const double x = x0 + (x1 - x0) * (i + 0.5) / n;
    if (fabs(x) < r) {
      const double top = sqrt(r * r - x * x);
      sum += fmax(0.0, fmin(top, y1) - fmax(-top, y0));
    }
  }
  return sum * (x1 - x0) / n;
}

static void areas_agree_with_quadrature(void)
{
  static const double box[][4] = {{0.1, 0.4, 0.2, 0.6},   {0.3, 0.5, -0.1, 0.2},
                                  {-0.6, 0.6, -0.6, 0.6}, {-0.2, 0.1, 0.4, 0.5},
                                  {0.0, 0.5, 0.0, 0.5},   {0.45, 0.6, -0.3, 0.3}};
  for (size_t i = 0; i < sizeof box / sizeof box[0]; i++) {
    const double *b = box[i];
    CU_ASSERT_DOUBLE_EQUAL(mpp_disc_area(b[0], b[1], b[2], b[3], 0.5),
                           by_quadrature(b[0], b[1], b[2], b[3], 0.5), 2e-9);
  }
}

static void whole_and_empty_cells_are_exact(void)
{
  CU_ASSERT_DOUBLE_EQUAL(mpp_disc_area(0.125, 0.25, -0.25, 0.125, 0.5), 0.125 * 0.375, 1e-17);
  CU_ASSERT_EQUAL(mpp_disc_area(0.4, 0.5, 0.4, 0.5, 0.5), 0.0);
  CU_ASSERT_EQUAL(mpp_disc_area(-3.0, -2.0, 0.0, 1.0, 0.5), 0.0);
}

static void mirror_images_have_the_same_bits(void)
{
  for (int i = 0; i < 30; i++) {
    const double x0 = 0.03 * i - 0.4, x1 = x0 + 0.07, y0 = 0.55 - 0.04 * i, y1 = y0 + 0.05;
    const double area = mpp_disc_area(x0, x1, y0, y1, 0.5);
    CU_ASSERT_EQUAL(mpp_disc_area(-x1, -x0, y0, y1, 0.5), area);
    CU_ASSERT_EQUAL(mpp_disc_area(x0, x1, -y1, -y0, 0.5), area);
  }
}

TESTS({"cells of a grid add up to the disc", cells_of_a_grid_add_up_to_the_disc},
      {"areas agree with quadrature", areas_agree_with_quadrature},
      {"whole and empty cells are exact", whole_and_empty_cells_are_exact},
      {"mirror images have the same bits", mirror_images_have_the_same_bits})
