/* aside_read.c - values of auxiliary coordinates and bounds: the cells and frames that are read. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "aside.h"
#include "check.h"
#include "dataset_impl.h"
#include "guess.h"

/* Stored numbers to values. */
static void unpack(double *x, size_t n, const mpp_described_array *packed)
{
  const double scale = packed->scale != 0.0 ? packed->scale : 1.0;
  const bool limited = packed->low != packed->high;
  for (size_t i = 0; i < n; i++) {
    bool missing = limited && (x[i] < packed->low || x[i] > packed->high);
    for (size_t k = 0; k < packed->nmissing; k++) {
      missing = missing || x[i] == packed->missing[k];
    }
    x[i] = missing ? NAN : x[i] * scale + packed->offset;
  }
}

mpp_status mpp_aside_read(double *out, mpp_aside *a, const mpp_dataset *d, const mpp_array *array,
                          size_t at)
{
  mpp_status st = MPP_OK;
  size_t start[5] = {at, 0}, step[5] = {1, 1, 1, 1, 1}, count[5] = {1, 1, 1, 1, 1};
  size_t k = a->timed ? 1 : 0;
  mpp_described_array packed = {.rank = 0};
  for (size_t i = 0; i < a->rank; i++, k++) {
    const mpp_part *part = &d->space[a->axis[i]];
    start[k] = part->from;
    step[k] = part->step;
    count[k] = part->count;
  }
  if (a->vertices > 0) {
    count[k] = a->vertices;
  }
  snprintf(packed.path, sizeof packed.path, "%s", array->name);
  MPP_TRY(mpp_array_read_f64(out, &d->open.file, array->name, start, step, count));
  MPP_TRY(mpp_read_packing(&packed, &d->open.file, array->type, array->size,
                           d->open.layout == &mpp_file_layout_netcdf));
  unpack(out, a->n, &packed);
  a->whole = array->type == MPP_ARRAY_INTEGER && packed.offset == 0.0 &&
             (packed.scale == 0.0 || packed.scale == 1.0);
  for (size_t i = 0; i < a->n; i++) { a->whole = a->whole && !isnan(out[i]); }
done:
  return st;
}

/* Does another file of the run store it as the first one does? */
static bool is_same(const mpp_dataset *d, const mpp_aside *a, const mpp_array *array)
{
  size_t k = 1;
  if (array == NULL || strcmp(array->name, a->path) != 0 ||
      array->rank != (int)(1 + a->rank + (a->vertices > 0 ? 1 : 0)) ||
      array->shape[0] != d->open.about->nframes) {
    return false;
  }
  for (size_t i = 0; i < a->rank; i++, k++) {
    if (array->shape[k] != d->about->grid[a->axis[i]]) {
      return false;
    }
  }
  return a->vertices == 0 || array->shape[k] == a->vertices;
}

mpp_status mpp_dataset_aside_frame(mpp_dataset *d, double *out, const mpp_aside *a,
                                   size_t trajectory, size_t frame)
{
  mpp_status st = MPP_OK;
  mpp_aside box = *a;
  size_t run = 0, local = 0, piece = 0, at = d->time.from + frame * d->time.step;
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_locate(d, &run, &local, trajectory));
  const size_t *frames = d->frames + run * d->pieces;
  while (piece + 1 < d->pieces && at >= frames[piece]) { at -= frames[piece++]; }
  MPP_TRY(mpp_dataset_use_file(d, run * d->pieces + piece));
  const mpp_array *array = mpp_array_find(&d->open.file, a->path);
  if (is_same(d, a, array)) {
    MPP_TRY(mpp_aside_read(out, &box, d, array, at));
  } else {
    for (size_t i = 0; i < a->n; i++) { out[i] = NAN; }
  }
done:
  mpp_h5_unlock();
  return st;
}
