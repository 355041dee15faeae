/* test_beside.c - what changes in time beside the fields, in the data and past their end. */
#include "beside.h"

#include "aside_case.h"

/* lon2 and others do not change; of a record: zlev, age, bounds of time. */
enum { AGE = CELLS, BOUNDS = CELLS + 1, VALUES = CELLS + 3 };

typedef struct source {
  mpp_frames *frames;
  mpp_style *style;
  double time[FRAMES];
} source;

static source open_source(const aside_case *c)
{
  source s = {.frames = NULL};
  const char *path = test_path(0, "asides.nc");
  const mpp_data_flags flags = aside_flags("", "");
  write_asides(path, c);
  REQUIRE_OK(mpp_frames_open(&s.frames, path, "", &flags));
  REQUIRE_OK(mpp_style_read(&s.style, mpp_frames_dataset(s.frames)));
  REQUIRE_OK(mpp_frames_times(s.frames, s.time, 0));
  CU_ASSERT_EQUAL_FATAL(s.style->nbeside, VALUES);
  return s;
}

static void close_source(source *s)
{
  mpp_style_free(s->style);
  mpp_frames_close(s->frames);
}

static void records_are_those_of_the_data_and_then_regular_bounds_of_time(void)
{
  mpp_beside b = {0};
  const aside_case c = {0};
  source s = open_source(&c);
  REQUIRE_OK(mpp_beside_open(&b, s.style, s.frames, 0, s.time));
  for (size_t k = 0; k < FRAMES; k++) {
    const double first = 100.0 * (double)k;
    ASSERT_OK(mpp_beside_read(&b, k, -1.0));
    CU_ASSERT(b.value[0] == first && b.value[CELLS - 1] == first + 35);
    CU_ASSERT_EQUAL(b.value[AGE], 0.5 * first + 7);
    CU_ASSERT(b.value[BOUNDS] == (double)k && b.value[BOUNDS + 1] == (double)k + 1);
  }
  ASSERT_OK(mpp_beside_read(&b, FRAMES, 20.5));
  for (size_t i = 0; i < BOUNDS; i++) { CU_ASSERT(isnan(b.value[i])); }
  CU_ASSERT(b.value[BOUNDS] == 20.0 && b.value[BOUNDS + 1] == 21.0);
  mpp_beside_close(&b);
  CU_ASSERT_PTR_NULL(b.value);
  close_source(&s);
}

static void bounds_that_are_not_regular_end_with_the_data(void)
{
  static const aside_case cases[] = {{.late = 0.25}, {.shorter = 0.25}};
  for (size_t k = 0; k < 2; k++) {
    mpp_beside b = {0};
    source s = open_source(&cases[k]);
    REQUIRE_OK(mpp_beside_open(&b, s.style, s.frames, 0, s.time));
    ASSERT_OK(mpp_beside_read(&b, 0, -1.0));
    CU_ASSERT_EQUAL(b.value[BOUNDS + 1], 1.0 - cases[k].shorter);
    ASSERT_OK(mpp_beside_read(&b, FRAMES, 20.5));
    CU_ASSERT(isnan(b.value[BOUNDS]) && isnan(b.value[BOUNDS + 1]));
    mpp_beside_close(&b);
    close_source(&s);
  }
}

static void where_nothing_changes_in_time_there_is_nothing_to_read(void)
{
  mpp_beside b = {0};
  const aside_case c = {0};
  source s = open_source(&c);
  s.style->nbeside = 0;
  REQUIRE_OK(mpp_beside_open(&b, NULL, s.frames, 0, s.time));
  ASSERT_OK(mpp_beside_read(&b, 0, 0.0));
  REQUIRE_OK(mpp_beside_open(&b, s.style, s.frames, 0, s.time));
  ASSERT_OK(mpp_beside_read(&b, 0, 0.0));
  CU_ASSERT_PTR_NULL(b.value);
  mpp_beside_close(&b);
  close_source(&s);
}

static mpp_status open_and_read(source *s)
{
  mpp_beside b = {0};
  mpp_status st = mpp_beside_open(&b, s->style, s->frames, 0, s->time);
  if (st == MPP_OK) {
    st = mpp_beside_read(&b, 1, 0.0);
    CU_ASSERT(st != MPP_OK || b.value[BOUNDS] == 1.0);
  }
  mpp_beside_close(&b);
  return st;
}

static void every_fallible_call_may_fail(void)
{
  test_faults faults = {0};
  const aside_case c = {0};
  source s = open_source(&c);
  while (test_faults_next(&faults)) { TEST_FAULT(&faults, open_and_read(&s)); }
  CU_ASSERT(faults.failed >= 10);
  close_source(&s);
}

TESTS({"records are those of the data, and then regular bounds of time",
       records_are_those_of_the_data_and_then_regular_bounds_of_time},
      {"bounds that are not regular end with the data",
       bounds_that_are_not_regular_end_with_the_data},
      {"where nothing changes in time, there is nothing to read",
       where_nothing_changes_in_time_there_is_nothing_to_read},
      {"every fallible call may fail", every_fallible_call_may_fail})
