/* test_field_norm.c - statistics of a window against plain loops in double. */
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define T     ((size_t)3)
#define B     ((size_t)2)
#define C     ((size_t)3)
#define S     ((size_t)431)
#define COUNT (T * B * C * S)

static float x[COUNT], mean[B * C], sd[B * C];

/* Fields of very different size and offset: the offsets are where one-pass sums go wrong. */
static void fill(void)
{
  test_fill(x, COUNT, 1);
  for (size_t i = 0; i < COUNT; i++) {
    const size_t c = i / S % C;
    x[i] = c == 0 ? x[i] : (c == 1 ? 1e5f + x[i] : 1e-6f * x[i]);
  }
}

static void check(size_t frames, size_t s)
{
  for (size_t b = 0; b < B; b++) {
    for (size_t c = 0; c < C; c++) {
      double m = 0.0, square = 0.0;
      const double n = (double)(frames * s);
      for (size_t i = 0; i < frames * s; i++) {
        m += (double)x[((i / s * B + b) * C + c) * s + i % s] / n;
      }
      for (size_t i = 0; i < frames * s; i++) {
        square += pow((double)x[((i / s * B + b) * C + c) * s + i % s] - m, 2.0);
      }
      const double deviation = sqrt(square / fmax(n - 1.0, 1.0)) + 1e-7;
      /* The results are rounded to float32 once. */
      CU_ASSERT(fabs((double)mean[b * C + c] - m) <= 6e-8 * fabs(m) + 1e-12);
      CU_ASSERT(fabs((double)sd[b * C + c] - deviation) <= 7e-8 * deviation);
    }
  }
}

static void mean_and_deviation_run_over_time_and_space(void)
{
  fill();
  mpp_field_norm_stats(mean, sd, x, T, B, C, S);
  check(T, S);
}

static void few_values_work(void)
{
  fill();
  const size_t shapes[3][2] = {{1, 1}, {2, 1}, {3, 5}};
  for (size_t i = 0; i < 3; i++) {
    mpp_field_norm_stats(mean, sd, x, shapes[i][0], B, C, shapes[i][1]);
    check(shapes[i][0], shapes[i][1]);
  }
}

static void constant_fields_have_their_value_and_the_floor(void)
{
  for (size_t i = 0; i < COUNT; i++) { x[i] = 0.1f + (float)(i / S % C); }
  mpp_field_norm_stats(mean, sd, x, T, B, C, S);
  for (size_t i = 0; i < B * C; i++) {
    CU_ASSERT_EQUAL(mean[i], 0.1f + (float)(i % C));
    CU_ASSERT_EQUAL(sd[i], 1e-7f);
  }
}

static void run(void) { mpp_field_norm_stats(mean, sd, x, T, B, C, S); }

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run, mean, B * C));
  CU_ASSERT(same_bits(run, sd, B * C));
}

TESTS({"field_norm: mean and deviation run over time and space",
       mean_and_deviation_run_over_time_and_space},
      {"field_norm: few values work", few_values_work},
      {"field_norm: constant fields have their value and the floor",
       constant_fields_have_their_value_and_the_floor},
      {"field_norm: bits do not depend on threads", bits_do_not_depend_on_threads})
