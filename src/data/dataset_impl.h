/* dataset_impl.h - what a dataset holds; for the dataset*.c files only. */
#ifndef MPP_DATASET_IMPL_H
#define MPP_DATASET_IMPL_H

#include "dataset_made.h"
#include "described.h"
#include "file_layout.h"
#include "file_set.h"
#include "mpp/dataset.h"
#include "split.h"

struct mpp_dataset {
  const mpp_dataset_maker *maker; /* of frames that are in no file; NULL: the files below */
  void *made_by;
  mpp_dataset_info info;
  mpp_data_request *request; /* owned */
  mpp_description *about;    /* owned: what the first file is */
  mpp_file_set files;
  size_t *frames; /* [files.count] of each file */
  size_t nruns;   /* each of `pieces` files that follow each other in time */
  size_t pieces;
  size_t *in_run;       /* [nruns] trajectories that are used */
  size_t **kept;        /* [nruns]: their numbers in the file; NULL: all */
  mpp_segment *segment; /* [nsegments]; their files are runs */
  size_t nsegments;
  size_t *twin;      /* [ntrajectories] of a distinct split: the first equal one; else NULL */
  size_t part[3];    /* trajectories of each split */
  size_t max_train;  /* 0: all */
  mpp_part time;     /* frames of a run that are used */
  mpp_part space[3]; /* cells of the file that are used */
  bool smooth;
  bool wraps[3];      /* axes of the file that are periodic, whatever is cut off of them */
  mpp_data_file open; /* file number `opened` of the set, if it is open */
  size_t opened;
  mpp_read_buffer buffer;
  float *window; /* [nwindow] what a call reads */
  size_t nwindow;
  unsigned char *missing; /* [nmissing]: where that was missing in the file */
  size_t nmissing;
  float *sign; /* [nsign] what the variables of masks hold */
  size_t nsign;
  unsigned char *covered; /* [ncovered] a bit for each that masks a cell, frame by frame */
  size_t ncovered;
  unsigned char *hidden; /* [nhidden] a frame of all cells, beside `whole` */
  size_t nhidden;
  float *whole; /* [nwhole] a frame of all cells, for smoothing */
  size_t nwhole;
};

/* Makes file `index` the open one, and holds it at what the dataset says. HDF5 is locked. */
MPP_MUST_CHECK mpp_status mpp_dataset_use_file(mpp_dataset *d, size_t index);

/* The run of a trajectory; *local is its number in the run's files. MPP_ERR_USAGE: there is
 * none. */
MPP_MUST_CHECK mpp_status mpp_dataset_locate(mpp_dataset *d, size_t *run, size_t *local,
                                             size_t trajectory);

/* dataset_runs.c: looks at every file once: how they go together, which trajectories are used, what
 * all have in common (d->info, d->about). `verified` [files.count]: held at one shape before. */
MPP_MUST_CHECK mpp_status mpp_dataset_look(mpp_dataset *d, const bool *verified);

/* Numbers the trajectories anew, so that equal ones are in one part (fractions as given). */
MPP_MUST_CHECK mpp_status mpp_dataset_split_distinct(mpp_dataset *d, double train, double valid);

/* dataset_select.c: parts of the axes by the request's ranges; fills info->grid, nframes and the
 * edges of what is cut. */
MPP_MUST_CHECK mpp_status mpp_dataset_select(mpp_dataset *d, size_t nframes);

/* described_mask.c: d->covered [time.count, cells of space], of the open file; bits as in
 * field.masks. */
MPP_MUST_CHECK mpp_status mpp_dataset_cover(mpp_dataset *d, size_t trajectory, mpp_part time,
                                            const mpp_part space[3]);

/* Which frame of which field of the description: for messages. */
typedef struct mpp_frame_place {
  size_t field, trajectory, frame;
} mpp_frame_place;

/* dataset_missing.c: one frame of one field of the open file, as it was read: x [cells of grid].
 * Values of cells that are `covered` by masks of the field (or NULL) give way to the mean of the
 * others, but for given fields, which keep what they have there. hidden (or NULL) is 1 where the
 * value does not count. With `checked`, what is missing is filled as the request says.
 * MPP_ERR_DATA: values are no numbers. */
MPP_MUST_CHECK mpp_status mpp_dataset_settle(const mpp_dataset *d, float *x, unsigned char *hidden,
                                             const unsigned char *covered, const size_t grid[3],
                                             mpp_frame_place p, bool checked);

/* missing.c: fills NaN in a frame of one field x [cells of grid]; false: all are missing. */
MPP_MUST_CHECK mpp_status mpp_fill_missing(bool *filled, float *x, const size_t grid[3],
                                           const bool periodic[3], mpp_fill how);

/* smooth.c: out [part counts] = every step-th cell of x [grid] after a Gaussian of standard
 * deviation (step - 1) / 2 cells along each axis, wrapped where it is periodic, else the edge goes
 * on: as The Well makes its small copies. x is overwritten. What is `hidden` (1; or NULL) has no
 * weight. */
MPP_MUST_CHECK mpp_status mpp_smooth(float *out, float *x, const unsigned char *hidden,
                                     const size_t grid[3], const bool periodic[3],
                                     const mpp_part part[3]);

#endif
