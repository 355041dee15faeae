/* test_dataset_read.c - windows of trajectories, and what no window can be. */
#include <pthread.h>

#include "pdebench.h"

static void windows_outside_the_data_are_refused(void)
{
  static const size_t windows[][3] = {{3, 0, 1}, {0, 4, 1},        {0, 3, 2},       {0, 0, 5},
                                      {0, 0, 0}, {SIZE_MAX, 0, 1}, {0, 1, SIZE_MAX}};
  mpp_dataset *d = NULL;
  float x = 42.0f;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_swe.h5"), NULL));
  for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
    ASSERT_STATUS(mpp_dataset_read(d, &x, windows[i][0], windows[i][1], windows[i][2]),
                  MPP_ERR_USAGE);
    ASSERT_MESSAGE("groups_swe.h5: ");
  }
  double t = 0.0;
  ASSERT_STATUS(mpp_dataset_times(d, &t, 3), MPP_ERR_USAGE);
  ASSERT_MESSAGE("trajectory 3, expected 0 to 2");
  CU_ASSERT_EQUAL(x, 42.0f);
  mpp_dataset_close(d);
}

static void values_that_are_no_numbers_are_named_and_nothing_is_given(void)
{
  float x[4 * 2 * 30] = {42.0f};
  double t[4] = {42.0};
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("bad_nan.h5"), NULL));
  ASSERT_STATUS(mpp_dataset_read(d, x, 1, 1, 3), MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_nan.h5: 0001/data: trajectory 1, frame 2, field 'diffre2d:inhibitor', cell "
                 "y 3, x 4: found nan, expected a finite number");
  CU_ASSERT_EQUAL(x[0], 42.0f);
  ASSERT_OK(mpp_dataset_read(d, x, 1, 0, 2)); /* the frames before it are good */
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("bad_infinite.h5"), NULL)); /* 1e300, float64 */
  ASSERT_STATUS(mpp_dataset_read(d, x, 0, 0, 1), MPP_ERR_DATA);
  ASSERT_MESSAGE("frame 0, field 'diffre2d:activator', cell y 0, x 1: found inf");
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("bad_nan_times.h5"), NULL));
  ASSERT_STATUS(mpp_dataset_times(d, t, 0), MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_nan_times.h5: times: entry 1: found nan");
  CU_ASSERT_EQUAL(t[0], 42.0);
  mpp_dataset_close(d);
}

static void a_constant_field_is_data(void)
{
  float x[4 * 30];
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("constant.h5"), NULL));
  ASSERT_OK(mpp_dataset_read(d, x, 0, 0, 4));
  for (size_t i = 0; i < 120; i++) { CU_ASSERT_EQUAL(x[i], 1.0f); }
  mpp_dataset_close(d);
}

static void *read_often(void *dataset)
{
  static const size_t order[] = {2, 3, 0, 1};
  size_t wrong = 0;
  for (size_t i = 0; i < 60; i++) {
    float x[2 * 4 * 30];
    const size_t s = i % 3, start = i % 2;
    wrong += mpp_dataset_read(dataset, x, s, start, 2) != MPP_OK ||
             fixture_differences(x, order, 4, s, start, 2, 6, 5) != 0;
  }
  return (void *)wrong;
}

static void several_threads_may_read(void)
{
  pthread_t thread[4];
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("array_periodic.hdf5"), NULL));
  for (int i = 0; i < 4; i++) {
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread[i], NULL, read_often, d), 0);
  }
  for (int i = 0; i < 4; i++) {
    void *wrong = NULL;
    pthread_join(thread[i], &wrong);
    CU_ASSERT_PTR_NULL(wrong);
  }
  mpp_dataset_close(d);
}

TESTS({"windows outside the data are refused", windows_outside_the_data_are_refused},
      {"values that are no numbers are named and nothing is given",
       values_that_are_no_numbers_are_named_and_nothing_is_given},
      {"a constant field is data", a_constant_field_is_data},
      {"several threads may read", several_threads_may_read})
