/* evaluate_memory.c - kept beside evaluate.c and scorer.c, whose arrays it counts. */
#include "evaluate_memory.h"

#include "scorer.h"

static const size_t batch_floats = (size_t)1 << 26; /* of the windows of a batch: 256 MiB */

size_t mpp_evaluate_batch(size_t window)
{
  const size_t fitting = window > 0 ? batch_floats / window : MPP_SCORER_BATCH;
  return fitting < 1 ? 1 : fitting < MPP_SCORER_BATCH ? fitting : MPP_SCORER_BATCH;
}

size_t mpp_evaluate_memory(const mpp_dataset_info *info, size_t T, size_t nhorizons, size_t reach)
{
  const size_t cells = info->grid[0] * info->grid[1] * info->grid[2];
  const size_t frame = info->nfields * cells, window = (T + reach) * frame;
  const size_t B = mpp_evaluate_batch(window);
  /* read: a window, its context alone; scorer: context, truth, one frame; forecast: its window
   * twice, its frame, the prediction before it is checked; the model's frames at the horizons */
  const size_t floats = window + T * frame + B * frame * (T + nhorizons + 1) +
                        B * frame * (2 * T + 1 + 1) + B * frame * nhorizons;
  const size_t meter = 4 * cells; /* transforms, in double */
  return sizeof(float) * floats + sizeof(double) * meter;
}
