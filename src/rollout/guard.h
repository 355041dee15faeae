/* guard.h - what is watched at each step of a forecast. */
#ifndef MPP_GUARD_H
#define MPP_GUARD_H

#include "reference.h"
#include "spectrum.h"

typedef struct mpp_guard {
  const mpp_dataset_info *info; /* borrowed */
  size_t cells;
  double max_growth, max_drift, max_high_share;
  mpp_spectrum *spectrum;       /* owned */
  mpp_pde_stream *stream;       /* borrowed; NULL: no balance is known */
  double mean[MPP_MAX_FIELDS];  /* over the context */
  double reach[MPP_MAX_FIELDS]; /* largest distance from it there */
  double share[MPP_MAX_FIELDS]; /* largest share of short waves there */
  mpp_pde_balance balance;      /* of the last context frame */
} mpp_guard;

typedef struct mpp_guard_record {
  double growth[MPP_MAX_FIELDS]; /* NaN where the context is uniform */
  double high_share[MPP_MAX_FIELDS];
  double total[MPP_PDE_QUANTITIES], drift[MPP_PDE_QUANTITIES];
  unsigned bits;  /* MPP_GUARD_ */
  char text[256]; /* the first finding, "" if there is none */
} mpp_guard_record;

/* From the context x [T, C, D, H, W]. Free it in any case. */
MPP_MUST_CHECK mpp_status mpp_guard_begin(mpp_guard *g, const mpp_rollout_options *options,
                                          const mpp_dataset_info *info,
                                          const mpp_reference *reference, const float *x, size_t T);
void mpp_guard_free(mpp_guard *g); /* takes a zeroed one */

/* Looks at a finite frame y [C, D, H, W]. */
void mpp_guard_look(mpp_guard *g, mpp_guard_record *out, const float *y);

#endif
