/* test_fit_ahead.c - bases that the reading thread fits. */
#include "fit_ahead.h"

#include "small_case.h"

enum { T = 4, BATCH = 3, FRAMES = T + 1, POSITIONS = 30 };

static mpp_window_shape shape_of(const mpp_model *m, const mpp_dataset *d)
{
  const mpp_dataset_info *info = mpp_dataset_get_info(d);
  mpp_window_shape s = {.T = T, .B = BATCH, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  memcpy(s.boundary, info->boundary, sizeof s.boundary);
  REQUIRE_OK(mpp_model_columns(m, s.column, info->field, 2));
  return s;
}

static void expect_fits(const mpp_batch *batch, const mpp_model *m, const mpp_window_shape *s)
{
  mpp_window_fit *own[BATCH] = {NULL}, *const *fit = mpp_fit_ahead_of(batch);
  float a[2 * SMALL_CELLS], b[2 * SMALL_CELLS];
  REQUIRE_OK(mpp_predict_fit(own, m, batch->x, s));
  CU_ASSERT_PTR_NOT_NULL_FATAL(fit);
  for (size_t i = 0; i < BATCH; i++) {
    const mpp_window w = {.x = batch->x + i * SMALL_FRAME,
                          .T = T,
                          .C = 2,
                          .stride = (size_t)BATCH * SMALL_FRAME,
                          .grid = {1, SMALL_H, SMALL_W}};
    CU_ASSERT_EQUAL(memcmp(fit[i]->scale, own[i]->scale, sizeof own[i]->scale), 0);
    REQUIRE_OK(mpp_window_fit_next(fit[i], a, &w));
    REQUIRE_OK(mpp_window_fit_next(own[i], b, &w));
    CU_ASSERT_EQUAL(memcmp(a, b, sizeof a), 0);
    mpp_window_fit_destroy(own[i]);
  }
}

/* Some dozens of windows, drawn ninety times: nearly all fits are those of an earlier
 * batch. */
static void windows_drawn_again_keep_their_fits(void)
{
  mpp_source source = {.weight = 1.0};
  mpp_sampler *sampler = NULL;
  mpp_fit_ahead *ahead = NULL;
  mpp_prefetch *p = NULL;
  const long live = mpp_alloc_live();
  small_data(test_path(0, "small.h5"), SMALL_TRAJECTORIES);
  REQUIRE_OK(mpp_dataset_open(&source.dataset, test_path(0, "small.h5"), NULL));
  mpp_model *m = small_model(MPP_MODE_WINDOW, false);
  const mpp_window_shape shape = shape_of(m, source.dataset);
  const mpp_sampling how = {.split = MPP_TRAIN, .frames = FRAMES, .batch = BATCH, .seed = 3};
  REQUIRE_OK(mpp_sampler_create(&sampler, &source, 1, &how));
  REQUIRE_OK(mpp_fit_ahead_create(&ahead, m, &shape));
  const mpp_batch_work work = mpp_fit_ahead_work(ahead);
  REQUIRE_OK(mpp_prefetch_create(&p, sampler, &source, BATCH, FRAMES, 0, 2, &work));
  mpp_window_fit *known[SMALL_TRAJECTORIES][SMALL_FRAMES] = {{NULL}};
  size_t again = 0;
  for (uint64_t position = 0; position < POSITIONS; position++) {
    const mpp_batch *batch = NULL;
    mpp_draw draws[BATCH];
    REQUIRE_OK(mpp_prefetch_next(p, &batch));
    expect_fits(batch, m, &shape);
    mpp_sampler_draw(sampler, draws, position);
    for (size_t b = 0; b < BATCH; b++) {
      mpp_window_fit **at = &known[draws[b].trajectory][draws[b].start];
      mpp_window_fit *fit = mpp_fit_ahead_of(batch)[b];
      bool twice = false; /* in this batch: fitted twice, once kept */
      for (size_t i = 0; i < b; i++) {
        twice = twice ||
                (draws[b].trajectory == draws[i].trajectory && draws[b].start == draws[i].start);
      }
      again += *at == fit;
      CU_ASSERT(*at == NULL || *at == fit || twice);
      *at = *at == NULL ? fit : *at;
    }
  }
  CU_ASSERT(again > POSITIONS);
  mpp_prefetch_destroy(p);
  mpp_fit_ahead_destroy(ahead);
  mpp_sampler_destroy(sampler);
  mpp_dataset_close(source.dataset);
  mpp_model_destroy(m);
  CU_ASSERT_EQUAL(mpp_alloc_live(), live);
}

static void modes_that_keep_nothing_fit_nothing_ahead(void)
{
  mpp_model *m = small_model(MPP_MODE_AUTOREGRESS, false);
  mpp_fit_ahead *ahead = NULL;
  const mpp_batch batch = {.B = 1};
  REQUIRE_OK(mpp_fit_ahead_create(&ahead, m, NULL));
  CU_ASSERT(mpp_fit_ahead_work(ahead).make == NULL);
  CU_ASSERT_PTR_NULL(mpp_fit_ahead_of(&batch));
  mpp_fit_ahead_destroy(ahead);
  mpp_fit_ahead_destroy(NULL);
  mpp_model_destroy(m);
}

/* In the work itself, on one thread: what was made before a failure is freed. */
static void every_allocation_may_fail(void)
{
  static float x[FRAMES * BATCH * SMALL_FRAME];
  static const mpp_draw draws[BATCH] = {{0, 0, 1, 1}, {0, 0, 2, 1}, {0, 0, 1, 1}};
  mpp_model *m = small_model(MPP_MODE_WINDOW, false);
  mpp_window_shape shape = {.T = T, .B = BATCH, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  shape.column[1] = 1;
  test_fill(x, sizeof x / sizeof *x, 4);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_fit_ahead *ahead = NULL;
    mpp_batch batch = {.B = BATCH, .C = 2, .frames = FRAMES, .x = x};
    REQUIRE_OK(mpp_fit_ahead_create(&ahead, m, &shape));
    const mpp_batch_work work = mpp_fit_ahead_work(ahead);
    const mpp_status st = TEST_FAULT(&faults, work.make(work.context, &batch, draws));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
    work.release(work.context, &batch);
    mpp_fit_ahead_destroy(ahead);
  }
  mpp_model_destroy(m);
}

TESTS({"windows drawn again keep their fits", windows_drawn_again_keep_their_fits},
      {"modes that keep nothing fit nothing ahead", modes_that_keep_nothing_fit_nothing_ahead},
      {"every allocation may fail", every_allocation_may_fail})
