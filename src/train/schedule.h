/* schedule.h - learning rate over steps: linear warm-up, a course, and a tail that falls to
 * zero. */
#ifndef MPP_SCHEDULE_H
#define MPP_SCHEDULE_H

#include <stdint.h>

#include "mpp/train.h"

typedef struct mpp_schedule {
  mpp_schedule_kind kind;
  double peak, floor; /* 0 <= floor <= peak */
  uint64_t warmup, steps;
  uint64_t cooldown; /* steps of the tail; warmup + cooldown <= steps unless it is 0 */
  uint64_t span;     /* step at which the cosine reaches its floor; 0: the start of the tail */
} mpp_schedule;

/* Rate of step s = 0 .. steps-1, never negative:
 *   warm-up   peak (s+1)/warmup                                         while s < warmup
 *   course    constant  peak
 *             cosine    floor + (peak - floor) (1 + cos(pi x))/2, x = 0 .. 1 from the end of the
 *                       warm-up to the start of the tail, or to `span`; then the floor
 *             rsqrt     peak sqrt(w/(s+1)), w = max(warmup, 1), but not below the floor
 *   tail      linear from where the course ends, 1/(cooldown+1) of that in the last step */
double mpp_schedule_rate(const mpp_schedule *s, uint64_t step);

#endif
