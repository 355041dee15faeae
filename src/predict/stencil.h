/* stencil.h - local stencil regression: the next increment of every field at a cell is a linear
 * combination of the terms of stencil_terms.h, the same at every cell, fitted to the window by
 * least squares.
 *
 * Regularisation. A forecast feeds on its own output, which differs from what the fit saw by the
 * fit's own errors. Least squares that know nothing of it amplify them, and many such fits blow up
 * within ten steps. Each fit is therefore made for frames that carry white noise, of the size of
 * the plain fit's own root mean square error of one step times `noise`, and for the increment that
 * leads from the noisy frame to the true next one. The expectation over the noise is taken exactly:
 * it adds a matrix of two numbers an entry to the normal equations (for powers it is left out).
 * Measured, NRMSE after 1, 5, 10, 20 and 40 steps, without noise and with noise 1:
 *   diffusion-reaction 64^2, 3 cells, 2 frames, cubic: .0001 .016 2.0 2.9 3.1; .0002 .0005 .0008
 * .0011 .0042; shallow water 64^2, the same: .0003 .0033 .012 .061 .137; .0003 .0030 .0082 .029
 * .083; 3 cells, 2 frames, linear: .0003 .0028 .0069 .014 .034; .0003 .0030 .0071 .015 .035;
 *   Kelvin-Helmholtz 128^2, 1 to 20 steps, 3 cells, 2 frames, linear: .077 3.9 4.2 4.4; .077 .23
 * .27 .43, with noise 3 .085 .21 .27 .34. */
#ifndef MPP_STENCIL_H
#define MPP_STENCIL_H

#include "roll.h"
#include "stencil_moments.h"

/* Coefficients a [m->terms, m->fields] of a stencil fitted to a part of the window; terms beyond
 * `reach` get 0. False: the equations cannot be solved (nothing in the window moves); a is 0 then.
 * MPP_ERR_NOMEM by *st. */
MPP_MUST_CHECK mpp_status mpp_stencil_fit(double *a, bool *solved, const mpp_stencil_moments *m,
                                          const mpp_stencil_reach *reach, double noise,
                                          mpp_fit_part part);

/* A fit as sums over neighbours: next increment of field c at a cell =
 *   constant[c] + sum of tap.by[c] * array[tap.from][cell + tap.offset] + powers. */
typedef struct mpp_stencil_tap {
  size_t from;      /* of the arrays of a roll: lag * fields + field, lag 0: values */
  ptrdiff_t offset; /* in the padded grid */
} mpp_stencil_tap;

typedef struct mpp_stencil {
  size_t fields, taps, powers;
  mpp_stencil_tap *tap;
  double *by;              /* [taps, fields] */
  mpp_stencil_term *power; /* [powers] */
  double *power_by;        /* [powers, fields] */
  double constant[MPP_MAX_FIELDS], mean[MPP_MAX_FIELDS], sd[MPP_MAX_FIELDS];
} mpp_stencil;

/* The caller frees *s with mpp_stencil_free in every case. */
MPP_MUST_CHECK mpp_status mpp_stencil_make(mpp_stencil *s, const double *a,
                                           const mpp_stencil_moments *m);
void mpp_stencil_free(mpp_stencil *s);
size_t mpp_stencil_bytes(const mpp_stencil *s); /* of its arrays */

/* The next increments, r->next. */
void mpp_stencil_step(mpp_roll *r, const mpp_stencil *s);

#endif
