/* window_choice.h - the choice of predictors by backtest (rule: backtest.h), and their scales. */
#ifndef MPP_WINDOW_CHOICE_H
#define MPP_WINDOW_CHOICE_H

#include "window_fit.h"

/* Fills f, which is zeroed: by backtest, or with `by` for all fields. The caller frees what f
 * owns. */
MPP_MUST_CHECK mpp_status mpp_window_choice_make(mpp_window_fit *f, const mpp_window *w,
                                                 const mpp_window_predictor *by);
/* Fills f, which is zeroed, with the predictors, steps and scales of another fit, fitted to w;
 * *usable as mpp_window_fit_again. */
MPP_MUST_CHECK mpp_status mpp_window_choice_again(mpp_window_fit *f, bool *usable,
                                                  const mpp_window *w, const mpp_window_fit *of);

#endif
