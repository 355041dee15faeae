/* scale_floor.h - the least scale of a correction, shared by all predictors; reasons in
 * window.h. */
#ifndef MPP_SCALE_FLOOR_H
#define MPP_SCALE_FLOOR_H

#include <math.h>

/* Root of a predictor's mean squared error, raised to the floor given by the mean squares of the
 * increments into the tested frames and of the tested values. */
static inline double mpp_floored_scale(double error_ms, double increment_ms, double value_ms)
{
  const double floor = fmax(0.02 * sqrt(increment_ms), 1e-7 * sqrt(value_ms));
  return fmax(fmax(sqrt(error_ms), floor), 1e-18);
}

#endif
