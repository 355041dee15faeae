/* writer_array.c - layout "pdebench-array": a root dataset a field [sample, time, x, y], the
 * coordinates of cells and of time, and fields that do not change [sample, x, y]. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

/* t-coordinate has one entry more than there are frames, as PDEBench's generators leave it. */
static mpp_status write_times(const mpp_writer *w)
{
  mpp_status st = MPP_OK;
  double *t = NULL;
  const size_t n = w->nframes;
  MPP_TRY(MPP_ALLOC(&t, n + 1));
  memcpy(t, w->time, n * sizeof *t);
  t[n] = n > 1 ? 2.0 * t[n - 1] - t[n - 2] : t[n - 1];
  MPP_TRY(mpp_writer_vector(w, w->file, "t-coordinate", t, n + 1));
done:
  mpp_free(t);
  return st;
}

static mpp_status begin(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  size_t shape[MPP_H5_MAX_RANK] = {w->ntrajectories, w->nframes};
  size_t frame[MPP_H5_MAX_RANK] = {w->ntrajectories};
  const int rank = mpp_writer_space(shape, 2, w), once_rank = mpp_writer_space(frame, 1, w);
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      char name[48];
      snprintf(name, sizeof name, "%s-coordinate", w->axis[a]);
      MPP_TRY(mpp_writer_vector(w, w->file, name, w->coordinate[a], w->grid[a]));
    }
  }
  if (w->nframes > 1) { /* a steady state has no time */
    MPP_TRY(write_times(w));
  }
  for (size_t c = 0; c < w->nfields + w->nonce; c++) {
    const bool once = c >= w->nfields;
    MPP_TRY(mpp_writer_dataset(&w->open[c], w, w->file, w->dataset[c], once ? frame : shape,
                               once ? once_rank : rank, 1));
  }
done:
  return st;
}

static mpp_status append(mpp_writer *w, const float *x, const float *once, const mpp_note *notes,
                         size_t nnotes)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_writer_sample_notes(w, notes, nnotes));
  for (size_t c = 0; c < w->nfields + w->nonce; c++) {
    const mpp_box box = c < w->nfields ? mpp_writer_frames(w, x, c, 1)
                                       : mpp_writer_once(w, once, c - w->nfields, 1);
    MPP_TRY(mpp_writer_chunks(w, w->open[c], w->dataset[c], 1, &box));
  }
done:
  return st;
}

const mpp_writer_layout mpp_writer_array = {
    .name = "pdebench-array",
    .axes = {"x", "xy", "xyz"},
    .begin = begin,
    .append = append,
};
