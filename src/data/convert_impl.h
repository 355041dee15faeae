/* convert_impl.h - a conversion under way; for convert*.c only. */
#ifndef MPP_CONVERT_IMPL_H
#define MPP_CONVERT_IMPL_H

#include "convert_plan.h"
#include "statistics.h"

typedef struct mpp_conversion {
  const mpp_convert_options *options;
  const char *command;
  mpp_dataset *data;
  const mpp_dataset_info *info;
  mpp_convert_plan plan;
  size_t cells, ndims, done, total;
  double *coordinate[3];          /* owned, of the output's axes */
  float *x, *given, *y, *once;    /* owned: a trajectory read, what is given, and both as written */
  mpp_moments *value, *increment; /* [fields], owned */
  mpp_convert_observer observer;
  void *context;
} mpp_conversion;

/* Writes trajectories first .. first + count - 1 into a file; their moments are added up if asked for. */
MPP_MUST_CHECK mpp_status mpp_convert_file(mpp_conversion *j, const char *path, size_t first,
                                           size_t count, bool moments);

#endif
