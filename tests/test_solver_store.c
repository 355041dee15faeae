/* test_solver_store.c - trajectories computed ahead: the same whatever threads, timing and
 * order. */
#include "solver_store.h"

#include <unistd.h>

#include "stop.h"
#include "test.h"

enum { SIDE = 8, FRAMES = 4, FRAME = 2 * SIDE * SIDE, VALUES = FRAMES * FRAME, HELD = 2 };

static mpp_solver_plan plan_of(const char *spec, size_t samples, size_t pool, size_t threads)
{
  mpp_solver_plan plan = {
      .name = "it", .samples = samples, .held = HELD, .pool = pool, .threads = threads};
  REQUIRE_OK(mpp_pde_parse(&plan.pde, &plan.options, spec));
  return plan;
}

static mpp_solver_plan small_plan(size_t samples, size_t pool, size_t threads)
{
  return plan_of("diffusion-reaction,resolution=8,frames=4,horizon=0.2,seed=3", samples, pool,
                 threads);
}

/* Number of values of frames 1 and 2 that are not those of a sample as mpp generate makes it. */
static size_t differences(mpp_solver_store *s, const mpp_solver_plan *plan, mpp_split split,
                          size_t index, uint64_t sample)
{
  static float read[VALUES], expected[VALUES];
  size_t n = 0;
  REQUIRE_OK(mpp_solver_store_read(s, read, split, index, 1, 2));
  REQUIRE_OK(mpp_pde_trajectory(expected, plan->pde, &plan->options, sample));
  for (size_t i = 0; i < 2 * FRAME; i++) { n += read[i] != expected[FRAME + i]; }
  return n;
}

static void trajectories_are_those_of_mpp_generate(void)
{
  for (size_t threads = 1; threads <= 3; threads++) {
    static mpp_solver_plan plan;
    plan = small_plan(1000, 2, threads);
    mpp_solver_store *s = NULL;
    REQUIRE_OK(mpp_solver_store_create(&s, &plan));
    for (size_t i = 0; i < HELD; i++) { /* validation and tests first: no one else has theirs */
      CU_ASSERT_EQUAL(differences(s, &plan, MPP_VALID, i, i), 0);
      CU_ASSERT_EQUAL(differences(s, &plan, MPP_TEST, i, HELD + i), 0);
    }
    for (size_t i = 0; i < 12; i++) { /* a pool of two that moves on */
      CU_ASSERT_EQUAL(differences(s, &plan, MPP_TRAIN, i / 3 + i % 2, 2 * HELD + i / 3 + i % 2), 0);
    }
    CU_ASSERT(differences(s, &plan, MPP_TRAIN, 7, 2 * HELD + 8) > FRAME);
    mpp_solver_store_destroy(s);
  }
  mpp_solver_store_destroy(NULL);
}

/* Forward, back, far away, past the end and from the beginning again. */
static void any_order_of_reading_is_right(void)
{
  static const size_t order[] = {5, 4, 6, 3, 900, 901, 0, 999, 0, 1, 998, 2, 500, 7, 6, 5};
  static mpp_solver_plan plan;
  mpp_solver_store *s = NULL;
  plan = small_plan(1000, 3, 2);
  REQUIRE_OK(mpp_solver_store_create(&s, &plan));
  for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
    CU_ASSERT_EQUAL(differences(s, &plan, MPP_TRAIN, order[i], 2 * HELD + order[i]), 0);
  }
  mpp_solver_store_destroy(s);
}

/* Fewer samples than places: each is computed once. Five in a ring of three come again. */
static void samples_come_again_as_they_were(void)
{
  for (size_t samples = 1; samples <= 5; samples += 2) {
    static mpp_solver_plan plan;
    mpp_solver_store *s = NULL;
    plan = small_plan(samples, 2, 1);
    REQUIRE_OK(mpp_solver_store_create(&s, &plan));
    for (size_t i = 0; i < 17; i++) {
      CU_ASSERT_EQUAL(differences(s, &plan, MPP_TRAIN, i % samples, 2 * HELD + i % samples), 0);
    }
    const size_t ring = samples < 3 ? samples : 3;
    CU_ASSERT_EQUAL(mpp_solver_store_bytes(s), (ring + HELD) * VALUES * sizeof(float));
    mpp_solver_store_destroy(s);
  }
}

/* Blocks of memory beyond `before`, as soon as they are `expected`: one a trajectory that is kept,
 * and now and then those of a thread that computes. Right code is there soon. */
static long live_blocks(long before, long expected)
{
  long live = mpp_alloc_live() - before;
  for (int i = 0; i < 2000 && live != expected; i++) {
    usleep(10000);
    live = mpp_alloc_live() - before;
  }
  return live;
}

static void memory_does_not_grow_with_what_was_read(void)
{
  static mpp_solver_plan plan;
  static float x[VALUES];
  mpp_solver_store *s = NULL;
  plan = small_plan(1000, 2, 1);
  REQUIRE_OK(mpp_solver_store_create(&s, &plan));
  const long before = mpp_alloc_live();
  for (size_t i = 0; i < 40; i++) {
    REQUIRE_OK(mpp_solver_store_read(s, x, MPP_TRAIN, i, 0, FRAMES));
    REQUIRE_OK(mpp_solver_store_read(s, x, MPP_VALID, i % HELD, 0, FRAMES));
  }
  CU_ASSERT_EQUAL(live_blocks(before, 3 + HELD), 3 + HELD); /* pool, one ahead, held out */
  mpp_solver_store_destroy(s);
}

/* What is ahead of the pool, and what is held out, is there without being asked for. */
static void trajectories_are_computed_before_they_are_asked_for(void)
{
  static mpp_solver_plan plan;
  static float x[VALUES];
  mpp_solver_store *s = NULL;
  plan = small_plan(1000, 3, 2);
  plan.held_in_time = true;
  REQUIRE_OK(mpp_solver_store_create(&s, &plan));
  const long before = mpp_alloc_live();
  REQUIRE_OK(mpp_solver_store_read(s, x, MPP_TRAIN, 0, 0, 1));
  CU_ASSERT_EQUAL(live_blocks(before, 5 + HELD), 5 + HELD); /* pool, two ahead, held out */
  mpp_solver_store_destroy(s);
}

static void a_solution_that_diverges_says_where(void)
{
  static mpp_solver_plan plan;
  static float x[VALUES];
  mpp_solver_store *s = NULL;
  /* a high column in a thin film: Roe's solver leaves a depth below zero beside it */
  plan = plan_of("swe,resolution=32,frames=4,inner_height=100,outer_height=0.001", 1000, 2, 1);
  REQUIRE_OK(mpp_solver_store_create(&s, &plan));
  for (int again = 0; again < 2; again++) {
    ASSERT_STATUS(mpp_solver_store_read(s, x, MPP_TRAIN, 1, 0, 1), MPP_ERR_DIVERGED);
    ASSERT_MESSAGE("it: sample 5: solver");
    ASSERT_MESSAGE("the solution diverged at t = ");
    ASSERT_MESSAGE("in cell (y ");
  }
  mpp_solver_store_destroy(s);
}

static void a_stop_ends_the_wait(void)
{
  static mpp_solver_plan plan;
  static float x[VALUES];
  mpp_solver_store *s = NULL;
  plan = small_plan(1000, 2, 1);
  REQUIRE_OK(mpp_solver_store_create(&s, &plan));
  REQUIRE_OK(mpp_solver_store_read(s, x, MPP_TRAIN, 0, 0, 1));
  mpp_train_request_stop();
  ASSERT_OK(mpp_solver_store_read(s, x, MPP_TRAIN, 0, 0, 1)); /* what is there is there */
  ASSERT_STATUS(mpp_solver_store_read(s, x, MPP_TRAIN, 500, 0, 1), MPP_STOPPED);
  mpp_stop_clear();
  ASSERT_OK(mpp_solver_store_read(s, x, MPP_TRAIN, 500, 0, 1));
  mpp_solver_store_destroy(s);
}

static void creation_may_fail_at_each_call(void)
{
  static mpp_solver_plan plan;
  mpp_solver_store *s = NULL;
  plan = small_plan(1000, 2, 2);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_solver_store_create(&s, &plan));
    CU_ASSERT((st == MPP_OK) == (s != NULL));
    mpp_solver_store_destroy(s);
    s = NULL;
  }
  CU_ASSERT(faults.failed >= 6); /* store, workers, slots, two streams and two threads */
}

TESTS({"trajectories are those of mpp generate", trajectories_are_those_of_mpp_generate},
      {"any order of reading is right", any_order_of_reading_is_right},
      {"samples come again as they were", samples_come_again_as_they_were},
      {"memory does not grow with what was read", memory_does_not_grow_with_what_was_read},
      {"trajectories are computed before they are asked for",
       trajectories_are_computed_before_they_are_asked_for},
      {"a solution that diverges says where", a_solution_that_diverges_says_where},
      {"a stop ends the wait", a_stop_ends_the_wait},
      {"creation may fail at each call", creation_may_fail_at_each_call})
