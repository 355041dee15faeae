/* window_forecast.h - a forecast from a window alone, by a named predictor or by the one that a
 * backtest chooses. */
#ifndef MPP_WINDOW_FORECAST_H
#define MPP_WINDOW_FORECAST_H

#include "window_fit.h"

typedef struct mpp_window_forecast mpp_window_forecast;

/* Fits to w, T >= 1, which may go afterwards; borrows nothing. name: of mpp_window_predictor_at, or
 * NULL: by backtest. MPP_ERR_USAGE: no such name. */
MPP_MUST_CHECK mpp_status mpp_window_forecast_create(mpp_window_forecast **out, const mpp_window *w,
                                                     const char *name);
/* The same by a fit to w, which is borrowed. */
MPP_MUST_CHECK mpp_status mpp_window_forecast_of(mpp_window_forecast **out,
                                                 const mpp_window_fit *fit, const mpp_window *w);
void mpp_window_forecast_destroy(mpp_window_forecast *f);

/* The next frame y [C, cells]. A field whose forecast breaks down (backtest.h) stands still from
 * the frame before on. */
void mpp_window_forecast_step(mpp_window_forecast *f, float *y);

/* What was fitted; borrowed. */
const mpp_window_fit *mpp_window_forecast_fit(const mpp_window_forecast *f);
/* Name of the predictor of a field for the first steps, and of that which goes on after *steps of
 * them, or NULL if none does. */
const char *mpp_window_forecast_choice(const mpp_window_forecast *f, size_t field);
const char *mpp_window_forecast_later(const mpp_window_forecast *f, size_t field, size_t *steps);
/* Root mean square error of one step in the window, of that which goes on. */
float mpp_window_forecast_scale(const mpp_window_forecast *f, size_t field);

#endif
