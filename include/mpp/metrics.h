/* metrics.h - how good a forecast is: tables of NRMSE and VRMSE over fields and horizons. */
#ifndef MPP_METRICS_H
#define MPP_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "mpp/error_norms.h"
#include "mpp/model.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Who predicts: the model (if there is one) and the trivial predictors on the same windows. */
typedef enum {
  MPP_BY_MODEL,
  MPP_BY_PERSISTENCE,
  MPP_BY_LINEAR,
  MPP_BY_QUADRATIC,
  MPP_BY_BACKTEST,       /* of the three, per sample and field, the best inside the window */
  MPP_BY_AUTOREGRESSION, /* of increments, fitted to the window; no training either */
  MPP_BY_STENCIL_LINEAR, /* local stencils, fitted to the window: 3 cells along each axis and 2 */
  MPP_BY_STENCIL_CUBIC,  /* frames, the same with powers of the values, */
  MPP_BY_STENCIL_CALM,   /* 3 cells and 3 frames with more allowance for their own errors */
  MPP_BY_WINDOW,         /* what `mpp rollout --model window` takes: by a longer backtest */
  MPP_PREDICTORS
} mpp_predictor;
MPP_API const char *mpp_predictor_name(mpp_predictor p);

typedef struct mpp_score {
  double nrmse, vrmse; /* means over windows */
} mpp_score;

/* Scores of one dataset: entry (predictor p, horizon h, field f) at
 * score[(p * nhorizons + h) * nfields + f]; rows of the model are NaN if there is none. */
typedef struct mpp_scores {
  mpp_name system;
  mpp_split split; /* the one scored: an empty split is replaced, see mpp_evaluate */
  bool stencils;   /* rows from MPP_BY_STENCIL_LINEAR on are there too */
  size_t nfields, nhorizons, nwindows;
  mpp_name field[MPP_MAX_FIELDS];
  long horizon[MPP_LIST_MAX]; /* steps ahead */
  mpp_score *score;           /* owned */
} mpp_scores;

/* Past the last predictor with scores. */
MPP_API mpp_predictor mpp_scores_end(const mpp_scores *s);

MPP_API void mpp_scores_free(mpp_scores *s);
MPP_API mpp_score mpp_scores_at(const mpp_scores *s, mpp_predictor p, size_t horizon, size_t field);

/* Mean over the fields. */
MPP_API mpp_score mpp_scores_mean(const mpp_scores *s, mpp_predictor p, size_t horizon);

typedef struct mpp_evaluate_options {
  char model[MPP_TEXT_MAX];
  mpp_text_list data;    /* PATH[:SYSTEM] */
  mpp_int_list horizons; /* steps ahead; empty: those of 1, 5, 10, 20 that the trajectories allow */
  long context;          /* T; 0: the model's, or 16 without one */
  long windows;          /* at most so many per dataset, evenly spread; 0: all */
  int split;             /* mpp_split */
  bool stencils;         /* score predictors of local stencils too, which takes longer */
  char boundary[MPP_TEXT_MAX];
  double train_fraction, valid_fraction; /* 0, 0: the published 0.8 and 0.1 */
  long threads;
  bool json;
} mpp_evaluate_options;
MPP_API extern const mpp_option mpp_evaluate_table[];

/* Called after each window. */
typedef void (*mpp_evaluate_observer)(void *context, size_t done, size_t total);

/* Scores of `model` (NULL: trivial predictors only) on one open dataset. Uses context, horizons,
 * windows and split of the options; an empty test split is replaced by the validation split, an
 * empty validation split by all trajectories. A window in which the model diverges scores infinity
 * from there on. The caller frees *out with mpp_scores_free.
 * MPP_ERR_DATA: trajectories shorter than context + horizon, or fields the model does not know. */
MPP_API MPP_MUST_CHECK mpp_status mpp_evaluate(mpp_scores *out, mpp_model *model, mpp_dataset *data,
                                               const mpp_evaluate_options *options,
                                               mpp_evaluate_observer observer, void *context);

#ifdef __cplusplus
}
#endif
#endif
