/* predictors.h - the predictors of a window, a table of them. Each is fitted to a part of the
 * window and then gives the next increments from the last frame and the increments before
 * (roll.h). */
#ifndef MPP_PREDICTORS_H
#define MPP_PREDICTORS_H

#include "stencil.h"

/* What a fit sees. */
typedef struct mpp_fit_input {
  const mpp_window *window;
  size_t head;                        /* frames of the first part */
  const mpp_stencil_moments *moments; /* NULL: the window is too short for stencils */
} mpp_fit_input;

typedef struct mpp_window_predictor mpp_window_predictor;

/* What a predictor is wanted for: the first steps, or to go on when the best for these would
 * grow. */
typedef enum { MPP_RANK_FIRST, MPP_RANK_LATER, MPP_RANKS } mpp_rank;

/* A predictor fitted to a window. */
typedef struct mpp_fitted {
  const mpp_window_predictor *by;
  double a[MPP_MAX_FIELDS][MPP_ROLL_LAGS]; /* pointwise: of the last increment, those before */
  mpp_stencil stencil;
} mpp_fitted;

struct mpp_window_predictor {
  const char *name;
  size_t frames; /* least of a part that it can be fitted to */
  mpp_stencil_reach reach;
  double noise; /* stencil.h */
  double fixed[MPP_ROLL_LAGS];
  size_t order;               /* of an auto-regression */
  double handicap[MPP_RANKS]; /* in the backtest: its errors count as so many times larger */

  /* Fills *f, which is zeroed, but for `by`. *usable is false if this window does not decide the
   * fit. */
  mpp_status (*fit)(mpp_fitted *f, bool *usable, const mpp_fit_input *in, mpp_fit_part part);
  void (*step)(mpp_roll *r, const mpp_fitted *f); /* sets r->next */
};

/* mpp_roll_make for windows like w, whose odd ends and mask it takes; the mask is borrowed. */
MPP_MUST_CHECK mpp_status mpp_window_roll_make(mpp_roll *r, const mpp_halo *halo,
                                               const mpp_window *w);

/* The table, in a fixed order: pointwise predictors first; NULL past its end. */
const mpp_window_predictor *mpp_window_predictor_at(size_t index);
const mpp_window_predictor *mpp_window_predictor_find(const char *name);

/* The largest reach in the table that windows of `head` frames can decide; frames 0: none. */
mpp_stencil_reach mpp_window_predictors_reach(size_t head);

/* The caller frees *f with mpp_fitted_free in every case. */
MPP_MUST_CHECK mpp_status mpp_fitted_make(mpp_fitted *f, bool *usable,
                                          const mpp_window_predictor *by, const mpp_fit_input *in,
                                          mpp_fit_part part);
void mpp_fitted_free(mpp_fitted *f);

/* A fit for rolls on grid `from` becomes one for rolls on grid `to`, with ghosts as wide. */
void mpp_fitted_move(mpp_fitted *f, const mpp_halo *from, const mpp_halo *to);

#endif
