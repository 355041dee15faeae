/* num_tridiagonal.c - Gaussian elimination from both ends at once (I. Babuska's order; the two
 * chains of divisions run side by side). */
#include "num_tridiagonal.h"

void mpp_tridiagonal_solve(double *restrict x, const double *restrict diagonal, double off,
                           double *restrict work, size_t n)
{
  const size_t half = n / 2; /* rows below half from the left, the others from the right */
  /* x_i = work_i x_{i+1} + x_i on the left, x_i = work_i x_{i-1} + x_i on the right. */
  double left = 1.0 / diagonal[0], right = 1.0 / diagonal[n - 1];
  work[0] = off * left;
  work[n - 1] = off * right;
  x[0] *= left;
  x[n - 1] *= right;
  for (size_t i = 1; i < half; i++) {
    const size_t j = n - 1 - i;
    left = 1.0 / (diagonal[i] - off * work[i - 1]);
    right = 1.0 / (diagonal[j] - off * work[j + 1]);
    work[i] = off * left;
    work[j] = off * right;
    x[i] = (x[i] + off * x[i - 1]) * left;
    x[j] = (x[j] + off * x[j + 1]) * right;
  }
  const size_t a = half - 1, b = n - half; /* last rows of the two eliminations */
  if (n % 2 != 0) {                        /* one row between them */
    const double sum = x[a] + x[b], weight = work[a] + work[b];
    x[half] = (x[half] + off * sum) / (diagonal[half] - off * weight);
    x[a] += work[a] * x[half];
    x[b] += work[b] * x[half];
  } else {
    const double norm = 1.0 / (1.0 - work[a] * work[b]), from_a = x[a], from_b = x[b];
    x[a] = (from_a + work[a] * from_b) * norm;
    x[b] = (from_b + work[b] * from_a) * norm;
  }
  for (size_t i = 1; i < half; i++) {
    x[a - i] += work[a - i] * x[a - i + 1];
    x[b + i] += work[b + i] * x[b + i - 1];
  }
}
