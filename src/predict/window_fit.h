/* window_fit.h - what was fitted to a window of one sample: a predictor for each field, taken by a
 * rule, and the scale of its error. It gives the next frame of that window and of those that a
 * forecast makes of it, and is never changed: any thread may read it.
 *
 * A forecast keeps the fit of its first window where the choice is by backtest. Measured on
 * forecasts of 40 steps, benchmarks/README.md: fitted anew to the forecast's own frames, a predictor
 * finds itself again, at 25 to 500 times the cost of the step. */
#ifndef MPP_WINDOW_FIT_H
#define MPP_WINDOW_FIT_H

#include "backtest.h"

/* Which predictor a field gets. */
typedef enum {
  MPP_RULE_PERSISTENCE,    /* the last frame */
  MPP_RULE_POLYNOMIAL,     /* of order 0, 1 or 2: window.h */
  MPP_RULE_AUTOREGRESSION, /* autoregression.h */
  MPP_RULE_BACKTEST        /* any of the table: backtest.h */
} mpp_window_rule;

typedef struct mpp_window_fit {
  size_t C;
  mpp_halo halo;
  mpp_odd_ends odd[MPP_MAX_FIELDS];
  unsigned char *mask; /* [halo.cells], owned; or NULL */
  mpp_seen seen;       /* of the window; bounds are infinite under the rules that are not guarded */
  size_t count;
  mpp_fitted *fitted[MPP_BACKTEST_PREDICTORS]; /* [count], owned */
  size_t first[MPP_MAX_FIELDS]; /* number of a field's predictor for the first steps */
  size_t steps[MPP_MAX_FIELDS]; /* which are so many; SIZE_MAX: all */
  size_t later[MPP_MAX_FIELDS]; /* and after them: one that does not grow */
  float scale[MPP_MAX_FIELDS];  /* root mean square error of one step of `later` in the window, with
                                  the floor of window.h */
} mpp_window_fit;

/* Fits to w, T >= 1, which may go afterwards. Its odd ends are found from its values (walls.h). Values
 * under a mask are finite, and as far from others as these are from each other. */
MPP_MUST_CHECK mpp_status mpp_window_fit_create(mpp_window_fit **out, const mpp_window *w,
                                                mpp_window_rule rule);
/* The same with the predictor of that name for all fields; persistence where the window does not
 * decide its fit. MPP_ERR_USAGE: no such name. */
MPP_MUST_CHECK mpp_status mpp_window_fit_named(mpp_window_fit **out, const mpp_window *w,
                                               const char *name);
void mpp_window_fit_destroy(mpp_window_fit *f); /* takes NULL */

/* Whether forecasts keep the fit of their first window; fits of other rules cost next to nothing and
 * are made anew at every step. */
bool mpp_window_rule_keeps(mpp_window_rule rule);

/* y [C, cells]: the frame after the last of w, whose grid is that of the fit, by the predictors that do
 * not grow. A field that would break down (backtest.h) stands still. */
MPP_MUST_CHECK mpp_status mpp_window_fit_next(const mpp_window_fit *f, float *y,
                                              const mpp_window *w);

/* A roll for the fit: its grid, bounds, odd ends and mask, which is borrowed. The caller frees it with
 * mpp_roll_free in every case. */
MPP_MUST_CHECK mpp_status mpp_window_fit_roll(mpp_roll *roll, const mpp_window_fit *f);

size_t mpp_window_fit_bytes(const mpp_window_fit *f);

#endif
