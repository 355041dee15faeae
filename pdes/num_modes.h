/* num_modes.h - random periodic fields in two dimensions that do not depend on the grid that they
 * are put on. */
#ifndef MPP_NUM_MODES_H
#define MPP_NUM_MODES_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

enum { MPP_MODES_MAX = 32, MPP_MODES_COUNT = (2 * MPP_MODES_MAX + 1) * (MPP_MODES_MAX + 1) };

/* f(x, y) = sum over l > 0, and l = 0 < k, |k| and |l| up to MPP_MODES_MAX, of
 *   re cos(2 pi (k x / Lx + l y / Ly)) - im sin(the same),
 * x and y from the low edge of the domain; (re, im) of the mode (k, l) at c[mpp_modes_at(k, l)]. */
typedef struct mpp_modes {
  double c[MPP_MODES_COUNT][2];
} mpp_modes;

static inline size_t mpp_modes_at(int k, int l)
{
  return (size_t)(k + MPP_MODES_MAX) * (MPP_MODES_MAX + 1) + (size_t)l;
}

/* Gaussian coefficients of standard deviation (k^2 + l^2)^power for |k|, |l| <= most, the others 0;
 * then divided by one number so that the mean of f^2 over the domain is 1. The coefficient of a
 * mode before that is a function of (seed, sample, field, k, l) alone. field < 200. */
void mpp_modes_draw(mpp_modes *m, int most, double power, uint64_t seed, uint64_t sample,
                    uint32_t field);

/* The draws of field 0 begin at 0, those of field f at f times this. */
enum { MPP_MODES_DRAWS = 2 * MPP_MODES_COUNT };

/* u [nx, ny] = offset + factor f at the cell centres; modes that the grid cannot carry, of half its
 * cells or more, are left out. */
MPP_MUST_CHECK mpp_status mpp_modes_sum(double *u, size_t nx, size_t ny, const mpp_modes *m,
                                        double factor, double offset);

#endif
