/* num_rk45.h - Dormand-Prince 5(4) with step-size control and dense output, as scipy's RK45, for
 * systems y' = f(y) on a grid whose right-hand side needs a cell's own row and the rows beside
 * it. */
#ifndef MPP_NUM_RK45_H
#define MPP_NUM_RK45_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

/* One row of the right-hand side: rate[f], each [nx], from the rows above, at and below it. Beyond
 * the first and the last row stands that row itself (zero flux). */
typedef void (*mpp_rk45_rows)(double *const *rate, const double *const *above,
                              const double *const *row, const double *const *below, size_t nx,
                              const void *context);

typedef struct mpp_rk45_problem {
  size_t nfields, ny, nx; /* y [nfields, ny, nx], at most MPP_MAX_FIELDS fields */
  mpp_rk45_rows rows;     /* called from several threads */
  const void *context;    /* borrowed */
  double rtol, atol;
} mpp_rk45_problem;

typedef struct mpp_rk45 mpp_rk45;

/* The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_rk45_create(mpp_rk45 **out, const mpp_rk45_problem *problem);
void mpp_rk45_destroy(mpp_rk45 *rk); /* takes NULL */

/* Starts at t = 0 with y0, copied; no step goes beyond t_end. Chooses the first step. */
void mpp_rk45_start(mpp_rk45 *rk, const double *y0, double t_end);

/* y = solution at t, not before the last t asked for and not beyond t_end. False if the steps
 * became too small: the solution has no finite continuation. */
bool mpp_rk45_advance(mpp_rk45 *rk, double *y, double t);

typedef struct mpp_rk45_state {
  double t;     /* reached */
  size_t steps; /* accepted */
  size_t rejected;
  size_t evaluations;  /* of the right-hand side */
  const double *trial; /* after a failure: end of the last step tried [nfields, ny, nx]; borrowed */
} mpp_rk45_state;

mpp_rk45_state mpp_rk45_get_state(const mpp_rk45 *rk);

#endif
