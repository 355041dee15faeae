/* frames.h - where context and truth come from: a dataset, or a solver that computes them. */
#ifndef MPP_FRAMES_H
#define MPP_FRAMES_H

#include "mpp/dataset.h"
#include "mpp/pde.h"

typedef struct mpp_frames mpp_frames;

/* `spec` is that of a dataset, or solver:SYSTEM,NAME=VALUE,...; `boundary` ("" for none) overrides
 * that of a dataset, `flags` say what it is. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_frames_open(mpp_frames **out, const char *spec, const char *boundary,
                                          const mpp_data_flags *flags);
void mpp_frames_close(mpp_frames *f); /* takes NULL */

const mpp_dataset_info *mpp_frames_info(const mpp_frames *f);
/* NULL for a solver. */
mpp_dataset *mpp_frames_dataset(const mpp_frames *f);
/* NULL for a dataset; else its options too. */
const mpp_pde *mpp_frames_solver(const mpp_frames *f, const mpp_generate_options **options);

/* As mpp_dataset_coordinates and mpp_dataset_times. */
MPP_MUST_CHECK mpp_status mpp_frames_coordinates(mpp_frames *f, double *x, int axis);
MPP_MUST_CHECK mpp_status mpp_frames_times(mpp_frames *f, double *t, size_t sample);
/* As mpp_dataset_parameters; of a solver there are none. */
MPP_MUST_CHECK mpp_status mpp_frames_parameters(mpp_frames *f, double *value, size_t sample);

/* One trajectory, read in order: a solver begins again for a frame that has gone by. Memory does
 * not depend on the number of frames. Readers are counted: each mpp_reader_open or mpp_reader_share
 * has its mpp_reader_close. */
typedef struct mpp_reader mpp_reader;
MPP_MUST_CHECK mpp_status mpp_reader_open(mpp_reader **out, mpp_frames *f, size_t sample);
mpp_reader *mpp_reader_share(mpp_reader *r);
void mpp_reader_close(mpp_reader *r); /* takes NULL */

/* Frame x [C, D, H, W]. */
MPP_MUST_CHECK mpp_status mpp_reader_read(mpp_reader *r, float *x, size_t frame);

/* What is known of a frame beside its fields: given [nwhich, D, H, W], those numbers which [nwhich]
 * of info->given, and mask [C + nwhich, D, H, W] of all, unless NULL. */
MPP_MUST_CHECK mpp_status mpp_reader_known(mpp_reader *r, float *given, unsigned char *mask,
                                           const size_t *which, size_t nwhich, size_t frame);

/* Seconds that a solver took so far, and frames that it computed; 0 for datasets. */
double mpp_reader_seconds(const mpp_reader *r, size_t *frames);

#endif
