/* test_trainer.c - whole tiny runs: resumed, killed, stopped, diverged, damaged. */
#include "trainer.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "checkpoint.h"
#include "file.h"
#include "test.h"
#include "tiny_run.h"

/* What an observer saw, and what it does. */
typedef struct witness {
  uint64_t stop_at, kill_at; /* 0: never */
  uint64_t steps, skipped, validations;
  size_t datasets;
  double first_loss, last_loss; /* of the first and last three steps */
  char messages[16384];
} witness;

static void see_step(void *context, const mpp_train_progress *p)
{
  witness *w = context;
  w->steps++;
  w->skipped = p->skipped;
  w->first_loss += p->step <= 3 ? p->loss / 3.0 : 0.0;
  CU_ASSERT(p->learning_rate >= 0.0);
  w->last_loss += p->step + 3 > p->steps ? p->loss / 3.0 : 0.0;
  CU_ASSERT(p->samples_per_second > 0.0 && p->seconds_left >= 0.0);
  if (p->step == w->stop_at) {
    mpp_train_request_stop();
  }
  if (p->step == w->kill_at) {
    raise(SIGKILL);
  }
}

static void see_validation(void *context, uint64_t step, const mpp_scores *scores, size_t ndatasets)
{
  witness *w = context;
  w->validations++;
  w->datasets = ndatasets;
  CU_ASSERT(step > 0 && isfinite(mpp_scores_mean(&scores[0], MPP_BY_PERSISTENCE, 0).nrmse));
}

static void see_message(void *context, const char *text)
{
  witness *w = context;
  const size_t length = strlen(w->messages);
  snprintf(w->messages + length, sizeof w->messages - length, "%s\n", text);
}

static mpp_status run(witness *w, const mpp_train_options *o)
{
  const uint64_t stop_at = w->stop_at, kill_at = w->kill_at;
  const mpp_train_observer observer = {w, see_step, see_validation, see_message};
  *w = (witness){.stop_at = stop_at, .kill_at = kill_at};
  return mpp_pretrain(o, "mpp pretrain tiny.yaml", &observer);
}

/* A fresh pair of datasets once, and settings of a run in folder `name`. */
static void settings(mpp_train_options *o, const char *name)
{
  static bool written;
  char swe[512], diffre2d[512];
  snprintf(swe, sizeof swe, "%s", test_path(0, "swe.h5"));
  snprintf(diffre2d, sizeof diffre2d, "%s", test_path(0, "diffre2d.h5"));
  if (!written) {
    tiny_dataset(swe, 1, 8, 8);
    tiny_dataset(diffre2d, 2, 8, 16);
    written = true;
  }
  tiny_options(o, test_path(0, name), swe, diffre2d);
}

/* The run that all others are held against: 30 steps in one go, moved to "reference". */
static void reference_run(void)
{
  static bool done;
  static mpp_train_options o;
  static witness w;
  if (!done) {
    settings(&o, "run");
    REQUIRE_OK(run(&w, &o));
    CU_ASSERT_EQUAL(w.steps, 30);
    CU_ASSERT_EQUAL(w.validations, 3);
    CU_ASSERT_EQUAL(w.datasets, 2);
    CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "reference")), 0);
    done = true;
  }
}

static void remove_run(void)
{
  char command[600];
  snprintf(command, sizeof command, "rm -rf '%s'", test_path(0, "run"));
  CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* All bytes of a file of "run" are those of the one in folder `other`. */
static bool same_file(const char *other, const char *name)
{
  char path[64];
  char *a = NULL, *b = NULL;
  size_t na = 0, nb = 0;
  snprintf(path, sizeof path, "run/%s", name);
  REQUIRE_OK(mpp_read_text(&a, &na, test_path(0, path), 1 << 24));
  snprintf(path, sizeof path, "%s/%s", other, name);
  REQUIRE_OK(mpp_read_text(&b, &nb, test_path(0, path), 1 << 24));
  const bool same = na == nb && memcmp(a, b, na) == 0;
  if (!same) {
    fprintf(stderr, "\n%s differs (%zu and %zu bytes)\n", name, na, nb);
  }
  mpp_free(a);
  mpp_free(b);
  return same;
}

static void assert_equals_reference(void)
{
  CU_ASSERT(same_file("reference", "final.safetensors"));
  CU_ASSERT(same_file("reference", "best.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000025.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000030.safetensors"));
  CU_ASSERT(same_file("reference", "metrics.jsonl"));
  CU_ASSERT(same_file("reference", "config.yaml"));
}

/* The average and the last weights of a run are the same file. */
static bool same_bytes_as_final(const char *folder)
{
  char path[64];
  char *a = NULL, *b = NULL;
  size_t na = 0, nb = 0;
  snprintf(path, sizeof path, "%s/final.safetensors", folder);
  REQUIRE_OK(mpp_read_text(&a, &na, test_path(0, path), 1 << 24));
  snprintf(path, sizeof path, "%s/ema.safetensors", folder);
  REQUIRE_OK(mpp_read_text(&b, &nb, test_path(0, path), 1 << 24));
  const bool same = na == nb && memcmp(a, b, na) == 0;
  mpp_free(a);
  mpp_free(b);
  return same;
}

static bool exists(const char *name) { return access(test_path(0, name), F_OK) == 0; }

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

/* Settings of a short run that uses all there is of schedules and averages. */
static void settings_of_optimizer(mpp_train_options *o, int optimizer)
{
  settings(o, "run");
  o->optimizer = optimizer;
  o->schedule = optimizer % (MPP_SCHEDULE_RSQRT + 1);
  o->steps = 9;
  o->warmup = 2;
  o->cooldown = 3;
  o->ema = 0.9;
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

/* The n-th fallible call fails. The reading thread makes such calls too, so that the n-th is not the
 * same one in every run: what must hold, holds for any. */
static void any_fallible_call_may_fail(void)
{
  static mpp_train_options o;
  static witness w;
  long n = 0, good = 0, failed = 0;
  /* Some the run survives: a line of its log, a window read ahead that is not used any more. */
  for (; good < 40 && n < 20000; n += 7) {
    mpp_model *m = NULL;
    const long live = mpp_alloc_live();
    remove_run();
    settings(&o, "run");
    o.steps = 1;
    mpp_fault_after(n);
    const mpp_status st = run(&w, &o);
    mpp_fault_after(-1);
    good = st == MPP_OK ? good + 1 : 0;
    failed += st != MPP_OK;
    CU_ASSERT(st != MPP_STOPPED && st != MPP_ERR_DIVERGED);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
    if (exists("run/step-00000001.safetensors")) { /* whole or not there */
      ASSERT_OK(mpp_model_load(&m, test_path(0, "run/step-00000001.safetensors")));
      mpp_model_destroy(m);
    }
  }
  printf("(%ld failed, up to call %ld) ", failed, n);
  CU_ASSERT(failed > 100);
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
      {"the average of the weights is a model", the_average_of_the_weights_is_a_model},
      {"killed and resumed gives the bits of one go", killed_and_resumed_gives_the_bits_of_one_go},
      {"results do not depend on the number of threads",
       results_do_not_depend_on_the_number_of_threads},
      {"a damaged checkpoint is passed over", a_damaged_checkpoint_is_passed_over},
      {"a step with a bad gradient is skipped and counted",
       a_step_with_a_bad_gradient_is_skipped_and_counted},
      {"three bad steps in a row stop the run and keep its checkpoint",
       three_bad_steps_in_a_row_stop_the_run_and_keep_its_checkpoint},
      {"a folder holds one run at a time", a_folder_holds_one_run_at_a_time},
      {"bad input leaves an earlier run alone", bad_input_leaves_an_earlier_run_alone},
      {"settings that cannot be are refused", settings_that_cannot_be_are_refused},
      {"a resumed run keeps its settings", a_resumed_run_keeps_its_settings},
      {"wall time stops after the step", wall_time_stops_after_the_step},
      {"no trajectory left for validation is told", no_trajectory_left_for_validation_is_told},
      {"any fallible call may fail", any_fallible_call_may_fail},
      {"training lowers the loss", training_lowers_the_loss})
