/* schedule.h - learning rate over steps: linear warm-up, then a cosine down to a floor. */
#ifndef MPP_SCHEDULE_H
#define MPP_SCHEDULE_H

#include <stdint.h>

typedef struct mpp_schedule {
  double peak, floor; /* floor >= 0 */
  uint64_t warmup, steps;
} mpp_schedule;

/* Rate of step s = 0 .. steps-1: peak (s+1)/warmup while s < warmup, then
 * floor + (peak - floor) (1 + cos(pi (s - warmup)/(steps - warmup)))/2. */
double mpp_schedule_rate(const mpp_schedule *s, uint64_t step);

#endif
