/* dataset_read.c - windows of trajectories. One file is open at a time; all calls that touch it are
 * serialised by the lock of HDF5. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"

/* Holds a further file of the set at the shape of the first. */
static mpp_status check_same(const mpp_dataset *d, const mpp_data_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_description *own = f->about, *first = d->about;
  const char *path = d->files.file[0];
  MPP_REQUIRE(strcmp(f->layout->name, d->info.layout) == 0, MPP_ERR_DATA,
              "%s: layout %s, expected %s as in %s", f->path, f->layout->name, d->info.layout,
              path);
  MPP_REQUIRE(strcmp(own->system, first->system) == 0 && own->nfields == first->nfields,
              MPP_ERR_DATA, "%s: found %zu fields of system '%s', expected %zu of '%s' as in %s",
              f->path, own->nfields, own->system, first->nfields, first->system, path);
  for (size_t c = 0; c < own->nfields; c++) {
    MPP_REQUIRE(strcmp(own->field[c].name, first->field[c].name) == 0, MPP_ERR_DATA,
                "%s: found field '%s', expected '%s' as in %s", f->path, own->field[c].name,
                first->field[c].name, path);
  }
  MPP_REQUIRE(own->nframes == first->nframes || d->request->along == MPP_ALONG_TIME ||
                  d->pieces != 1,
              MPP_ERR_DATA, "%s: found %zu frames, expected %zu as in %s", f->path, own->nframes,
              first->nframes, path);
  for (int a = 0; a < 3; a++) {
    MPP_REQUIRE(
        own->grid[a] == first->grid[a] && strcmp(own->space[a].name, first->space[a].name) == 0,
        MPP_ERR_DATA, "%s: found %zu cells along axis %d '%s', expected %zu along '%s' as in %s",
        f->path, own->grid[a], a, own->space[a].name, first->grid[a], first->space[a].name, path);
  }
done:
  return st;
}

/* A file may have changed since it was opened first. */
mpp_status mpp_dataset_use_file(mpp_dataset *d, size_t index)
{
  mpp_status st = MPP_OK;
  if (mpp_data_file_is_open(&d->open) && d->opened == index) {
    return MPP_OK;
  }
  mpp_data_file_close(&d->open);
  MPP_TRY(mpp_data_file_open(&d->open, d->files.file[index], d->request));
  d->opened = index;
  if (d->about != NULL) {
    MPP_TRY(check_same(d, &d->open));
    MPP_REQUIRE(d->frames[index] == 0 || d->open.about->nframes == d->frames[index], MPP_ERR_DATA,
                "%s: found %zu frames, expected %zu as when it was opened first", d->open.path,
                d->open.about->nframes, d->frames[index]);
    MPP_REQUIRE(d->in_run == NULL || d->kept[index / d->pieces] != NULL ||
                    d->open.about->ntrajectories == d->in_run[index / d->pieces],
                MPP_ERR_DATA,
                "%s: found %zu trajectories, expected %zu as when it was opened first",
                d->open.path, d->open.about->ntrajectories,
                d->in_run != NULL ? d->in_run[index / d->pieces] : 0);
  }
done:
  if (st != MPP_OK) {
    mpp_data_file_close(&d->open);
  }
  return st;
}

/* The run of a trajectory; *local is its number in the run's files. */
mpp_status mpp_dataset_locate(mpp_dataset *d, size_t *run, size_t *local, size_t trajectory)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(trajectory < d->info.ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu, expected 0 to %zu", d->info.path, trajectory,
              d->info.ntrajectories - 1);
  const mpp_segment *s = mpp_split_locate(d->segment, d->nsegments, trajectory);
  const size_t index = s->local + (trajectory - s->first);
  *run = s->file;
  *local = d->kept[s->file] != NULL ? d->kept[s->file][index] : index;
done:
  return st;
}

const char *mpp_dataset_file(const mpp_dataset *d, size_t trajectory, size_t *local)
{
  const mpp_segment *s = mpp_split_locate(d->segment, d->nsegments, trajectory);
  const size_t index = s->local + (trajectory - s->first);
  *local = d->kept[s->file] != NULL ? d->kept[s->file][index] : index;
  return d->files.file[s->file * d->pieces];
}

/* The piece of a run that has a frame; *frame becomes its number there. */
static size_t piece_of(const mpp_dataset *d, size_t run, size_t *frame)
{
  size_t file = run * d->pieces;
  while (*frame >= d->frames[file]) { *frame -= d->frames[file++]; }
  return file;
}

static size_t cells_of(const size_t grid[3]) { return grid[0] * grid[1] * grid[2]; }

/* ---- windows ---- */

/* What a call reads: some fields of the description, checked and filled or as they are, frame after
 * frame into x and, where one is wanted, the mask of what is missing. */
typedef struct selection {
  size_t first, count;
  bool checked;
  float *x;
  unsigned char *mask;
  size_t apart; /* values from a frame in x to the next; 0: count cells */
} selection;

/* Frames of one file into x [time.count, s->count, cells]; mask likewise, or NULL. */
static mpp_status read_plain(mpp_dataset *d, float *x, unsigned char *mask, const selection *s,
                             size_t trajectory, mpp_part time)
{
  mpp_status st = MPP_OK;
  const size_t cells = cells_of(d->info.grid);
  MPP_TRY(
      mpp_described_read(&d->open, &d->buffer, x, s->first, s->count, trajectory, time, d->space));
  MPP_TRY(mpp_dataset_cover(d, trajectory, time, d->space));
  for (size_t i = 0; i < time.count * s->count; i++) {
    const size_t t = i / s->count;
    const mpp_frame_place p = {s->first + i % s->count, trajectory, time.from + t * time.step};
    MPP_TRY(mpp_dataset_settle(d, x + i * cells, mask != NULL ? mask + i * cells : NULL,
                               d->info.nmasks > 0 ? d->covered + t * cells : NULL, d->info.grid, p,
                               s->checked));
  }
done:
  return st;
}

/* Every so many cells of a frame. */
static void take_cells(unsigned char *out, const unsigned char *from, const size_t grid[3],
                       const mpp_part part[3])
{
  size_t at = 0;
  for (size_t i = 0; i < part[0].count; i++) {
    for (size_t j = 0; j < part[1].count; j++) {
      const size_t plane = part[0].from + i * part[0].step, row = part[1].from + j * part[1].step;
      const unsigned char *cell = from + (plane * grid[1] + row) * grid[2] + part[2].from;
      for (size_t k = 0; k < part[2].count; k++) { out[at++] = cell[k * part[2].step]; }
    }
  }
}

/* The same from whole frames, smoothed, one after the other. */
static mpp_status read_smooth(mpp_dataset *d, float *x, unsigned char *mask, const selection *s,
                              size_t trajectory, mpp_part time)
{
  mpp_status st = MPP_OK;
  assert(d->about != NULL);
  const size_t *grid = d->about->grid;
  const size_t all = cells_of(grid), cells = cells_of(d->info.grid);
  const mpp_part whole[3] = {{0, 1, grid[0]}, {0, 1, grid[1]}, {0, 1, grid[2]}};
  MPP_TRY(MPP_RESERVE(&d->whole, &d->nwhole, all));
  MPP_TRY(MPP_RESERVE(&d->hidden, &d->nhidden, all));
  for (size_t i = 0; i < time.count * s->count; i++) {
    const size_t field = s->first + i % s->count, frame = time.from + i / s->count * time.step;
    const mpp_part now = {frame, 1, 1};
    const mpp_frame_place p = {field, trajectory, frame};
    MPP_TRY(mpp_described_read(&d->open, &d->buffer, d->whole, field, 1, trajectory, now, whole));
    if (i % s->count == 0) {
      MPP_TRY(mpp_dataset_cover(d, trajectory, now, whole));
    }
    MPP_TRY(mpp_dataset_settle(d, d->whole, d->hidden, d->info.nmasks > 0 ? d->covered : NULL, grid,
                               p, s->checked));
    if (mask != NULL) {
      take_cells(mask + i * cells, d->hidden, grid, d->space);
    }
    MPP_TRY(mpp_smooth(x + i * cells, d->whole, d->info.masked ? d->hidden : NULL, grid, d->wraps,
                       d->space));
  }
done:
  return st;
}

/* Room for what one call reads. */
static mpp_status reserve_window(mpp_dataset *d, size_t values, bool masked)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_RESERVE(&d->window, &d->nwindow, values));
  if (masked) {
    MPP_TRY(MPP_RESERVE(&d->missing, &d->nmissing, values));
  }
done:
  return st;
}

/* Frames side by side where the caller wants them; x is as it was where the reading fails. */
static void hand_out(const mpp_dataset *d, const selection *s, size_t count)
{
  const size_t values = s->count * cells_of(d->info.grid), apart = s->apart > 0 ? s->apart : values;
  for (size_t t = 0; t < count; t++) {
    memcpy(s->x + t * apart, d->window + t * values, values * sizeof *s->x);
    if (s->mask != NULL) {
      memcpy(s->mask + t * apart, d->missing + t * values, values);
    }
  }
}

static mpp_status read_window(mpp_dataset *d, const selection *s, size_t trajectory, size_t start,
                              size_t count)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  const size_t apart = s->count * cells_of(info->grid);
  size_t run = 0, local = 0;
  assert(d->maker == NULL);
  mpp_h5_lock();
  MPP_REQUIRE(count > 0 && start < info->nframes && count <= info->nframes - start, MPP_ERR_USAGE,
              "%s: %zu frames from %zu on, expected frames 0 to %zu", info->path, count, start,
              info->nframes - 1);
  MPP_TRY(mpp_dataset_locate(d, &run, &local, trajectory));
  MPP_TRY(reserve_window(d, count * apart, s->mask != NULL));
  for (size_t at = 0; at < count;) { /* those of one file at once */
    size_t frame = d->time.from + (start + at) * d->time.step, n = 1;
    const size_t file = piece_of(d, run, &frame);
    while (n < count - at && frame + n * d->time.step < d->frames[file]) { n++; }
    const mpp_part time = {frame, d->time.step, n};
    MPP_TRY(mpp_dataset_use_file(d, file));
    unsigned char *mask = s->mask != NULL ? d->missing + at * apart : NULL;
    MPP_TRY(d->smooth ? read_smooth(d, d->window + at * apart, mask, s, local, time)
                      : read_plain(d, d->window + at * apart, mask, s, local, time));
    at += n;
  }
  hand_out(d, s, count);
done:
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_dataset_read(mpp_dataset *d, float *x, size_t trajectory, size_t start, size_t count)
{
  const selection predicted = {.count = d->info.nfields, .checked = true, .x = x};
  return d->maker != NULL ? mpp_dataset_made_read(d, x, trajectory, start, count)
                          : read_window(d, &predicted, trajectory, start, count);
}

mpp_status mpp_dataset_read_raw(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                size_t count)
{
  const selection stored = {.count = d->info.nfields, .x = x};
  return d->maker != NULL ? mpp_dataset_made_read(d, x, trajectory, start, count)
                          : read_window(d, &stored, trajectory, start, count);
}

mpp_status mpp_dataset_read_given(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                  size_t count)
{
  const selection given = {
      .first = d->info.nfields, .count = d->info.ngiven, .checked = true, .x = x};
  if (given.count == 0) {
    return MPP_OK;
  }
  return d->maker != NULL ? mpp_dataset_made_given(d, x, trajectory, start, count)
                          : read_window(d, &given, trajectory, start, count);
}

/* The chosen given fields of a made dataset, which makes all of them at a time. */
static mpp_status read_made(mpp_dataset *d, float *x, const size_t *which, size_t nwhich,
                            size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  const size_t cells = cells_of(d->info.grid), own = d->info.nfields * cells;
  const size_t all = d->info.ngiven * cells, apart = own + nwhich * cells;
  float *given = NULL;
  MPP_TRY(MPP_ALLOC(&given, count * (own + all)));
  MPP_TRY(mpp_dataset_made_read(d, given, trajectory, start, count));
  for (size_t t = 0; t < count; t++) { memcpy(x + t * apart, given + t * own, own * sizeof *x); }
  if (nwhich > 0) {
    MPP_TRY(mpp_dataset_made_given(d, given, trajectory, start, count));
  }
  for (size_t i = 0; i < count * nwhich; i++) {
    const size_t t = i / nwhich, g = i % nwhich;
    memcpy(x + t * apart + own + g * cells, given + t * all + which[g] * cells, cells * sizeof *x);
  }
done:
  mpp_free(given);
  return st;
}

mpp_status mpp_dataset_read_seen(mpp_dataset *d, float *x, unsigned char *mask, const size_t *which,
                                 size_t nwhich, size_t trajectory, size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  const size_t cells = cells_of(d->info.grid), fields = d->info.nfields;
  selection s = {.count = fields, .checked = true, .x = x, .mask = mask};
  s.apart = (fields + nwhich) * cells;
  if (d->maker != NULL) {
    if (mask != NULL) {
      memset(mask, 0, count * s.apart);
    }
    return read_made(d, x, which, nwhich, trajectory, start, count);
  }
  MPP_TRY(read_window(d, &s, trajectory, start, count));
  s.count = 1;
  for (size_t g = 0; g < nwhich; g++) {
    assert(which[g] < d->info.ngiven);
    s.first = fields + which[g];
    s.x = x + (fields + g) * cells;
    s.mask = mask != NULL ? mask + (fields + g) * cells : NULL;
    MPP_TRY(read_window(d, &s, trajectory, start, count));
  }
done:
  return st;
}

mpp_status mpp_dataset_read_mask(mpp_dataset *d, unsigned char *mask, size_t trajectory,
                                 size_t start, size_t count)
{
  mpp_status st = MPP_OK;
  float *x = NULL;
  size_t n = 0;
  const size_t factors[] = {count, d->info.nfields, cells_of(d->info.grid)};
  MPP_REQUIRE(mpp_product(&n, factors, 3), MPP_ERR_USAGE, "%s: %zu frames do not fit into memory",
              d->info.path, count);
  if (d->maker != NULL) {
    memset(mask, 0, n);
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(&x, n));
  const selection stored = {.count = d->info.nfields, .x = x, .mask = mask};
  MPP_TRY(read_window(d, &stored, trajectory, start, count));
done:
  mpp_free(x);
  return st;
}
