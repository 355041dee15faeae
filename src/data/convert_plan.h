/* convert_plan.h - which field goes where when data are written in a published layout. */
#ifndef MPP_CONVERT_PLAN_H
#define MPP_CONVERT_PLAN_H

#include "mpp/convert.h"

typedef struct mpp_convert_plan {
  const char *layout;            /* of mpp_writer_options */
  size_t nfields, nonce;         /* with time, without */
  size_t source[MPP_MAX_FIELDS]; /* of each: index among the predicted, then the given fields */
  mpp_name name[MPP_MAX_FIELDS], system;
  size_t nparts; /* The Well: arrays of fields */
  mpp_writer_part part[MPP_MAX_FIELDS];
  const char
      *dataset[MPP_MAX_FIELDS]; /* one array a field: its name where that is another; else NULL */
  size_t grid[3];
  mpp_axis_name axis[3];
  int from[3]; /* axis of the input */
  size_t nleft;
  mpp_name left[MPP_MAX_FIELDS];
} mpp_convert_plan;

/* MPP_ERR_USAGE: more fields than a file has room for. */
MPP_MUST_CHECK mpp_status mpp_convert_make_plan(mpp_convert_plan *p, const mpp_dataset_info *info,
                                                mpp_convert_target to);

#endif
