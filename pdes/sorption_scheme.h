/* sorption_scheme.h - diffusion of a solute that is sorbed by the medium, Freundlich's isotherm:
 *   w(u)_t = D u_xx,   w(u) = u + c (u + 1e-6)^n,   w'(u) = R(u) the retardation,
 * finite volumes of second order on [0, n dx], implicit in time: SDIRK of fourth order with
 * embedded third order, L-stable, its steps chosen by the error. The total w is conserved. Ends:
 * open (u = 1 at x = 0; u = -D u_x at the other, a flow at unit speed that takes away what arrives)
 * or closed. */
#ifndef MPP_SORPTION_SCHEME_H
#define MPP_SORPTION_SCHEME_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_sorption_medium {
  double diffusivity; /* D [m2 s-1] */
  double capacity;    /* c */
  double exponent;    /* n */
} mpp_sorption_medium;

/* w(u) and R(u); below u = 0 straight lines, so that small errors do no harm. */
void mpp_sorption_total(double *w, double *retardation, const double *u, size_t n,
                        const mpp_sorption_medium *medium);

typedef struct mpp_sorption {
  mpp_sorption_medium medium;
  size_t n;
  double dx;
  bool closed;
  double rtol, atol;
  double t, h; /* time reached, next step */
  size_t steps, rejected;
  double least;  /* smallest u in any step */
  bool positive; /* u was more than atol at the start: it has to stay positive */
  double *u;     /* state [n] */
  double *w;     /* its total [n] */
  double *trial; /* end of the last step tried [n] */
  /* The rest is the scheme's own. */
  double *base, *rate[5], *retardation, *total, *diagonal, *change, *work; /* [n] */
  double *memory;                                                          /* of all, owned */
} mpp_sorption;

MPP_MUST_CHECK mpp_status mpp_sorption_create(mpp_sorption *s, const mpp_sorption_medium *medium,
                                              size_t n, double dx, bool closed, double rtol,
                                              double atol);
void mpp_sorption_free(mpp_sorption *s); /* takes a zeroed struct */

/* Back to t = 0 with the averages u [n], copied. */
void mpp_sorption_start(mpp_sorption *s, const double *u);

/* Steps until t. False if no step is short enough: `trial` is where the last one led. */
bool mpp_sorption_advance(mpp_sorption *s, double t);

#endif
