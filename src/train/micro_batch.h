/* micro_batch.h - the loss of one micro-batch and its gradient. */
#ifndef MPP_MICRO_BATCH_H
#define MPP_MICRO_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "avit.h"
#include "mpp/train.h"

/* How a micro-batch is scored; all of it part of the numbers of a run. */
typedef struct mpp_objective {
  mpp_loss_kind loss;
  size_t unroll; /* K: targets of a batch; one of them is scored */
  double noise;  /* of the inputs, in standard deviations of the field */
  bool jitter;   /* the patch grid lies anew in every pass */
  double drop_path;
  uint64_t seed;
} mpp_objective;

/* Working memory, grown on demand; start from zeros. */
typedef struct mpp_micro_work {
  float *window, *prediction, *dprediction; /* [T, B, C, S]; [B, C - given, S] twice; owned */
  float *target, *base;  /* [B, C - given, S]: of windows with given fields; owned */
  unsigned char *hidden; /* [B, C - given, S]: mask of the target; owned */
  float *mean, *sd;      /* [B, C]; owned */
  double *denominator;   /* [B, C - given]; owned */
  size_t window_count, frame_count, row_count, picked_count;
} mpp_micro_work;
void mpp_micro_work_free(mpp_micro_work *w);

/* `shape` with the patch grid where it takes most memory. */
mpp_window_shape mpp_micro_largest_shape(const mpp_window_shape *shape, const mpp_model *model,
                                         bool jitter);

/* Loss of the micro-batch at `position` of the stream, x [T + unroll, B, C, D, H, W] physical,
 * shape as the model sees it (T: context). Adds weight * d loss / d weights into `gradients`
 * [params->total], or writes it where mpp_predict_gradients finds it (NULL). *nrmse is the mean
 * root of the normalised squared error of the same prediction.
 *
 * With unroll K > 1 the window is first rolled 0 to K-1 steps (drawn from seed and position) over
 * its own predictions, and the step after these is scored; the gradient flows through that step
 * alone (the pushforward trick of Brandstetter et al., "Message Passing Neural PDE Solvers", ICLR
 * 2022, section 3.1, where K is 2): the network learns to take steps from what it makes itself, at
 * the price of forward passes and without the memory of a tape for each step.
 *
 * Given fields are known for every frame: where the window rolls on, they are those of x, and noise
 * is not for them. mask [T + unroll, B, C, D, H, W] (NULL: none) stands in the place of
 * shape->mask: what is masked takes no part in statistics, loss and *nrmse.
 *
 * With jitter each pass has the patch grid shifted along each axis by a draw of 0 .. patch - 1
 * cells, so that errors at the edges of patches do not add up in one place.
 *
 * In modes whose forecasts keep the fit of their first window (mpp_predict_keeps_fit), fit [B] is
 * that of x; NULL, or items that are NULL: made here. It never sees the noise, as in a forecast,
 * whose first window has none.
 *
 * A prediction that is not finite makes *loss NaN and leaves the gradients void: that is for the
 * caller to count, no failure. MPP_ERR_DATA: shapes that do not fit the model. */
MPP_MUST_CHECK mpp_status mpp_micro_batch(double *loss, double *nrmse, float *gradients,
                                          mpp_model *model, mpp_micro_work *work, const float *x,
                                          const unsigned char *mask, mpp_window_fit *const *fit,
                                          const mpp_window_shape *shape,
                                          const mpp_objective *objective, uint64_t position,
                                          double weight);

#endif
