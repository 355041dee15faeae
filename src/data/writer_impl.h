/* writer_impl.h - what the writers of the layouts share; for writer*.c, and conversion. */
#ifndef MPP_WRITER_IMPL_H
#define MPP_WRITER_IMPL_H

#include <errno.h>

#include "chunk_pack.h"
#include "file.h"
#include "h5.h"
#include "mpp/dataset.h"

typedef struct mpp_writer_layout mpp_writer_layout;

/* Room for some packed chunks, and what threads need to pack them; of writer_chunks.c. */
typedef struct mpp_chunk_pool mpp_chunk_pool;

struct mpp_writer {
  const mpp_writer_layout *layout;
  hid_t file;               /* -1 when closed */
  char final[MPP_PATH_MAX]; /* in messages too: the temporary name says nothing to the user */
  char temporary[MPP_PATH_MAX];
  size_t nfields, nonce, ntrajectories, nframes, done;
  mpp_name field[MPP_MAX_FIELDS];   /* short names */
  mpp_name dataset[MPP_MAX_FIELDS]; /* layout array: names of the datasets */
  size_t grid[3];
  mpp_axis_name axis[3];
  double *coordinate[3];       /* owned; NULL for axes that the grid does not have */
  double *time;                /* owned [nframes] */
  const mpp_writer_well *well; /* borrowed; NULL: another layout */
  mpp_chunk_pool *pool;        /* owned; NULL until the first chunk */
  hid_t open[MPP_MAX_FIELDS];  /* root datasets of layouts array and ins, -1 when closed */
  bool gaps;                   /* values may be missing: NaN */
  hid_t mask;                  /* of The Well's layout where it varies, else -1 */
};

struct mpp_writer_layout {
  const char *name;
  const char *axes[3]; /* names of the last axis, the last two, and so on: by axes the grid has;
                          NULL: any names */
  bool times;          /* trajectories have times of their own */
  mpp_status (*begin)(mpp_writer *w);
  mpp_status (*append)(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                       size_t nnotes);
};

extern const mpp_writer_layout mpp_writer_groups, mpp_writer_array, mpp_writer_ins,
    mpp_writer_layout_well;

/* As MPP_TRY for HDF5 calls that write: says what the system said (disk full, quota). */
#define MPP_WRITE(w, call, what)         \
  do {                                   \
    errno = 0;                           \
    if (mpp_fault() || (call) < 0) {     \
      st = mpp_writer_failed((w), what); \
      goto done;                         \
    }                                    \
  } while (0)
mpp_status mpp_writer_failed(const mpp_writer *w, const char *what);

/* Closes a dataset, a group or the file, and sets *id to -1; fails if what was still in memory
 * cannot be written. Does nothing if it is closed. */
MPP_MUST_CHECK mpp_status mpp_writer_close(const mpp_writer *w, hid_t *id, const char *what);

/* How a dataset is stored, beside its chunks and their checksums. */
enum {
  MPP_STORE_DEFLATED = 1, /* and shuffled */
  MPP_STORE_WHOLE = 2,    /* all of it is going to be written: nothing is filled in */
  MPP_STORE_NAN = 4       /* float64, NaN where nothing is written; else 0 is */
};

/* Creates a dataset [extent] in chunks [chunk], stored as the sum of MPP_STORE_* says. */
MPP_MUST_CHECK mpp_status mpp_writer_store(hid_t *out, const mpp_writer *w, hid_t parent,
                                           const char *name, hid_t type, const hsize_t *extent,
                                           const hsize_t *chunk, int rank, unsigned how);

/* Creates a float32 dataset in chunks of one entry along the first `ones` axes, a few frames along
 * the next, and all of the others: shuffled, deflated, with a checksum. */
MPP_MUST_CHECK mpp_status mpp_writer_dataset(hid_t *out, const mpp_writer *w, hid_t parent,
                                             const char *name, const size_t *shape, int rank,
                                             int ones);

/* Writes a box of a dataset from x, of memory type `type`. */
MPP_MUST_CHECK mpp_status mpp_writer_box(const mpp_writer *w, hid_t dataset, const char *name,
                                         const size_t *start, const size_t *count, int rank,
                                         hid_t type, const void *x);

/* Writes the box into a dataset that mpp_writer_dataset made with `ones` 0 or 1, there as the entry
 * w->done. Chunks are packed by all threads, and do not depend on their number. */
MPP_MUST_CHECK mpp_status mpp_writer_chunks(mpp_writer *w, hid_t dataset, const char *name,
                                            int ones, const mpp_box *box);
void mpp_chunk_pool_free(mpp_chunk_pool *p); /* takes NULL */

/* Rows of `values` values that a chunk has, of `nrows` rows in all. */
size_t mpp_writer_chunk_rows(size_t nrows, size_t values);

/* The frames of a trajectory, or of what is stored once (their rows are the lines along the first
 * axis), as the box of `count` fields from field `first` on of x [.., nfields, D, H, W]. */
mpp_box mpp_writer_frames(const mpp_writer *w, const float *x, size_t first, size_t count);
mpp_box mpp_writer_once(const mpp_writer *w, const float *once, size_t first, size_t count);

/* writer_mask.c: what comes next may have missing values, NaN. */
void mpp_writer_allow_gaps(mpp_writer *w);

/* writer_mask.c: the group of the cells that count nowhere among The Well's boundary conditions. */
MPP_MUST_CHECK mpp_status mpp_writer_put_mask(mpp_writer *w, hid_t parent);

/* Notes of a trajectory where all share one file object: a text must be the same for all and
 * becomes an attribute; a number goes into the dataset /certificate/KEY [ntrajectories]. */
MPP_MUST_CHECK mpp_status mpp_writer_sample_notes(mpp_writer *w, const mpp_note *notes,
                                                  size_t nnotes);

/* Creates a float32 dataset of one axis with a checksum and writes it. */
MPP_MUST_CHECK mpp_status mpp_writer_vector(const mpp_writer *w, hid_t parent, const char *name,
                                            const double *x, size_t n);

/* Appends the lengths of the axes that the grid has; returns the new rank. */
int mpp_writer_space(size_t *shape, int rank, const mpp_writer *w);

#endif
