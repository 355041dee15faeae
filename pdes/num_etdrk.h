/* num_etdrk.h - exponential time differencing, fourth order, for systems whose linear part is
 * diagonal: v_i' = L_i v_i + N_i(v), v complex, L real. The linear part is exact, however stiff.
 * S. M. Cox and P. C. Matthews, J. Comput. Phys. 176 (2002) 430; coefficients by phi functions,
 * which avoid the cancellation that A.-K. Kassam and L. N. Trefethen (SIAM J. Sci. Comput. 26
 * (2005) 1214) avoid by contour integrals. */
#ifndef MPP_NUM_ETDRK_H
#define MPP_NUM_ETDRK_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

enum { MPP_ETDRK_FIELDS = 4 };

typedef struct mpp_etdrk_problem {
  size_t fields, modes;                   /* v [fields, modes], pairs (re, im) */
  const double *linear[MPP_ETDRK_FIELDS]; /* L [modes] of each field; copied */
  size_t terms, term[MPP_ETDRK_FIELDS];   /* N of field f is nonlinear term term[f] */
  /* n [terms, modes] = N(v). Called from one thread. */
  void (*nonlinear)(double *n, const double *v, void *context);
  void *context; /* borrowed */
} mpp_etdrk_problem;

typedef struct mpp_etdrk mpp_etdrk;

/* The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_etdrk_create(mpp_etdrk **out, const mpp_etdrk_problem *problem);
void mpp_etdrk_destroy(mpp_etdrk *e); /* takes NULL */

/* v [fields, modes]; the caller writes the initial state there and reads the current one. */
double *mpp_etdrk_state(mpp_etdrk *e);

/* From *t to `end` in as few equal steps as are not longer than `longest`; adds them to *steps. A
 * distance that equals `interval` but for the rounding of times counts as `interval`: then all
 * intervals between frames share the coefficients of one step. False as soon as a mode is not
 * finite: *t is then the time of that. */
bool mpp_etdrk_advance(mpp_etdrk *e, double *t, size_t *steps, double end, double longest,
                       double interval);

/* phi_k(z) for k = 0, 1, 2, 3: exp(z), and (phi_{k-1}(z) - 1 / (k - 1)!) / z. */
void mpp_etdrk_phi(double phi[4], double z);

#endif
