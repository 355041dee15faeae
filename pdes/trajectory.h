/* trajectory.h - one trajectory from its initial condition to its stored frames. */
#ifndef MPP_TRAJECTORY_H
#define MPP_TRAJECTORY_H

#include "pde_case.h"

/* The place where one trajectory after another is computed. */
typedef struct mpp_trajectory {
  const mpp_pde_case *c; /* borrowed */
  mpp_pde_run *run;      /* owned */
  double *u;             /* state [nfields, D, H, W], owned */
  float *frames;         /* [frames, nstored, D, H, W], owned */
  float *once;           /* [nonce, D, H, W], owned; NULL if the system has none */
  uint64_t sample;
  size_t nconserved;
  double drift[MPP_PDE_MAX_CONSERVED]; /* largest relative drift of each conserved quantity */
  bool diverged;
  double bad_time, bad_value;
  size_t bad_field, bad_cell; /* cell through [D, H, W] of the computed grid */
} mpp_trajectory;

MPP_MUST_CHECK mpp_status mpp_trajectory_open(mpp_trajectory *t, const mpp_pde_case *c);
void mpp_trajectory_close(mpp_trajectory *t); /* takes a zeroed struct */

/* Puts the initial condition of `sample` into u. */
MPP_MUST_CHECK mpp_status mpp_trajectory_init(mpp_trajectory *t, uint64_t sample);

/* From u to all frames. Reports in the struct alone: it runs inside parallel regions. */
void mpp_trajectory_integrate(mpp_trajectory *t);

/* MPP_ERR_DIVERGED names sample, time, field and cell. */
MPP_MUST_CHECK mpp_status mpp_trajectory_check(const mpp_trajectory *t);

#endif
