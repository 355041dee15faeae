/* test_run_log.c - metrics.jsonl: its lines, numbers that are none, what a resumed run keeps. */
#include "run_log.h"

#include <unistd.h>

#include "file.h"
#include "test.h"

static int messages;
static char last_message[2048];

static void count_message(void *context, const char *text)
{
  (void)context;
  messages++;
  snprintf(last_message, sizeof last_message, "%s", text);
}

static const mpp_train_observer observer = {.message = count_message};

static void put_step(mpp_run_log *log, uint64_t step, double loss)
{
  const mpp_train_progress p = {.step = step,
                                .steps = 9,
                                .loss = loss,
                                .nrmse = 0.5,
                                .gradient_norm = 2.5,
                                .learning_rate = 0.25,
                                .samples = 8,
                                .step_time = 0.5,
                                .data_time = 0.125};
  mpp_run_log_step(log, &p);
}

/* Two fields, one horizon; the model's second field scores infinity. */
static void put_validation(mpp_run_log *log, uint64_t step)
{
  enum { ENTRIES = MPP_PREDICTORS * 2 };
  mpp_score score[ENTRIES];
  for (size_t i = 0; i < ENTRIES; i++) { score[i] = (mpp_score){0.5, 0.25}; }
  score[1].nrmse = INFINITY;
  const mpp_scores s = {.system = "lab",
                        .nfields = 2,
                        .nhorizons = 1,
                        .nwindows = 3,
                        .field = {"lab:a", "lab:b"},
                        .horizon = {5},
                        .score = score};
  mpp_run_log_validation(log, step, 1.5, &s, 1);
}

static char *read_all(const char *path)
{
  char *text = NULL;
  size_t size = 0;
  REQUIRE_OK(mpp_read_text(&text, &size, path, 1 << 20));
  return text;
}

static void a_line_a_step_and_no_nan_in_json(void)
{
  mpp_run_log log;
  const char *path = test_path(0, "metrics.jsonl");
  mpp_run_log_create(&log, path, test_path(2, "timing.jsonl"), &observer);
  mpp_run_log_micro(&log, 0, "swe", 0.5, 0.25);
  mpp_run_log_micro(&log, 2, "lab", 1.5, 0.5);
  mpp_run_log_micro(&log, 2, "lab", 0.5, 1.0);
  put_step(&log, 1, 0.75);
  put_step(&log, 2, NAN);
  mpp_run_log_close(&log);
  char *text = read_all(path);
  CU_ASSERT_STRING_EQUAL(text, "{\"step\":1,\"loss\":0.75,\"nrmse\":0.5,\"gradient_norm\":2.5,"
                               "\"learning_rate\":0.25,\"skipped\":0,\"datasets\":["
                               "{\"dataset\":0,\"system\":\"swe\",\"micro_batches\":1,"
                               "\"loss\":0.5,\"nrmse\":0.25},"
                               "{\"dataset\":2,\"system\":\"lab\",\"micro_batches\":2,"
                               "\"loss\":1,\"nrmse\":0.75}]}\n"
                               "{\"step\":2,\"loss\":null,\"nrmse\":0.5,\"gradient_norm\":2.5,"
                               "\"learning_rate\":0.25,\"skipped\":0,"
                               "\"nonfinite\":[\"loss\"],\"datasets\":[]}\n");
  mpp_free(text);
}

static void times_have_a_file_of_their_own(void)
{
  mpp_run_log log;
  const char *path = test_path(0, "metrics.jsonl"), *timing = test_path(2, "timing.jsonl");
  mpp_run_log_create(&log, path, timing, &observer);
  put_step(&log, 1, 0.75);
  put_validation(&log, 1);
  put_step(&log, 2, 0.75);
  mpp_run_log_close(&log);
  mpp_run_log_resume(&log, path, timing, 1, 1, &observer);
  put_step(&log, 2, 0.5);
  mpp_run_log_close(&log);
  char *text = read_all(timing);
  CU_ASSERT_STRING_EQUAL(text, "{\"step\":1,\"step_time\":0.5,\"data_time\":0.125,"
                               "\"samples_per_second\":16}\n"
                               "{\"step\":2,\"step_time\":0.5,\"data_time\":0.125,"
                               "\"samples_per_second\":16}\n");
  mpp_free(text);
  mpp_run_log_create(&log, path, test_path(1, "no/such/timing.jsonl"), &observer);
  put_step(&log, 1, 0.5); /* the other one is written */
  mpp_run_log_close(&log);
  text = read_all(path);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"loss\":0.5"));
  mpp_free(text);
}

static void a_validation_holds_all_numbers(void)
{
  mpp_run_log log;
  const char *path = test_path(0, "metrics.jsonl");
  mpp_run_log_create(&log, path, test_path(2, "timing.jsonl"), &observer);
  put_validation(&log, 4);
  mpp_run_log_close(&log);
  char *text = read_all(path);
  CU_ASSERT_STRING_EQUAL(
      text, "{\"step\":4,\"validation\":{\"score\":1.5,\"datasets\":[{\"system\":\"lab\","
            "\"windows\":3,\"fields\":[\"lab:a\",\"lab:b\"],\"horizons\":[5],"
            "\"model\":{\"nrmse\":[[0.5,null]],\"vrmse\":[[0.25,0.25]]},"
            "\"persistence\":{\"nrmse\":[[0.5,0.5]],\"vrmse\":[[0.25,0.25]]},"
            "\"linear\":{\"nrmse\":[[0.5,0.5]],\"vrmse\":[[0.25,0.25]]},"
            "\"quadratic\":{\"nrmse\":[[0.5,0.5]],\"vrmse\":[[0.25,0.25]]},"
            "\"backtest\":{\"nrmse\":[[0.5,0.5]],\"vrmse\":[[0.25,0.25]]},"
            "\"autoregression\":{\"nrmse\":[[0.5,0.5]],\"vrmse\":[[0.25,0.25]]}}]},"
            "\"nonfinite\":[\"lab.model\"]}\n");
  mpp_free(text);
}

/* Steps 1..4 with a validation after 2 and 4, then a line that a kill cut short. */
static void write_killed_log(const char *path)
{
  mpp_run_log log;
  mpp_run_log_create(&log, path, test_path(2, "timing.jsonl"), &observer);
  for (uint64_t step = 1; step <= 4; step++) {
    put_step(&log, step, 1.0);
    if (step % 2 == 0) {
      put_validation(&log, step);
    }
  }
  if (write(log.metrics.fd, "{\"step\":5,\"lo", 13) != 13) {
    CU_FAIL("write");
  }
  mpp_run_log_close(&log);
}

static size_t count_lines(const char *text)
{
  size_t lines = 0;
  for (; *text != '\0'; text++) { lines += *text == '\n'; }
  return lines;
}

static void resuming_leaves_what_the_checkpoint_knows(void)
{
  static const struct {
    uint64_t step, validated;
    size_t lines;
  } cases[] = {{4, 4, 6}, {4, 2, 5}, {3, 2, 4}, {2, 2, 3}, {2, 0, 2}, {0, 0, 0}};
  const char *path = test_path(0, "metrics.jsonl");
  mpp_run_log log;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    write_killed_log(path);
    mpp_run_log_resume(&log, path, test_path(2, "timing.jsonl"), cases[i].step, cases[i].validated,
                       &observer);
    mpp_run_log_close(&log);
    char *text = read_all(path);
    CU_ASSERT_EQUAL(count_lines(text), cases[i].lines);
    CU_ASSERT(text[0] == '\0' || text[strlen(text) - 1] == '\n');
    mpp_free(text);
  }
}

static void a_resumed_log_equals_one_that_was_never_interrupted(void)
{
  const char *whole = test_path(0, "whole.jsonl"), *path = test_path(1, "metrics.jsonl");
  mpp_run_log log;
  write_killed_log(whole);
  mpp_run_log_resume(&log, whole, test_path(2, "timing.jsonl"), 4, 4,
                     &observer); /* takes the broken line away */
  mpp_run_log_close(&log);
  write_killed_log(path);
  mpp_run_log_resume(&log, path, test_path(2, "timing.jsonl"), 3, 2, &observer);
  put_step(&log, 4, 1.0);
  put_validation(&log, 4);
  mpp_run_log_close(&log);
  char *a = read_all(whole), *b = read_all(path);
  CU_ASSERT_STRING_EQUAL(a, b);
  mpp_free(a);
  mpp_free(b);
}

static void a_full_disk_is_told_once(void)
{
  mpp_run_log log;
  messages = 0;
  mpp_run_log_create(&log, "/dev/full", "/dev/full", &observer);
  put_step(&log, 1, 1.0);
  put_step(&log, 2, 1.0);
  put_validation(&log, 2);
  mpp_run_log_close(&log);
  CU_ASSERT_EQUAL(messages, 1);
  CU_ASSERT_PTR_NOT_NULL(strstr(last_message, "/dev/full"));
  messages = 0;
  mpp_run_log_create(&log, test_path(0, "no/such/folder.jsonl"),
                     test_path(1, "no/such/timing.jsonl"), &observer);
  put_step(&log, 1, 1.0);
  mpp_run_log_close(&log);
  CU_ASSERT_EQUAL(messages, 1);
}

TESTS({"a line a step and no NaN in JSON", a_line_a_step_and_no_nan_in_json},
      {"times have a file of their own", times_have_a_file_of_their_own},
      {"a validation holds all numbers", a_validation_holds_all_numbers},
      {"resuming leaves what the checkpoint knows", resuming_leaves_what_the_checkpoint_knows},
      {"a resumed log equals one that was never interrupted",
       a_resumed_log_equals_one_that_was_never_interrupted},
      {"a full disk is told once", a_full_disk_is_told_once})
