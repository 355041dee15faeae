/* rollout_nc_file.h - dimensions, variables and attributes of a forecast file. Private to the
 * writer; the caller holds the HDF5 lock. */
#ifndef MPP_ROLLOUT_NC_FILE_H
#define MPP_ROLLOUT_NC_FILE_H

#include "rollout_nc.h"

typedef enum {
  MPP_NC_PREDICTION,
  MPP_NC_TRUTH,
  MPP_NC_ERROR,
  MPP_NC_SPREAD,
  MPP_NC_NRMSE, /* from here on: a number a record */
  MPP_NC_VRMSE,
  MPP_NC_KINDS
} mpp_nc_kind;
extern const char *const mpp_nc_suffix[MPP_NC_KINDS]; /* "", "_truth", ... */

enum { MPP_NC_NAME_SIZE = 96 };
typedef char mpp_nc_name[MPP_NC_NAME_SIZE];

/* An open file. */
typedef struct mpp_rollout_nc_file {
  int ncid;
  int time, sim_time, variable[MPP_MAX_FIELDS][MPP_NC_KINDS];
  size_t nfields, grid[3], cells;
  size_t ndims, order[3]; /* dimension k + 1 of a field is axis order[k] of the grid */
  bool has[MPP_NC_KINDS]; /* variables of a field */
  size_t nseries;
  int series[MPP_NC_SERIES_MAX];
} mpp_rollout_nc_file;

/* ---- rollout_nc_names.c ---- */

/* Fills all but the ids; names [nfields] of the predictions. */
void mpp_nc_describe(mpp_rollout_nc_file *file, mpp_nc_name *names,
                     const mpp_rollout_nc_layout *layout);
/* Names [nfields] of the variables of predictions. */
void mpp_nc_name_fields(mpp_nc_name *names, const mpp_dataset_info *info);
void mpp_nc_axis_name(mpp_nc_name out, const mpp_dataset_info *info, size_t axis);

/* ---- rollout_nc_define.c ---- */

/* Writes definitions and coordinates, and closes. The file appears under `path` complete. */
MPP_MUST_CHECK mpp_status mpp_nc_define(const char *path, const mpp_rollout_nc_layout *layout);

/* ---- rollout_nc_open.c ---- */

/* MPP_ERR_DATA: damaged, or identifying attributes and shapes are not those of the layout. */
MPP_MUST_CHECK mpp_status mpp_nc_open(mpp_rollout_nc_file *file, const char *path, bool write,
                                      const mpp_rollout_nc_layout *layout);

#endif
