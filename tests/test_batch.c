/* test_batch.c - windows side by side. */
#include "batch.h"

#include "pdebench.h"

static const size_t order[] = {0, 1};

static void windows_lie_side_by_side_frame_by_frame(void)
{
  enum { B = 3, FRAMES = 2, C = 2, H = 6, W = 5, FRAME = C * H * W };
  static const mpp_draw draws[B] = {{4, 2, 0, 1}, {4, 0, 2, 1}, {4, 1, 1, 1}};
  mpp_dataset *d = NULL;
  mpp_batch batch = {.position = 99};
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_diffre2d.h5"), NULL));
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = d}, draws, B, FRAMES));
  CU_ASSERT(batch.source == 4 && batch.frames == FRAMES && batch.B == B && batch.C == C);
  CU_ASSERT(batch.grid[0] == 1 && batch.grid[1] == H && batch.grid[2] == W);
  CU_ASSERT_EQUAL(batch.position, 99);
  for (size_t t = 0; t < FRAMES; t++) {
    for (size_t b = 0; b < B; b++) {
      CU_ASSERT_EQUAL(fixture_differences(batch.x + (t * B + b) * FRAME, order, C,
                                          draws[b].trajectory, draws[b].start + t, 1, H, W),
                      0);
    }
  }
  mpp_batch_free(&batch);
  mpp_dataset_close(d);
}

static void a_window_takes_every_so_many_frames(void)
{
  enum { C = 2, H = 6, W = 5, FRAME = C * H * W };
  static const mpp_draw draws[3] = {{0, 2, 0, 3}, {0, 0, 1, 2}, {0, 1, 2, 1}};
  mpp_dataset *d = NULL;
  mpp_batch batch = {0};
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_diffre2d.h5"), NULL));
  for (size_t B = 1; B <= 3; B += 2) {
    REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = d}, draws, B, 2));
    for (size_t t = 0; t < 2; t++) {
      for (size_t b = 0; b < B; b++) {
        CU_ASSERT_EQUAL(fixture_differences(batch.x + (t * B + b) * FRAME, order, C,
                                            draws[b].trajectory,
                                            draws[b].start + t * draws[b].stride, 1, H, W),
                        0);
      }
    }
  }
  mpp_batch_free(&batch);
  mpp_dataset_close(d);
}

static void the_array_is_kept_and_grows_when_it_must(void)
{
  static const mpp_draw draws[2] = {{0, 0, 0, 1}, {0, 1, 0, 1}};
  mpp_dataset *swe = NULL, *reaction = NULL;
  mpp_batch batch = {0};
  REQUIRE_OK(mpp_dataset_open(&swe, FIXTURE("groups_swe.h5"), NULL));
  REQUIRE_OK(mpp_dataset_open(&reaction, FIXTURE("groups_diffre2d.h5"), NULL));
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = reaction}, draws, 2, 4));
  const float *kept = batch.x;
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = swe}, draws, 1, 3));
  CU_ASSERT_PTR_EQUAL(batch.x, kept);
  CU_ASSERT(batch.C == 1 && batch.B == 1 && batch.frames == 3);
  CU_ASSERT_EQUAL(fixture_differences(batch.x, order, 1, 0, 0, 3, 6, 5), 0);
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = reaction}, draws, 2, 4));
  CU_ASSERT_PTR_EQUAL(batch.x, kept);
  mpp_batch_free(&batch);
  mpp_batch_free(&batch); /* a freed batch is an empty one */
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = swe}, draws, 1, 1));
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = reaction}, draws, 2, 4));
  CU_ASSERT_EQUAL(batch.x[2 * 2 * 30 * 3 + 1], fixture_value(0, 0, 3, 0, 1));
  mpp_batch_free(&batch);
  mpp_dataset_close(swe);
  mpp_dataset_close(reaction);
}

static void a_failure_leaves_the_batch_as_it_was(void)
{
  static const mpp_draw good[2] = {{0, 0, 0, 1}, {0, 0, 1, 1}};
  static const mpp_draw bad[2] = {{1, 0, 0, 1}, {1, 1, 0, 1}};
  mpp_dataset *d = NULL;
  mpp_batch batch = {0};
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("bad_nan.h5"), NULL));
  REQUIRE_OK(mpp_batch_read(&batch, &(mpp_source){.dataset = d}, good, 2, 3));
  ASSERT_STATUS(mpp_batch_read(&batch, &(mpp_source){.dataset = d}, bad, 2, 4), MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_nan.h5: 0001/data: trajectory 1, frame 2, field 'diffre2d:inhibitor', cell "
                 "y 3, x 4: found nan");
  CU_ASSERT(batch.source == 0 && batch.frames == 3 && batch.B == 2);
  mpp_batch_free(&batch);
  mpp_dataset_close(d);
}

static void every_fallible_call_may_fail(void)
{
  static const mpp_draw draws[2] = {{0, 0, 0, 1}, {0, 1, 0, 1}};
  mpp_dataset *d = NULL;
  REQUIRE_OK(mpp_dataset_open(&d, FIXTURE("groups_diffre2d.h5"), NULL));
  test_faults faults = {.kept = 2}; /* buffers of the dataset */
  while (test_faults_next(&faults)) {
    mpp_batch batch = {0};
    const mpp_status st =
        TEST_FAULT(&faults, mpp_batch_read(&batch, &(mpp_source){.dataset = d}, draws, 2, 3));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM || st == MPP_ERR_DATA || st == MPP_ERR_NOINPUT ||
              st == MPP_ERR_INTERNAL);
    mpp_batch_free(&batch);
  }
  CU_ASSERT(faults.failed >= 10);
  mpp_dataset_close(d);
}

TESTS({"windows lie side by side, frame by frame", windows_lie_side_by_side_frame_by_frame},
      {"a window takes every so many frames", a_window_takes_every_so_many_frames},
      {"the array is kept and grows when it must", the_array_is_kept_and_grows_when_it_must},
      {"a failure leaves the batch as it was", a_failure_leaves_the_batch_as_it_was},
      {"every fallible call may fail", every_fallible_call_may_fail})
