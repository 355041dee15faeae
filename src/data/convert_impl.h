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
  double *coordinate[3];  /* owned, of the output's axes */
  size_t *from;           /* [cells], owned: cell of the input of each of the output */
  float *x, *y, *once;    /* owned: a trajectory as read [T, all fields, cells], and as written */
  unsigned char *missing; /* [as x], owned, where cells may be masked; else NULL */
  unsigned char *common,
      *first; /* [T, cells], owned: masked in all that is predicted; of the file */
  size_t which[MPP_MAX_FIELDS];   /* 0, 1, ...: all that is given */
  mpp_moments *value, *increment; /* [fields], owned */
  mpp_convert_observer observer;
  void *context;
} mpp_conversion;

/* convert_mask.c: whether cells are masked in all that is predicted in any of these trajectories,
 * and whether all have one mask in all frames, which is then j->first [cells]. */
MPP_MUST_CHECK mpp_status mpp_convert_look_at_masks(bool *any, bool *varies, mpp_conversion *j,
                                                    size_t first, size_t count);

/* Makes j->common of j->missing; what is masked in y and once alone, or has no other place in the
 * layout, becomes NaN. */
void mpp_convert_mask(mpp_conversion *j);

/* Adds the moments of what is not masked. */
MPP_MUST_CHECK mpp_status mpp_convert_moments(mpp_conversion *j);

/* Writes trajectories first .. first + count - 1 into a file; their moments are added up if asked
 * for. */
MPP_MUST_CHECK mpp_status mpp_convert_file(mpp_conversion *j, const char *path, size_t first,
                                           size_t count, bool moments);

#endif
