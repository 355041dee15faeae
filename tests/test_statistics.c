/* test_statistics.c - moments joined part by part, and the statistics file of The Well. */
#include "statistics.h"

#include <math.h>

#include "alloc.h"
#include "file.h"
#include "test.h"

enum { N = 1000 };

static float value(size_t i) { return 1000.0f + (float)((i * 7919) % 101) / 7.0f; }

static void moments_in_parts_are_those_of_the_whole(void)
{
  float x[N], before[N];
  mpp_moments parts = {0}, whole = {0}, increment = {0};
  double mean = 0.0, square = 0.0, delta = 0.0;
  for (size_t i = 0; i < N; i++) {
    x[i] = value(i);
    before[i] = value(i + 3);
    mean += (double)x[i] / N;
    delta += ((double)x[i] - (double)before[i]) / N;
  }
  for (size_t i = 0; i < N; i++) { square += pow((double)x[i] - mean, 2) / N; }
  mpp_moments_add(&whole, x, NULL, N);
  mpp_moments_add(&parts, x, NULL, 1);
  mpp_moments_add(&parts, x + 1, NULL, 300);
  mpp_moments_add(&parts, x + 301, NULL, 0);
  mpp_moments_add(&parts, x + 301, NULL, N - 301);
  mpp_moments_add(&increment, x, before, N);
  /* sums of 1000 doubles near 1000, in another order: rounding of some 1e-13 */
  CU_ASSERT_DOUBLE_EQUAL(whole.mean, mean, 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(parts.mean, mean, 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(mpp_moments_std(&whole), sqrt(square), 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(mpp_moments_std(&parts), sqrt(square), 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(mpp_moments_rms(&parts), sqrt(square + mean * mean), 1e-10);
  CU_ASSERT_DOUBLE_EQUAL(increment.mean, delta, 1e-10);
}

static void nothing_has_no_spread(void)
{
  const mpp_moments none = {0};
  CU_ASSERT_EQUAL(mpp_moments_std(&none), 0.0);
  CU_ASSERT_EQUAL(mpp_moments_rms(&none), 0.0);
}

static void vectors_are_lists_and_tensors_lists_of_lists(void)
{
  const mpp_writer_part part[] = {{.name = "p", .order = 0, .first = 0},
                                  {.name = "u", .order = 1, .first = 1},
                                  {.name = "s", .order = 2, .first = 3}};
  mpp_moments value_of[7] = {{0}}, increment[7] = {{0}};
  char *text = NULL;
  size_t size = 0;
  for (size_t i = 0; i < 7; i++) { value_of[i] = (mpp_moments){1.0, (double)i + 1e-8, 0.0}; }
  REQUIRE_OK(mpp_statistics_write("stats_test.yaml", part, 3, 2, value_of, increment));
  REQUIRE_OK(mpp_read_text(&text, &size, "stats_test.yaml", 1 << 20));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "mean:\n  \"p\": 1.0e-08\n  \"u\":\n  - 1.0"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "  \"s\":\n  - - 3.0000000"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\n    - 4.0000000"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "std_delta:\n"));
  mpp_free(text);
  remove("stats_test.yaml");
}

TESTS({"moments in parts are those of the whole", moments_in_parts_are_those_of_the_whole},
      {"nothing has no spread", nothing_has_no_spread},
      {"vectors are lists and tensors lists of lists",
       vectors_are_lists_and_tensors_lists_of_lists})
