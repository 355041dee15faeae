/* bootstrap.h - intervals of metrics by drawing trajectories with replacement. */
#ifndef MPP_BOOTSTRAP_H
#define MPP_BOOTSTRAP_H

#include "tally.h"

/* Percentile intervals (Efron) low, high [npredictors, nhorizons, nfields + 1, MPP_METRICS] of the
 * given confidence. Draw j of resample r is a function of (r, j) alone, the same for all entries:
 * the bits do not depend on threads. NaN with fewer than two groups, and where a metric is NaN. */
MPP_MUST_CHECK mpp_status mpp_bootstrap(double *low, double *high, const mpp_tally *t,
                                        size_t resamples, double confidence);

#endif
