/* batch.h - windows gathered for the network, and the I/O thread that reads them ahead. */
#ifndef MPP_BATCH_H
#define MPP_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "mpp/dataset.h"
#include "sampler.h"

typedef struct mpp_batch {
  uint64_t position;   /* in the stream */
  size_t source;       /* index of the dataset */
  size_t frames, B, C; /* frames: context + targets */
  size_t grid[3];
  float *x;                   /* [frames, B, C, D, H, W], owned; of C the given fields last */
  unsigned char *mask;        /* the same: 1 where x is masked; NULL: nowhere */
  unsigned char *mask_memory; /* owned */
  size_t mask_capacity;
  size_t capacity; /* floats that x has room for */
  void *extra;     /* of mpp_batch_work; NULL without */
} mpp_batch;

/* Reads the windows `draws` [B] of one source. *batch keeps its array between calls and grows it on
 * demand; start from a zeroed struct, free with mpp_batch_free. Sets all but `position`; after a
 * failure the values in x are undefined, all else is as it was. */
MPP_MUST_CHECK mpp_status mpp_batch_read(mpp_batch *batch, const mpp_source *source,
                                         const mpp_draw *draws, size_t B, size_t frames);
void mpp_batch_free(mpp_batch *batch);

typedef struct mpp_prefetch mpp_prefetch;

/* What else the reading thread does with a batch, for a layer above. */
typedef struct mpp_batch_work {
  void *context;
  /* After a batch was read: makes batch->extra, or renews what an earlier batch left there. */
  mpp_status (*make)(void *context, mpp_batch *batch, const mpp_draw *draws);
  void (*release)(void *context, mpp_batch *batch); /* frees batch->extra at the end; takes NULL */
} mpp_batch_work;

/* Starts a thread that reads positions first, first+1, ... of the sampler, `depth` batches ahead.
 * Borrows sampler, sources and what `work` (or NULL) works with until destroyed. */
MPP_MUST_CHECK mpp_status mpp_prefetch_create(mpp_prefetch **out, const mpp_sampler *sampler,
                                              const mpp_source *sources, size_t B, size_t frames,
                                              uint64_t first, size_t depth,
                                              const mpp_batch_work *work);
/* The next batch in order, borrowed until the next call. A read error comes back here. */
MPP_MUST_CHECK mpp_status mpp_prefetch_next(mpp_prefetch *p, const mpp_batch **batch);
/* Bytes that batches and windows on their way take at most, of sources with windows of `frames`. */
size_t mpp_prefetch_bytes(const mpp_source *sources, size_t nsources, size_t B, size_t frames,
                          size_t depth);
/* Seconds that mpp_prefetch_next has waited so far. */
double mpp_prefetch_waited(const mpp_prefetch *p);
void mpp_prefetch_destroy(mpp_prefetch *p); /* stops and joins the thread; takes NULL */

#endif
