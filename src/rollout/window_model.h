/* window_model.h - forecasts whose model is the window itself: --model window[:NAME]. */
#ifndef MPP_WINDOW_MODEL_H
#define MPP_WINDOW_MODEL_H

#include <stdbool.h>

#include "mpp/dataset.h"
#include "window_forecast.h"

enum { MPP_WINDOW_CONTEXT = 16 }; /* frames, where none are asked for */

/* Whether `model` is window or window:NAME rather than a file (./window is one); *name is NAME, or
 * NULL for the choice by backtest. */
bool mpp_window_model(const char **name, const char *model);

/* Fits to x [T, C, cells] of a dataset, mask [cells] or NULL. MPP_ERR_USAGE: no such predictor; the
 * message names all. */
MPP_MUST_CHECK mpp_status mpp_window_model_fit(mpp_window_forecast **out, const char *name,
                                               const float *x, const unsigned char *mask, size_t T,
                                               const mpp_dataset_info *info);

/* "h: stencil-5x2-linear, u: stencil-3x2-cubic for 9 steps, then linear"; owned by the caller. In
 * anything but a `forecast` what goes on is all there is. */
MPP_MUST_CHECK mpp_status mpp_window_model_text(char **out, const mpp_window_fit *f, bool forecast,
                                                const mpp_dataset_info *info);

/* "h: 0.83, error 0.002 n^1.2; u: ...": the gain of each field, and the error in standard
 * deviations that it falls with, n being the step (window_fit.h); or "full". */
MPP_MUST_CHECK mpp_status mpp_window_gain_text(char **out, const mpp_window_fit *f,
                                               const mpp_dataset_info *info);

#endif
