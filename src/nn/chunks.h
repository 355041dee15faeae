/* chunks.h - fixed pieces of a range for sums over many rows. A parameter gradient is summed by
 * pieces of the rows (in parallel, each with its own accumulators on the stack of the caller) and
 * the pieces are added in order, so that its bits do not depend on the number of threads. */
#ifndef MPP_CHUNKS_H
#define MPP_CHUNKS_H

#include <stddef.h>

#include "nn.h"

/* Channels that one pass over the tokens of a frame accumulates in double. */
enum { MPP_NN_COLUMNS = 128 };

/* Channels whose sums of all pieces a parallel region keeps (128 KB of stack): between two regions
 * threads wait for one another, and their sums go from core to core, so there are few. */
enum { MPP_NN_SUMS = 512 };

typedef double mpp_chunk_sums[MPP_NN_CHUNKS][MPP_NN_SUMS];

/* First index of piece `chunk` of 0 .. count-1; chunk MPP_NN_CHUNKS gives count. */
static inline size_t mpp_chunk_start(size_t count, size_t chunk)
{
  return count / MPP_NN_CHUNKS * chunk + count % MPP_NN_CHUNKS * chunk / MPP_NN_CHUNKS;
}

static inline size_t mpp_min_size(size_t a, size_t b) { return a < b ? a : b; }

/* out[j] += the sum of the pieces, in order; pieces of 0 .. count-1 that are empty have none. */
static inline void mpp_chunks_add(float *out, mpp_chunk_sums part, size_t count, size_t columns)
{
  double sum[MPP_NN_SUMS] = {0.0};
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    if (mpp_chunk_start(count, chunk) < mpp_chunk_start(count, chunk + 1)) {
      for (size_t j = 0; j < columns; j++) { sum[j] += part[chunk][j]; }
    }
  }
  for (size_t j = 0; j < columns; j++) { out[j] += (float)sum[j]; }
}

#endif
