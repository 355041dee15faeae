/* masked.h - frames of a forecast of which some cells do not count. */
#ifndef MPP_MASKED_H
#define MPP_MASKED_H

#include <stddef.h>

/* out = x [n], with the fill value of netCDF where `hidden` is not 0. */
void mpp_masked_fill(float *out, const float *x, const unsigned char *hidden, size_t n);

/* NRMSE and VRMSE of each field [nfields] of y and truth [nfields, cells] over the cells that are
 * not `hidden` [nfields, cells] (NULL: over all); NaN where too few are left. `room` [2 cells] is
 * needed where hidden is not NULL. */
void mpp_masked_scores(double *nrmse, double *vrmse, const float *y, const float *truth,
                       const unsigned char *hidden, float *room, size_t nfields, size_t cells);

#endif
