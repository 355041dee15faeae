/* run_history.h - what a training wrote of itself into metrics.jsonl and timing.jsonl. */
#ifndef MPP_RUN_HISTORY_H
#define MPP_RUN_HISTORY_H

#include <stddef.h>

#include "mpp/field.h"
#include "mpp/options.h"
#include "mpp/status.h"

enum { MPP_HISTORY_DATASETS = 64, MPP_HISTORY_PREDICTORS = 32 };

/* Scores of one dataset in all validations: NRMSE, mean over fields. */
typedef struct mpp_history_scores {
  mpp_name system;
  size_t nhorizons, npredictors;
  long horizon[MPP_LIST_MAX];
  mpp_name predictor[MPP_HISTORY_PREDICTORS]; /* the model is the first */
  double *nrmse;                              /* [npredictors, nhorizons, nvalidations]; owned */
} mpp_history_scores;

/* One dataset in training: the steps that had micro-batches of it. */
typedef struct mpp_history_part {
  mpp_name system;
  size_t count;
  double *step, *loss, *nrmse; /* [count] of room for nsteps; owned */
} mpp_history_part;

typedef struct mpp_run_history {
  size_t nsteps;
  double *step, *loss, *learning_rate; /* [nsteps], owned; NaN where the log has null */
  size_t nparts;                       /* datasets that were trained on, by their numbers */
  mpp_history_part part[MPP_LIST_MAX];
  size_t ntimes;           /* steps of timing.jsonl; 0: there is none */
  double *timed, *samples; /* their numbers, samples a second [ntimes], owned */
  size_t nvalidations, ndatasets;
  size_t room, room_steps; /* while the log is read: nvalidations and nsteps in the end */
  double *validated;       /* steps of validations [nvalidations], owned */
  mpp_history_scores *dataset;
} mpp_run_history;

/* Reads FOLDER/metrics.jsonl, and timing.jsonl where it is; lines that are no objects, or cut
 * short, are left out. *h is zeroed first; free it in any case. MPP_ERR_NOINPUT: no such file.
 * MPP_ERR_DATA: no steps in it. */
MPP_MUST_CHECK mpp_status mpp_run_history_read(mpp_run_history *h, const char *folder);
void mpp_run_history_free(mpp_run_history *h);

#endif
