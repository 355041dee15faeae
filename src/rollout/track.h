/* track.h - one forecast under way: its window, what is watched, and its file. */
#ifndef MPP_TRACK_H
#define MPP_TRACK_H

#include "attributes.h"
#include "beside.h"
#include "file.h"
#include "guard.h"
#include "job.h"
#include "physics.h"
#include "rollout_nc.h"
#include "window_fit.h"

/* What is known of the frames of a forecast beside what is predicted: given fields, masked
 * cells. */
typedef struct mpp_track_known {
  float *given;        /* [T, given, cells] beside the window; owned, NULL without given fields */
  unsigned char *mask; /* [T, C + given, cells]; owned, NULL without masks */
  float *next_given;   /* [given, cells] of the frame after the window */
  unsigned char *next_mask; /* [C + given, cells]; its first C are those of y and the next record */
  float *stored;            /* [2, C, cells]: prediction and truth with fill values */
} mpp_track_known;

typedef struct mpp_track {
  const mpp_job *job;
  mpp_plan_key key;
  mpp_rollout_options *options;                                          /* of this file; owned */
  char output[MPP_PATH_MAX], partial[MPP_PATH_MAX], fresh[MPP_PATH_MAX]; /* fresh: to copy into */
  mpp_lock lock;
  mpp_reader *reader;
  double parameter[MPP_MAX_PARAMETERS]; /* [info->nparameters] of the sample */
  double *time;                         /* [nframes] */
  float *window, *y, *truth;            /* [T, C, cells], [C, cells] */
  mpp_beside beside;                    /* what the input has beside its fields */
  mpp_window_forecast *fitted;          /* without a model */
  mpp_track_known known;
  mpp_window_fit *fit; /* of modes of a model that keep one for the whole forecast, or NULL */
  mpp_reference reference;
  mpp_guard guard;
  mpp_physics physics;
  mpp_attributes attributes;
  mpp_nc_series *series; /* [nseries] */
  size_t nseries;
  mpp_rollout_nc *file, *old; /* old: of an earlier run, to continue from; or NULL */
  size_t kept;                /* records of `old` */
  size_t done, steps;         /* records in the file, and in the end */
  size_t solver_left;         /* frames that the reference solver still gives */
  bool finished;
  mpp_status stopped; /* MPP_ERR_DIVERGED: ended before its last step */
  char message[512];  /* why */
  double values[MPP_NC_SERIES_MAX], nrmse[MPP_MAX_FIELDS]; /* of the last record */
  bool has_truth;                                          /* of the last record */
  unsigned bits;                                           /* of the last record */
  char violation[256];                                     /* of the last record, "" for none */
  bool by_solver;                                          /* the last record */
  double seconds;                                          /* of the last record */
  double model_seconds, solver_seconds;
  size_t predicted, solved; /* frames that these took */
  size_t violations, solver_frames, truth_steps;
} mpp_track;

/* Takes the lock, reads the context, fits and opens the file; a file that is complete is left as it
 * is with `resume`. `neighbour` (or NULL) has the same context and may share its reader. Close it
 * in any case; begin with a zeroed one. */
MPP_MUST_CHECK mpp_status mpp_track_open(mpp_track *t, const mpp_job *job, const mpp_plan_key *key,
                                         const mpp_track *neighbour);
/* Leaves an unfinished file for `resume`, or nothing where it has no record. */
void mpp_track_close(mpp_track *t);

/* ---- a step: begin, and where that says so a prediction into t->y and accept or refuse ---- */

/* A record of the earlier run or a frame of the reference solver needs no prediction: it is stored,
 * and *needs is false. Not after the track is finished. */
MPP_MUST_CHECK mpp_status mpp_track_begin_step(mpp_track *t, bool *needs);
/* t->y is the prediction, finite, that took `seconds`. */
MPP_MUST_CHECK mpp_status mpp_track_accept(mpp_track *t, double seconds);
/* The prediction is not finite; mpp_last_error() says where. */
MPP_MUST_CHECK mpp_status mpp_track_refuse(mpp_track *t, double seconds);

/* Fits predictors, or the base of the model, to the window as it is. */
MPP_MUST_CHECK mpp_status mpp_track_fit(mpp_track *t);

/* ---- track_known.c ---- */

/* Reads what is known of the context. MPP_ERR_USAGE: given fields vary, and end before the
 * forecast. */
MPP_MUST_CHECK mpp_status mpp_track_know(mpp_track *t);
/* Looks at the frame that comes next; past the end of the data it is as the one before. */
MPP_MUST_CHECK mpp_status mpp_track_look_ahead(mpp_track *t);
/* The window moves on. */
void mpp_track_know_next(mpp_track *t);
void mpp_track_forget(mpp_track *t);
/* What a model sees, x [T, C + given, cells], its frames `apart` values from each other; mask
 * likewise, not used without masks. */
void mpp_track_show(const mpp_track *t, float *x, unsigned char *mask, size_t apart);
/* Mask [cells] of field f in frame k of the window; NULL without masks. */
static inline const unsigned char *mpp_track_hidden(const mpp_track *t, size_t k, size_t f)
{
  const size_t seen = t->job->shape.C * t->job->cells;
  return t->known.mask != NULL ? t->known.mask + k * seen + f * t->job->cells : NULL;
}
/* Masked cells of y keep the value that they have at the end of the window. */
void mpp_track_hold(const mpp_track *t, float *y);
/* x [C, cells] with fill values where the next record is masked: part 0 or 1 of known.stored, or
 * x. */
const float *mpp_track_fill(const mpp_track *t, const float *x, int part);
/* NRMSE and VRMSE of the fields of the next record over the cells that are not masked. */
void mpp_track_score(const mpp_track *t, double *nrmse, double *vrmse, const float *y,
                     const float *truth);
/* Cells [cells] that are masked in the context, for predictors of the window; *hidden is owned by
 * the caller, NULL without masks. */
MPP_MUST_CHECK mpp_status mpp_track_still(const mpp_track *t, unsigned char **hidden);

/* ---- track_series.c: numbers of a record ---- */

MPP_MUST_CHECK mpp_status mpp_track_list_series(mpp_track *t);
void mpp_track_fill_series(mpp_track *t, const mpp_guard_record *guard, const double *clipped,
                           const double *shift);
/* Sets guard bits and origin in t->values, or reads them from there. */
void mpp_track_set_flags(mpp_track *t, unsigned bits, bool by_solver);
void mpp_track_get_flags(mpp_track *t);

/* ---- track_file.c ---- */

MPP_MUST_CHECK mpp_status mpp_track_open_file(mpp_track *t);
/* Stores t->y as the next record and moves the window. */
MPP_MUST_CHECK mpp_status mpp_track_store(mpp_track *t);
/* Gives the file its final name. It is kept under the unfinished one if that fails. */
MPP_MUST_CHECK mpp_status mpp_track_finish(mpp_track *t);

#endif
