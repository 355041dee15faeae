/* window_fit.h - what was fitted to a window of one sample: a predictor for each field, taken by a
 * rule, and the scale of its error. It gives the next frame of that window and of those that a
 * forecast makes of it. But for the number of the step, which a forecast that owns it counts, it is
 * never changed: any thread may read it.
 *
 * A forecast keeps the fit of its first window where the choice is by backtest. Measured on
 * forecasts of 40 steps, benchmarks/predictors.md: fitted anew to the forecast's own frames, a
 * predictor finds itself again, at 25 to 500 times the cost of the step. */
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

/* What a forecast takes of a network's correction of one field, after a test in the window that the
 * forecast begins with (src/model/window_gain.h); the corrected forecast's error in step n is taken
 * as error n^growth, in standard deviations of the field. */
typedef struct mpp_field_gain {
  double gain; /* 0 .. 1; multiplies the scale */
  double error, growth;
  double mean; /* of the test's errors, geometric over its steps, in standard deviations */
} mpp_field_gain;

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
  /* Of a forecast that owns the fit alone: the step that comes next, from 1, or 0: of no forecast,
   * by `later` and with the whole correction, as in training; the forecast without a correction,
   * and its frame [C, cells] of that step; owned. */
  size_t step;
  bool calm; /* the network corrects `later` from the first step on, the base it was trained with */
  mpp_field_gain gain[MPP_MAX_FIELDS];
  struct mpp_window_forecast *by_itself;
  float *alone;
} mpp_window_fit;

/* Fits to w, T >= 1, which may go afterwards. Its odd ends are found from its values (walls.h).
 * Values under a mask are finite, and as far from others as these are from each other. */
MPP_MUST_CHECK mpp_status mpp_window_fit_create(mpp_window_fit **out, const mpp_window *w,
                                                mpp_window_rule rule);
/* The same with the predictor of that name for all fields; persistence where the window does not
 * decide its fit. MPP_ERR_USAGE: no such name. */
MPP_MUST_CHECK mpp_status mpp_window_fit_named(mpp_window_fit **out, const mpp_window *w,
                                               const char *name);
/* The predictors of a fit by backtest or by name, fitted to another window like its own, such as
 * the first part of that: with the steps and scales of f. *out is NULL where w is too short for
 * them, or does not decide one. */
MPP_MUST_CHECK mpp_status mpp_window_fit_again(mpp_window_fit **out, const mpp_window_fit *f,
                                               const mpp_window *w);
void mpp_window_fit_destroy(mpp_window_fit *f); /* takes NULL */

/* Whether forecasts keep the fit of their first window; fits of other rules cost next to nothing
 * and are made anew at every step. */
bool mpp_window_rule_keeps(mpp_window_rule rule);

/* From here on the fit is of a forecast that begins with its window w: `first` gives the field
 * until its steps are over. Fields have all of the correction until their gains are set. May be
 * called again. */
MPP_MUST_CHECK mpp_status mpp_window_fit_begin(mpp_window_fit *f, const mpp_window *w);
/* The next step of that forecast; nothing for a fit of no forecast, or NULL. */
void mpp_window_fit_advance(mpp_window_fit *f);
/* How far a corrected forecast is expected to have lost the truth after a step: e^2 / 2, at most 1,
 * e being its error. Two fields of equal variance that differ by e standard deviations correlate by
 * 1 - e^2 / 2. 0 of step 0. */
double mpp_window_fit_lost(const mpp_window_fit *f, size_t field, size_t step);

/* y [C, cells]: the frame after the last of w, whose grid is that of the fit, by the predictors of
 * the step, or where it is of no forecast by those that do not grow. A field that would break down
 * (backtest.h) stands still. */
MPP_MUST_CHECK mpp_status mpp_window_fit_next(const mpp_window_fit *f, float *y,
                                              const mpp_window *w);

/* A roll for the fit: its grid, bounds, odd ends and mask, which is borrowed. The caller frees it
 * with mpp_roll_free in every case. */
MPP_MUST_CHECK mpp_status mpp_window_fit_roll(mpp_roll *roll, const mpp_window_fit *f);

size_t mpp_window_fit_bytes(const mpp_window_fit *f);

#endif
