/* convert.h - data of any origin written in a published layout, which its published readers
 * take. */
#ifndef MPP_CONVERT_H
#define MPP_CONVERT_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/dataset.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { MPP_TO_WELL, MPP_TO_PDEBENCH, MPP_TO_NOTHING } mpp_convert_target;
#define MPP_CONVERT_CHOICES "well|pdebench|none"

typedef struct mpp_convert_options {
  char data[MPP_TEXT_MAX];   /* PATH[:SYSTEM], or a description */
  char output[MPP_TEXT_MAX]; /* a file (*.h5, *.hdf5), or the folder of a dataset of The Well */
  int to;                    /* mpp_convert_target */
  char boundary[MPP_TEXT_MAX];
  mpp_data_flags flags;
  bool overwrite; /* a file; never a folder */
} mpp_convert_options;

/* The settings of this call alone: --to, --boundary and those of data. */
MPP_API extern const mpp_option mpp_convert_table[];

typedef struct mpp_convert_summary {
  const char *layout; /* "the-well", "pdebench-array", "pdebench-groups" */
  size_t files, trajectories, frames;
  size_t left_out;               /* fields that the layout has no place for */
  mpp_name left[MPP_MAX_FIELDS]; /* their names */
  bool statistics;               /* stats.yaml was written */
  bool masked;                   /* cells may be masked: see mpp_data_convert */
} mpp_convert_summary;

/* Writes all trajectories that options.flags select, one in memory at a time; bits do not depend on
 * the number of threads. Into a file, or for The Well into a new folder with data/train, data/valid
 * and data/test (the split of mpp_dataset_split) and stats.yaml (mean, std and rms of values and of
 * their increments, over what trains). Masked cells take no part in them. The Well's layout gets
 * them as the mask of a boundary condition `masked` where they are so in all fields, with finite
 * values under it; else, and in PDEBench's layouts, they are missing values (NaN). Nothing is there
 * under the name `output` until all of it is. `command` is kept for provenance; `observer` (or
 * NULL) is told how much is done, 0 to 1. MPP_ERR_EXISTS; MPP_ERR_USAGE: no such target, or a name
 * that does not fit; errors of reading and writing as they are. */
typedef void (*mpp_convert_observer)(void *context, double done);
MPP_API MPP_MUST_CHECK mpp_status mpp_data_convert(mpp_convert_summary *summary,
                                                   const mpp_convert_options *options,
                                                   const char *command,
                                                   mpp_convert_observer observer, void *context);

#ifdef __cplusplus
}
#endif
#endif
