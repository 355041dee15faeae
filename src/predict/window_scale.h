/* window_scale.h - how far the predictors of a fit err in one step. */
#ifndef MPP_WINDOW_SCALE_H
#define MPP_WINDOW_SCALE_H

#include "window_fit.h"

/* f->scale of fits to w: root mean square errors of one step into each frame after the head of `in`
 * by the later predictors, fitted to the head, with the floor of window.h. Where the window or the
 * head is too short for a test the scale is that of persistence. */
MPP_MUST_CHECK mpp_status mpp_window_scale_set(mpp_window_fit *f, const mpp_window *w,
                                               const mpp_fit_input *in);

#endif
