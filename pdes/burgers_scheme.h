/* burgers_scheme.h - Burgers' equation u_t + (u^2 / 2)_x = nu u_xx on a periodic interval, cell
 * averages: WENO-AO(5,3) and Godunov's flux for the waves, diffusion solved exactly in Fourier
 * space as the integrating factor of a strong-stability-preserving Runge-Kutta scheme of third
 * order, so that steps are those of the waves whatever nu is. */
#ifndef MPP_BURGERS_SCHEME_H
#define MPP_BURGERS_SCHEME_H

#include <stdbool.h>
#include <stddef.h>

#include "fft.h"

typedef struct mpp_burgers {
  size_t n;
  double dx, nu; /* [m], [m2 s-1] */
  double t, dt;  /* time reached, last step */
  size_t steps;
  double *u; /* state [n], two ghosts on each side */
  /* The rest is the scheme's own. */
  double factor_dt;     /* step that the factors are of */
  size_t modes;         /* complex coefficients of a spectrum */
  mpp_fft *fft;         /* owned */
  double scale;         /* 1 / n, of an inverse transform */
  double *memory;       /* of the arrays below and u, owned */
  double *rate;         /* N(u) = -(u^2 / 2)_x [n] */
  double *lower, *flux; /* states on the lower side of upper faces, fluxes [n + 1] */
  double *upper;        /* states on the upper side of lower faces [n + 1] */
  double *third;        /* exp(-nu k^2 dt / 3) [modes] */
  double *now, *stage, *sum, *rates, *work; /* spectra [2 modes] */
} mpp_burgers;

MPP_MUST_CHECK mpp_status mpp_burgers_create(mpp_burgers *b, size_t n, double dx, double nu);
void mpp_burgers_free(mpp_burgers *b); /* takes a zeroed struct */

/* Back to t = 0 with the averages u [n], copied. */
void mpp_burgers_start(mpp_burgers *b, const double *u);

/* Steps until t. False if the state is not finite: it is then the last one computed. */
bool mpp_burgers_advance(mpp_burgers *b, double t);

#endif
