/* num_waves.h - sums of plane waves on the cells of a periodic box, without a sine per cell and
 * wave. */
#ifndef MPP_NUM_WAVES_H
#define MPP_NUM_WAVES_H

#include <stddef.h>

#include "mpp/status.h"

enum { MPP_WAVES_LARGEST = 64 };

/* sine sin(2 pi k.x) + cosine cos(2 pi k.x), x from 0 to 1 along each axis of the box; k in the
 * order of the grid's axes. */
typedef struct mpp_wave {
  int k[3]; /* each at most MPP_WAVES_LARGEST in size, 0 along an axis of one cell */
  double sine, cosine;
} mpp_wave;

/* amplitude sin(2 pi k.x + phase). */
mpp_wave mpp_wave_make(const int k[3], double amplitude, double phase);

/* u [D, H, W] = sum of the waves at the cell centres of n = {D, H, W} cells. The same bits for any
 * number of threads; the field is periodic to the last bit. */
MPP_MUST_CHECK mpp_status mpp_waves_sum(double *u, const size_t n[3], const mpp_wave *waves,
                                        size_t count);

#endif
