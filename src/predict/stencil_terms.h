/* stencil_terms.h - what a local stencil regression sees at a cell x_0 of the last frame:
 *   values:      v_c(x_0), and v_c(x_j) - v_c(x_0) of its neighbours;
 *   increments:  d_c(x_j) of one and two steps before, at the cell and its neighbours;
 *   powers:      monomials of degree 2 and 3 of the values at x_0 across fields;
 *   a constant.
 * Neighbours enter as differences and frames as increments: the values themselves are nearly equal,
 * and normal equations square that. All stencils of one window are parts of the largest one, so
 * that its inner products are those of all of them. */
#ifndef MPP_STENCIL_TERMS_H
#define MPP_STENCIL_TERMS_H

#include <stdbool.h>
#include <stddef.h>

#include "halo.h"

enum {
  MPP_STENCIL_TERMS = 512, /* most of one window */
  MPP_STENCIL_LAGS = 2     /* increments before */
};

typedef enum { MPP_TERM_VALUE, MPP_TERM_INCREMENT, MPP_TERM_POWER, MPP_TERM_ONE } mpp_term_kind;

typedef struct mpp_stencil_term {
  mpp_term_kind kind;
  unsigned char field, lag; /* lag 0: the last increment */
  unsigned char ring;       /* largest distance along an axis */
  unsigned char degree, factor[3];
  ptrdiff_t offset; /* of the neighbour in the padded grid */
} mpp_stencil_term;

/* Which terms a stencil takes: neighbours up to `radius` cells along each axis, increments between
 * `frames` frames, powers up to `degree`. */
typedef struct mpp_stencil_reach {
  size_t radius, frames, degree;
} mpp_stencil_reach;

/* The terms of the largest stencil, whose reach becomes *reach: what `reach` asks for, or as much
 * of it as MPP_STENCIL_TERMS holds. Increments two steps before are those of nearest neighbours
 * even where the radius is larger. Returns their number. */
size_t mpp_stencil_terms(mpp_stencil_term *term, mpp_stencil_reach *reach, const mpp_halo *h,
                         size_t fields);

bool mpp_stencil_takes(const mpp_stencil_reach *reach, const mpp_stencil_term *term);

#endif
