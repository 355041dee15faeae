/* rollout_log.h - what is told of forecasts while they run, and kept for their summary. */
#ifndef MPP_ROLLOUT_LOG_H
#define MPP_ROLLOUT_LOG_H

#include "cli.h"

/* One file. */
typedef struct rollout_file {
  char *name; /* owned */
  size_t steps, done, violations, by_solver, truth_steps;
  double *last_nrmse; /* [nfields] of the last step with a truth, owned */
} rollout_file;

typedef struct rollout_log {
  bool live;
  size_t nfields;
  size_t nsteps, room; /* steps with a truth; those there is room for */
  double *sum;         /* [room, nfields]: of NRMSE over files, owned */
  size_t *count;       /* [room]: of files, owned */
  size_t nfiles;
  rollout_file *file; /* owned */
  bool out_of_memory;
} rollout_log;

/* The observer of mpp_rollout; its context is a log that was given its number of fields. */
void rollout_log_note(void *context, const mpp_rollout_event *event);
void rollout_log_free(rollout_log *log);

/* Mean over files of the NRMSE of a field at a step (from 1); NaN: not known. field = nfields: the
 * mean over fields. */
double rollout_log_nrmse(const rollout_log *log, size_t step, size_t field);

void rollout_log_print(const rollout_log *log, const mpp_rollout_summary *s);
mpp_status rollout_log_json(const rollout_log *log, const mpp_rollout_options *o,
                            const mpp_rollout_summary *s);

#endif
