/* test_prefetch.c - the thread that reads ahead. */
#include <unistd.h>

#include "batch.h"
#include "pdebench.h"

enum { FRAMES = 3, BATCH = 2 };

typedef struct stream {
  mpp_source source[2];
  mpp_sampler *sampler;
} stream;

static stream open_stream(const char *second)
{
  stream s = {0};
  REQUIRE_OK(mpp_dataset_open(&s.source[0].dataset, FIXTURE("groups_swe.h5"), NULL));
  REQUIRE_OK(mpp_dataset_open(&s.source[1].dataset, second, NULL));
  s.source[0].weight = s.source[1].weight = 1.0;
  const mpp_sampling how = {.split = MPP_TRAIN, .frames = FRAMES, .batch = BATCH, .seed = 5};
  REQUIRE_OK(mpp_sampler_create(&s.sampler, s.source, 2, &how));
  return s;
}

static void close_stream(stream *s)
{
  mpp_sampler_destroy(s->sampler);
  mpp_dataset_close(s->source[0].dataset);
  mpp_dataset_close(s->source[1].dataset);
}

/* Holds a batch at what is read anew for its position. */
static void expect_batch(const stream *s, const mpp_batch *batch, uint64_t position)
{
  mpp_batch expected = {0};
  mpp_draw draws[BATCH];
  mpp_sampler_draw(s->sampler, draws, position);
  REQUIRE_OK(mpp_batch_read(&expected, &s->source[draws[0].source], draws, BATCH, FRAMES));
  CU_ASSERT(batch->position == position && batch->source == draws[0].source);
  CU_ASSERT_EQUAL_FATAL(batch->C, expected.C);
  CU_ASSERT_EQUAL(entries_different(batch->x, expected.x, (size_t)FRAMES * BATCH * expected.C * 30),
                  0);
  mpp_batch_free(&expected);
}

static void expect_stream(const stream *s, size_t depth)
{
  mpp_prefetch *p = NULL;
  REQUIRE_OK(mpp_prefetch_create(&p, s->sampler, s->source, BATCH, FRAMES, 100, depth, NULL));
  for (uint64_t position = 100; position < 140; position++) {
    const mpp_batch *batch = NULL;
    REQUIRE_OK(mpp_prefetch_next(p, &batch));
    expect_batch(s, batch, position);
  }
  CU_ASSERT(mpp_prefetch_waited(p) > 0.0);
  mpp_prefetch_destroy(p);
}

static void batches_come_in_order_and_are_those_of_the_stream(void)
{
  stream s = open_stream(FIXTURE("groups_diffre2d.h5"));
  expect_stream(&s, 1);
  expect_stream(&s, 2);
  expect_stream(&s, 7);
  close_stream(&s);
}

/* The batch that was lent must not be filled again while the thread reads on. */
static void a_lent_batch_stays_as_it_is_until_the_next_call(void)
{
  stream s = open_stream(FIXTURE("groups_diffre2d.h5"));
  mpp_prefetch *p = NULL;
  REQUIRE_OK(mpp_prefetch_create(&p, s.sampler, s.source, BATCH, FRAMES, 0, 1, NULL));
  for (uint64_t position = 0; position < 10; position++) {
    const mpp_batch *batch = NULL;
    REQUIRE_OK(mpp_prefetch_next(p, &batch));
    const size_t n = (size_t)FRAMES * BATCH * batch->C * 30;
    float copy[FRAMES * BATCH * 2 * 30];
    memcpy(copy, batch->x, n * sizeof copy[0]);
    usleep(2000); /* time to do wrong; right code passes whatever the thread does in it */
    CU_ASSERT_EQUAL(entries_different(copy, batch->x, n), 0);
    CU_ASSERT_EQUAL(batch->position, position);
  }
  mpp_prefetch_destroy(p);
  close_stream(&s);
}

static void take_and_destroy(const stream *s, int taken, useconds_t wait)
{
  mpp_prefetch *p = NULL;
  const mpp_batch *batch = NULL;
  REQUIRE_OK(mpp_prefetch_create(&p, s->sampler, s->source, BATCH, FRAMES, 0, 2, NULL));
  for (int i = 0; i < taken; i++) { REQUIRE_OK(mpp_prefetch_next(p, &batch)); }
  usleep(wait);
  mpp_prefetch_destroy(p);
}

static void it_is_destroyed_in_any_state(void)
{
  stream s = open_stream(FIXTURE("groups_diffre2d.h5"));
  for (int taken = 0; taken < 8; taken++) {
    take_and_destroy(&s, taken, 0);
    take_and_destroy(&s, taken, 5000); /* when the ring is full */
  }
  mpp_prefetch_destroy(NULL);
  close_stream(&s);
}

static void an_error_comes_back_after_the_batches_before_it(void)
{
  stream s = open_stream(FIXTURE("bad_nan.h5")); /* trajectory 1 has a NaN in frame 2 */
  mpp_prefetch *p = NULL;
  const mpp_batch *batch = NULL;
  mpp_status st = MPP_OK;
  uint64_t first_bad = 0;
  for (bool good = true; good; first_bad += good) {
    mpp_draw draws[BATCH];
    mpp_sampler_draw(s.sampler, draws, first_bad);
    for (int b = 0; b < BATCH; b++) { /* two starts, 0 and 1: each window has frame 2 */
      good = good && (draws[b].source != 1 || draws[b].trajectory != 1);
    }
  }
  REQUIRE_OK(mpp_prefetch_create(&p, s.sampler, s.source, BATCH, FRAMES, 0, 3, NULL));
  uint64_t read = 0;
  while ((st = mpp_prefetch_next(p, &batch)) == MPP_OK && read < 1000) {
    CU_ASSERT_EQUAL(batch->position, read);
    read++;
  }
  CU_ASSERT_EQUAL(read, first_bad);
  CU_ASSERT_EQUAL(st, MPP_ERR_DATA);
  ASSERT_MESSAGE("bad_nan.h5: 0001/data: trajectory 1, frame 2");
  ASSERT_STATUS(mpp_dataset_read(s.source[0].dataset, NULL, 99, 0, 1), MPP_ERR_USAGE);
  CU_ASSERT_EQUAL(mpp_prefetch_next(p, &batch), MPP_ERR_DATA); /* and again, with its text */
  ASSERT_MESSAGE("bad_nan.h5: 0001/data: trajectory 1, frame 2");
  mpp_prefetch_destroy(p);
  close_stream(&s);
}

static void memory_on_the_way_is_bounded(void)
{
  stream s = open_stream(FIXTURE("groups_diffre2d.h5")); /* 6 x 5 cells, one field and two */
  enum { SMALL = FRAMES * 30 * sizeof(float), LARGE = 2 * SMALL };
  /* four slots of a batch, a window that is laid out, and a buffer for each file */
  CU_ASSERT_EQUAL(mpp_prefetch_bytes(s.source, 2, BATCH, FRAMES, 3),
                  (4 * BATCH + 1) * LARGE + SMALL + LARGE);
  CU_ASSERT_EQUAL(mpp_prefetch_bytes(s.source, 1, 1, FRAMES, 2), 3 * SMALL + SMALL);
  close_stream(&s);
}

static void creation_may_fail_at_each_call(void)
{
  stream s = open_stream(FIXTURE("groups_diffre2d.h5"));
  for (long n = 0; n < 4;
       n++) { /* three allocations and the thread, which makes calls of its own */
    mpp_prefetch *p = NULL;
    const long before = mpp_alloc_live();
    mpp_fault_after(n);
    ASSERT_STATUS(mpp_prefetch_create(&p, s.sampler, s.source, BATCH, FRAMES, 0, 2, NULL),
                  MPP_ERR_NOMEM);
    mpp_fault_after(-1);
    CU_ASSERT_PTR_NULL(p);
    CU_ASSERT_EQUAL(mpp_alloc_live(), before);
  }
  close_stream(&s);
}

TESTS({"batches come in order and are those of the stream",
       batches_come_in_order_and_are_those_of_the_stream},
      {"a lent batch stays as it is until the next call",
       a_lent_batch_stays_as_it_is_until_the_next_call},
      {"it is destroyed in any state", it_is_destroyed_in_any_state},
      {"an error comes back after the batches before it",
       an_error_comes_back_after_the_batches_before_it},
      {"memory on the way is bounded", memory_on_the_way_is_bounded},
      {"creation may fail at each call", creation_may_fail_at_each_call})
