/* test_schedule.c - the learning rate at its corners. */
#include "schedule.h"
#include "test.h"

static const mpp_schedule example = {.peak = 1e-3, .floor = 1e-5, .warmup = 10, .steps = 110};

static void warm_up_is_linear_and_ends_at_the_peak(void)
{
  /* 1e-18: rounding of numbers of 1e-3 */
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&example, 0), 1e-4, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&example, 4), 5e-4, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&example, 9), 1e-3, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&example, 10), 1e-3, 1e-18);
}

static void cosine_is_half_way_in_the_middle_and_falls_all_the_way(void)
{
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&example, 60), 0.5 * (1e-3 + 1e-5), 1e-16);
  for (uint64_t s = 10; s + 1 < example.steps; s++) {
    CU_ASSERT(mpp_schedule_rate(&example, s + 1) < mpp_schedule_rate(&example, s));
  }
  /* The last step is one short of the floor: (1 - cos(pi/100))/2 = 2.5e-4 of the way up. */
  const double last = mpp_schedule_rate(&example, 109);
  CU_ASSERT(last > 1e-5 && last < 1e-5 + 3e-4 * 1e-3);
}

static void no_warm_up_starts_at_the_peak(void)
{
  const mpp_schedule s = {.peak = 2e-4, .floor = 0.0, .warmup = 0, .steps = 1};
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 0), 2e-4, 1e-18);
}

static void a_run_shorter_than_its_warm_up_only_rises(void)
{
  const mpp_schedule s = {.peak = 1.0, .floor = 0.0, .warmup = 10, .steps = 3};
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 2), 0.3, 1e-15);
}

TESTS({"warm-up is linear and ends at the peak", warm_up_is_linear_and_ends_at_the_peak},
      {"cosine is half way in the middle and falls all the way",
       cosine_is_half_way_in_the_middle_and_falls_all_the_way},
      {"no warm-up starts at the peak", no_warm_up_starts_at_the_peak},
      {"a run shorter than its warm-up only rises", a_run_shorter_than_its_warm_up_only_rises})
