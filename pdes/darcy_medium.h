/* darcy_medium.h - permeabilities that Darcy flow is drawn with: `high` where five bumps
 * exp(-r^2 / s), centres uniform in the unit square and s uniform in (0, 1/2), sum up to more than
 * a threshold, `low` elsewhere. */
#ifndef MPP_DARCY_MEDIUM_H
#define MPP_DARCY_MEDIUM_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/pde.h"

enum { MPP_DARCY_BUMPS = 5, MPP_DARCY_BATCH = 200 };

/* Expected mean over the square of the sum of bumps. For a given s the mean of one bump over its
 * centres and the square is I(s)^2,
 *   I(s) = int_{-1}^{1} (1 - |d|) exp(-d^2/s) dd = sqrt(pi s) erf(1/sqrt(s)) - s (1 - exp(-1/s)),
 * and the mean of I^2 over s in (0, 1/2) times MPP_DARCY_BUMPS is this. */
#define MPP_DARCY_EXPECTED_MEAN 1.8521453299669988

typedef struct mpp_darcy_bump {
  double x, y, s;
} mpp_darcy_bump;

/* Functions of (seed, sample) alone. */
void mpp_darcy_draw_bumps(mpp_darcy_bump b[MPP_DARCY_BUMPS], uint64_t seed, uint64_t sample);

/* Mean of the sum of bumps over all cells and over the batch of MPP_DARCY_BATCH samples that
 * `sample` is in, counted from sample 0. */
double mpp_darcy_batch_mean(const mpp_grid *grid, uint64_t seed, uint64_t sample);

/* a [nx, ny] from the bumps at the cell centres. */
void mpp_darcy_permeability(double *a, const mpp_grid *grid,
                            const mpp_darcy_bump b[MPP_DARCY_BUMPS], double threshold, double low,
                            double high);

/* Centre of cell i along a grid axis. */
double mpp_darcy_centre(const mpp_grid *grid, int axis, size_t i);

#endif
