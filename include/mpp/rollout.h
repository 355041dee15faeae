/* rollout.h - autoregressive forecasts, in memory or as netCDF files. */
#ifndef MPP_ROLLOUT_H
#define MPP_ROLLOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/dataset.h"
#include "mpp/model.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One step of a forecast whose window the caller keeps: y [B, C, D, H, W] is the frame after
 * x [T, B, C, D, H, W], and x moves on by one frame, y being its last. No other state: each thread of
 * the caller needs a model handle of its own (mpp_model_share), and inside the caller's parallel
 * regions one thread computes. After an error x is as it was. As mpp_model_predict otherwise. */
MPP_API MPP_MUST_CHECK mpp_status mpp_rollout_step(mpp_model *m, float *y, float *x,
                                                   const mpp_window_shape *shape);

/* A forecast in memory: a window that slides over its own predictions. */
typedef struct mpp_forecast mpp_forecast;

/* Copies the context x [T, B, C, D, H, W]; borrows the model until destroyed. */
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_create(mpp_forecast **out, mpp_model *model,
                                                      const float *x,
                                                      const mpp_window_shape *shape);
/* The next frame y [B, C, D, H, W]. MPP_ERR_DIVERGED: not finite; the window is unchanged then. */
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_step(mpp_forecast *f, float *y);
MPP_API void mpp_forecast_destroy(mpp_forecast *f);

typedef struct mpp_rollout_options {
  char model[MPP_TEXT_MAX];
  char adapter[MPP_TEXT_MAX];  /* joined to the model; "": none */
  char data[MPP_TEXT_MAX];     /* PATH[:SYSTEM] */
  long sample, start, steps;   /* trajectory, first context frame, predicted frames */
  long context;                /* T; 0: the model's */
  char boundary[MPP_TEXT_MAX]; /* "x=periodic,y=open" overrides the file's */
  char output[MPP_TEXT_MAX];   /* netCDF file */
  int precision;               /* mpp_precision */
  bool overwrite, resume, cf_axis, json;
  long threads;
} mpp_rollout_options;
MPP_API extern const mpp_option mpp_rollout_table[];

typedef struct mpp_rollout_summary {
  size_t nfields, steps_done;
  mpp_name field[MPP_MAX_FIELDS];
  bool has_truth;
  size_t truth_steps;      /* predicted frames that the file has the truth of */
  double seconds_per_step; /* mean wall time of a prediction [s] */
} mpp_rollout_summary;

/* One predicted frame is complete in the file. nrmse [nfields] is NULL without truth. */
typedef void (*mpp_rollout_observer)(void *context, size_t step, size_t steps, const double *nrmse);

/* Runs a forecast and writes it: context frames are not stored; predicted frames, and where the
 * dataset has them the truth and the error of each, record by record. `command` is stored for
 * provenance. Written as "<output>.partial" until complete; with `resume` such a file is continued
 * to the same bytes of data. `summary` and `observer` may be NULL.
 * MPP_ERR_EXISTS: the output exists, or is unfinished and neither `resume` nor `overwrite` is set, or
 * another process writes it. MPP_ERR_USAGE: no such sample or frames. MPP_ERR_DATA: an unfinished
 * file that is not of this run. MPP_ERR_IO: complete records stay in the unfinished file.
 * MPP_ERR_DIVERGED: the file keeps the complete records and is given its final name, with the
 * attribute mpp_diverged_at_step; *summary is filled as after success. */
MPP_API MPP_MUST_CHECK mpp_status mpp_rollout(mpp_rollout_summary *summary,
                                              const mpp_rollout_options *options,
                                              const char *command, mpp_rollout_observer observer,
                                              void *context);

#ifdef __cplusplus
}
#endif
#endif
