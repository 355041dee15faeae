/* beside.h - values, frame by frame, of variables of the input that change in time beside its
 * fields: auxiliary coordinates as far as the data go, the bounds of time further where they are
 * regular. */
#ifndef MPP_BESIDE_H
#define MPP_BESIDE_H

#include "frames.h"
#include "style.h"

typedef struct mpp_beside {
  const mpp_style *style; /* borrowed; NULL: there are none */
  mpp_dataset *data;      /* borrowed */
  size_t sample;
  double *value; /* [style->nbeside], owned; NULL: there are none */
  bool regular;  /* bounds of time go on at `offset` [of_time->n] from it */
  double offset[2];
} mpp_beside;

/* Times [info->nframes] are those of the sample. Close it in any case, and begin with a zeroed
 * one. */
MPP_MUST_CHECK mpp_status mpp_beside_open(mpp_beside *b, const mpp_style *style, mpp_frames *frames,
                                          size_t sample, const double *time);
void mpp_beside_close(mpp_beside *b);

/* b->value of a frame, whose time past the end of the data is `time`. */
MPP_MUST_CHECK mpp_status mpp_beside_read(mpp_beside *b, size_t frame, double time);

#endif
