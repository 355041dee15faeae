/* test_train_loop.c - the end of a run that no longer gets better. */
#include <signal.h>
#include <sys/wait.h>

#include "test.h"
#include "train_case.h"

/* Validations every two steps of a learning rate that rises until it does harm: the run gets
 * better, then worse. */
static void rising_settings(mpp_train_options *o)
{
  settings(o, "run");
  o->mode = MPP_MODE_FRAME;
  o->steps = 60;
  o->warmup = 60;
  o->learning_rate = 0.3;
  o->validate_every = 2;
  o->checkpoint_every = 5;
  o->patience = 3;
}

static char *metadata(const char *name, const char *key)
{
  mpp_tensor_file *f = NULL;
  char *text = NULL;
  REQUIRE_OK(mpp_tensors_read(&f, test_path(0, name)));
  const char *found = mpp_tensors_meta(f, key);
  CU_ASSERT_PTR_NOT_NULL_FATAL(found);
  REQUIRE_OK(mpp_format(&text, "%s", found));
  mpp_tensors_free(f);
  return text;
}

static uint64_t number(const char *name, const char *key)
{
  char *text = metadata(name, key);
  const uint64_t value = strtoull(text, NULL, 10);
  mpp_free(text);
  return value;
}

static bool same_weights(const char *a_name, const char *b_name)
{
  mpp_model *a = NULL, *b = NULL;
  REQUIRE_OK(mpp_model_load(&a, test_path(0, a_name)));
  REQUIRE_OK(mpp_model_load(&b, test_path(0, b_name)));
  const void *x = a->weights, *y = b->weights;
  const bool same = memcmp(x, y, a->params->total * sizeof(float)) == 0;
  mpp_model_destroy(a);
  mpp_model_destroy(b);
  return same;
}

static uint64_t patient_steps; /* of the whole run, kept as "patient" */

static void patient_run(void)
{
  static mpp_train_options o;
  static witness w;
  if (patient_steps == 0) {
    remove_run();
    rising_settings(&o);
    w.stop_at = 0;
    REQUIRE_OK(run(&w, &o));
    patient_steps = w.steps;
    CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "patient")), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "the run ends early"));
    CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "final.safetensors: saved: the best weights"));
  }
}

static void a_run_ends_when_it_no_longer_gets_better_and_keeps_the_best(void)
{
  char last[64];
  patient_run();
  const uint64_t best = number("patient/best.safetensors", "train_step");
  printf("(best %d, end %d) ", (int)best, (int)patient_steps);
  CU_ASSERT(best > 2 && best % 2 == 0); /* it got better at first: else the test shows little */
  CU_ASSERT_EQUAL(patient_steps, best + 3 * 2);
  CU_ASSERT_EQUAL(number("patient/final.safetensors", "train_step"), best);
  CU_ASSERT(same_weights("patient/final.safetensors", "patient/best.safetensors"));
  snprintf(last, sizeof last, "patient/step-%08d.safetensors", (int)patient_steps);
  CU_ASSERT(!same_weights("patient/final.safetensors", last));
  CU_ASSERT_EQUAL(number(last, "train_stale"), 3);
  CU_ASSERT_EQUAL(number(last, "train_best_step"), best);
}

static void without_patience_the_last_weights_are_final(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  rising_settings(&o);
  o.patience = 0;
  w.stop_at = 0;
  REQUIRE_OK(run(&w, &o));
  CU_ASSERT_EQUAL(w.steps, 60);
  CU_ASSERT(!same_weights("run/final.safetensors", "run/best.safetensors"));
  CU_ASSERT(same_weights("run/final.safetensors", "run/step-00000060.safetensors"));
}

static void assert_equals_patient(uint64_t at)
{
  static const char *const kept[] = {"final.safetensors", "best.safetensors", "metrics.jsonl"};
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    const bool same = same_file("patient", kept[i]);
    if (!same) {
      fprintf(stderr, "\nstopped at step %d: %s differs\n", (int)at, kept[i]);
    }
    CU_ASSERT(same);
  }
}

/* Wherever the run is stopped: before a validation, on one, on that which ends it. */
static void the_patience_survives_every_stop(void)
{
  static mpp_train_options o;
  static witness w;
  patient_run();
  for (uint64_t at = 1; at <= patient_steps; at++) {
    remove_run();
    rising_settings(&o);
    w.stop_at = at;
    ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
    o.resume = true;
    w.stop_at = 0;
    ASSERT_OK(run(&w, &o));
    CU_ASSERT_EQUAL(w.steps, patient_steps - at);
    assert_equals_patient(at);
    ASSERT_OK(run(&w, &o)); /* nothing is left to do */
    CU_ASSERT_EQUAL(w.steps, 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "complete"));
  }
}

static void a_best_model_that_was_damaged_is_told_and_the_last_one_kept(void)
{
  static mpp_train_options o;
  static witness w;
  char last[64];
  patient_run();
  remove_run();
  rising_settings(&o);
  w.stop_at = patient_steps;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL_FATAL(truncate(test_path(0, "run/best.safetensors"), 20000), 0);
  o.resume = true;
  w.stop_at = 0;
  REQUIRE_OK(run(&w, &o));
  CU_ASSERT_PTR_NOT_NULL(strstr(w.messages, "the last weights are the final ones"));
  snprintf(last, sizeof last, "run/step-%08d.safetensors", (int)patient_steps);
  CU_ASSERT(same_weights("run/final.safetensors", last));
}

/* In a child, with one thread: OpenMP's own threads do not outlive a fork. */
static void the_patience_survives_kills(void)
{
  static mpp_train_options o;
  static witness w;
  int how = 0;
  patient_run();
  remove_run();
  rising_settings(&o);
  for (uint64_t at = 4; at <= patient_steps; at += 5) {
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
  w.kill_at = 0;
  ASSERT_OK(run(&w, &o));
  assert_equals_patient(0);
}

/* The best model's score is in the checkpoint: a run that goes on does not take its first
 * validation for the best one and write over best.safetensors. */
static void a_resumed_run_remembers_its_best_model(void)
{
  static mpp_train_options o;
  static witness w;
  remove_run();
  rising_settings(&o);
  o.patience = 0;
  w.stop_at = patient_steps; /* the best is some validations back */
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  const uint64_t best = number("run/best.safetensors", "train_step");
  CU_ASSERT(best + 4 <= patient_steps);
  o.resume = true;
  w.stop_at = patient_steps + 2;
  ASSERT_STATUS(run(&w, &o), MPP_STOPPED);
  CU_ASSERT_EQUAL(number("run/best.safetensors", "train_step"), best);
}

enum { SHORT = 12 }; /* steps, of which the tenth is saved before others */

static void short_settings(mpp_train_options *o)
{
  settings(o, "run");
  o->steps = SHORT;
}

static long fault_after; /* fallible calls after step 9 */

static void see_step_and_fail(void *context, const mpp_train_progress *p)
{
  (void)context;
  if (p->step == 9) {
    mpp_fault_after(fault_after);
  }
}

/* Everything that is called in saving the checkpoint of step 10 fails once: what was saved before
 * stays whole, and the run goes on from there to the same bits. */
static void a_failed_save_leaves_the_checkpoint_before(void)
{
  static mpp_train_options o;
  static witness w;
  static const mpp_train_observer failing = {.step = see_step_and_fail};
  long failed = 0;
  remove_run();
  short_settings(&o);
  w.stop_at = 0;
  REQUIRE_OK(run(&w, &o));
  CU_ASSERT_EQUAL_FATAL(rename(test_path(0, "run"), test_path(1, "whole")), 0);
  for (fault_after = 0; fault_after < 120; fault_after += 3) {
    mpp_model *m = NULL;
    remove_run();
    short_settings(&o);
    const mpp_status st = mpp_pretrain(&o, "mpp pretrain tiny.yaml", &failing);
    mpp_fault_after(-1);
    if (st == MPP_OK) { /* a line of the log, which a run survives */
      continue;
    }
    failed++;
    REQUIRE_OK(mpp_model_load(&m, test_path(0, "run/step-00000005.safetensors")));
    mpp_model_destroy(m);
    o.resume = true;
    w.stop_at = 0;
    REQUIRE_OK(run(&w, &o));
    CU_ASSERT(same_file("whole", "final.safetensors"));
    CU_ASSERT(same_file("whole", "best.safetensors"));
  }
  printf("(%ld failed) ", failed);
  CU_ASSERT(failed > 20);
}

TESTS({"a run ends when it no longer gets better and keeps the best",
       a_run_ends_when_it_no_longer_gets_better_and_keeps_the_best},
      {"without patience the last weights are final", without_patience_the_last_weights_are_final},
      {"the patience survives every stop", the_patience_survives_every_stop},
      {"a best model that was damaged is told and the last one kept",
       a_best_model_that_was_damaged_is_told_and_the_last_one_kept},
      {"the patience survives kills", the_patience_survives_kills},
      {"a resumed run remembers its best model", a_resumed_run_remembers_its_best_model},
      {"a failed save leaves the checkpoint before", a_failed_save_leaves_the_checkpoint_before})
