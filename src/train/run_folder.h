/* run_folder.h - the directory of a run: its files' names, its lock, which checkpoints it has. */
#ifndef MPP_RUN_FOLDER_H
#define MPP_RUN_FOLDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "file.h"

/* TensorBoard takes for its own what has "tfevents" in its name. */
#define MPP_EVENTS_NAME "events.out.tfevents.mpp"

typedef struct mpp_run_folder {
  char path[MPP_PATH_MAX];
  mpp_lock lock;
  int made; /* folders that this run created, the last ones of the path */
} mpp_run_folder;

/* Creates the folder if needed, locks it and removes temporary files of killed runs.
 * MPP_ERR_EXISTS: another process holds it, or it has a run and neither flag is set. */
MPP_MUST_CHECK mpp_status mpp_run_folder_open(mpp_run_folder *folder, const char *path, bool resume,
                                              bool overwrite);
/* Takes a zeroed one. Folders that were created for nothing, the run having been refused, go. */
void mpp_run_folder_close(mpp_run_folder *folder);

/* Path of a file of the folder. */
void mpp_run_folder_file(char out[MPP_PATH_MAX], const mpp_run_folder *folder, const char *name);
/* Path of the checkpoint of a step. */
void mpp_run_folder_checkpoint(char out[MPP_PATH_MAX], const mpp_run_folder *folder, uint64_t step);

/* Steps of the checkpoints, ascending; *steps is owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_run_folder_steps(uint64_t **steps, size_t *count,
                                               const mpp_run_folder *folder);

/* Removes the checkpoints of a step but the last `keep`. */
MPP_MUST_CHECK mpp_status mpp_run_folder_rotate(const mpp_run_folder *folder, size_t keep);

/* Removes everything that a run leaves. */
MPP_MUST_CHECK mpp_status mpp_run_folder_clear(const mpp_run_folder *folder);

#endif
