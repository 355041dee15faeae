/* writer_chunks.c - trajectories into chunks that bypass HDF5's filters, which would run on one
 * thread: all threads pack a batch of chunks, straight from the trajectory, and the calling one
 * hands them to HDF5 in their order. Memory is bounded by the batch, not by the trajectory. */
#include <assert.h>
#include <omp.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"
#include "writer_impl.h"

/* Bytes of a chunk before compression. Large enough that there are few, small enough that a window
 * of frames reads little that it does not need. A chunk holds a frame at least. */
enum { CHUNK_BYTES = 256 << 10, CHUNKS_PER_THREAD = 4 };

/* Bytes that the chunks of a batch may take, where frames are so large that it matters. */
static const size_t batch_budget = (size_t)512 << 20;

struct mpp_chunk_pool {
  size_t values; /* of a chunk */
  size_t bound;  /* bytes of a packed one */
  size_t nslots;
  unsigned char *packed; /* [nslots, bound], owned */
  size_t *size;          /* [nslots], owned: bytes that are used */
  size_t npackers;
  mpp_packer *packer; /* [npackers], owned: one a thread */
};

size_t mpp_writer_chunk_rows(size_t nrows, size_t values)
{
  const size_t fitting = CHUNK_BYTES / sizeof(float) / values;
  const size_t wanted = fitting > 0 ? fitting : 1;
  return wanted < nrows ? wanted : nrows;
}

void mpp_chunk_pool_free(mpp_chunk_pool *p)
{
  if (p != NULL) {
    for (size_t i = 0; p->packer != NULL && i < p->npackers; i++) {
      mpp_packer_close(&p->packer[i]);
    }
    mpp_free(p->packer);
    mpp_free(p->size);
    mpp_free(p->packed);
    mpp_free(p);
  }
}

/* For `nchunks` chunks of `values` values, all in one batch or in several. */
static mpp_status pool_create(mpp_chunk_pool **out, size_t values, size_t nchunks)
{
  mpp_status st = MPP_OK;
  mpp_chunk_pool *p = NULL;
  const size_t threads = (size_t)mpp_threads();
  size_t bound = 0, bytes = 0;
  MPP_REQUIRE(mpp_packed_bound(&bound, values), MPP_ERR_NOMEM, "chunk of %zu values", values);
  const size_t fitting = batch_budget / bound > 0 ? batch_budget / bound : 1;
  MPP_TRY(MPP_ALLOC(&p, 1));
  p->values = values;
  p->bound = bound;
  p->nslots = CHUNKS_PER_THREAD * threads;
  p->nslots = p->nslots < fitting ? p->nslots : fitting;
  p->nslots = p->nslots < nchunks ? p->nslots : nchunks;
  p->npackers = threads < p->nslots ? threads : p->nslots;
  MPP_REQUIRE(mpp_mul(&bytes, p->nslots, bound), MPP_ERR_NOMEM, "chunk of %zu values", values);
  MPP_TRY(MPP_ALLOC(&p->packed, bytes));
  MPP_TRY(MPP_ALLOC(&p->size, p->nslots));
  MPP_TRY(MPP_ALLOC(&p->packer, p->npackers));
  for (size_t i = 0; i < p->npackers; i++) { MPP_TRY(mpp_packer_open(&p->packer[i], values)); }
  *out = p;
  p = NULL;
done:
  mpp_chunk_pool_free(p);
  return st;
}

/* Packs `count` chunks of `nrows` rows from chunk `first` on. */
static void pack_batch(mpp_chunk_pool *p, const mpp_box *box, size_t nrows, size_t first,
                       size_t count)
{
#pragma omp parallel for num_threads((int)p->npackers) schedule(dynamic)
  for (size_t i = 0; i < count; i++) {
    p->size[i] = mpp_pack(&p->packer[omp_get_thread_num()], p->packed + i * p->bound, box,
                          (first + i) * nrows, nrows);
  }
}

mpp_status mpp_writer_chunks(mpp_writer *w, hid_t dataset, const char *name, int ones,
                             const mpp_box *box)
{
  mpp_status st = MPP_OK;
  const size_t row = box->ncells * box->nchannels;
  const size_t nrows = mpp_writer_chunk_rows(box->nrows, row);
  const size_t nchunks = (box->nrows + nrows - 1) / nrows;
  hsize_t at[MPP_H5_MAX_RANK] = {w->done};
  if (w->pool == NULL || w->pool->values < nrows * row) {
    mpp_chunk_pool_free(w->pool);
    w->pool = NULL;
    MPP_TRY(pool_create(&w->pool, nrows * row, nchunks));
  }
  mpp_chunk_pool *p = w->pool;
  assert(p != NULL);
  for (size_t first = 0; first < nchunks; first += p->nslots) {
    const size_t count = nchunks - first < p->nslots ? nchunks - first : p->nslots;
    pack_batch(p, box, nrows, first, count);
    for (size_t i = 0; i < count; i++) {
      at[ones] = (first + i) * nrows;
      MPP_WRITE(w,
                H5Dwrite_chunk(dataset, H5P_DEFAULT, 0, at, p->size[i], p->packed + i * p->bound),
                name);
    }
  }
done:
  return st;
}

mpp_box mpp_writer_frames(const mpp_writer *w, const float *x, size_t first, size_t count)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  return (mpp_box){.x = x + first * cells,
                   .nrows = w->nframes,
                   .ncells = cells,
                   .nchannels = count,
                   .row_step = w->nfields * cells,
                   .channel_step = cells};
}

mpp_box mpp_writer_once(const mpp_writer *w, const float *once, size_t first, size_t count)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  int axis = 0;
  while (axis < 2 && w->axis[axis][0] == '\0') { axis++; }
  const size_t rows = w->grid[axis];
  return (mpp_box){.x = once + first * cells,
                   .nrows = rows,
                   .ncells = cells / rows,
                   .nchannels = count,
                   .row_step = cells / rows,
                   .channel_step = cells};
}
