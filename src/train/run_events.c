/* run_events.c - losses and scores as scalars for TensorBoard: train/NAME and time/NAME a step;
 * validation/score, and validation/SYSTEM/NAME for each predictor and horizon a validation. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"
#include "run_log.h"
#include "tfevents.h"

static const char late[] = "validation/";

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void mpp_run_log_events(mpp_run_log *log, const char *path, bool resume, uint64_t step,
                        uint64_t validated)
{
  snprintf(log->events_path, sizeof log->events_path, "%s", path);
  /* A run that was begun without them has none to go on with. */
  if (resume && mpp_tfevents_resume(&log->events, path, step, late, validated) == MPP_OK) {
    return;
  }
  if (mpp_tfevents_create(&log->events, path, now()) != MPP_OK) {
    log->events = -1;
    mpp_run_log_warn(log, path, "cannot be written");
  }
}

void mpp_run_events_close(mpp_run_log *log)
{
  if (log->events > 0) {
    close(log->events);
  }
  log->events = -1;
}

static void append(mpp_run_log *log, uint64_t step, const mpp_scalar *scalars, size_t count)
{
  if (mpp_tfevents_append(log->events, log->events_path, now(), step, scalars, count) != MPP_OK) {
    mpp_run_log_warn(log, log->events_path, "cannot be written");
  }
}

void mpp_run_events_step(mpp_run_log *log, const mpp_train_progress *p)
{
  mpp_scalar scalars[8 + MPP_LIST_MAX] = {{"train/loss", p->loss},
                                          {"train/nrmse", p->nrmse},
                                          {"train/gradient_norm", p->gradient_norm},
                                          {"train/learning_rate", p->learning_rate},
                                          {"train/skipped", (double)p->skipped},
                                          {"time/step_time", p->step_time},
                                          {"time/data_time", p->data_time},
                                          {"time/samples_per_second", mpp_run_log_speed(p)}};
  size_t count = 8;
  if (log->events <= 0) {
    return;
  }
  for (size_t i = 0; i < MPP_LIST_MAX; i++) {
    const mpp_run_part *part = &log->part[i];
    if (part->count > 0) {
      mpp_scalar *s = &scalars[count++];
      snprintf(s->tag, sizeof s->tag, "train/loss/%zu-%.100s", i, part->system);
      s->value = part->loss / (double)part->count;
    }
  }
  append(log, p->step, scalars, count);
}

void mpp_run_events_validation(mpp_run_log *log, uint64_t step, double score,
                               const mpp_scores *scores, size_t ndatasets)
{
  mpp_scalar *scalars = NULL;
  size_t count = 1, most = 1;
  if (log->events <= 0) {
    return;
  }
  for (size_t d = 0; d < ndatasets; d++) { most += MPP_PREDICTORS * scores[d].nhorizons; }
  if (MPP_ALLOC(&scalars, most) != MPP_OK) {
    mpp_run_log_warn(log, log->events_path, "out of memory");
    return;
  }
  scalars[0] = (mpp_scalar){"validation/score", score};
  for (size_t d = 0; d < ndatasets; d++) {
    for (mpp_predictor p = 0; p < mpp_scores_end(&scores[d]); p++) {
      for (size_t h = 0; h < scores[d].nhorizons; h++) {
        mpp_scalar *s = &scalars[count++];
        snprintf(s->tag, sizeof s->tag, "%s%zu-%.60s/nrmse_%ld/%s", late, d, scores[d].system,
                 scores[d].horizon[h], mpp_predictor_name(p));
        s->value = mpp_scores_mean(&scores[d], p, h).nrmse;
      }
    }
  }
  append(log, step, scalars, count);
  mpp_free(scalars);
}
