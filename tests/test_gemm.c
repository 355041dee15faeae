/* test_gemm.c - products against a sum in double, and the same bits for any number of threads. */
#include "test.h"

#include "gemm.h"

/* An operand stored with `pad` unused columns that hold NaN: reading one spoils the result. */
static float *operand(size_t rows, size_t columns, size_t pad, bool transposed, uint64_t seed,
                      size_t *ld)
{
  const size_t height = transposed ? columns : rows, width = transposed ? rows : columns;
  float *x = NULL;
  REQUIRE_OK(MPP_ALLOC(&x, height * (width + pad)));
  test_fill(x, height * (width + pad), seed);
  *ld = width + pad;
  for (size_t i = 0; i < height; i++) {
    for (size_t j = 0; j < pad; j++) { x[i * *ld + width + j] = NAN; }
  }
  return x;
}

static float at(const float *x, size_t ld, bool transposed, size_t i, size_t j)
{
  return transposed ? x[j * ld + i] : x[i * ld + j];
}

static double error_of(bool parallel, bool ta, bool tb, size_t m, size_t n, size_t k, float beta)
{
  size_t lda, ldb, ldc;
  float *a = operand(m, k, 3, ta, 1, &lda), *b = operand(k, n, 5, tb, 2, &ldb);
  float *c = operand(m, n, 7, false, 3, &ldc), *before = operand(m, n, 7, false, 3, &ldc);
  double difference = 0.0, norm = 0.0;
  if (beta == 0.0f) { /* then C is not read */
    for (size_t i = 0; i < m * ldc; i++) { c[i] = NAN; }
  }
  (parallel ? mpp_gemm_parallel : mpp_gemm)(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, beta);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      double sum = beta == 0.0f ? 0.0 : (double)beta * before[i * ldc + j];
      for (size_t l = 0; l < k; l++) { sum += (double)at(a, lda, ta, i, l) * at(b, ldb, tb, l, j); }
      difference += (c[i * ldc + j] - sum) * (c[i * ldc + j] - sum);
      norm += sum * sum;
    }
    for (size_t j = n; j < ldc; j++) {
      CU_ASSERT(isnan(c[i * ldc + j])); /* nothing is written beside the result */
    }
  }
  mpp_free(a);
  mpp_free(b);
  mpp_free(c);
  mpp_free(before);
  return sqrt(difference / norm);
}

static const size_t shapes[][3] = {{1, 1, 1},      {3, 5, 7},      {64, 48, 1},    {1, 300, 200},
                                   {257, 129, 65}, {300, 400, 33}, {130, 16, 384}, {17, 900, 12}};

static void products_agree_with_sums_in_double(void)
{
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    for (int flags = 0; flags < 8; flags++) {
      const double error = error_of(flags & 4, flags & 1, flags & 2, shapes[s][0], shapes[s][1],
                                    shapes[s][2], (float)(flags & 2) * 0.25f);
      /* Rounding of float sums of k <= 384 terms: below sqrt(384) 2^-24 = 1.2e-6 relative. */
      CU_ASSERT(error < 2e-6);
    }
  }
}

/* Differences from the result of one thread, over 2 to 5 threads. */
static int differing(size_t m, size_t n, size_t k, bool ta, bool tb)
{
  size_t lda, ldb;
  int different = 0;
  float *a = operand(m, k, 0, ta, 1, &lda), *b = operand(k, n, 0, tb, 2, &ldb);
  float *one = NULL, *more = NULL;
  REQUIRE_OK(MPP_ALLOC(&one, m * n));
  REQUIRE_OK(MPP_ALLOC(&more, m * n));
  mpp_set_threads(1);
  mpp_gemm_parallel(one, n, a, lda, ta, b, ldb, tb, m, n, k, 0.0f);
  for (int threads = 2; threads <= 5; threads++) {
    mpp_set_threads(threads);
    mpp_gemm_parallel(more, n, a, lda, ta, b, ldb, tb, m, n, k, 0.0f);
    different += memcmp(one, more, m * n * sizeof *one) != 0;
  }
  mpp_set_threads(0);
  mpp_free(a);
  mpp_free(b);
  mpp_free(one);
  mpp_free(more);
  return different;
}

static void results_do_not_depend_on_the_number_of_threads(void)
{
  static const size_t big[][3] = {{1024, 576, 192}, {192, 768, 1024}, {4096, 96, 96},
                                  {1000, 391, 101}, {16, 1536, 257},  {2049, 33, 64}};
  for (size_t s = 0; s < sizeof big / sizeof *big; s++) {
    for (int flags = 0; flags < 4; flags++) {
      CU_ASSERT_EQUAL(differing(big[s][0], big[s][1], big[s][2], flags & 1, flags & 2), 0);
    }
  }
}

static void empty_products_do_nothing(void)
{
  float c[4] = {1.0f, 2.0f, 3.0f, 4.0f};
  const float a[4] = {0.0f}, b[4] = {0.0f};
  mpp_gemm_parallel(c, 2, a, 2, false, b, 2, false, 0, 2, 2, 0.0f);
  mpp_gemm_parallel(c, 2, a, 2, false, b, 2, false, 2, 0, 2, 0.0f);
  CU_ASSERT(c[0] == 1.0f && c[3] == 4.0f);
  mpp_gemm_parallel(c, 2, a, 1, false, b, 2, false, 2, 2, 0, 0.0f); /* the empty sum is zero */
  CU_ASSERT(c[0] == 0.0f && c[1] == 0.0f && c[2] == 0.0f && c[3] == 0.0f);
}

static void the_number_of_threads_is_what_was_set(void)
{
  mpp_set_threads(3);
  CU_ASSERT_EQUAL(mpp_get_threads(), 3);
  mpp_set_threads(0);
  CU_ASSERT(mpp_get_threads() >= 1);
}

TESTS({"products agree with sums in double", products_agree_with_sums_in_double},
      {"results do not depend on the number of threads",
       results_do_not_depend_on_the_number_of_threads},
      {"empty products do nothing", empty_products_do_nothing},
      {"the number of threads is what was set", the_number_of_threads_is_what_was_set})
