/* scalar_released.h - the schemes of the released 1D PDEBench sets, in float32 as they were.
 * Periodic, cell averages, states at faces by MC-limited slopes, the midpoint rule of
 * num_midpoint.h. */
#ifndef MPP_SCALAR_RELEASED_H
#define MPP_SCALAR_RELEASED_H

#include "num_midpoint.h"
#include "pde_system.h"

typedef struct mpp_scalar_numbers {
  float dx;          /* width of a cell [m] */
  float speed;       /* of advection [m s-1] */
  float diffusivity; /* [m2 s-1] */
  float growth;      /* of the logistic reaction [s-1] */
} mpp_scalar_numbers;

typedef enum {
  /* u_t + speed u_x = 0, speed > 0: upwind, steps of 0.4 dx / speed. */
  MPP_RELEASED_ADVECTION,
  /* u_t + (u^2 / 2)_x = diffusivity u_xx: Roe's flux and central differences, steps of 0.25 of the
   * shorter one of dx / |u| and dx^2 / (2 diffusivity). */
  MPP_RELEASED_BURGERS,
  /* u_t = diffusivity u_xx + growth u (1 - u): the logistic equation solved over the step, then the
   * diffusive fluxes; steps of 0.25 dx^2 / (2 diffusivity). */
  MPP_RELEASED_FISHER
} mpp_released_scheme;

typedef struct mpp_scalar_released {
  mpp_scalar_numbers numbers;
  mpp_midpoint midpoint; /* refers to the numbers: the struct stays where it is */
  double horizon, interval;
} mpp_scalar_released;

/* MPP_ERR_USAGE if steps for the diffusivity are too short to advance time in float32 up to the
 * horizon; `value` is that of the parameter `name`. */
MPP_MUST_CHECK mpp_status mpp_scalar_released_check(const mpp_pde_setup *setup, double diffusivity,
                                                    const char *name, double value);

MPP_MUST_CHECK mpp_status mpp_scalar_released_create(mpp_scalar_released *r,
                                                     mpp_released_scheme scheme,
                                                     const mpp_scalar_numbers *numbers,
                                                     const mpp_pde_setup *setup);
void mpp_scalar_released_free(mpp_scalar_released *r); /* takes a zeroed struct */
void mpp_scalar_released_start(mpp_scalar_released *r, const double *u);

/* As mpp_pde.advance; fills what `run` says of time and steps. */
bool mpp_scalar_released_advance(mpp_scalar_released *r, mpp_pde_run *run, double *u, double t);

#endif
