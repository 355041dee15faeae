/* fft.h - the only owner of FFTW plans (the planner is not thread-safe; plans are ESTIMATE, so that
 * the same transform has the same bits in every run). */
#ifndef MPP_FFT_H
#define MPP_FFT_H

#include <stddef.h>

#include "mpp/status.h"

/* Sum of half-range cosines on cell centres, per axis
 *   u_j = sum_k c_k cos(pi k (j + 1/2) / n):
 * in place on u [ny, nx] (DCT-III up to the usual factors). */
MPP_MUST_CHECK mpp_status mpp_fft_cosine_sum(double *u, size_t ny, size_t nx);

const char *mpp_fft_version(void); /* "fftw-3.3.10-..." */

#endif
