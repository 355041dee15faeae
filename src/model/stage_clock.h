/* stage_clock.h - time of each part of the network, where somebody asks for it: parts are marked as
 * they end, and a mark without a clock costs a comparison. */
#ifndef MPP_STAGE_CLOCK_H
#define MPP_STAGE_CLOCK_H

#include <stddef.h>

#include "mpp/cost.h"
#include "threads.h"

typedef struct mpp_stage_clock {
  double seconds[MPP_STAGES][MPP_PASSES];
  mpp_pass pass; /* the one that runs */
  double last;   /* time of the last mark */
} mpp_stage_clock;

static inline void mpp_stage_begin(mpp_stage_clock *clock, mpp_pass pass)
{
  if (clock != NULL) {
    clock->pass = pass;
    clock->last = mpp_clock();
  }
}

/* The time since the last mark belongs to `stage`. */
static inline void mpp_stage_mark(mpp_stage_clock *clock, mpp_stage stage)
{
  if (clock != NULL) {
    const double now = mpp_clock();
    clock->seconds[stage][clock->pass] += now - clock->last;
    clock->last = now;
  }
}

#endif
