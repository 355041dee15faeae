/* ins_noise.h - periodic random fields with a power law of wave numbers, which do not depend on the
 * grid they are put on. */
#ifndef MPP_INS_NOISE_H
#define MPP_INS_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_INS_NOISE_MAX_MODES = 256 };

/* A Gaussian field of period 1 along each axis, its modes m = (mx, my), |mx|, |my| <= modes, with
 * amplitudes ((scale |m|)^2)^-smoothness where (scale |m|)^2 > 0.1 and 0 elsewhere (the spectral
 * noise of PhiFlow), divided by its standard deviation over the square: mean 0, variance 1. */
typedef struct mpp_ins_noise {
  size_t modes;
  double scale, smoothness;
  uint64_t seed, sample; /* with the number of the field and the mode all that draws depend on */
  uint32_t field;        /* below 8 */
} mpp_ins_noise;

/* Points of a grid: low + (i, j) step, i < n[0], j < n[1]. */
typedef struct mpp_ins_points {
  size_t n[2];
  double low[2], step[2];
} mpp_ins_points;

/* u[i stride + j] = value at point (i, j). 0 everywhere if no mode has an amplitude. */
MPP_MUST_CHECK mpp_status mpp_ins_noise_fill(double *u, size_t stride, const mpp_ins_points *points,
                                             const mpp_ins_noise *noise);

#endif
