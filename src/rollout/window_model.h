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

/* Fits to x [T, C, cells] of a dataset. MPP_ERR_USAGE: no such predictor; the message names all. */
MPP_MUST_CHECK mpp_status mpp_window_model_fit(mpp_window_forecast **out, const char *name,
                                               const float *x, size_t T,
                                               const mpp_dataset_info *info);

/* "h: stencil-5x2-linear, u: ..."; owned by the caller. */
MPP_MUST_CHECK mpp_status mpp_window_model_text(char **out, const mpp_window_forecast *f,
                                                const mpp_dataset_info *info);

#endif
