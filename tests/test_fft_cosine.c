/* test_fft_cosine.c - sums of cosines against the sums that they stand for. */
#include "test.h"

#include <pthread.h>

#include "fft.h"
#include "rng.h"

static void fill(double *c, size_t n, uint64_t seed)
{
  for (size_t i = 0; i < n; i++) { c[i] = mpp_rng_normal(seed, MPP_STREAM_PDE, i, 0); }
}

static double direct(const double *c, size_t ny, size_t nx, size_t i, size_t j)
{
  const double pi = acos(-1.0);
  double sum = 0.0;
  for (size_t k = 0; k < ny; k++) {
    const double along_y = cos(pi * (double)k * ((double)i + 0.5) / (double)ny);
    for (size_t l = 0; l < nx; l++) {
      sum += c[k * nx + l] * along_y * cos(pi * (double)l * ((double)j + 0.5) / (double)nx);
    }
  }
  return sum;
}

static void cosine_sums_agree_with_the_direct_sum(void)
{
  static const size_t shapes[][2] = {{1, 1}, {1, 7}, {5, 1}, {2, 3}, {8, 8}, {12, 10}, {17, 31}};
  for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
    const size_t ny = shapes[s][0], nx = shapes[s][1];
    double c[17 * 31], u[17 * 31], worst = 0.0;
    fill(c, ny * nx, s);
    memcpy(u, c, sizeof c);
    REQUIRE_OK(mpp_fft_cosine_sum(u, ny, nx));
    for (size_t i = 0; i < ny; i++) {
      for (size_t j = 0; j < nx; j++) {
        worst = fmax(worst, fabs(u[i * nx + j] - direct(c, ny, nx, i, j)));
      }
    }
    /* 527 terms of size 1: the direct sum rounds to about sqrt(527) 2^-53 * |sum| < 1e-13. */
    CU_ASSERT(worst < 2e-13 * (double)(ny + nx));
  }
}

static void the_same_input_gives_the_same_bits_anywhere(void)
{
  enum { NY = 64, NX = 48, CELLS = NY * NX };
  static double at[CELLS + 8], first[CELLS];
  for (size_t shift = 0; shift < 8; shift++) { /* all alignments of a double */
    fill(at + shift, CELLS, 3);
    REQUIRE_OK(mpp_fft_cosine_sum(at + shift, NY, NX));
    if (shift == 0) {
      memcpy(first, at, sizeof first);
    }
    CU_ASSERT_EQUAL(memcmp(first, at + shift, sizeof first), 0);
  }
}

static void *transform_often(void *result)
{
  double u[30 * 20], v[30 * 20];
  *(bool *)result = true;
  for (uint64_t i = 0; i < 100; i++) {
    fill(u, 600, i % 2);
    memcpy(v, u, sizeof u);
    *(bool *)result = mpp_fft_cosine_sum(u, 30, 20) == MPP_OK &&
                      mpp_fft_cosine_sum(v, 30, 20) == MPP_OK && memcmp(u, v, sizeof u) == 0 &&
                      fabs(u[0] - direct(v, 1, 1, 0, 0)) < 1e-12 && *(bool *)result;
  }
  return NULL;
}

static void several_threads_may_transform(void)
{
  pthread_t thread[4];
  bool good[4];
  for (int i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, transform_often, &good[i]), 0);
  }
  for (int i = 0; i < 4; i++) {
    pthread_join(thread[i], NULL);
    CU_ASSERT(good[i]);
  }
}

static void a_failed_transform_leaves_the_array_untouched(void)
{
  double u[6], before[6];
  fill(u, 6, 1);
  memcpy(before, u, sizeof u);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_fft_cosine_sum(u, 2, 3));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    CU_ASSERT_EQUAL(memcmp(u, before, sizeof u) == 0, st != MPP_OK);
  }
  CU_ASSERT(faults.failed >= 5); /* at least five arrays and four plans can fail */
  ASSERT_STATUS(mpp_fft_cosine_sum(u, 0, 3), MPP_ERR_INTERNAL);
}

TESTS({"cosine sums agree with the direct sum", cosine_sums_agree_with_the_direct_sum},
      {"the same input gives the same bits anywhere", the_same_input_gives_the_same_bits_anywhere},
      {"several threads may transform", several_threads_may_transform},
      {"a failed transform leaves the array untouched",
       a_failed_transform_leaves_the_array_untouched})
