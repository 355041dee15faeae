/* sampler.h - which windows a micro-batch holds: position N of the stream is a function of
 * (seed, N), so that a resumed run continues where it was, and any thread may draw ahead. */
#ifndef MPP_SAMPLER_H
#define MPP_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "mpp/options.h"

/* Of a source with a pool only `pool` trajectories can be drawn at a time; the pool moves on along
 * the split, from its end to its beginning, as fast as each trajectory gives `reuse` windows in the
 * mean while it is in it. It begins with one trajectory, so that training need not wait for all,
 * and is full after `reuse` windows. Which ones are in it is a function of the position alone. */
typedef struct mpp_source {
  mpp_dataset *dataset;                 /* borrowed */
  double weight;                        /* > 0, relative */
  size_t pool, reuse;                   /* 0, 0: all trajectories of the split, always */
  size_t ngiven, given[MPP_MAX_FIELDS]; /* given fields that are read beside, by their numbers */
} mpp_source;

typedef struct mpp_draw {
  size_t source; /* index of the dataset */
  size_t trajectory, start;
  size_t stride; /* the window has frames start, start + stride, ... */
} mpp_draw;

typedef struct mpp_sampling {
  mpp_split split;
  size_t frames, batch; /* of a window: context and targets; windows of a micro-batch */
  uint64_t seed;
  mpp_int_list strides; /* each as likely; 0: all that a trajectory has room for; empty: 1 */
} mpp_sampling;

typedef struct mpp_sampler mpp_sampler;

/* Strides for which a source's trajectories are too short are left out for it. A source whose
 * trajectories are too short for all, or whose split is empty, is MPP_ERR_DATA. Copies what it is
 * given, but for the datasets. */
MPP_MUST_CHECK mpp_status mpp_sampler_create(mpp_sampler **out, const mpp_source *sources,
                                             size_t nsources, const mpp_sampling *sampling);
void mpp_sampler_destroy(mpp_sampler *s);

/* The windows [batch] of micro-batch `position`: one source, chosen by weight; stride, trajectory
 * and start uniform over all windows of its split or pool, with replacement. */
void mpp_sampler_draw(const mpp_sampler *s, mpp_draw *draws, uint64_t position);

#endif
