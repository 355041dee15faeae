/* window_scores.h - scores of the predictors that are fitted to a window as local stencils, and of the
 * one that a backtest chooses. */
#ifndef MPP_WINDOW_SCORES_H
#define MPP_WINDOW_SCORES_H

#include "mpp/metrics.h"
#include "predictors.h"

/* Adds the scores of a window to rows MPP_BY_STENCIL_LINEAR on of *s, at its horizons, of which
 * `reach` is the largest: the truth of horizon h is truth + h * stride, y is work space, both
 * [nfields, cells]. */
MPP_MUST_CHECK mpp_status mpp_window_scores_add(mpp_scores *s, const mpp_window *w, size_t reach,
                                                const float *truth, size_t stride, float *y);

#endif
