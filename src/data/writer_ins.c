/* writer_ins.c - layout "pdebench-ins": velocity [sample, time, x, y, 2], particles [sample, time,
 * x, y, 1], the forcing [sample, x, y, 2], which does not change, t [sample, time], and
 * latestIndex, the last frame there is. */
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

static mpp_status append(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                         size_t nnotes)
{
  mpp_status st = MPP_OK;
  const size_t start[MPP_H5_MAX_RANK] = {w->done}, times[2] = {1, w->nframes};
  MPP_TRY(mpp_writer_sample_notes(w, notes, nnotes));
  for (int i = 0; i < PARTS; i++) {
    const size_t first = parts[i].first, count = parts[i].count;
    if (w->open[i] >= 0) {
      const mpp_box box = parts[i].once ? mpp_writer_once(w, once, first - w->nfields, count)
                                        : mpp_writer_frames(w, x, first, count);
      MPP_TRY(mpp_writer_chunks(w, w->open[i], parts[i].name, 1, &box));
    }
  }
  MPP_TRY(mpp_writer_box(w, w->open[PARTS], "t", start, times, 2, H5T_NATIVE_DOUBLE, w->time));
done:
  return st;
}

const mpp_writer_layout mpp_writer_ins = {
    .name = "pdebench-ins",
    .axes = {"?", "xy", "???"},
    .times = true,
    .begin = begin,
    .append = append,
};
