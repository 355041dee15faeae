/* forecast.h - the private face of a forecast in memory. */
#ifndef MPP_FORECAST_H
#define MPP_FORECAST_H

#include "mpp/rollout.h"

/* Moves the window on by a frame y [B, C, D, H, W] that an earlier run of this forecast gave. */
void mpp_forecast_push(mpp_forecast *f, const float *y);

#endif
