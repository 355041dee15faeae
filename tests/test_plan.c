/* test_plan.c - lists of numbers, and names of files that tell forecasts apart. */
#include "plan.h"

#include "test.h"

static mpp_rollout_options *defaults(void)
{
  static mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  return &o;
}

static void lists_are_sorted_and_without_repeats(void)
{
  static const size_t expected[] = {1, 2, 4, 5, 6, 8, 20};
  mpp_numbers n = {0};
  REQUIRE_OK(mpp_numbers_parse(&n, "20,4-8:2,1-2,5,4", "sample"));
  CU_ASSERT_FATAL(n.count == 7);
  for (size_t i = 0; i < 7; i++) { CU_ASSERT_EQUAL(n.item[i], expected[i]); }
  mpp_free(n.item);
  static const char *const wrong[] = {"",     "x",     "3-",        "5-3",
                                      "1,,2", "1-9:0", "-1",        "1 2",
                                      "4,",   "1-2-3", "0-2000000", "99999999999999999999"};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    n = (mpp_numbers){0};
    ASSERT_STATUS(mpp_numbers_parse(&n, wrong[i], "sample"), MPP_ERR_USAGE);
    ASSERT_MESSAGE("--sample");
    CU_ASSERT(n.count == 0 && n.item == NULL);
  }
}

static mpp_frames *open_frames(void)
{
  mpp_frames *f = NULL;
  REQUIRE_OK(mpp_frames_open(&f, "solver:swe,resolution=16,frames=20", "", NULL));
  return f;
}

static void forecasts_are_counted_by_context_and_member(void)
{
  mpp_rollout_options *o = defaults();
  mpp_frames *f = open_frames();
  mpp_plan p = {0};
  snprintf(o->sample, sizeof o->sample, "0-3");
  snprintf(o->start, sizeof o->start, "0,5");
  snprintf(o->steps, sizeof o->steps, "3,7");
  o->members = 3;
  o->ensemble.count = 1;
  REQUIRE_OK(mpp_plan_make(&p, o, f, 4));
  CU_ASSERT_EQUAL(mpp_plan_contexts(&p), 16);
  CU_ASSERT(mpp_plan_members(&p, 0) == 3 && mpp_plan_members(&p, 1) == 3);
  CU_ASSERT_TRUE(mpp_plan_has_ensemble(&p));
  const mpp_plan_key k = mpp_plan_at(&p, 1, 7, 2);
  CU_ASSERT(k.sample == 1 && k.start == 5 && k.steps == 7 && k.member == 5);
  mpp_plan_free(&p);
  o->member = 4; /* the second of the second checkpoint */
  REQUIRE_OK(mpp_plan_make(&p, o, f, 4));
  CU_ASSERT(mpp_plan_members(&p, 0) == 0 && mpp_plan_members(&p, 1) == 1);
  CU_ASSERT_EQUAL(mpp_plan_at(&p, 1, 0, 0).member, 4);
  CU_ASSERT_FALSE(mpp_plan_has_ensemble(&p));
  mpp_plan_free(&p);
  o->member = 6;
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--member 6: there are 6, from 0");
  mpp_plan_free(&p);
  mpp_frames_close(f);
}

static void names_say_what_varies(void)
{
  mpp_rollout_options *o = defaults();
  mpp_frames *f = open_frames();
  mpp_plan p = {0};
  char name[MPP_PATH_MAX];
  const mpp_plan_key key = {.sample = 7, .start = 0, .steps = 5, .member = 1};
  snprintf(o->output, sizeof o->output, "a.b/out.nc");
  snprintf(o->sample, sizeof o->sample, "7-12");
  snprintf(o->steps, sizeof o->steps, "5");
  o->members = 2;
  REQUIRE_OK(mpp_plan_make(&p, o, f, 4));
  REQUIRE_OK(mpp_plan_name(name, &p, &key, false));
  CU_ASSERT_STRING_EQUAL(name, "a.b/out_sample07_member1.nc");
  REQUIRE_OK(mpp_plan_name(name, &p, &key, true));
  CU_ASSERT_STRING_EQUAL(name, "a.b/out_sample07_ensemble.nc");
  snprintf(o->output, sizeof o->output, "a.b/{member}-{sample}{steps}");
  REQUIRE_OK(mpp_plan_name(name, &p, &key, false));
  CU_ASSERT_STRING_EQUAL(name, "a.b/1-075");
  snprintf(o->output, sizeof o->output, "a.b/out");
  REQUIRE_OK(mpp_plan_name(name, &p, &key, false));
  CU_ASSERT_STRING_EQUAL(name, "a.b/out_sample07_member1");
  snprintf(o->output, sizeof o->output, "{sample}.nc");
  ASSERT_STATUS(mpp_plan_name(name, &p, &key, false), MPP_ERR_USAGE);
  ASSERT_MESSAGE("several forecasts differ in {member}, which is missing");
  mpp_plan_free(&p);
  o->members = 1;
  snprintf(o->sample, sizeof o->sample, "7");
  snprintf(o->output, sizeof o->output, "out.nc");
  REQUIRE_OK(mpp_plan_make(&p, o, f, 4));
  REQUIRE_OK(mpp_plan_name(name, &p, &key, false));
  CU_ASSERT_STRING_EQUAL(name, "out.nc");
  mpp_plan_free(&p);
  mpp_frames_close(f);
}

static void contexts_lie_inside_the_data(void)
{
  mpp_rollout_options *o = defaults();
  mpp_frames *f = open_frames();
  mpp_plan p = {0};
  snprintf(o->flags.stride, sizeof o->flags.stride, "3"); /* frames 0, 3, 6, 9 of 20 */
  snprintf(o->start, sizeof o->start, "last");
  REQUIRE_OK(mpp_plan_make(&p, o, f, 4));
  CU_ASSERT(p.start.count == 1 && p.start.item[0] == 10);
  mpp_plan_free(&p);
  snprintf(o->start, sizeof o->start, "11");
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("context frames 11 to 20, but its trajectories have 20 frames");
  mpp_plan_free(&p);
  snprintf(o->flags.stride, sizeof o->flags.stride, "7");
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("trajectories of 20 frames, expected at least the 22 frames of context");
  mpp_plan_free(&p);
  snprintf(o->flags.stride, sizeof o->flags.stride,
           "1"); /* the model's context, its data's frames */
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 21), MPP_ERR_DATA);
  mpp_plan_free(&p);
  o->context = 21;
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 21), MPP_ERR_USAGE);
  mpp_plan_free(&p);
  o->context = 0;
  snprintf(o->flags.stride, sizeof o->flags.stride, "1");
  snprintf(o->sample, sizeof o->sample, "test");
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("a solver has any number of samples");
  mpp_plan_free(&p);
  snprintf(o->sample, sizeof o->sample, "0");
  snprintf(o->start, sizeof o->start, "0");
  snprintf(o->steps, sizeof o->steps, "0");
  ASSERT_STATUS(mpp_plan_make(&p, o, f, 4), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--steps 0: expected 1 to");
  mpp_plan_free(&p);
  mpp_frames_close(f);
}

TESTS({"lists are sorted and without repeats", lists_are_sorted_and_without_repeats},
      {"forecasts are counted by context and member", forecasts_are_counted_by_context_and_member},
      {"names say what varies", names_say_what_varies},
      {"contexts lie inside the data", contexts_lie_inside_the_data})
