/* test_solver_training.c - whole runs on a solver beside a file: the same bits however they are
 * cut, timed and threaded. */
#include "test.h"
#include "train_case.h"

#define SOLVER \
  "solver:diffusion-reaction,resolution=8,frames=8,horizon=0.4,pool=3,reuse=7,held-out=2"

static void solver_settings(mpp_train_options *o, const char *more)
{
  settings(o, "run");
  o->steps = 12;
  o->checkpoint_every = 6;
  o->validate_every = 6;
  o->horizons = (mpp_int_list){.count = 2, .item = {1, 2}};
  snprintf(o->data[1].path, sizeof o->data[1].path, SOLVER "%s", more);
}

/* The run in one go, moved to "streamed". */
static void streamed_run(void)
{
  static bool done;
  static mpp_train_options o;
  static witness w;
  if (!done) {
    remove_run();
    solver_settings(&o, "");
    REQUIRE_OK(run(&w, &o));
    CU_ASSERT_EQUAL(w.datasets, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "3 to draw from, 2 held out, in at most"));
    CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "streamed")), 0);
    done = true;
  }
}

static void stopped_and_resumed_gives_the_bits_of_one_go(void)
{
  static const char *const kept[] = {"final.safetensors", "best.safetensors", "metrics.jsonl",
                                     "step-00000012.safetensors", "config.yaml"};
  static mpp_train_options o;
  static witness w;
  streamed_run();
  remove_run();
  solver_settings(&o, "");
  w.stop_at = 5;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  o.resume = true;
  w.stop_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 7);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    CU_ASSERT(same_file("streamed", kept[i]));
  }
}

/* Before the first trajectory is there: the run waits for it, and is stopped in that wait. */
static void a_stop_while_a_trajectory_is_computed_loses_nothing(void)
{
  static mpp_train_options o;
  static witness w;
  streamed_run();
  remove_run();
  solver_settings(&o, "");
  mpp_train_request_stop();
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT(w.steps <= 1); /* a batch of the file may come first */
  o.resume = true;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT(same_file("streamed", "final.safetensors"));
  CU_ASSERT(same_file("streamed", "metrics.jsonl"));
  solver_settings(&o, ""); /* nothing but the solver */
  o.overwrite = true;
  o.data[0] = o.data[1];
  o.ndata = 1;
  mpp_train_request_stop();
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  ASSERT_MESSAGE("stopped after step 0 of 12");
  CU_ASSERT_EQUAL(w.steps, 0);
  o.overwrite = false;
  o.resume = true;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 12);
}

static void threads_of_the_solver_do_not_change_a_bit(void)
{
  static mpp_train_options o;
  static witness w;
  streamed_run();
  for (int i = 0; i < 2; i++) {
    remove_run();
    solver_settings(&o, i == 0 ? ",threads=3" : "");
    o.threads = i == 0 ? 1 : 3;
    ASSERT_OK(run(&w, &o));
    CU_ASSERT(same_file("streamed", "metrics.jsonl")); /* losses of all steps, and validations */
  }
  remove_run();
  solver_settings(&o, ",seed=5"); /* another stream */
  ASSERT_OK(run(&w, &o));
  CU_ASSERT(!same_file("streamed", "metrics.jsonl"));
}

static void a_failure_of_the_solver_ends_the_run_with_its_place(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  solver_settings(&o, "");
  snprintf(o.data[1].path, sizeof o.data[1].path,
           "solver:swe,resolution=32,frames=8,inner_height=100,outer_height=0.001");
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("outer_height=0.001: sample ");
  ASSERT_MESSAGE("the solution diverged at t = ");
  ASSERT_MESSAGE("in cell (y ");
}

TESTS({"stopped and resumed gives the bits of one go",
       stopped_and_resumed_gives_the_bits_of_one_go},
      {"a stop while a trajectory is computed loses nothing",
       a_stop_while_a_trajectory_is_computed_loses_nothing},
      {"threads of the solver do not change a bit", threads_of_the_solver_do_not_change_a_bit},
      {"a failure of the solver ends the run with its place",
       a_failure_of_the_solver_ends_the_run_with_its_place})
