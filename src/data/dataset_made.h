/* dataset_made.h - a dataset whose frames are made when they are asked for, by a layer above: it is
 * read, split and described as files are. */
#ifndef MPP_DATASET_MADE_H
#define MPP_DATASET_MADE_H

#include "mpp/dataset.h"

typedef struct mpp_dataset_maker {
  /* Frames [count, C, D, H, W] of trajectory `index` of a split. May be called from several threads
   * at once. */
  mpp_status (*read)(void *context, float *x, mpp_split split, size_t index, size_t start,
                     size_t count);
  /* The given fields [ngiven, D, H, W] of a trajectory, which are constant; NULL where there are
   * none. */
  mpp_status (*given)(void *context, float *x, mpp_split split, size_t index);
  void (*times)(void *context, double *t);                 /* [nframes], of every trajectory */
  void (*coordinates)(void *context, double *x, int axis); /* [grid[axis]] */
  void (*close)(void *context);
} mpp_dataset_maker;

/* `info` says all but ntrajectories, which are those of the parts [3]; its path is borrowed until
 * `close`. Takes over `context`, which is closed on failure too. */
MPP_MUST_CHECK mpp_status mpp_dataset_make(mpp_dataset **out, const mpp_dataset_info *info,
                                           const size_t part[3], const mpp_dataset_maker *maker,
                                           void *context);

/* ---- for dataset_read.c ---- */
MPP_MUST_CHECK mpp_status mpp_dataset_made_read(mpp_dataset *d, float *x, size_t trajectory,
                                                size_t start, size_t count);
/* x [count, ngiven, D, H, W] */
MPP_MUST_CHECK mpp_status mpp_dataset_made_given(mpp_dataset *d, float *x, size_t trajectory,
                                                 size_t start, size_t count);

#endif
