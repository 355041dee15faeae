/* test_normal_equations.c - inner products and solutions against sums in double. */
#include "normal_equations.h"

#include "test.h"

static void gram_matrices_are_added_to_the_upper_triangle(void)
{
  enum { N = 5, K = 7, LD = 9, LDG = 6 };
  float x[N * LD];
  double a[N * LD], g[N * LDG];
  test_fill(x, (size_t)N * LD, 4);
  for (size_t i = 0; i < (size_t)N * LD; i++) { a[i] = i % LD < K ? (double)x[i] : NAN; }
  for (size_t i = 0; i < (size_t)N * LDG; i++) { g[i] = 100.0; }
  mpp_gram_add(g, LDG, a, LD, N, K);
  for (size_t i = 0; i < N; i++) {
    for (size_t j = 0; j < LDG; j++) {
      double sum = 100.0;
      for (size_t k = 0; k < K && j >= i && j < N; k++) { sum += a[i * LD + k] * a[j * LD + k]; }
      CU_ASSERT_DOUBLE_EQUAL(g[i * LDG + j], sum, 1e-12); /* some roundings of 100 */
    }
  }
}

static void equations_are_solved_by_cholesky(void)
{
  enum { N = 6, SIDES = 2 };
  double a[N * N], g[N * N] = {0.0}, x[SIDES * N], b[SIDES * N] = {0.0};
  float random[N * N + SIDES * N];
  test_fill(random, (size_t)N * N + (size_t)SIDES * N, 8);
  for (size_t i = 0; i < (size_t)N * N; i++) { a[i] = (double)random[i]; }
  for (size_t i = 0; i < N; i++) { g[i * N + i] = 1.0; }
  mpp_gram_add(g, N, a, N, N, N);
  for (size_t k = 0; k < SIDES; k++) {
    for (size_t i = 0; i < N; i++) {
      x[k * N + i] = (double)random[N * N + k * N + i];
      for (size_t j = 0; j < N; j++) {
        b[k * N + i] +=
            g[(i < j ? i : j) * N + (i < j ? j : i)] * (double)random[N * N + k * N + j];
      }
    }
  }
  CU_ASSERT_TRUE(mpp_cholesky_solve(g, b, N, SIDES));
  /* eigenvalues lie between 1 and 1 + N^2: rounding times 40 */
  for (size_t i = 0; i < (size_t)SIDES * N; i++) { CU_ASSERT_DOUBLE_EQUAL(b[i], x[i], 1e-13); }
  double indefinite[4] = {1.0, 2.0, 2.0, 1.0};
  CU_ASSERT_FALSE(mpp_cholesky_solve(indefinite, b, 2, 1));
}

TESTS({"gram matrices are added to the upper triangle",
       gram_matrices_are_added_to_the_upper_triangle},
      {"equations are solved by Cholesky", equations_are_solved_by_cholesky})
