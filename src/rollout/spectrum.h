/* spectrum.h - how much of a field's variance is in its short waves. */
#ifndef MPP_SPECTRUM_H
#define MPP_SPECTRUM_H

#include "mpp/dataset.h"

typedef struct mpp_spectrum mpp_spectrum;

/* Of fields [D, H, W]; along axes that are not periodic waves are cosines, which an edge does not
 * break. */
MPP_MUST_CHECK mpp_status mpp_spectrum_create(mpp_spectrum **out, const size_t grid[3],
                                              const mpp_boundary boundary[3]);
void mpp_spectrum_destroy(mpp_spectrum *s); /* takes NULL */

/* Share, 0 to 1, of the variance of a finite field u in waves shorter than four cells along some
 * axis. 0 for a field that is uniform to the rounding of float32. */
double mpp_spectrum_high_share(mpp_spectrum *s, const float *u);

#endif
