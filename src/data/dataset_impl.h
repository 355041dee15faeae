/* dataset_impl.h - what a dataset holds; for dataset*.c only. */
#ifndef MPP_DATASET_IMPL_H
#define MPP_DATASET_IMPL_H

#include "dataset_made.h"
#include "file_layout.h"
#include "file_set.h"
#include "mpp/dataset.h"
#include "split.h"

struct mpp_dataset {
  const mpp_dataset_maker *maker; /* of frames that are in no file; NULL: the files below */
  void *made_by;
  mpp_dataset_info info;
  mpp_file_set files;
  size_t *in_file;      /* [files.count] trajectories */
  mpp_segment *segment; /* [nsegments] */
  size_t nsegments;
  size_t *twin; /* [ntrajectories] of a distinct split: the first equal one; else NULL */
  size_t part[3];     /* trajectories of each split */
  size_t max_train;   /* 0: all */
  mpp_data_file open; /* file number `opened` of the set, if its id is not -1 */
  size_t opened;
  float *buffer; /* [capacity] frames in the order of the file */
  size_t capacity;
};

/* Makes file `index` the open one, and holds it at what the dataset says. HDF5 is locked. */
MPP_MUST_CHECK mpp_status mpp_dataset_use_file(mpp_dataset *d, size_t index);

/* Numbers the trajectories anew, so that equal ones are in one part (fractions as given). */
MPP_MUST_CHECK mpp_status mpp_dataset_split_distinct(mpp_dataset *d, double train, double valid);

#endif
