/* gradcheck.h - a gradient against central differences, by relative norm: small gradients are held
 * to the same digits as large ones, and an all-zero gradient is a failure. */
#ifndef MPP_GRADCHECK_H
#define MPP_GRADCHECK_H

#include <math.h>
#include <stddef.h>

typedef double (*gradcheck_loss)(void *context); /* the loss for the current values of v */

/* ||numeric - analytic|| / max(||numeric||, ||analytic||) over the n entries of v, taken every
 * `stride` entries. */
static inline double gradcheck(float *v, const float *analytic, size_t n, size_t stride, double h,
                               gradcheck_loss loss, void *context)
{
  double difference = 0.0, numeric2 = 0.0, analytic2 = 0.0;
  for (size_t i = 0; i < n; i += stride) {
    const float v0 = v[i];
    v[i] = v0 + (float)h;
    const float plus = v[i];
    const double loss_plus = loss(context);
    v[i] = v0 - (float)h;
    const float minus = v[i];
    const double loss_minus = loss(context);
    v[i] = v0;
    const double numeric = (loss_plus - loss_minus) / ((double)plus - (double)minus);
    difference += (numeric - analytic[i]) * (numeric - analytic[i]);
    numeric2 += numeric * numeric;
    analytic2 += (double)analytic[i] * analytic[i];
  }
  const double scale = sqrt(numeric2 > analytic2 ? numeric2 : analytic2);
  return scale > 0.0 ? sqrt(difference) / scale : HUGE_VAL;
}

#endif
