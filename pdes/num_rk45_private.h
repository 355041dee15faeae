/* num_rk45_private.h - what the control of the step (num_rk45.c) and the step itself
 * (num_rk45_step.c) share. */
#ifndef MPP_NUM_RK45_PRIVATE_H
#define MPP_NUM_RK45_PRIVATE_H

#include "mpp/field.h"
#include "num_rk45.h"

enum {
  MPP_RK45_STAGES = 7,                          /* k[1] .. k[7]; k[7] is k[1] of the next step */
  MPP_RK45_STATE_RING = 4,                      /* rows kept of a stage's state: 3 needed */
  MPP_RK45_RATE_RING = 8,                       /* rows kept of a rate: 6 needed */
  MPP_RK45_RATE_SLOT = 6 * MPP_RK45_STATE_RING, /* rates stand behind the states */
  MPP_RK45_RING_ROWS = MPP_RK45_RATE_SLOT + 5 * MPP_RK45_RATE_RING
};

struct mpp_rk45 {
  mpp_rk45_problem p;
  size_t max_bands;
  double *memory;            /* all arrays below, owned */
  double *y[2], *rate[2];    /* state and its rate, before and after a step */
  double *row_sum;           /* [ny], error of each row */
  double *ring;              /* [max_bands, MPP_RK45_RING_ROWS, nfields, nx] */
  int now;                   /* y[now], rate[now] belong to t */
  double t, t_old, h, t_end; /* h: the next step */
  size_t steps, rejected, evaluations;
};

/* Row j of a field of an array [nfields, ny, nx]. */
static inline double *mpp_rk45_row(const mpp_rk45 *rk, double *array, size_t j, size_t field)
{
  return array + (field * rk->p.ny + j) * rk->p.nx;
}

/* A row of each field: what a right-hand side takes. */
typedef struct mpp_rk45_stencil {
  double *rate[MPP_MAX_FIELDS];
  const double *above[MPP_MAX_FIELDS], *row[MPP_MAX_FIELDS], *below[MPP_MAX_FIELDS];
} mpp_rk45_stencil;

static inline void mpp_rk45_rates(const mpp_rk45 *rk, const mpp_rk45_stencil *r)
{
  rk->p.rows(r->rate, r->above, r->row, r->below, rk->p.nx, rk->p.context);
}

/* y[1 - now], rate[1 - now] after a step h; dense output at t + x h if `out` is given. Returns the
 * error norm. */
double mpp_rk45_try(mpp_rk45 *rk, double h, double *out, double x);

#endif
