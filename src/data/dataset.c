/* dataset.c - trajectories of one system in one or several files, read window by window.
 * One file is open at a time; all calls that touch it are serialised by the lock of HDF5. */
#include "mpp/dataset.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "file_layout.h"
#include "file_set.h"
#include "probe.h"
#include "split.h"
#include "system.h"

struct mpp_dataset {
  mpp_dataset_info info;
  mpp_file_set files;
  size_t *in_file;      /* [files.count] trajectories */
  mpp_segment *segment; /* [3 * files.count] */
  size_t part[3];       /* trajectories of each split */
  size_t max_train;     /* 0: all */
  mpp_data_file open;   /* file number `opened` of the set, if its id is not -1 */
  size_t opened;
  float *buffer; /* [capacity] frames in the order of the file */
  size_t capacity;
};

/* Takes over what the first file says. */
static void fill_info(mpp_dataset_info *info, const mpp_data_file *f)
{
  info->layout = f->layout->name;
  memcpy(info->system, f->system, sizeof info->system);
  info->nfields = f->nfields;
  info->nframes = f->nframes;
  memcpy(info->grid, f->grid, sizeof info->grid);
  memcpy(info->axis, f->axis, sizeof info->axis);
}

static mpp_status name_fields(mpp_dataset_info *info, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  for (size_t c = 0; c < f->nfields; c++) {
    MPP_TRY(mpp_field_qualify(info->field[c], f->system, f->field[c]));
    const mpp_field_info *known = mpp_field_find(info->field[c]);
    snprintf(info->units[c], sizeof info->units[c], "%s", known != NULL ? known->units : "1");
  }
done:
  return st;
}

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

/* Makes file `index` the open one. A file may have changed since it was opened first. */
static mpp_status use_file(mpp_dataset *d, size_t index)
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

/* Boundaries of the open file: those of its system and name, or of its own attribute. */
static mpp_status file_boundary(mpp_boundary boundary[3], mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  char *text = NULL, *origin = NULL;
  mpp_system_boundary(boundary, f->axis, f->system, f->path);
  if (mpp_h5_has_attribute(f->id, "/", "boundary")) {
    MPP_TRY(mpp_h5_attribute_text(&text, f->id, f->path, "/", "boundary"));
    MPP_TRY(mpp_format(&origin, "%s: attribute boundary", f->path));
    MPP_TRY(mpp_boundary_parse(boundary, f->axis, text, origin));
  }
done:
  mpp_free(text);
  mpp_free(origin);
  return st == MPP_ERR_USAGE ? MPP_ERR_DATA : st; /* here the text is not the user's */
}

/* Opens each file once, in turn. With `boundary` given those of the files do not matter. `verified`
 * [files.count]: its trajectories have been held at one shape. */
static mpp_status look_at_files(mpp_dataset *d, const char *boundary, const bool *verified)
{
  mpp_status st = MPP_OK;
  mpp_boundary own[3];
  mpp_h5_lock();
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(use_file(d, i));
    if (!verified[i] && d->open.layout->verify != NULL) {
      MPP_TRY(d->open.layout->verify(&d->open));
    }
    d->in_file[i] = d->open.ntrajectories;
    MPP_TRY(file_boundary(own, &d->open));
    if (i == 0) {
      fill_info(&d->info, &d->open);
      MPP_TRY(name_fields(&d->info, &d->open));
      memcpy(d->info.boundary, own, sizeof own);
    }
    MPP_REQUIRE(boundary[0] != '\0' || memcmp(own, d->info.boundary, sizeof own) == 0, MPP_ERR_DATA,
                "%s: boundaries are not those of %s: state which, or use one of them alone",
                d->open.path, d->files.file[0]);
    MPP_REQUIRE(mpp_add(&d->info.ntrajectories, d->info.ntrajectories, d->in_file[i]), MPP_ERR_DATA,
                "%s: too many trajectories", d->open.path);
  }
  if (boundary[0] != '\0') {
    MPP_TRY(mpp_boundary_parse(d->info.boundary, d->info.axis, boundary, d->info.path));
  }
done:
  mpp_h5_unlock();
  return st;
}

static mpp_status split(mpp_dataset *d, const mpp_dataset_options *options)
{
  mpp_status st = MPP_OK;
  const bool given = options->train != 0.0 || options->valid != 0.0;
  const double train = given ? options->train : 0.8, valid = given ? options->valid : 0.1;
  /* 1e-9: fractions like 0.9 and 0.1 may add up to a little more than 1 */
  MPP_REQUIRE(train >= 0.0 && valid >= 0.0 && train + valid <= 1.0 + 1e-9, MPP_ERR_USAGE,
              "%s: fractions %g for training and %g for validation, expected at most 1 together",
              d->info.path, train, valid);
  size_t most = 0;
  for (size_t i = 0; i < d->files.count; i++) {
    most = d->in_file[i] > most ? d->in_file[i] : most;
  }
  const mpp_split_rule rule = strcmp(d->info.layout, mpp_file_layout_ins.name) == 0
                                  ? MPP_SPLIT_ACROSS_FLOOR
                              : most == 1 ? MPP_SPLIT_ACROSS
                                          : MPP_SPLIT_WITHIN;
  mpp_split_files(d->segment, d->part, d->in_file, d->files.count, train, valid, rule);
  d->max_train = options->max_trajectories;
done:
  return st;
}

mpp_status mpp_dataset_open(mpp_dataset **out, const char *spec, const mpp_dataset_options *options)
{
  static const mpp_dataset_options defaults = {0};
  mpp_status st = MPP_OK;
  mpp_dataset *d = NULL;
  size_t frame = 0;
  bool *probed = NULL;
  options = options != NULL ? options : &defaults;
  const char *boundary = options->boundary != NULL ? options->boundary : "";
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&d, 1));
  d->open.id = -1;
  MPP_TRY(mpp_file_set_find(&d->files, spec));
  MPP_TRY(MPP_ALLOC(&probed, d->files.count));
  for (size_t i = 0; i < d->files.count; i++) {
    MPP_TRY(mpp_data_file_probe(&probed[i], d->files.file[i], d->files.system));
  }
  d->info.path = d->files.path;
  MPP_TRY(MPP_ALLOC(&d->in_file, d->files.count));
  MPP_TRY(MPP_ALLOC(&d->segment, 3 * d->files.count));
  MPP_TRY(look_at_files(d, boundary, probed));
  const size_t factors[] = {d->info.nfields, d->info.grid[0], d->info.grid[1],
                            d->info.grid[2], d->info.nframes, sizeof(double)};
  MPP_REQUIRE(mpp_product(&frame, factors, 6), MPP_ERR_DATA,
              "%s: a trajectory does not fit into memory", d->info.path);
  MPP_TRY(split(d, options));
  *out = d;
  d = NULL;
done:
  mpp_free(probed);
  mpp_dataset_close(d);
  return st;
}

void mpp_dataset_close(mpp_dataset *d)
{
  if (d == NULL) {
    return;
  }
  mpp_h5_lock();
  mpp_data_file_close(&d->open);
  mpp_h5_unlock();
  mpp_file_set_free(&d->files);
  mpp_free(d->in_file);
  mpp_free(d->segment);
  mpp_free(d->buffer);
  mpp_free(d);
}

const mpp_dataset_info *mpp_dataset_get_info(const mpp_dataset *d) { return &d->info; }

void mpp_dataset_split(const mpp_dataset *d, mpp_split which, size_t *first, size_t *count)
{
  *first = 0;
  *count = d->info.ntrajectories;
  if (which == MPP_ALL) {
    return;
  }
  for (int p = 0; p < (int)which; p++) { *first += d->part[p]; }
  *count = d->part[which];
  if (which == MPP_TRAIN && d->max_train > 0 && d->max_train < *count) {
    *count = d->max_train;
  }
}

/* Opens the file of a trajectory; *local is its number there. */
static mpp_status go_to(mpp_dataset *d, size_t *local, size_t trajectory)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(trajectory < d->info.ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu, expected 0 to %zu", d->info.path, trajectory,
              d->info.ntrajectories - 1);
  const mpp_segment *s = mpp_split_locate(d->segment, 3 * d->files.count, trajectory);
  MPP_TRY(use_file(d, s->file));
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

mpp_status mpp_dataset_read(mpp_dataset *d, float *x, size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  mpp_view view[MPP_MAX_FIELDS];
  size_t local = 0;
  mpp_h5_lock();
  MPP_REQUIRE(count > 0 && start < info->nframes && count <= info->nframes - start, MPP_ERR_USAGE,
              "%s: %zu frames from %zu on, expected frames 0 to %zu", info->path, count, start,
              info->nframes - 1);
  MPP_TRY(go_to(d, &local, trajectory));
  const size_t n = count * info->nfields * cells_of(info);
  MPP_TRY(reserve(d, n));
  MPP_TRY(d->open.layout->read(&d->open, d->buffer, view, local, start, count));
  if (!all_finite(d->buffer, n)) {
    st = fail_not_finite(d, view, local, start, count);
    goto done;
  }
  gather(x, view, count, info->nfields, cells_of(info));
done:
  mpp_h5_unlock();
  return st;
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
  if (d->info.axis[axis][0] == '\0') {
    x[0] = 0.0;
    return MPP_OK;
  }
  mpp_h5_lock();
  MPP_TRY(use_file(d, 0));
  MPP_TRY(MPP_ALLOC(&read, d->info.grid[axis]));
  MPP_TRY(d->open.layout->coordinates(&d->open, read, axis));
  MPP_TRY(take_finite(x, read, d->info.grid[axis], d->open.path, d->info.axis[axis]));
done:
  mpp_h5_unlock();
  mpp_free(read);
  return st;
}
