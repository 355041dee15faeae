/* writer_ins.c - layout "pdebench-ins": velocity [sample, time, x, y, 2], particles [sample, time, x,
 * y, 1], the forcing [sample, x, y, 2], which does not change, t [sample, time], and latestIndex, the
 * last frame there is. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

enum { PARTS = 3 };

/* Fields [first, first + count) of a trajectory in one dataset. */
static const struct {
  const char *name;
  size_t first, count;
  bool once;
} parts[PARTS] = {{"velocity", 0, 2, false}, {"particles", 2, 1, false}, {"force", 3, 2, true}};

static int shape_of(size_t shape[MPP_H5_MAX_RANK], const mpp_writer *w, int part, size_t samples)
{
  int rank = 0;
  shape[rank++] = samples;
  if (!parts[part].once) {
    shape[rank++] = w->nframes;
  }
  rank = mpp_writer_space(shape, rank, w);
  shape[rank++] = parts[part].count;
  return rank;
}

static mpp_status begin(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  const size_t times[2] = {w->ntrajectories, w->nframes};
  const mpp_note latest = {.key = "latestIndex", .value = (double)w->nframes - 1.0};
  MPP_REQUIRE(w->nfields == 3 && (w->nonce == 2 || w->nonce == 0), MPP_ERR_USAGE,
              "%s: %zu fields and %zu without time, expected 3 and 2 in layout %s", w->final,
              w->nfields, w->nonce, w->layout->name);
  for (int i = 0; i < PARTS; i++) {
    size_t shape[MPP_H5_MAX_RANK];
    const int rank = shape_of(shape, w, i, w->ntrajectories);
    if (!parts[i].once || w->nonce > 0) {
      MPP_TRY(mpp_writer_dataset(&w->open[i], w, w->file, parts[i].name, shape, rank, 1));
    }
  }
  MPP_TRY(mpp_writer_dataset(&w->open[PARTS], w, w->file, "t", times, 2, 1));
  MPP_TRY(mpp_writer_notes(w, &latest, 1));
done:
  return st;
}

/* Channels of part `i` of x [frames, nfields, cells] -> buffer [frames, cells, channels]. */
static void gather(mpp_writer *w, int i, const float *x)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2], n = parts[i].count;
  const size_t frames = parts[i].once ? 1 : w->nframes;
  const size_t fields = parts[i].once ? w->nonce : w->nfields;
  const size_t first = parts[i].first - (parts[i].once ? w->nfields : 0);
  for (size_t t = 0; t < frames; t++) {
    for (size_t c = 0; c < n; c++) {
      const float *from = x + (t * fields + first + c) * cells;
      for (size_t k = 0; k < cells; k++) { w->buffer[(t * cells + k) * n + c] = from[k]; }
    }
  }
}

static mpp_status append(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                         size_t nnotes)
{
  mpp_status st = MPP_OK;
  const size_t start[MPP_H5_MAX_RANK] = {w->done}, times[2] = {1, w->nframes};
  MPP_TRY(mpp_writer_sample_notes(w, notes, nnotes));
  for (int i = 0; i < PARTS; i++) {
    size_t box[MPP_H5_MAX_RANK];
    const int rank = shape_of(box, w, i, 1);
    if (w->open[i] >= 0) {
      gather(w, i, parts[i].once ? once : x);
      MPP_TRY(mpp_writer_box(w, w->open[i], parts[i].name, start, box, rank, H5T_NATIVE_FLOAT,
                             w->buffer));
    }
  }
  MPP_TRY(mpp_writer_box(w, w->open[PARTS], "t", start, times, 2, H5T_NATIVE_DOUBLE, w->time));
done:
  return st;
}

const mpp_writer_layout mpp_writer_ins = {
    .name = "pdebench-ins",
    .axes = {"?", "xy", "???"},
    .begin = begin,
    .append = append,
};
