/* scorer.h - scores under way: a batch of windows with their truth, the predictors that need no
 * model, and the sums that become a table. */
#ifndef MPP_SCORER_H
#define MPP_SCORER_H

#include "tally.h"

enum { MPP_SCORER_BATCH = 4 }; /* windows at a time, at most */

typedef struct mpp_scorer {
  mpp_scores *scores;     /* borrowed: fields and horizons are set; filled by finish */
  mpp_window_shape shape; /* T, C, grid, boundary; B: windows of a batch, at most */
  size_t cells, frame;    /* of a field, of all fields */
  size_t reach;           /* largest horizon */
  mpp_meter *meter;       /* from here on owned */
  mpp_tally tally;
  double *record, *power;         /* one frame's: [C, length], [C, bins] */
  float *x, *truth, *y;           /* [T, B, C, S], [nhorizons, B, C, S], [B, C, S] */
  unsigned char *hidden;          /* mask of the truth, as that; NULL: none */
  unsigned char *still;           /* [B, S]: masked in the context, where x stands still; or NULL */
  size_t group[MPP_SCORER_BATCH]; /* trajectories of the windows in x, counted by those scored */
} mpp_scorer;

/* Makes room for batches of at most shape.B windows of `ngroups` trajectories, with masks; takes
 * the steps of spectra and the number of resamples from `options`. T = 0: there is no context, and
 * so nothing but the model. MPP_ERR_USAGE: a spectrum at a step that is not scored. */
MPP_MUST_CHECK mpp_status mpp_scorer_open(mpp_scorer *s, size_t ngroups, bool masked,
                                          const mpp_evaluate_options *options);
void mpp_scorer_close(mpp_scorer *s);

/* Counts window b of the batch, of a trajectory, once its truth is there. B: windows in it. */
void mpp_scorer_count(mpp_scorer *s, size_t b, size_t B);

/* Adds a frame y [C, S] that predicts horizon h of window b, of B in the batch; NULL: diverged. */
void mpp_scorer_add(mpp_scorer *s, mpp_predictor p, size_t h, size_t b, size_t B, const float *y);

/* Adds all predictors without training to the B windows in x. */
MPP_MUST_CHECK mpp_status mpp_scorer_baselines(mpp_scorer *s, size_t B);

/* From sums to the table: *s->scores owns it then. */
MPP_MUST_CHECK mpp_status mpp_scorer_finish(mpp_scorer *s, bool has_model);

#endif
