/* num_noise.h - random fields that do not depend on the grid they are put on. */
#ifndef MPP_NUM_NOISE_H
#define MPP_NUM_NOISE_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_NOISE_MAX_MODES = 1024 };

/* u [ny, nx] = averages over the cells of the unit square of the Gaussian field
 *   sum_{k, l < modes} amplitude xi_kl phi_k(y) phi_l(x),  phi_0 = 1, phi_k(x) = sqrt(2) cos(k pi
 * x), whose normals xi_kl depend on (seed, sample, field, k, l) alone: a finer grid resolves the
 * same field, more modes add to it. Slopes are zero at the edges. The pointwise variance, averaged
 * over the square, is (modes amplitude)^2. */
MPP_MUST_CHECK mpp_status mpp_noise_cosine(double *u, size_t ny, size_t nx, size_t modes,
                                           double amplitude, uint64_t seed, uint64_t sample,
                                           uint32_t field);

#endif
