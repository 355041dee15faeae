/* swe_scheme.h - the shallow-water equations over a flat bottom, by high-resolution wave
 * propagation. h depth [m], hu and hv discharges [m2 s-1], q [3, nx, ny]. */
#ifndef MPP_SWE_SCHEME_H
#define MPP_SWE_SCHEME_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_swe {
  size_t n[2];           /* cells along x and y, at least 2 each */
  double dx[2];          /* [m] */
  double gravity;        /* [m s-2] */
  bool wall[2][2];       /* [axis][low, high]: reflecting wall; else zero-gradient outflow */
  double *q;             /* state [3, nx, ny], owned */
  double *backup;        /* owned */
  double t, dt, courant; /* time, step [s] and Courant number of the last step */
  double least_depth;    /* [m], at the end of any step */
  size_t steps, rejected;
} mpp_swe;

/* Fills n, dx, gravity and arrays; open boundaries; t = 0. */
MPP_MUST_CHECK mpp_status mpp_swe_create(mpp_swe *s, const size_t n[2], const double dx[2],
                                         double gravity);
void mpp_swe_free(mpp_swe *s); /* takes a zeroed struct */

/* Back to t = 0 with the state q [3, nx, ny], copied. */
void mpp_swe_start(mpp_swe *s, const double *q);

/* Steps until t. False if the state became non-finite or a depth not positive (or no step was
 * short enough): the state is then the last one computed. */
bool mpp_swe_advance(mpp_swe *s, double t);

#endif
