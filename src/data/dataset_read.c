/* dataset_read.c - windows of trajectories. One file is open at a time; all calls that touch it are
 * serialised by the lock of HDF5. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"

/* Holds a further file of the set at the shape of the first. */
static mpp_status check_same(const mpp_dataset *d, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  const char *first = d->files.file[0];
  MPP_REQUIRE(strcmp(f->layout->name, info->layout) == 0, MPP_ERR_DATA,
              "%s: layout %s, expected %s as in %s", f->path, f->layout->name, info->layout, first);
  MPP_REQUIRE(strcmp(f->system, info->system) == 0 && f->nfields == info->nfields, MPP_ERR_DATA,
              "%s: found %zu fields of system '%s', expected %zu of '%s' as in %s", f->path,
              f->nfields, f->system, info->nfields, info->system, first);
  for (size_t c = 0; c < f->nfields; c++) {
    MPP_REQUIRE(strcmp(f->field[c], mpp_field_short(info->field[c])) == 0, MPP_ERR_DATA,
                "%s: found field '%s', expected '%s' as in %s", f->path, f->field[c],
                mpp_field_short(info->field[c]), first);
  }
  MPP_REQUIRE(f->nframes == info->nframes, MPP_ERR_DATA,
              "%s: found %zu frames, expected %zu as in %s", f->path, f->nframes, info->nframes,
              first);
  for (int a = 0; a < 3; a++) {
    MPP_REQUIRE(f->grid[a] == info->grid[a] && strcmp(f->axis[a], info->axis[a]) == 0, MPP_ERR_DATA,
                "%s: found %zu cells along axis %d '%s', expected %zu along '%s' as in %s", f->path,
                f->grid[a], a, f->axis[a], info->grid[a], info->axis[a], first);
  }
done:
  return st;
}

/* A file may have changed since it was opened first. */
mpp_status mpp_dataset_use_file(mpp_dataset *d, size_t index)
{
  mpp_status st = MPP_OK;
  if (d->open.id >= 0 && d->opened == index) {
    return MPP_OK;
  }
  mpp_data_file_close(&d->open);
  MPP_TRY(mpp_data_file_open(&d->open, d->files.file[index], d->files.system));
  d->opened = index;
  if (d->info.layout != NULL) {
    MPP_TRY(check_same(d, &d->open));
    MPP_REQUIRE(d->in_file[index] == 0 || d->open.ntrajectories == d->in_file[index], MPP_ERR_DATA,
                "%s: found %zu trajectories, expected %zu as when it was opened first",
                d->open.path, d->open.ntrajectories, d->in_file[index]);
  }
done:
  if (st != MPP_OK) {
    mpp_data_file_close(&d->open);
  }
  return st;
}

/* Opens the file of a trajectory; *local is its number there. */
static mpp_status go_to(mpp_dataset *d, size_t *local, size_t trajectory)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(trajectory < d->info.ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu, expected 0 to %zu", d->info.path, trajectory,
              d->info.ntrajectories - 1);
  const mpp_segment *s = mpp_split_locate(d->segment, d->nsegments, trajectory);
  MPP_TRY(mpp_dataset_use_file(d, s->file));
  *local = s->local + (trajectory - s->first);
done:
  return st;
}

static size_t cells_of(const mpp_dataset_info *info)
{
  return info->grid[0] * info->grid[1] * info->grid[2];
}

static bool all_finite(const float *x, size_t n)
{
  bool bad = false;
  for (size_t i = 0; i < n; i++) { bad |= !isfinite(x[i]); }
  return !bad;
}

/* "y 3, x 17" */
static void cell_text(char *out, size_t size, const mpp_dataset_info *info, size_t cell)
{
  const size_t index[3] = {cell / (info->grid[1] * info->grid[2]),
                           cell / info->grid[2] % info->grid[1], cell % info->grid[2]};
  size_t used = 0;
  for (int a = 0; a < 3; a++) {
    if (info->axis[a][0] != '\0' && used < size) {
      const int n = snprintf(out + used, size - used, "%s%s %zu", used > 0 ? ", " : "",
                             info->axis[a], index[a]);
      used += n > 0 ? (size_t)n : 0;
    }
  }
}

/* Says where the first value is that is no number. */
static mpp_status fail_not_finite(const mpp_dataset *d, const mpp_view *view, size_t trajectory,
                                  size_t start, size_t count)
{
  for (size_t t = 0; t < count; t++) {
    for (size_t c = 0; c < d->info.nfields; c++) {
      for (size_t i = 0; i < cells_of(&d->info); i++) {
        const float x = view[c].base[t * view[c].frame + i * view[c].step];
        if (!isfinite(x)) {
          char cell[96];
          cell_text(cell, sizeof cell, &d->info, i);
          return mpp_fail(MPP_ERR_DATA,
                          "%s: %s: trajectory %zu, frame %zu, field '%s', cell %s: found %g, "
                          "expected a finite number",
                          d->open.path, view[c].object, trajectory, start + t, d->info.field[c],
                          cell, (double)x);
        }
      }
    }
  }
  return mpp_fail(MPP_ERR_INTERNAL, "%s: a value that is not finite was lost", d->open.path);
}

/* x [count, C, cells] from the views of a buffer in the file's order. */
static void gather(float *x, const mpp_view *view, size_t count, size_t nfields, size_t cells)
{
  for (size_t t = 0; t < count; t++) {
    for (size_t c = 0; c < nfields; c++) {
      const float *from = view[c].base + t * view[c].frame;
      float *to = x + (t * nfields + c) * cells;
      if (view[c].step == 1) {
        memcpy(to, from, cells * sizeof *to);
      } else {
        for (size_t i = 0; i < cells; i++) { to[i] = from[i * view[c].step]; }
      }
    }
  }
}

static mpp_status reserve(mpp_dataset *d, size_t n)
{
  mpp_status st = MPP_OK;
  if (n > d->capacity) {
    mpp_free(d->buffer);
    d->buffer = NULL;
    d->capacity = 0;
    MPP_TRY(MPP_ALLOC(&d->buffer, n));
    d->capacity = n;
  }
done:
  return st;
}

static mpp_status read_frames(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                              size_t count, bool finite)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  mpp_view view[MPP_MAX_FIELDS];
  size_t local = 0;
  if (d->maker != NULL) {
    return mpp_dataset_made_read(d, x, trajectory, start, count);
  }
  mpp_h5_lock();
  MPP_REQUIRE(count > 0 && start < info->nframes && count <= info->nframes - start, MPP_ERR_USAGE,
              "%s: %zu frames from %zu on, expected frames 0 to %zu", info->path, count, start,
              info->nframes - 1);
  MPP_TRY(go_to(d, &local, trajectory));
  const size_t n = count * info->nfields * cells_of(info);
  MPP_TRY(reserve(d, n));
  MPP_TRY(d->open.layout->read(&d->open, d->buffer, view, local, start, count));
  if (finite && !all_finite(d->buffer, n)) {
    st = fail_not_finite(d, view, local, start, count);
    goto done;
  }
  gather(x, view, count, info->nfields, cells_of(info));
done:
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_dataset_read(mpp_dataset *d, float *x, size_t trajectory, size_t start, size_t count)
{
  return read_frames(d, x, trajectory, start, count, true);
}

mpp_status mpp_dataset_read_raw(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                size_t count)
{
  return read_frames(d, x, trajectory, start, count, false);
}

const char *mpp_dataset_file(const mpp_dataset *d, size_t trajectory, size_t *local)
{
  const mpp_segment *s = mpp_split_locate(d->segment, d->nsegments, trajectory);
  *local = s->local + (trajectory - s->first);
  return d->files.file[s->file];
}

/* Copies coordinates that were read, if all are numbers. */
static mpp_status take_finite(double *out, const double *x, size_t n, const char *path,
                              const char *what)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < n; i++) {
    MPP_REQUIRE(isfinite(x[i]), MPP_ERR_DATA, "%s: %s: entry %zu: found %g, expected a number",
                path, what, i, x[i]);
  }
  memcpy(out, x, n * sizeof *out);
done:
  return st;
}

mpp_status mpp_dataset_times(mpp_dataset *d, double *t, size_t trajectory)
{
  mpp_status st = MPP_OK;
  double *read = NULL;
  size_t local = 0;
  if (d->maker != NULL) {
    d->maker->times(d->made_by, t);
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(go_to(d, &local, trajectory));
  MPP_TRY(MPP_ALLOC(&read, d->info.nframes));
  MPP_TRY(d->open.layout->times(&d->open, read, local));
  MPP_TRY(take_finite(t, read, d->info.nframes, d->open.path, "times"));
done:
  mpp_h5_unlock();
  mpp_free(read);
  return st;
}

mpp_status mpp_dataset_coordinates(mpp_dataset *d, double *x, int axis)
{
  mpp_status st = MPP_OK;
  double *read = NULL;
  assert(axis >= 0 && axis < 3);
  if (d->maker != NULL) {
    d->maker->coordinates(d->made_by, x, axis);
    return MPP_OK;
  }
  if (d->info.axis[axis][0] == '\0') {
    x[0] = 0.0;
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(mpp_dataset_use_file(d, 0));
  MPP_TRY(MPP_ALLOC(&read, d->info.grid[axis]));
  MPP_TRY(d->open.layout->coordinates(&d->open, read, axis));
  MPP_TRY(take_finite(x, read, d->info.grid[axis], d->open.path, d->info.axis[axis]));
done:
  mpp_h5_unlock();
  mpp_free(read);
  return st;
}
