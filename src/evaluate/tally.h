/* tally.h - records of a meter put together over windows, trajectory by trajectory, so that a
 * bootstrap can draw trajectories: windows of one are not independent. */
#ifndef MPP_TALLY_H
#define MPP_TALLY_H

#include "meter.h"

typedef struct mpp_tally {
  const mpp_meter *meter; /* borrowed */
  size_t ngroups, npredictors, nhorizons, nfields;
  size_t length;   /* of a record */
  double *record;  /* [ngroups, npredictors, nhorizons, nfields, length], owned */
  size_t *windows; /* [ngroups], owned */
} mpp_tally;

/* Start from a zeroed struct; free it in any case. */
MPP_MUST_CHECK mpp_status mpp_tally_create(mpp_tally *t, const mpp_meter *meter, size_t ngroups,
                                           size_t npredictors, size_t nhorizons, size_t nfields);
void mpp_tally_free(mpp_tally *t);

/* Adds records [nfields, length] of one window of a group (trajectory). The windows of a group are
 * counted in `windows` by the caller. */
void mpp_tally_add(mpp_tally *t, size_t group, mpp_predictor p, size_t horizon,
                   const double *record);

/* Metrics [nfields + 1, MPP_METRICS] of a predictor at a horizon, the last field the mean over the
 * fields. weight [ngroups]: how often a group counts, NULL: once. work [length]. */
void mpp_tally_metrics(const mpp_tally *t, double *metric, mpp_predictor p, size_t horizon,
                       const unsigned *weight, double *work);

#endif
