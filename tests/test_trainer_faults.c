/* test_trainer_faults.c - bad steps, bad input and settings, and every call that may fail. */
#include <signal.h>
#include <sys/wait.h>

#include "test.h"
#include "train_case.h"

static void a_step_with_a_bad_gradient_is_skipped_and_counted(void)
{
  static mpp_train_options o;
  static witness w;
  char *log = NULL;
  size_t size = 0;
  remove_run();
  settings(&o, "run");
  setenv("MPP_FAULT_GRAD", "7:nan,8:inf,10:nan", 1);
  ASSERT_OK(run(&w, &o));
  unsetenv("MPP_FAULT_GRAD");
  CU_ASSERT_EQUAL(w.steps, 30);
  CU_ASSERT_EQUAL(w.skipped, 3);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step 7: skipped"));
  REQUIRE_OK(mpp_read_text(&log, &size, test_path(0, "run/metrics.jsonl"), 1 << 20));
  CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"gradient_norm\":null"));
  CU_ASSERT_PTR_NOT_NULL(strstr(log, "\"skipped\":2,\"nonfinite\":[\"gradient_norm\"]"));
  mpp_free(log);
}

static void three_bad_steps_in_a_row_stop_the_run_and_keep_its_checkpoint(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  reference_run();
  remove_run();
  settings(&o, "run");
  setenv("MPP_FAULT_GRAD", "17:nan,18:-inf,19:nan", 1);
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DIVERGED);
  unsetenv("MPP_FAULT_GRAD");
  ASSERT_MESSAGE("step 19");
  ASSERT_MESSAGE("step-00000015.safetensors");
  CU_ASSERT_EQUAL(w.steps, 19);
  CU_ASSERT(!exists("run/final.safetensors"));
  o.resume = true; /* without the fault: as if nothing had been */
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 15);
  assert_equals_reference();
}

static void a_folder_holds_one_run_at_a_time(void)
{
  static mpp_train_options o;
  static witness w;
  mpp_lock lock = {.fd = -1};
  remove_run();
  settings(&o, "run");
  o.steps = 2;
  ASSERT_OK(run(&w, &o));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("holds a run already");
  CU_ASSERT(exists("run/final.safetensors"));
  o.overwrite = true;
  o.steps = 1;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT(!exists("run/step-00000002.safetensors"));
  REQUIRE_OK(mpp_lock_take(&lock, test_path(1, "run/lock")));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("process");
  mpp_lock_release(&lock);
  CU_ASSERT(exists("run/step-00000001.safetensors"));
}

static void bad_input_leaves_an_earlier_run_alone(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.steps = 1;
  ASSERT_OK(run(&w, &o));
  o.overwrite = true;
  o.patch = (mpp_int_list){2, {4, 4}}; /* 8 x 8 cells are no multiple of 16 */
  ASSERT_STATUS(run(&w, &o), MPP_ERR_DATA);
  ASSERT_MESSAGE("swe.h5");
  o.patch = (mpp_int_list){2, {2, 2}};
  snprintf(o.data[1].path, sizeof o.data[1].path, "%s", test_path(1, "nowhere.h5"));
  ASSERT_STATUS(run(&w, &o), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("nowhere.h5");
  CU_ASSERT(exists("run/final.safetensors"));
}

static void settings_that_cannot_be_are_refused(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.min_learning_rate = 1.0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("min-learning-rate");
  settings(&o, "run");
  o.ndata = 0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  settings(&o, "run");
  o.resume = o.overwrite = true;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  settings(&o, "run");
  o.heads = 3; /* of a width of 16 */
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  CU_ASSERT(!exists("run/config.yaml"));
}

static void a_resumed_run_keeps_its_settings(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  w.stop_at = 3;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  o.resume = true;
  o.learning_rate = 2e-3;
  w.stop_at = 0;
  ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
  ASSERT_MESSAGE("learning-rate: the run has 0.001, found 0.002");
  CU_ASSERT_EQUAL(w.steps, 0);
}

static void no_trajectory_left_for_validation_is_told(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.steps = 2;
  o.train_fraction = 1.0;
  o.valid_fraction = 0.0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.validations, 0);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "swe.h5:swe: no validation"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "no best.safetensors"));
  CU_ASSERT(exists("run/final.safetensors") && !exists("run/best.safetensors"));
}

/* The n-th fallible call fails. The reading thread makes such calls too, so that the n-th is not
 * the same one in every run: what must hold, holds for any. */
static void any_fallible_call_may_fail(void)
{
  static mpp_train_options o;
  static witness w;
  /* Some the run survives: a line of its log, a window read ahead that is not used any more. */
  test_faults faults = {.stride = 11};
  while (test_faults_next(&faults)) {
    mpp_model *m = NULL;
    remove_run();
    settings(&o, "run");
    o.steps = o.blocks = 1;
    const mpp_status st = TEST_FAULT(&faults, run(&w, &o));
    CU_ASSERT(st != MPP_STOPPED && st != MPP_ERR_DIVERGED);
    if (exists("run/step-00000001.safetensors")) { /* whole or not there */
      ASSERT_OK(mpp_model_load(&m, test_path(0, "run/step-00000001.safetensors")));
      mpp_model_destroy(m);
    }
  }
  CU_ASSERT(faults.failed > 100);
}

TESTS({"a step with a bad gradient is skipped and counted",
       a_step_with_a_bad_gradient_is_skipped_and_counted},
      {"three bad steps in a row stop the run and keep its checkpoint",
       three_bad_steps_in_a_row_stop_the_run_and_keep_its_checkpoint},
      {"a folder holds one run at a time", a_folder_holds_one_run_at_a_time},
      {"bad input leaves an earlier run alone", bad_input_leaves_an_earlier_run_alone},
      {"settings that cannot be are refused", settings_that_cannot_be_are_refused},
      {"a resumed run keeps its settings", a_resumed_run_keeps_its_settings},
      {"no trajectory left for validation is told", no_trajectory_left_for_validation_is_told},
      {"any fallible call may fail", any_fallible_call_may_fail})
