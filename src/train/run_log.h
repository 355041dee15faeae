/* run_log.h - metrics.jsonl: one JSON object a line, one line a step and one a validation. The lines
 * hold no times of day and no speeds, so that the log of a resumed run equals that of an
 * uninterrupted one. A log that cannot be written never stops a training. */
#ifndef MPP_RUN_LOG_H
#define MPP_RUN_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "mpp/train.h"

typedef struct mpp_run_log {
  int fd;       /* -1: closed */
  int64_t size; /* bytes of complete lines */
  bool warned;  /* a failure was reported */
  char path[MPP_TEXT_MAX + 64];
  const mpp_train_observer *observer; /* borrowed; may be NULL */
} mpp_run_log;

/* A new, empty log. Never fails: what goes wrong is told to the observer, once. */
void mpp_run_log_create(mpp_run_log *log, const char *path, const mpp_train_observer *observer);

/* Goes on with a log after step `step`: lines of later steps, validations after step `validated`
 * and a line that was cut short are removed. */
void mpp_run_log_resume(mpp_run_log *log, const char *path, uint64_t step, uint64_t validated,
                        const mpp_train_observer *observer);

void mpp_run_log_close(mpp_run_log *log); /* takes a closed one */

/* {"step":..,"loss":..,"nrmse":..,"gradient_norm":..,"learning_rate":..,"skipped":..} */
void mpp_run_log_step(mpp_run_log *log, const mpp_train_progress *progress);

/* {"step":..,"validation":{"score":..,"datasets":[..]}}: per dataset its system, fields, horizons
 * and windows, and per predictor nrmse and vrmse [horizon][field]. */
void mpp_run_log_validation(mpp_run_log *log, uint64_t step, double score, const mpp_scores *scores,
                            size_t ndatasets);

#endif
