/* rollout_nc.h - a forecast as a netCDF file, record by record: whatever kills the writer, every
 * record that has a time is complete, and can be read to continue from. */
#ifndef MPP_ROLLOUT_NC_H
#define MPP_ROLLOUT_NC_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/dataset.h"

enum { MPP_NC_SERIES_NAME = 112, MPP_NC_NAME_SIZE = 96 };
typedef char mpp_nc_name[MPP_NC_NAME_SIZE];

/* A global attribute. Those that identify the run must be the same when a file is continued. */
typedef struct mpp_nc_text {
  const char *name, *text;
  bool identifies;
} mpp_nc_text;

/* A number a record: what was watched, or done, at each step. */
typedef struct mpp_nc_series {
  char name[MPP_NC_SERIES_NAME];
  char long_name[128];
  const char *units;
  const char *meanings; /* of the bits or values: CF flag_meanings; NULL: it is a quantity */
  bool bits;            /* with meanings: flag_masks rather than flag_values */
} mpp_nc_series;

typedef struct mpp_rollout_nc_layout {
  const mpp_dataset_info *info; /* fields, units, grid and names of its axes */
  const double *coordinate[3];  /* [grid[a]], cell centres */
  size_t steps;                 /* records to come, for the size of chunks */
  bool has_truth;               /* variables for truth, error and scores */
  bool has_spread;              /* of an ensemble, whose mean is the prediction */
  bool cf_axis;                 /* attribute `axis` on x and y */
  int deflate;                  /* 0 to 9 */
  int digits;                   /* significant decimal digits of fields; 0: all bits */
  const mpp_nc_text *text;
  size_t ntexts;
  const mpp_nc_series *series;
  size_t nseries;
  const struct mpp_style *style; /* look of the input (style.h); NULL: the project's own */
  const double *parameter;       /* [info->nparameters] of the trajectory, or NULL */
} mpp_rollout_nc_layout;

enum { MPP_NC_SERIES_MAX = 96 };

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

/* The same for a file that was opened before and has not changed: its `records` are known. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_open_again(mpp_rollout_nc **out, size_t records,
                                                    const char *path,
                                                    const mpp_rollout_nc_layout *layout);

/* One record. prediction, truth, spread [C, D, H, W] in the memory order of the dataset; nrmse,
 * vrmse [C]. truth, nrmse and vrmse are NULL together: stored as missing. series [nseries]; what is
 * not finite is stored as missing. */
typedef struct mpp_rollout_record {
  double time;
  const float *prediction, *truth, *spread;
  const double *nrmse, *vrmse, *series;
  const double *beside; /* [style->nbeside] of variables of the input, NaN: missing; or NULL */
} mpp_rollout_record;

/* MPP_ERR_IO names the file; its complete records stay as they are. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_append(mpp_rollout_nc *w,
                                                const mpp_rollout_record *record);

/* Predictions x [C, D, H, W] and, unless NULL, series [nseries] (NaN: missing) of a complete
 * record: the bits that were appended. MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_read(mpp_rollout_nc *w, float *x, double *series,
                                              size_t record);

/* Time of a complete record. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_time(mpp_rollout_nc *w, double *time, size_t record);

/* Copies all records into a new file with the same definitions but those of compression. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_copy(const char *to, const char *from,
                                              const mpp_rollout_nc_layout *layout);

/* Renames the open file; what is there is replaced. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_rename(mpp_rollout_nc *w, const char *path);

/* Adds a whole number as a global attribute. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_note(mpp_rollout_nc *w, const char *name, long value);

/* Closes; frees `w` always. The file stays under its name. MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_rollout_nc_close(mpp_rollout_nc *w);

/* The same after a failure, whose message it leaves alone; takes NULL. */
void mpp_rollout_nc_abandon(mpp_rollout_nc *w);

#endif
