/* crop.h - a part of a window on which predictors are tested: a block of cells, in all frames.
 *
 * What a test of some steps says of a predictor does not take all cells of a large grid: the rules
 * of backtest.h take 14 tests and some free runs, which on 128^2 cells would cost twice as much as
 * the forward pass that they serve. The block is 48 cells wide in 2D, 16 in 3D, where the grid is
 * wider, with a margin beyond the reach of the tests' steps, since its own edges are no edges of
 * the domain; errors are taken inside it. It lies where the last increments are largest along each
 * axis: what moves is what has to be predicted, and where fits first break. */
#ifndef MPP_CROP_H
#define MPP_CROP_H

#include "stencil_moments.h"

typedef struct mpp_crop {
  mpp_window window;   /* a part of the one given, or that itself */
  size_t margin[3];    /* cells at both ends of an axis that errors leave out */
  float *x;            /* owned; NULL where the window is the one given */
  unsigned char *mask; /* owned; NULL without a mask, or likewise */
} mpp_crop;

/* reach: cells that the edges can be felt from. The caller frees *c with mpp_crop_free in every
 * case. Borrows w. */
MPP_MUST_CHECK mpp_status mpp_crop_make(mpp_crop *c, const mpp_window *w, size_t reach);
void mpp_crop_free(mpp_crop *c);

#endif
