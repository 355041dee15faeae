/* run_environment.h - environment.jsonl: under what a run was started, and each time that it went
 * on; one JSON object a line. */
#ifndef MPP_RUN_ENVIRONMENT_H
#define MPP_RUN_ENVIRONMENT_H

#include <stdint.h>

#include "mpp/train.h"

/* Appends a line to the file `path`: time, versions, commit, command, seed, step, threads, host,
 * processor, memory, working folder, and the variables that set threads, files and jobs. A line
 * that cannot be written never stops a training: the observer is told. */
void mpp_run_environment_add(const char *path, const char *command,
                             const mpp_train_options *options, uint64_t step,
                             const mpp_train_observer *observer);

#endif
