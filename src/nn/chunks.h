/* chunks.h - fixed pieces of a range for sums over many rows. A parameter gradient is summed by
 * pieces of the rows (in parallel, each with its own accumulators on the stack of the caller) and
 * the pieces are added in order, so that its bits do not depend on the number of threads. */
#ifndef MPP_CHUNKS_H
#define MPP_CHUNKS_H

#include <stddef.h>

#include "nn.h"

/* Channels that one pass accumulates in double: 32 pieces of it are 32 KB of stack. */
enum { MPP_NN_COLUMNS = 128 };

typedef double mpp_chunk_sums[MPP_NN_CHUNKS][MPP_NN_COLUMNS];

/* First index of piece `chunk` of 0 .. count-1; chunk MPP_NN_CHUNKS gives count. */
static inline size_t mpp_chunk_start(size_t count, size_t chunk)
{
  return count / MPP_NN_CHUNKS * chunk + count % MPP_NN_CHUNKS * chunk / MPP_NN_CHUNKS;
}

static inline size_t mpp_min_size(size_t a, size_t b) { return a < b ? a : b; }

/* out[j] += the sum of the pieces, in order. */
static inline void mpp_chunks_add(float *out, mpp_chunk_sums part, size_t columns)
{
  for (size_t chunk = 1; chunk < MPP_NN_CHUNKS; chunk++) {
    for (size_t j = 0; j < columns; j++) { part[0][j] += part[chunk][j]; }
  }
  for (size_t j = 0; j < columns; j++) { out[j] += (float)part[0][j]; }
}

#endif
