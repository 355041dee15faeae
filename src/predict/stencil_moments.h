/* stencil_moments.h - the inner products that every local stencil regression of one window is
 * fitted from: of the terms of stencil_terms.h and of the increments that they are to give. One
 * pass over the window serves all stencils, and both the fit to its first part and the fit to all
 * of it.
 *
 * Rows. A row is a cell of a frame with the frame after it; its weight is the inverse mean square
 * of the increments into that frame (relative to their mean over the window, averaged over fields),
 * so that a fast start does not drown a slow end. At most a fixed number of rows is taken, from
 * each frame the same number, one cell from each of that many equal runs of cells, by a hash of its
 * number: a few thousand equations decide a hundred unknowns as well as all of them do. */
#ifndef MPP_STENCIL_MOMENTS_H
#define MPP_STENCIL_MOMENTS_H

#include "mpp/field.h"
#include "mpp/status.h"
#include "stencil_terms.h"

/* A window of one sample: frame t, field c, cell i at x[t * stride + c * cells + i]. */
typedef struct mpp_window {
  const float *x;
  size_t T, C, stride;
  size_t grid[3];
  mpp_edge edge[3];
  mpp_odd_ends odd[MPP_MAX_FIELDS];
  const unsigned char *mask; /* [cells]: where not 0, left out of fits and held fixed; or NULL */
} mpp_window;

typedef enum { MPP_FIT_HEAD, MPP_FIT_WHOLE, MPP_FIT_PARTS } mpp_fit_part;

typedef struct mpp_stencil_moments {
  mpp_halo halo;
  mpp_stencil_reach reach; /* of the largest stencil */
  size_t fields, terms, side;
  mpp_stencil_term term[MPP_STENCIL_TERMS];
  double mean[MPP_MAX_FIELDS], sd[MPP_MAX_FIELDS]; /* of the values, for the powers */
  double *gram[MPP_FIT_PARTS];                     /* [side, side], upper; targets stand last */
  double weight[MPP_FIT_PARTS];                    /* sum of the rows' weights */
} mpp_stencil_moments;

/* Moments of w for stencils up to `reach`; the head ends with frame `head` - 1. head >
 * reach.frames. The caller frees *m, which is large, with mpp_stencil_moments_free in every
 * case. */
MPP_MUST_CHECK mpp_status mpp_stencil_moments_make(mpp_stencil_moments *m, const mpp_window *w,
                                                   mpp_stencil_reach reach, size_t head);
void mpp_stencil_moments_free(mpp_stencil_moments *m);

#endif
