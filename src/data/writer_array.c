/* writer_array.c - layout "pdebench-array": a root dataset a field [sample, time, x, y], the
 * coordinates of cells and of time, and the notes as attributes of the file. */
#include <math.h>
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
  const int rank = mpp_writer_space(shape, 2, w);
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      char name[24];
      snprintf(name, sizeof name, "%s-coordinate", w->axis[a]);
      MPP_TRY(mpp_writer_vector(w, w->file, name, w->coordinate[a], w->grid[a]));
    }
  }
  MPP_TRY(write_times(w));
  for (size_t c = 0; c < w->nfields; c++) {
    MPP_TRY(mpp_writer_dataset(&w->dataset[c], w, w->file, w->field[c], shape, rank, 1));
  }
done:
  return st;
}

/* The layout has one set of attributes: what all trajectories have in common. */
static mpp_status write_common(mpp_writer *w, const mpp_note *note)
{
  mpp_status st = MPP_OK;
  char *text = NULL;
  double value = 0.0;
  bool same = false;
  if (!mpp_h5_has_attribute(w->file, "/", note->key)) {
    return mpp_writer_notes(w, note, 1);
  }
  if (note->text[0] != '\0') {
    MPP_TRY(mpp_h5_attribute_text(&text, w->file, w->final, "/", note->key));
    same = strcmp(text, note->text) == 0;
  } else {
    MPP_TRY(mpp_h5_attribute_f64(&value, w->file, w->final, "/", note->key));
    same = value == note->value || (isnan(value) && isnan(note->value));
  }
  MPP_REQUIRE(same, MPP_ERR_USAGE,
              "%s: note '%s' of trajectory %zu is not that of the others, expected one for all in "
              "layout %s",
              w->final, note->key, w->done, w->layout->name);
done:
  mpp_free(text);
  return st;
}

static mpp_status append(mpp_writer *w, const float *x, const mpp_note *notes, size_t nnotes)
{
  mpp_status st = MPP_OK;
  hid_t memory = -1, space = -1;
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  size_t shape[MPP_H5_MAX_RANK] = {1, w->nframes};
  hsize_t start[MPP_H5_MAX_RANK] = {w->done}, count[MPP_H5_MAX_RANK];
  const int rank = mpp_writer_space(shape, 2, w);
  for (int i = 0; i < rank; i++) { count[i] = shape[i]; }
  for (size_t i = 0; i < nnotes; i++) { MPP_TRY(write_common(w, &notes[i])); }
  MPP_WRITE(w, memory = H5Screate_simple(rank, count, NULL), "memory");
  for (size_t c = 0; c < w->nfields; c++) {
    for (size_t t = 0; t < w->nframes; t++) {
      memcpy(w->buffer + t * cells, x + (t * w->nfields + c) * cells, cells * sizeof *x);
    }
    MPP_WRITE(w, space = H5Dget_space(w->dataset[c]), w->field[c]);
    MPP_WRITE(w, H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL), w->field[c]);
    MPP_WRITE(w, H5Dwrite(w->dataset[c], H5T_NATIVE_FLOAT, memory, space, H5P_DEFAULT, w->buffer),
              w->field[c]);
    H5Sclose(space);
    space = -1;
  }
done:
  if (space >= 0) {
    H5Sclose(space);
  }
  if (memory >= 0) {
    H5Sclose(memory);
  }
  return st;
}

const mpp_writer_layout mpp_writer_array = {
    .name = "pdebench-array",
    .axes = {"x", "xy", "xyz"},
    .begin = begin,
    .append = append,
};
