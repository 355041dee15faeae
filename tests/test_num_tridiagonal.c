#include "num_tridiagonal.h"

#include "test.h"

enum { MOST = 33 };

/* diagonal, and x from which the right-hand side is made. */
static void make(double *diagonal, double *x, double off, size_t n, uint64_t seed)
{
  float values[2 * MOST];
  test_fill(values, 2 * n, seed);
  for (size_t i = 0; i < n; i++) {
    diagonal[i] = 2.0 * fabs(off) + 0.1 + fabs((double)values[i]);
    x[i] = (double)values[n + i];
  }
}

static void multiply(double *out, const double *x, const double *diagonal, double off, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    const double left = i > 0 ? x[i - 1] : 0.0, right = i + 1 < n ? x[i + 1] : 0.0;
    out[i] = diagonal[i] * x[i] - off * (left + right);
  }
}

static void products_are_undone_for_even_and_odd_sizes(void)
{
  for (size_t n = 2; n <= MOST; n++) {
    double diagonal[MOST], x[MOST], y[MOST], work[MOST];
    make(diagonal, x, 1.7, n, n);
    multiply(y, x, diagonal, 1.7, n);
    mpp_tridiagonal_solve(y, diagonal, 1.7, work, n);
    for (size_t i = 0; i < n; i++) { CU_ASSERT_DOUBLE_EQUAL(y[i], x[i], 1e-13); /* condition 40 */ }
  }
}

static void mirror_images_have_the_same_bits(void)
{
  for (size_t n = MOST - 1; n <= MOST; n++) {
    double diagonal[2][MOST], x[2][MOST], work[MOST];
    make(diagonal[0], x[0], 3.0, n, 5);
    for (size_t i = 0; i < n; i++) {
      diagonal[1][i] = diagonal[0][n - 1 - i];
      x[1][i] = x[0][n - 1 - i];
    }
    for (int k = 0; k < 2; k++) { mpp_tridiagonal_solve(x[k], diagonal[k], 3.0, work, n); }
    for (size_t i = 0; i < n; i++) { CU_ASSERT_EQUAL(x[1][i], x[0][n - 1 - i]); }
  }
}

TESTS({"products are undone for even and odd sizes", products_are_undone_for_even_and_odd_sizes},
      {"mirror images have the same bits", mirror_images_have_the_same_bits})
