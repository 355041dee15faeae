/* evaluate_memory.h - how many windows an evaluation takes at a time, and what that costs. */
#ifndef MPP_EVALUATE_MEMORY_H
#define MPP_EVALUATE_MEMORY_H

#include "mpp/metrics.h"

/* Windows that mpp_evaluate rolls at a time, of `window` floats each. */
size_t mpp_evaluate_batch(size_t window);

/* Bytes that mpp_evaluate of a model takes beside the model's working memory: a context of T
 * frames, and horizons of which the largest is `reach`. The trajectories need not be there. */
size_t mpp_evaluate_memory(const mpp_dataset_info *info, size_t T, size_t nhorizons, size_t reach);

#endif
