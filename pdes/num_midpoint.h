/* num_midpoint.h - how the released 1D PDEBench sets were carried forward in time: the midpoint
 * rule in float32, time and step included. For those data alone. Where a step changes a value by
 * less than half its last digit the solution stands still; where it advances the time by less, time
 * does. */
#ifndef MPP_NUM_MIDPOINT_H
#define MPP_NUM_MIDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

enum { MPP_MIDPOINT_GHOSTS = 2 };

/* A periodic field u [n] has MPP_MIDPOINT_GHOSTS cells before u[0] and after u[n - 1]. */
typedef struct mpp_midpoint_scheme {
  /* Longest stable step. */
  float (*limit)(const float *u, size_t n, const void *context);
  /* to [n] = state `from` after dt with the fluxes of the state `at`; to may be from. */
  void (*step)(float *to, const float *from, const float *at, float dt, size_t n,
               const void *context);
  const void *context; /* borrowed */
} mpp_midpoint_scheme;

typedef struct mpp_midpoint {
  mpp_midpoint_scheme scheme;
  size_t n;
  float *u;            /* state [n] between its ghosts */
  float *half;         /* at half a step, likewise */
  float *memory;       /* of both, owned */
  float t, end;        /* time reached, and the last one */
  float save, between; /* next time to be stored, and what is added to it, in float32 */
  size_t steps;
} mpp_midpoint;

MPP_MUST_CHECK mpp_status mpp_midpoint_create(mpp_midpoint *m, const mpp_midpoint_scheme *scheme,
                                              size_t n);
void mpp_midpoint_free(mpp_midpoint *m); /* takes a zeroed struct */

/* Back to t = 0 with u0 [n]; frames are stored every `between` until `end`. */
void mpp_midpoint_start(mpp_midpoint *m, const double *u0, double end, double between);

/* u [n] = state at t. Steps end at every time to be stored up to there. False: the state is not
 * finite, or time no longer advances; u is the last state then. */
bool mpp_midpoint_advance(mpp_midpoint *m, double *u, double t);

#endif
