/* ema.h - exponential moving average of the weights of a run. */
#ifndef MPP_EMA_H
#define MPP_EMA_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/status.h"

typedef struct mpp_ema {
  double decay;
  size_t total;
  float *mean; /* [total]; NULL: none is kept; owned */
} mpp_ema;

/* Starts at `weights` [total]. */
MPP_MUST_CHECK mpp_status mpp_ema_create(mpp_ema *e, const float *weights, size_t total,
                                         double decay);
void mpp_ema_destroy(mpp_ema *e); /* takes a zeroed one */

/* Takes in the weights after update number `updates` (from 1) with the decay
 * min(decay, (1 + updates)/(10 + updates)), so that the start of a run is soon forgotten. */
void mpp_ema_update(mpp_ema *e, const float *weights, uint64_t updates);

#endif
