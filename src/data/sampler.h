/* sampler.h - which windows a micro-batch holds: position N of the stream is a function of
 * (seed, N), so that a resumed run continues where it was, and any thread may draw ahead. */
#ifndef MPP_SAMPLER_H
#define MPP_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"

typedef struct mpp_source {
  mpp_dataset *dataset; /* borrowed */
  double weight;        /* > 0, relative */
} mpp_source;

typedef struct mpp_draw {
  size_t source; /* index of the dataset */
  size_t trajectory, start;
} mpp_draw;

typedef struct mpp_sampler mpp_sampler;

/* Windows of `frames` frames (context + targets) from a split of each source. A source whose
 * trajectories are shorter, or whose split is empty, is MPP_ERR_DATA. Copies `sources`. */
MPP_MUST_CHECK mpp_status mpp_sampler_create(mpp_sampler **out, const mpp_source *sources,
                                             size_t nsources, mpp_split split, size_t frames,
                                             size_t batch, uint64_t seed);
void mpp_sampler_destroy(mpp_sampler *s);

/* The `batch` windows of micro-batch `position`: one source, chosen by weight; trajectories and
 * starts uniform over all windows of its split, with replacement. */
void mpp_sampler_draw(const mpp_sampler *s, mpp_draw *draws, uint64_t position);

size_t mpp_sampler_windows(const mpp_sampler *s, size_t source); /* of the split */
/* Window i of a source in order: for fixed validation subsets. */
mpp_draw mpp_sampler_window(const mpp_sampler *s, size_t source, size_t index);

#endif
