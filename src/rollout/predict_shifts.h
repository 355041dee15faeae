/* predict_shifts.h - predictions averaged over shifts of the patches. */
#ifndef MPP_PREDICT_SHIFTS_H
#define MPP_PREDICT_SHIFTS_H

#include "mpp/model.h"
#include "window_fit.h"

/* As mpp_predict_frame; the mean over `shifts` >= 1 positions of the patch grid, spread evenly over
 * a patch, the first of them as it is. */
MPP_MUST_CHECK mpp_status mpp_predict_shifts(mpp_model *m, float *y, const float *x,
                                             const mpp_window_shape *shape,
                                             mpp_window_fit *const *fit, size_t shifts);

#endif
