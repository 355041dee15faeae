/* num_limiter.h - limiters of high-resolution schemes: phi(theta), theta the ratio of the upwind
 * jump to the jump of the face. */
#ifndef MPP_NUM_LIMITER_H
#define MPP_NUM_LIMITER_H

/* Monotonised central (van Leer, J. Comput. Phys. 23 (1977) 276): second order where the solution
 * is smooth (phi(1) = 1), 0 at extrema, total variation diminishing. */
static inline double mpp_limiter_mc(double theta)
{
  const double centred = 0.5 * (1.0 + theta), upwind = 2.0 * theta;
  const double least = centred < upwind ? centred : upwind;
  const double capped = least < 2.0 ? least : 2.0;
  return capped > 0.0 ? capped : 0.0;
}

#endif
