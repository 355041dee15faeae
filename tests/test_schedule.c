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

static void a_cosine_may_be_longer_or_shorter_than_the_run(void)
{
  mpp_schedule s = example;
  s.span = 210;
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 60), 1e-5 + 99e-5 * 0.5 * (1.0 + sqrt(0.5)), 1e-16);
  s.span = 60;
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 35), 0.5 * (1e-3 + 1e-5), 1e-16);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 60), 1e-5, 1e-18);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 109), 1e-5, 1e-18);
  s.span = 5; /* within the warm-up */
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 9), 1e-3, 1e-18);
  CU_ASSERT_EQUAL(mpp_schedule_rate(&s, 10), 1e-5);
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

static void constant_stays_at_the_peak(void)
{
  mpp_schedule s = example;
  s.kind = MPP_SCHEDULE_CONSTANT;
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 4), 5e-4, 1e-18);
  for (uint64_t i = 10; i < s.steps; i++) { CU_ASSERT_EQUAL(mpp_schedule_rate(&s, i), 1e-3); }
}

static void rsqrt_halves_in_four_times_the_steps_and_stays_above_its_floor(void)
{
  mpp_schedule s = {
      .kind = MPP_SCHEDULE_RSQRT, .peak = 1.0, .floor = 0.0, .warmup = 100, .steps = 100000};
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 99), 1.0, 1e-15); /* rounding */
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 399), 0.5, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 9999), 0.1, 1e-15);
  s.floor = 0.2;
  CU_ASSERT_EQUAL(mpp_schedule_rate(&s, 9999), 0.2);
  s.warmup = 0;
  CU_ASSERT_EQUAL(mpp_schedule_rate(&s, 0), 1.0);
}

static void the_tail_falls_linearly_from_where_the_course_ends(void)
{
  mpp_schedule s = {.kind = MPP_SCHEDULE_CONSTANT, .peak = 1.0, .steps = 20, .cooldown = 4};
  const double expected[] = {1.0, 0.8, 0.6, 0.4, 0.2};
  for (uint64_t i = 0; i < 5; i++) {
    CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 15 + i), expected[i], 1e-15); /* rounding */
  }
  s.kind = MPP_SCHEDULE_COSINE;
  s.floor = 0.5; /* the cosine is over before the tail */
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 8), 0.75, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 16), 0.4, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 19), 0.1, 1e-15);
  s.warmup = 16; /* nothing between warm-up and tail */
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 15), 1.0, 1e-15);
  CU_ASSERT_DOUBLE_EQUAL(mpp_schedule_rate(&s, 16), 0.8, 1e-15);
}

static void assert_within(const mpp_schedule *s)
{
  for (uint64_t i = 0; i < s->steps; i++) {
    const double rate = mpp_schedule_rate(s, i);
    CU_ASSERT(rate >= 0.0 && rate <= s->peak);
    CU_ASSERT(i < s->warmup || i + s->cooldown >= s->steps || rate >= s->floor);
    CU_ASSERT(i + 1 < s->steps || s->cooldown == 0 || rate > 0.0); /* no step is wasted */
  }
}

static void no_rate_is_negative_and_none_before_the_tail_is_below_the_floor(void)
{
  static const double floors[] = {0.0, 1e-5, 1e-3};
  for (int kind = 0; kind <= MPP_SCHEDULE_RSQRT; kind++) {
    for (size_t f = 0; f < 3; f++) {
      mpp_schedule s = {(mpp_schedule_kind)kind, 1e-3, floors[f], 3, 100, 0, 0};
      assert_within(&s);
      s.cooldown = 97;
      assert_within(&s);
    }
  }
}

TESTS({"warm-up is linear and ends at the peak", warm_up_is_linear_and_ends_at_the_peak},
      {"cosine is half way in the middle and falls all the way",
       cosine_is_half_way_in_the_middle_and_falls_all_the_way},
      {"a cosine may be longer or shorter than the run",
       a_cosine_may_be_longer_or_shorter_than_the_run},
      {"no warm-up starts at the peak", no_warm_up_starts_at_the_peak},
      {"a run shorter than its warm-up only rises", a_run_shorter_than_its_warm_up_only_rises},
      {"constant stays at the peak", constant_stays_at_the_peak},
      {"rsqrt halves in four times the steps and stays above its floor",
       rsqrt_halves_in_four_times_the_steps_and_stays_above_its_floor},
      {"the tail falls linearly from where the course ends",
       the_tail_falls_linearly_from_where_the_course_ends},
      {"no rate is negative and none before the tail is below the floor",
       no_rate_is_negative_and_none_before_the_tail_is_below_the_floor})
