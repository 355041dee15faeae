/* fit_ahead.h - bases that the thread which reads batches fits to their windows, ahead of the step
 * that needs them, and keeps for when a window is drawn again. */
#ifndef MPP_FIT_AHEAD_H
#define MPP_FIT_AHEAD_H

#include "avit.h"
#include "batch.h"

typedef struct mpp_fit_ahead mpp_fit_ahead;

#define MPP_FITS_MOST ((size_t)256 << 20) /* bytes of fits that are kept */

/* shape[i]: of the windows of source i. Borrows both until destroyed. */
MPP_MUST_CHECK mpp_status mpp_fit_ahead_create(mpp_fit_ahead **out, const mpp_model *model,
                                               const mpp_window_shape *shape);
void mpp_fit_ahead_destroy(mpp_fit_ahead *a); /* after the reading thread; takes NULL */

/* For mpp_prefetch_create; does nothing in modes whose fits are not kept. Fits are those that
 * mpp_micro_batch would make, whichever of them were kept. */
mpp_batch_work mpp_fit_ahead_work(mpp_fit_ahead *a);

/* Fits [B] of a batch, or NULL; borrowed as the batch is. */
mpp_window_fit *const *mpp_fit_ahead_of(const mpp_batch *batch);

#endif
