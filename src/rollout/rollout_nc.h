/* rollout_nc.h - a forecast as a netCDF file, record by record: whatever kills the writer, every
 * record that has a time is complete, and can be read to continue from. */
#ifndef MPP_ROLLOUT_NC_H
#define MPP_ROLLOUT_NC_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/dataset.h"

/* A global attribute. Those that identify the run must be the same when a file is continued. */
typedef struct mpp_nc_text {
  const char *name, *text;
  bool identifies;
} mpp_nc_text;

typedef struct mpp_rollout_nc_layout {
  const mpp_dataset_info *info; /* fields, units, grid and names of its axes */
  const double *coordinate[3];  /* [grid[a]], cell centres */
  size_t steps;                 /* records to come, for the size of chunks */
  bool has_truth;               /* variables for truth, error and scores */
  bool cf_axis;                 /* attribute `axis` on x and y */
  const mpp_nc_text *text;
  size_t ntexts;
} mpp_rollout_nc_layout;

typedef struct mpp_rollout_nc mpp_rollout_nc;

/* A new file without records under the name `path`, replacing what is there; it appears there
 * complete with all definitions. The caller owns *out. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_create(mpp_rollout_nc **out, const char *path,
                                                const mpp_rollout_nc_layout *layout);

/* Opens a file of `create` for reading; *records counts those that are complete and readable. A
 * file whose writer was killed is not appended to: HDF5's index may name space past the end of the
 * file. Its records go into a new one. MPP_ERR_DATA: damaged, or not of this run. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_open(mpp_rollout_nc **out, size_t *records,
                                              const char *path,
                                              const mpp_rollout_nc_layout *layout);

/* One record. prediction, truth [C, D, H, W] in the memory order of the dataset; nrmse, vrmse [C].
 * truth, nrmse and vrmse are NULL together: stored as missing. */
typedef struct mpp_rollout_record {
  double time;
  const float *prediction, *truth;
  const double *nrmse, *vrmse;
} mpp_rollout_record;

/* MPP_ERR_IO names the file; its complete records stay as they are. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_append(mpp_rollout_nc *w,
                                                const mpp_rollout_record *record);

/* Predictions x [C, D, H, W] of a complete record: the bits that were appended. MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_read(mpp_rollout_nc *w, float *x, size_t record);

/* Renames the open file; what is there is replaced. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_rename(mpp_rollout_nc *w, const char *path);

/* Adds a global attribute. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_note(mpp_rollout_nc *w, const char *name, long value);

/* Closes; frees `w` always. The file stays under its name. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_close(mpp_rollout_nc *w);

/* The same after a failure, whose message it leaves alone; takes NULL. */
void mpp_rollout_nc_abandon(mpp_rollout_nc *w);

#endif
