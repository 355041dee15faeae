/* test_trainer.c - whole tiny runs: resumed, killed, stopped, diverged, damaged. */
#include <signal.h>
#include <sys/wait.h>

#include "test.h"
#include "train_case.h"

static void a_run_leaves_its_last_three_checkpoints_and_its_results(void)
{
  mpp_model *m = NULL;
  reference_run();
  CU_ASSERT(!exists("reference/step-00000015.safetensors"));
  CU_ASSERT(exists("reference/step-00000020.safetensors"));
  CU_ASSERT(exists("reference/step-00000030.safetensors"));
  CU_ASSERT(!exists("reference/lock"));
  REQUIRE_OK(mpp_model_load(&m, test_path(0, "reference/best.safetensors")));
  mpp_model_destroy(m);
  REQUIRE_OK(mpp_model_load(&m, test_path(0, "reference/final.safetensors")));
  size_t count = 0;
  const mpp_name *names = mpp_model_vocabulary(m, &count);
  CU_ASSERT_EQUAL(count, 12);
  CU_ASSERT_STRING_EQUAL(names[0], "swe:h");
  CU_ASSERT_STRING_EQUAL(names[1], ""); /* never trained: not in the vocabulary */
  CU_ASSERT_STRING_EQUAL(names[5], "diffre2d:inhibitor");
  CU_ASSERT_EQUAL(mpp_model_get_config(m)->context, 4);
  mpp_model_destroy(m);
}

static void stopped_and_resumed_gives_the_bits_of_one_go(void)
{
  static mpp_train_options o;
  static witness w;
  reference_run();
  remove_run();
  settings(&o, "run");
  w.stop_at = 11;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.steps, 11);
  CU_ASSERT(exists("run/step-00000011.safetensors"));
  CU_ASSERT(!exists("run/final.safetensors"));
  o.resume = true;
  w.stop_at = 20; /* on a step whose validation has to wait for the next piece */
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.validations, 0);
  w.stop_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 10);
  CU_ASSERT_EQUAL(w.validations, 2);
  assert_equals_reference();
  ASSERT_OK(run(&w, &o)); /* nothing is left to do */
  CU_ASSERT_EQUAL(w.steps, 0);
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "complete"));
  assert_equals_reference();
}

/* Settings of a short run that uses all there is of schedules, averages and random draws. */
static void settings_of_optimizer(mpp_train_options *o, int optimizer)
{
  settings(o, "run");
  o->optimizer = optimizer;
  o->schedule = optimizer % (MPP_SCHEDULE_RSQRT + 1);
  o->steps = 9;
  o->warmup = 2;
  o->cooldown = 3;
  o->ema = 0.9;
  o->jitter = true;
  o->frame_stride = (mpp_int_list){.count = 2, .item = {1, 2}};
}

static void every_optimizer_resumes_to_the_bits_of_one_go(void)
{
  static const char *const kept[] = {"final.safetensors", "ema.safetensors", "best.safetensors",
                                     "step-00000009.safetensors", "metrics.jsonl"};
  static mpp_train_options o;
  static witness w;
  for (int k = 0; k <= MPP_OPTIMIZER_SGD; k++) {
    char folder[32];
    snprintf(folder, sizeof folder, "whole%d", k);
    remove_run();
    settings_of_optimizer(&o, k);
    w.stop_at = 0;
    REQUIRE_OK(run(&w, &o));
    CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, folder)), 0);
    w.stop_at = 4;
    ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
    settings_of_optimizer(&o, k); /* rates that are left to the optimizer agree as well */
    o.resume = true;
    o.optimizer = k == MPP_OPTIMIZER_SGD ? MPP_OPTIMIZER_ADAMW : k + 1;
    w.stop_at = 0;
    ASSERT_STATUS(run(&w, &o), MPP_ERR_CONFIG);
    ASSERT_MESSAGE("optimizer: the run has");
    o.optimizer = k;
    ASSERT_OK(run(&w, &o));
    CU_ASSERT_EQUAL(w.steps, 5);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
      CU_ASSERT(same_file(folder, kept[i]));
    }
    CU_ASSERT(!same_bytes_as_final(folder));
  }
}

/* Fits are made ahead by the reading thread and kept; what was kept is not part of a checkpoint. */
static void a_run_on_fitted_bases_resumes_to_the_bits_of_one_go(void)
{
  static const char *const kept[] = {"final.safetensors", "best.safetensors", "metrics.jsonl"};
  static mpp_train_options o;
  static witness w;
  for (int piece = 0; piece < 2; piece++) {
    remove_run();
    settings(&o, "run");
    o.mode = MPP_MODE_WINDOW;
    o.unroll = 2;
    o.noise = 0.01;
    o.steps = 8;
    w.stop_at = piece == 1 ? 3 : 0;
    const mpp_status st = run(&w, &o);
    if (piece == 0) {
      REQUIRE_OK(st);
      CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "fitted")), 0);
    }
  }
  o.resume = true;
  w.stop_at = 0;
  mpp_set_threads(1);
  REQUIRE_OK(run(&w, &o));
  mpp_set_threads(0);
  CU_ASSERT_EQUAL(w.steps, 5);
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    CU_ASSERT(same_file("fitted", kept[i]));
  }
}

static void the_average_of_the_weights_is_a_model(void)
{
  static mpp_train_options o;
  static witness w;
  mpp_model *m = NULL;
  remove_run();
  settings_of_optimizer(&o, MPP_OPTIMIZER_ADAMW);
  REQUIRE_OK(run(&w, &o));
  REQUIRE_OK(mpp_model_load(&m, test_path(0, "run/ema.safetensors")));
  mpp_model_destroy(m);
  o.overwrite = true;
  o.ema = 0.0; /* the average of the run that is replaced goes with it */
  ASSERT_OK(run(&w, &o));
  CU_ASSERT(exists("run/final.safetensors") && !exists("run/ema.safetensors"));
}

/* In a child, with one thread: OpenMP's own threads do not outlive a fork. */
static void killed_and_resumed_gives_the_bits_of_one_go(void)
{
  static mpp_train_options o;
  static witness w;
  int how = 0;
  reference_run();
  remove_run();
  settings(&o, "run");
  for (uint64_t at = 8; at <= 23; at += 15) {
    o.resume = true;
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
      w.kill_at = at;
      const mpp_status st = run(&w, &o);
      _exit(st == MPP_OK ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &how, 0), child);
    CU_ASSERT(WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL);
  }
  /* What a killed writer leaves: gone at the next start. */
  REQUIRE_OK(mpp_write_text(test_path(0, "run/step-00000025.safetensors.tmp-1-1"), "half"));
  w.kill_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 10); /* from the checkpoint of step 20 */
  CU_ASSERT(!exists("run/step-00000025.safetensors.tmp-1-1"));
  assert_equals_reference();
}

static void results_do_not_depend_on_the_number_of_threads(void)
{
  static mpp_train_options o;
  static witness w;
  for (long n = 1; n <= 3; n++) {
    remove_run();
    settings(&o, "run");
    o.steps = 6;
    o.threads = n;
    o.jitter = true;
    ASSERT_OK(run(&w, &o));
    if (n == 1) {
      CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "one")), 0);
    } else {
      CU_ASSERT(same_file("one", "final.safetensors"));
      CU_ASSERT(same_file("one", "step-00000006.safetensors"));
      CU_ASSERT(same_file("one", "metrics.jsonl"));
    }
  }
}

static void a_damaged_checkpoint_is_passed_over(void)
{
  static mpp_train_options o;
  static witness w;
  reference_run();
  remove_run();
  settings(&o, "run");
  w.stop_at = 17;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL_FATAL(truncate(test_path(0, "run/step-00000017.safetensors"), 20000), 0);
  FILE *f = fopen(test_path(0, "run/step-00000015.safetensors"), "r+b");
  CU_ASSERT_FATAL(f != NULL && fseek(f, -1000, SEEK_END) == 0);
  const int byte = fgetc(f);
  CU_ASSERT(fseek(f, -1000, SEEK_END) == 0 && fputc(byte ^ 4, f) != EOF && fclose(f) == 0);
  o.resume = true;
  w.stop_at = 0;
  ASSERT_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 20); /* from step 10 */
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step-00000017.safetensors"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "step-00000015.safetensors"));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "going on after step 10"));
  assert_equals_reference();
}

static void wall_time_stops_after_the_step(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.max_walltime = 1e-9;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(w.steps, 1);
  CU_ASSERT(exists("run/step-00000001.safetensors"));
}

static void training_lowers_the_loss(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  settings(&o, "run");
  o.mode = MPP_MODE_FRAME; /* starts far off, so that little training shows */
  o.learning_rate = 2e-2;
  o.steps = 100;
  o.drop_path = 0.0;
  o.unroll = 1;
  o.noise = 0.0;
  ASSERT_OK(run(&w, &o));
  printf("(%.3g to %.3g) ", w.first_loss, w.last_loss);
  CU_ASSERT(w.last_loss <
            0.6 * w.first_loss); /* measured 0.4: 100 steps of a network of width 16 */
}

TESTS({"a run leaves its last three checkpoints and its results",
       a_run_leaves_its_last_three_checkpoints_and_its_results},
      {"stopped and resumed gives the bits of one go",
       stopped_and_resumed_gives_the_bits_of_one_go},
      {"every optimizer resumes to the bits of one go",
       every_optimizer_resumes_to_the_bits_of_one_go},
      {"a run on fitted bases resumes to the bits of one go",
       a_run_on_fitted_bases_resumes_to_the_bits_of_one_go},
      {"the average of the weights is a model", the_average_of_the_weights_is_a_model},
      {"killed and resumed gives the bits of one go", killed_and_resumed_gives_the_bits_of_one_go},
      {"results do not depend on the number of threads",
       results_do_not_depend_on_the_number_of_threads},
      {"a damaged checkpoint is passed over", a_damaged_checkpoint_is_passed_over},
      {"wall time stops after the step", wall_time_stops_after_the_step},
      {"training lowers the loss", training_lowers_the_loss})
