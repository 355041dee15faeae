/* train_case.h - a tiny run, what it reports, and the run that others are held against. */
#ifndef TRAIN_CASE_H
#define TRAIN_CASE_H

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "checkpoint.h"
#include "file.h"
#include "tiny_run.h"
#include "trainer.h"

/* What an observer saw, and what it does. */
typedef struct witness {
  uint64_t stop_at, kill_at; /* 0: never */
  uint64_t steps, skipped, validations;
  size_t datasets;
  double first_loss, last_loss; /* of the first and last three steps */
  char messages[16384];
} witness;

static inline void see_step(void *context, const mpp_train_progress *p)
{
  witness *w = context;
  w->steps++;
  w->skipped = p->skipped;
  w->first_loss += p->step <= 3 ? p->loss / 3.0 : 0.0;
  CU_ASSERT(p->learning_rate >= 0.0);
  w->last_loss += p->step + 3 > p->steps ? p->loss / 3.0 : 0.0;
  CU_ASSERT(p->samples_per_second > 0.0 && p->seconds_left >= 0.0);
  CU_ASSERT(p->input_wait > 0.0 && p->input_wait < 1.0);
  if (p->step == w->stop_at) {
    mpp_train_request_stop();
  }
  if (p->step == w->kill_at) {
    raise(SIGKILL);
  }
}

static inline void see_validation(void *context, uint64_t step, const mpp_scores *scores,
                                  size_t ndatasets)
{
  witness *w = context;
  w->validations++;
  w->datasets = ndatasets;
  CU_ASSERT(step > 0 && isfinite(mpp_scores_mean(&scores[0], MPP_BY_PERSISTENCE, 0).nrmse));
}

static inline void see_message(void *context, const char *text)
{
  witness *w = context;
  const size_t length = strlen(w->messages);
  snprintf(w->messages + length, sizeof w->messages - length, "%s\n", text);
}

static inline mpp_status run(witness *w, const mpp_train_options *o)
{
  const uint64_t stop_at = w->stop_at, kill_at = w->kill_at;
  const mpp_train_observer observer = {
      .context = w, .step = see_step, .validation = see_validation, .message = see_message};
  *w = (witness){.stop_at = stop_at, .kill_at = kill_at};
  return mpp_pretrain(o, "mpp pretrain tiny.yaml", &observer);
}

/* A fresh pair of datasets once, and settings of a run in folder `name`. */
static inline void settings(mpp_train_options *o, const char *name)
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
static inline void reference_run(void)
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

static inline void remove_run(void)
{
  char command[600];
  snprintf(command, sizeof command, "rm -rf '%s'", test_path(0, "run"));
  CU_ASSERT_EQUAL_FATAL(system(command), 0);
}

/* All bytes of a file of "run" are those of the one in folder `other`. */
static inline bool same_file(const char *other, const char *name)
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

static inline void assert_equals_reference(void)
{
  CU_ASSERT(same_file("reference", "final.safetensors"));
  CU_ASSERT(same_file("reference", "best.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000025.safetensors"));
  CU_ASSERT(same_file("reference", "step-00000030.safetensors"));
  CU_ASSERT(same_file("reference", "metrics.jsonl"));
  CU_ASSERT(same_file("reference", "config.yaml"));
}

/* The average and the last weights of a run are the same file. */
static inline bool same_bytes_as_final(const char *folder)
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

static inline bool exists(const char *name) { return access(test_path(0, name), F_OK) == 0; }

#endif
