/* fit_ahead.c - a table of fits by window. A fit takes some ten kilobytes and a fifth of a forward
 * pass, and windows come with replacement: a run over fewer windows than the table holds soon fits
 * nothing. When it is full, further fits live as long as their batch: no window is likelier than
 * another, so that any choice of those kept serves as well. */
#include "fit_ahead.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

typedef struct entry {
  mpp_draw draw;
  mpp_window_fit *fit; /* owned; NULL: free */
} entry;

struct mpp_fit_ahead {
  const mpp_model *model;
  const mpp_window_shape *shape;
  size_t used, size; /* of the table; size is 0 or a power of two */
  size_t bytes;
  entry *table;
};

/* mpp_batch.extra */
typedef struct batch_fits {
  size_t B;
  mpp_window_fit **fit; /* [B] */
  bool *own;            /* [B]: not in the table */
} batch_fits;

mpp_status mpp_fit_ahead_create(mpp_fit_ahead **out, const mpp_model *model,
                                const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(out, 1));
  (*out)->model = model;
  (*out)->shape = shape;
done:
  return st;
}

void mpp_fit_ahead_destroy(mpp_fit_ahead *a)
{
  if (a != NULL) {
    for (size_t i = 0; i < a->size; i++) { mpp_window_fit_destroy(a->table[i].fit); }
    mpp_free(a->table);
    mpp_free(a);
  }
}

/* Where a draw is in the table, or could be. */
static entry *place_of(entry *table, size_t size, const mpp_draw *d)
{
  /* Fibonacci hashing (Knuth, vol. 3, 6.4), of numbers that seldom exceed a million. */
  const uint64_t frame = (uint64_t)d->trajectory * 0x100000001b3u + d->start;
  const uint64_t key = (frame * 0x1003fu + d->stride) * 64u + d->source;
  for (size_t i = (size_t)(key * 0x9e3779b97f4a7c15u >> 20) & (size - 1);;
       i = (i + 1) & (size - 1)) {
    const mpp_draw *at = &table[i].draw;
    if (table[i].fit == NULL || (at->source == d->source && at->trajectory == d->trajectory &&
                                 at->start == d->start && at->stride == d->stride)) {
      return &table[i];
    }
  }
}

/* Keeps a third of the table free. */
static mpp_status make_room(mpp_fit_ahead *a)
{
  mpp_status st = MPP_OK;
  entry *table = NULL;
  if (3 * (a->used + 1) <= 2 * a->size) {
    return MPP_OK;
  }
  const size_t size = a->size > 0 ? 2 * a->size : 64;
  MPP_TRY(MPP_ALLOC(&table, size));
  for (size_t i = 0; i < a->size; i++) {
    if (a->table[i].fit != NULL) {
      *place_of(table, size, &a->table[i].draw) = a->table[i];
    }
  }
  mpp_free(a->table);
  a->table = table;
  a->size = size;
done:
  return st;
}

static mpp_status keep(bool *kept, mpp_fit_ahead *a, const mpp_draw *draw, mpp_window_fit *fit)
{
  mpp_status st = MPP_OK;
  const size_t bytes = mpp_window_fit_bytes(fit);
  *kept = false;
  if (a->bytes + bytes > MPP_FITS_MOST) {
    return MPP_OK;
  }
  MPP_TRY(make_room(a));
  entry *e = place_of(a->table, a->size, draw);
  if (e->fit == NULL) { /* else the window is in this batch twice */
    *e = (entry){*draw, fit};
    a->used++;
    a->bytes += bytes;
    *kept = true;
  }
done:
  return st;
}

static void drop(batch_fits *f)
{
  for (size_t b = 0; b < f->B; b++) {
    if (f->own[b]) {
      mpp_window_fit_destroy(f->fit[b]);
    }
    f->fit[b] = NULL;
    f->own[b] = false;
  }
}

static void release(void *context, mpp_batch *batch)
{
  batch_fits *f = batch->extra;
  (void)context;
  if (f != NULL) {
    if (f->fit != NULL && f->own != NULL) {
      drop(f);
    }
    mpp_free(f->fit);
    mpp_free(f->own);
    mpp_free(f);
  }
  batch->extra = NULL;
}

static mpp_status prepare(mpp_batch *batch)
{
  mpp_status st = MPP_OK;
  batch_fits *f = batch->extra;
  if (f != NULL) {
    drop(f);
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(&f, 1));
  batch->extra = f;
  f->B = batch->B;
  MPP_TRY(mpp_alloc((void **)&f->fit, batch->B, sizeof(void *)));
  MPP_TRY(MPP_ALLOC(&f->own, batch->B));
done:
  return st;
}

static mpp_status make(void *context, mpp_batch *batch, const mpp_draw *draws)
{
  mpp_status st = MPP_OK;
  mpp_fit_ahead *a = context;
  mpp_threads_of_caller(1); /* the others train */
  MPP_TRY(prepare(batch));
  batch_fits *f = batch->extra;
  for (size_t b = 0; b < f->B && a->size > 0; b++) {
    f->fit[b] = place_of(a->table, a->size, &draws[b])->fit;
  }
  for (size_t b = 0; b < f->B; b++) { f->own[b] = f->fit[b] == NULL; }
  mpp_window_shape shape = a->shape[batch->source];
  shape.mask = batch->mask;
  MPP_TRY(mpp_predict_fit(f->fit, a->model, batch->x, &shape));
  for (size_t b = 0; b < f->B; b++) {
    if (f->own[b]) {
      bool kept = false;
      MPP_TRY(keep(&kept, a, &draws[b], f->fit[b]));
      f->own[b] = !kept;
    }
  }
done:
  return st;
}

mpp_batch_work mpp_fit_ahead_work(mpp_fit_ahead *a)
{
  return mpp_predict_keeps_fit(a->model) ? (mpp_batch_work){a, make, release} : (mpp_batch_work){0};
}

mpp_window_fit *const *mpp_fit_ahead_of(const mpp_batch *batch)
{
  const batch_fits *f = batch->extra;
  return f != NULL ? f->fit : NULL;
}
