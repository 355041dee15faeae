/* error_norms.h - NRMSE and VRMSE of one field of one frame. */
#ifndef MPP_ERROR_NORMS_H
#define MPP_ERROR_NORMS_H

#include <stddef.h>

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One field of one frame, n cells. NRMSE as MPP reports it: sqrt(<e^2> / (1e-7 + <Y^2>)).
 * VRMSE as The Well does: sqrt(<e^2> / (1e-7 + var Y)), unbiased variance; n >= 2. */
MPP_API double mpp_nrmse(const float *prediction, const float *truth, size_t n);
MPP_API double mpp_vrmse(const float *prediction, const float *truth, size_t n);

#ifdef __cplusplus
}
#endif
#endif
