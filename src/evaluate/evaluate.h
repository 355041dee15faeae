/* evaluate.h - evaluation with the windows chosen by the caller; shared by the command and by the
 * trainer's validation. The public face is mpp/metrics.h. */
#ifndef MPP_EVALUATE_H
#define MPP_EVALUATE_H

#include "mpp/metrics.h"

/* The first horizon that the trajectories of a split allow, etc.: see evaluate.c */

#endif
