/* run_log.h - metrics.jsonl: one JSON object a line, one line a step and one a validation; the
 * schema stands in mpp/train.h. The lines hold no times of day and no speeds, so that the log of a
 * resumed run equals that of an uninterrupted one; speeds go to timing.jsonl, a line a step. On
 * request all of these numbers go to an event file of TensorBoard. A log that cannot be written
 * never stops a training. */
#ifndef MPP_RUN_LOG_H
#define MPP_RUN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "json.h"
#include "line_file.h"
#include "mpp/train.h"

/* Sums over the micro-batches of one dataset. */
typedef struct mpp_run_part {
  size_t count;
  const char *system; /* borrowed */
  double loss, nrmse;
} mpp_run_part;

typedef struct mpp_run_log {
  mpp_line_file metrics, timing;
  bool warned; /* a failure was reported */
  int events;  /* file of TensorBoard; -1: none */
  char events_path[MPP_TEXT_MAX + 64];
  mpp_run_part part[MPP_LIST_MAX];    /* of the step under way, by dataset */
  const mpp_train_observer *observer; /* borrowed; may be NULL */
} mpp_run_log;

/* A new, empty log in two files. Never fails: what goes wrong is told to the observer, once. */
void mpp_run_log_create(mpp_run_log *log, const char *metrics, const char *timing,
                        const mpp_train_observer *observer);

/* Goes on with a log after step `step`: lines of later steps, validations after step `validated`
 * and a line that was cut short are removed. */
void mpp_run_log_resume(mpp_run_log *log, const char *metrics, const char *timing, uint64_t step,
                        uint64_t validated, const mpp_train_observer *observer);

/* Writes the same to the event file `path` from now on, too; `resume` goes on with one, as
 * above. */
void mpp_run_log_events(mpp_run_log *log, const char *path, bool resume, uint64_t step,
                        uint64_t validated);

void mpp_run_log_close(mpp_run_log *log); /* takes a closed one */

/* A micro-batch of the step whose line comes next, of dataset number `dataset`. */
void mpp_run_log_micro(mpp_run_log *log, size_t dataset, const char *system, double loss,
                       double nrmse);
void mpp_run_log_step(mpp_run_log *log, const mpp_train_progress *progress);

void mpp_run_log_validation(mpp_run_log *log, uint64_t step, double score, const mpp_scores *scores,
                            size_t ndatasets);

/* Samples a second of one step. */
double mpp_run_log_speed(const mpp_train_progress *progress);

/* "key": [horizon][field] of one predictor. */
void mpp_run_log_table(mpp_json *j, const char *key, const mpp_scores *s, mpp_predictor p,
                       mpp_metric m);

/* ---- run_events.c: the same as scalars; each does nothing where there is no event file ---- */
void mpp_run_events_step(mpp_run_log *log, const mpp_train_progress *progress);
void mpp_run_events_validation(mpp_run_log *log, uint64_t step, double score,
                               const mpp_scores *scores, size_t ndatasets);
void mpp_run_events_close(mpp_run_log *log);

/* Tells the observer, once. */
void mpp_run_log_warn(mpp_run_log *log, const char *path, const char *cause);

#endif
