/* window_scores.h - scores of the predictors that are fitted to a window as local stencils, and of
 * the one that a backtest chooses. */
#ifndef MPP_WINDOW_SCORES_H
#define MPP_WINDOW_SCORES_H

#include "predictors.h"
#include "scorer.h"

/* Adds rows MPP_BY_STENCIL_LINEAR on for window b, of B in the batch; w is that window. Uses
 * s->y. */
MPP_MUST_CHECK mpp_status mpp_window_scores_add(mpp_scorer *s, const mpp_window *w, size_t b,
                                                size_t B);

#endif
