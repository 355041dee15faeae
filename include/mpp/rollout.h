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

/* One step of a forecast whose window the caller keeps, with the full correction (mpp_gain): y
 * [B, C - given, D, H, W] is the frame after
 * x [T, B, C, D, H, W], and x moves on by one frame: the fields predicted are those of y in its
 * last one, given fields stay as they were. Given fields that vary in time the caller writes into
 * the last frame before the next step, and a mask that varies he moves on himself. No other state:
 * each thread of the caller needs a model handle of its own (mpp_model_share), and inside the
 * caller's parallel regions one thread computes. After an error x is as it was. As
 * mpp_model_predict otherwise. */
MPP_API MPP_MUST_CHECK mpp_status mpp_rollout_step(mpp_model *m, float *y, float *x,
                                                   const mpp_window_shape *shape);

/* A forecast in memory: a window that slides over its own predictions. */
typedef struct mpp_forecast mpp_forecast;

/* Copies the context x [T, B, C, D, H, W] and its mask; borrows the model until destroyed.
 * mpp_forecast_create takes the fitted gain. */
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_create(mpp_forecast **out, mpp_model *model,
                                                      const float *x,
                                                      const mpp_window_shape *shape);
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_create_with(mpp_forecast **out, mpp_model *model,
                                                           const float *x,
                                                           const mpp_window_shape *shape,
                                                           mpp_gain gain);
/* The gain of a field; 1 where none was fitted. */
MPP_API float mpp_forecast_gain(const mpp_forecast *f, size_t sample, size_t field);
/* The next frame y [B, C - given, D, H, W], given fields and mask being those of the frame before.
 * MPP_ERR_DIVERGED: not finite; the window is unchanged then. */
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_step(mpp_forecast *f, float *y);

/* The same where these are known of the frame that is predicted: given [B, given, D, H, W], mask
 * [B, C, D, H, W]; NULL: as in the frame before. A context without a mask has none later. */
MPP_API MPP_MUST_CHECK mpp_status mpp_forecast_step_given(mpp_forecast *f, float *y,
                                                          const float *given,
                                                          const unsigned char *mask);
MPP_API void mpp_forecast_destroy(mpp_forecast *f);

/* What is done when a forecast leaves what is watched: nothing but a note; stop, the violating
 * record being the last; or let the reference solver compute the next frames. */
typedef enum { MPP_VIOLATION_WARN, MPP_VIOLATION_STOP, MPP_VIOLATION_SOLVER } mpp_on_violation;
#define MPP_ON_VIOLATION_CHOICES "warn|stop|solver"

/* Bits of the variable `guard` of a record. */
enum {
  MPP_GUARD_NONFINITE = 1, /* of the prediction */
  MPP_GUARD_RANGE = 2,     /* a field left the range of the context */
  MPP_GUARD_BALANCE = 4,   /* a conserved quantity drifted */
  MPP_GUARD_SPECTRUM = 8   /* too much of a field is in its shortest waves */
};

typedef struct mpp_rollout_options {
  char model[MPP_TEXT_MAX];   /* checkpoint, window or window:NAME */
  char adapter[MPP_TEXT_MAX]; /* joined to the model; "": none */
  mpp_text_list ensemble;     /* further checkpoints: members each */
  char data[MPP_TEXT_MAX];    /* PATH[:SYSTEM], solver:SYSTEM,NAME=VALUE,... or a forecast */
  char output[MPP_TEXT_MAX];  /* netCDF file; {sample} {start} {steps} {member} stand for numbers */
  char sample[MPP_TEXT_MAX];  /* trajectories: "0-9,12", "0-90:10", "all", "train|valid|test" */
  char start[MPP_TEXT_MAX];   /* first context frames, likewise, or "last" */
  char steps[MPP_TEXT_MAX];   /* frames to predict, likewise */
  long context;               /* T; 0: the model's */
  long batch;                 /* forecasts at once */
  long members, member, seed; /* perturbed contexts; one of them alone (-1: all) */
  double perturb;             /* noise, in standard deviations of a field over the context */
  char boundary[MPP_TEXT_MAX]; /* "x=periodic,y=open" overrides the file's */
  mpp_data_flags flags;      /* what the data are, where the file does not say; `stride` may also be
                                a number, "2" or "2,x=2": every how many frames one is used */
  long shifts;               /* average over so many shifts of the patches */
  int gain;                  /* mpp_gain, of models in mode window */
  char solver[MPP_TEXT_MAX]; /* reference: SYSTEM,NAME=VALUE,... */
  int on_violation;          /* mpp_on_violation */
  double max_growth, max_drift, max_high_share; /* 0: not judged */
  long solver_steps;                            /* frames by the solver after a violation */
  bool time_solver;                             /* measure the solver over the same horizon */
  mpp_text_list conserve;                       /* quantities or fields whose means are kept */
  mpp_text_list positive;                       /* fields that are clipped from below */
  double floor;                                 /* in units of the least value of the context */
  bool hold_given; /* given fields that vary stay as they were where the data end */
  bool truth;      /* store true frames where there are some */
  long compress, keep_digits;
  int precision; /* mpp_precision */
  bool cf_axis, overwrite, resume, json;
  long threads;
} mpp_rollout_options;
MPP_API extern const mpp_option mpp_rollout_table[];

typedef struct mpp_rollout_summary {
  size_t nfields, steps_done; /* of all forecasts together */
  mpp_name field[MPP_MAX_FIELDS];
  bool has_truth;
  size_t truth_steps;               /* predicted frames that there is the truth of */
  double seconds_per_step;          /* mean wall time of a predicted frame [s] */
  double solver_seconds_per_step;   /* of the reference solver; 0: it did not run */
  size_t forecasts, stopped;        /* files; of those, ended before their last step */
  size_t violations, solver_frames; /* records with guard bits; frames by the solver */
  char file[MPP_TEXT_MAX];          /* the first file */
  char ensemble[MPP_TEXT_MAX];      /* the first file of mean and spread; "" if none */
  char left_out[MPP_TEXT_MAX]; /* variables that the input names and the files lack: "a, b"; the
                                files list all as mpp_left_out */
} mpp_rollout_summary;

/* A frame is complete in a file. */
typedef struct mpp_rollout_event {
  const char *file;
  size_t forecast, forecasts; /* number of the file, from 0, and how many there are */
  size_t step, steps;         /* from 1 */
  const double *nrmse;        /* [nfields]; NULL without truth */
  double seconds;             /* wall time of the frame; 0: taken over from an earlier run */
  unsigned guard;             /* MPP_GUARD_ bits */
  const char *violation;      /* what the guards found; NULL: nothing */
  bool by_solver;
} mpp_rollout_event;
typedef void (*mpp_rollout_observer)(void *context, const mpp_rollout_event *event);

/* Runs forecasts and writes one netCDF file each: context frames are not stored; predicted frames,
 * and where there are some the true frames and the error of each, record by record, with what was
 * watched and done at each step. Several samples, starts, horizons and members make several files;
 * members of an ensemble make one of their mean and spread besides. `command` is stored for
 * provenance. Written as "<output>.partial" until complete; with `resume` such a file is continued
 * to the same bytes of data, and files that are complete are left as they are. `summary` and
 * `observer` may be NULL. MPP_ERR_EXISTS: an output exists, or is unfinished and neither `resume`
 * nor `overwrite` is set, or another process writes it. MPP_ERR_USAGE: no such sample, frames or
 * solver. MPP_ERR_DATA: an unfinished file that is not of this run. MPP_ERR_IO: complete records
 * stay in the unfinished file. MPP_ERR_DIVERGED: a forecast was stopped: its file keeps the
 * complete records and has its final name, with the attribute mpp_diverged_at_step (not finite,
 * that record is missing) or mpp_stopped_at_step (by a guard, that record is the last); *summary is
 * filled as after success. */
MPP_API MPP_MUST_CHECK mpp_status mpp_rollout(mpp_rollout_summary *summary,
                                              const mpp_rollout_options *options,
                                              const char *command, mpp_rollout_observer observer,
                                              void *context);

/* One variable or attribute in which two forecasts differ. */
typedef struct mpp_rollout_difference {
  char name[128];
  size_t record;                /* first record that differs, of a variable with records */
  double largest;               /* largest difference of a variable */
  char first[256], second[256]; /* texts of an attribute; "" for a variable */
} mpp_rollout_difference;

/* Runs the forecast of `path` again, by the settings that stand in it, into "<path>.repeat",
 * compares all variables bit by bit and the attributes that identify the run, and removes the
 * second file. `model` and `data`, if not NULL or "", stand for those named in the file.
 * *differences, owned by the caller (mpp_rollout_differences_free), has `count` entries.
 * MPP_ERR_DATA: `path` is no forecast with settings. Errors of mpp_rollout come back as they
 * are. */
MPP_API MPP_MUST_CHECK mpp_status mpp_rollout_repeat(mpp_rollout_difference **differences,
                                                     size_t *count, const char *path,
                                                     const char *model, const char *data,
                                                     const char *command,
                                                     mpp_rollout_observer observer, void *context);
MPP_API void mpp_rollout_differences_free(mpp_rollout_difference *differences);

#ifdef __cplusplus
}
#endif
#endif
