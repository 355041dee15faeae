/* metrics.h - how good a forecast is: tables of metrics over predictors, fields and horizons. */
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

/* The metrics of MPP, The Well and PDEBench: of one field at one horizon, over windows b and cells
 * x; e = prediction - truth Y. In brackets: how the windows are put together. */
typedef enum {
  MPP_METRIC_NRMSE,          /* MPP: [mean of] sqrt(<e^2> / (1e-7 + <Y^2>)) */
  MPP_METRIC_VRMSE,          /* The Well: [mean of] sqrt(<e^2> / (1e-7 + var Y)), var unbiased */
  MPP_METRIC_RMSE,           /* [mean of] sqrt <e^2> */
  MPP_METRIC_NRMSE_PDEBENCH, /* [mean of] sqrt(<e^2> / <Y^2>), without epsilon */
  MPP_METRIC_CRMSE,          /* [root mean square of] sum e / cells */
  MPP_METRIC_BRMSE,          /* [mean of] root mean square of e on the edges of the domain */
  MPP_METRIC_FRMSE_LOW,  /* Fourier modes of e in bins 0 to 3, 4 to 11, and from 12 on: mean over */
  MPP_METRIC_FRMSE_MID,  /* the band of sqrt [mean of] sum over the bin |FFT e|^2, over the */
  MPP_METRIC_FRMSE_HIGH, /* number of cells; NaN where the grid has no such bins */
  MPP_METRIC_MAX,        /* [max of] max |e| */
  MPP_METRIC_CORRELATION, /* [mean of] Pearson's coefficient, 0 after a divergence */
  MPP_METRICS
} mpp_metric;
MPP_API const char *mpp_metric_name(mpp_metric m);    /* "nrmse" */
MPP_API const char *mpp_metric_formula(mpp_metric m); /* one line */
MPP_API bool mpp_metric_find(mpp_metric *out, const char *name);

#define MPP_SCORE_EPSILON     1e-7 /* of NRMSE and VRMSE, as in their sources */
#define MPP_CORRELATION_LEVEL 0.8  /* below it a forecast has lost the truth */

enum { MPP_MAX_HORIZONS = 1024 };

typedef struct mpp_score {
  double nrmse, vrmse; /* means over windows */
} mpp_score;

/* All metrics with their intervals, and spectra. */
typedef struct mpp_score_details {
  /* [predictor, horizon, nfields + 1, MPP_METRICS]; the last field is the mean over the fields.
   * low and high: percentile bootstrap over trajectories, NaN for fewer than two of them. */
  double *value, *low, *high;
  size_t resamples;
  double confidence; /* of the intervals: 0.95 */
  /* Mean power [MPP_PREDICTORS + 1, nspectra, nfields, nbins], the truth last: sum over the modes k
   * with round |k| = bin of |FFT u|^2 / cells^2, k the numbers of the modes along the axes. */
  size_t nspectra, nbins;
  long spectrum_step[MPP_LIST_MAX];
  double *power;
  /* of each window [nwindows]: trajectory of the dataset and first frame; frames are `stride`
   * apart. NULL where they are not known */
  size_t *trajectory, *start, stride;
  double seconds_per_step; /* of the model, per window; NaN: not measured */
} mpp_score_details;

/* Scores of one dataset: entry (predictor p, horizon h, field f) at
 * score[(p * nhorizons + h) * nfields + f]; rows of the model are NaN if there is none. */
typedef struct mpp_scores {
  mpp_name system;
  mpp_split split; /* the one scored: an empty split is replaced, see mpp_evaluate */
  bool distinct;   /* equal trajectories were kept on one side of the split */
  bool stencils;   /* rows from MPP_BY_STENCIL_LINEAR on are there too */
  bool bare;       /* the row of the model alone is there */
  bool every_step; /* horizons are 1, 2, 3, ... */
  bool of_files;   /* windows are forecasts of mpp_evaluate_forecasts, of no split */
  size_t nfields, nhorizons, nwindows;
  size_t ntrajectories;           /* that the windows are from */
  size_t context;                 /* frames before the first predicted one; 0: not known */
  size_t first_start, last_start; /* first frames of the windows */
  mpp_name field[MPP_MAX_FIELDS];
  long horizon[MPP_MAX_HORIZONS]; /* steps ahead */
  mpp_score *score;               /* owned */
  mpp_score_details *details;     /* owned; NULL: NRMSE and VRMSE alone */
} mpp_scores;

/* Past the last predictor with scores. */
MPP_API mpp_predictor mpp_scores_end(const mpp_scores *s);

MPP_API void mpp_scores_free(mpp_scores *s);
MPP_API mpp_score mpp_scores_at(const mpp_scores *s, mpp_predictor p, size_t horizon, size_t field);

/* Mean over the fields. */
MPP_API mpp_score mpp_scores_mean(const mpp_scores *s, mpp_predictor p, size_t horizon);

/* Any metric; field nfields is the mean over the fields. NaN where it is not known. */
typedef struct mpp_interval {
  double low, high;
} mpp_interval;
MPP_API double mpp_scores_value(const mpp_scores *s, mpp_predictor p, mpp_metric m, size_t horizon,
                                size_t field);
MPP_API mpp_interval mpp_scores_interval(const mpp_scores *s, mpp_predictor p, mpp_metric m,
                                         size_t horizon, size_t field);

/* The first step at which the mean correlation is below MPP_CORRELATION_LEVEL; 0: at none of those
 * scored, or not every step was scored. */
MPP_API long mpp_scores_correlation_time(const mpp_scores *s, mpp_predictor p, size_t field);

/* Mean power [nbins] of a field at spectrum_step[at]; p = MPP_PREDICTORS: of the truth. Borrowed;
 * NULL if there are no spectra. */
MPP_API const double *mpp_scores_power(const mpp_scores *s, mpp_predictor p, size_t at,
                                       size_t field);

typedef struct mpp_evaluate_options {
  char model[MPP_TEXT_MAX],
      adapter[MPP_TEXT_MAX]; /* the adapter is joined to the model; "": none */
  mpp_text_list data;        /* PATH[:SYSTEM] */
  mpp_int_list horizons; /* steps ahead; empty: those of 1, 5, 10, 20 that the trajectories allow */
  long context;          /* T; 0: the model's, or 16 without one */
  long windows;          /* at most so many per dataset, evenly spread; 0: all */
  int split;             /* mpp_split, or of MPP_SPLIT_CHOICES */
  int gain;              /* mpp_gain, of a model in mode window */
  bool stencils;         /* score predictors of local stencils too, which takes longer */
  char boundary[MPP_TEXT_MAX];
  mpp_data_flags flags;                  /* what the data are, where the file does not say */
  double train_fraction, valid_fraction; /* 0, 0: the published 0.8 and 0.1 */
  int precision;                         /* mpp_precision, of the model that the caller loads */
  long threads;
  bool json;
  mpp_int_list starts;    /* first frames of the windows, from 0; empty: all there are */
  long steps;             /* score every step up to this one, in place of horizons; 0: no */
  mpp_int_list spectra;   /* steps, of those scored */
  long resamples;         /* of the bootstrap; 0: no intervals */
  mpp_text_list forecast; /* netCDF files to score in place of a model */
  mpp_text_list metrics;  /* names; what is shown */
  bool intervals, csv;    /* how it is shown */
  bool break_even;        /* run the solver that made the data beside */
} mpp_evaluate_options;
MPP_API extern const mpp_option mpp_evaluate_table[];

/* Values of the option `split`: after the parts of the published split those of one that keeps
 * equal trajectories together (mpp_dataset_options.distinct); "distinct" is its test part. */
#define MPP_SPLIT_CHOICES "train|valid|test|all|distinct|distinct-train|distinct-valid"
MPP_API mpp_split mpp_evaluate_split(bool *distinct, int choice);

/* Called after each window. */
typedef void (*mpp_evaluate_observer)(void *context, size_t done, size_t total);

/* Scores of `model` (NULL: trivial predictors only) on one open dataset. Uses context, horizons,
 * steps, starts, windows, split, spectra and resamples of the options; an empty test split is
 * replaced by the validation split, an empty validation split by all trajectories. A window in
 * which the model diverges scores infinity from there on. The caller frees *out with
 * mpp_scores_free. MPP_ERR_DATA: trajectories shorter than context + horizon, or fields the model
 * does not know. MPP_ERR_USAGE: more than MPP_MAX_HORIZONS steps, a spectrum at a step that is not
 * scored. */
MPP_API MPP_MUST_CHECK mpp_status mpp_evaluate(mpp_scores *out, mpp_model *model, mpp_dataset *data,
                                               const mpp_evaluate_options *options,
                                               mpp_evaluate_observer observer, void *context);

/* One line that is not a failure. */
typedef struct mpp_evaluate_observe_text {
  void (*text)(void *context, const char *line);
  void *context;
} mpp_evaluate_observe_text;

/* Scores of forecasts in netCDF files that hold the truth (X and X_truth, as mpp_rollout writes
 * them), each a window; forecasts of one sample count as one trajectory in the intervals. Every
 * step with a truth is scored, up to `steps` of the options and MPP_MAX_HORIZONS. The prediction is
 * the row of the model; the other predictors start from the context frames, which are read from the
 * dataset that the files name, or from the first of options.data. Where that fails `say` (may be
 * NULL) is told why, and there are no such rows. MPP_ERR_DATA: files of different fields, grids or
 * contexts, or without truth. */
MPP_API MPP_MUST_CHECK mpp_status mpp_evaluate_forecasts(
    mpp_scores *out, const char *const *path, size_t npaths, const mpp_evaluate_options *options,
    mpp_evaluate_observer observer, const mpp_evaluate_observe_text *say, void *context);

/* ---- break-even: the reference solver on coarser grids ---- */

enum { MPP_BREAK_EVEN_RUNS = 24 };

/* Runs of the solver that made the data, on its own grid and on coarser ones, over the windows of a
 * table of scores; NRMSE is the mean over windows and fields, seconds those of computing the frames
 * from the last context frame to the horizon. */
typedef struct mpp_break_even {
  mpp_name solver;
  size_t cells; /* of the data, along each axis */
  size_t nruns, nhorizons;
  size_t run_cells[MPP_BREAK_EVEN_RUNS];  /* falling */
  bool from_context[MPP_BREAK_EVEN_RUNS]; /* else from the initial condition of the sample */
  double *nrmse, *seconds;                /* [nruns, nhorizons], owned */
} mpp_break_even;
MPP_API void mpp_break_even_free(mpp_break_even *b);

/* A run starts from the sample's initial condition at t = 0, drawn on its own grid (so that its
 * error grows from there on, not from the context), and, where the solver can go on from frames,
 * another one from the context frames, averaged to its grid. Its frames come to the data's grid by
 * cubic interpolation. Grids are 1, 3/4, 1/2, 3/8, ... of the data's, of at least 8 cells.
 * MPP_ERR_DATA: the data were not made by a built-in solver, or it does not draw what they begin
 * with; windows that are not known. MPP_ERR_USAGE: a system without time. */
MPP_API MPP_MUST_CHECK mpp_status mpp_break_even_run(mpp_break_even *out, const mpp_scores *scores,
                                                     mpp_dataset *data,
                                                     mpp_evaluate_observer observer, void *context);
/* Of forecasts in files: the frames are those of the settings in `path`, one of them, which may be
 * those of a solver; `data`, unless "", stands for data that have moved. */
MPP_API MPP_MUST_CHECK mpp_status mpp_break_even_forecasts(mpp_break_even *out,
                                                           const mpp_scores *scores,
                                                           const char *path, const char *data,
                                                           mpp_evaluate_observer observer,
                                                           void *context);

/* The run with the fewest cells whose error at a horizon is at most `nrmse`; nruns: none. */
MPP_API size_t mpp_break_even_find(const mpp_break_even *b, size_t horizon, double nrmse);

#ifdef __cplusplus
}
#endif
#endif
