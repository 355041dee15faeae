/* distinct.h - trajectories read piece by piece for their digests, and looked at on the way. */
#ifndef MPP_DISTINCT_H
#define MPP_DISTINCT_H

#include "mpp/dataset.h"

/* Frames start .. start + count - 1, x [count, C, D, H, W], borrowed until it returns. */
typedef void (*mpp_piece_observer)(void *context, const float *x, size_t start, size_t count);

/* As mpp_dataset_digest; `each` may be NULL. */
MPP_MUST_CHECK mpp_status mpp_dataset_digest_pieces(mpp_digest *out, mpp_dataset *d,
                                                    size_t trajectory, mpp_piece_observer each,
                                                    void *context);

int mpp_digest_compare(mpp_digest a, mpp_digest b); /* < 0, 0, > 0 */

#endif
