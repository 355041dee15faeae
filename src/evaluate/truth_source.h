/* truth_source.h - true frames of a dataset or of a solver, and the built-in solver that made
 * them. */
#ifndef MPP_TRUTH_SOURCE_H
#define MPP_TRUTH_SOURCE_H

#include "frames.h"

typedef struct mpp_truth_source {
  mpp_dataset *data;  /* borrowed; or NULL, and */
  mpp_frames *frames; /* of a solver, borrowed */
  mpp_reader *reader; /* of the trajectory last read, owned */
  size_t trajectory;
} mpp_truth_source;

/* Of either; a dataset behind `frames` is taken as such. Close it in any case. */
mpp_truth_source mpp_truth_source_of(mpp_dataset *data, mpp_frames *frames);
void mpp_truth_source_close(mpp_truth_source *s); /* takes a zeroed one */

const mpp_dataset_info *mpp_truth_source_info(const mpp_truth_source *s);
MPP_MUST_CHECK mpp_status mpp_truth_source_times(mpp_truth_source *s, double *t);
MPP_MUST_CHECK mpp_status mpp_truth_source_coordinates(mpp_truth_source *s, double *x, int axis);

/* One frame x [C, D, H, W]. */
MPP_MUST_CHECK mpp_status mpp_truth_source_read(mpp_truth_source *s, float *x, size_t trajectory,
                                                size_t frame);

/* What a trajectory is from (a file, or the solver; borrowed), and its number there. */
const char *mpp_truth_source_file(const mpp_truth_source *s, size_t trajectory, size_t *sample);

/* The solver with the settings of such a file. MPP_ERR_DATA: no built-in solver made it. */
MPP_MUST_CHECK mpp_status mpp_truth_source_solver(const mpp_truth_source *s, const mpp_pde **pde,
                                                  mpp_generate_options *options, const char *file);

#endif
