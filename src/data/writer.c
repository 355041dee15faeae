/* writer.c - PDEBench files, trajectory by trajectory, under a temporary name until they are whole.
 * float32, shuffled and deflated with a checksum of each chunk: half the size of plain arrays, and
 * damage is found when it is read. Any HDF5 reader has these filters. */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "writer_impl.h"

/* As the file has it, for the small arrays that HDF5 packs; chunk_pack.c has a level of its own. */
enum { DEFLATE_LEVEL = 1 };

static const mpp_writer_layout *const layouts[] = {&mpp_writer_groups, &mpp_writer_array,
                                                   &mpp_writer_ins, &mpp_writer_layout_well};

/* Of what is not appended yet, before it is packed; the one that is being written counts. */
static size_t bytes_left(const mpp_writer *w)
{
  const size_t factors[] = {w->ntrajectories > w->done ? w->ntrajectories - w->done : 1,
                            w->nframes,
                            w->nfields + w->nonce,
                            w->grid[0],
                            w->grid[1],
                            w->grid[2],
                            sizeof(float)};
  size_t bytes = SIZE_MAX;
  return mpp_product(&bytes, factors, 7) ? bytes : SIZE_MAX;
}

mpp_status mpp_writer_failed(const mpp_writer *w, const char *what)
{
  const int error = errno;
  if (error == 0) {
    return mpp_fail(MPP_ERR_IO, "%s: %s: cannot be written", w->final, what);
  }
  return mpp_fail_room(w->final, error, bytes_left(w));
}

mpp_status mpp_writer_close(const mpp_writer *w, hid_t *id, const char *what)
{
  const hid_t closing = *id;
  *id = -1; /* HDF5 1.10 crashes when it closes a second time what it could not write the first */
  if (closing < 0) {
    return MPP_OK;
  }
  const H5I_type_t type = H5Iget_type(closing);
  errno = 0;
  const herr_t rc = type == H5I_FILE      ? H5Fclose(closing)
                    : type == H5I_DATASET ? H5Dclose(closing)
                                          : H5Gclose(closing);
  return rc < 0 || mpp_fault() ? mpp_writer_failed(w, what) : MPP_OK;
}

int mpp_writer_space(size_t *shape, int rank, const mpp_writer *w)
{
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      shape[rank++] = w->grid[a];
    }
  }
  return rank;
}

mpp_status mpp_writer_store(hid_t *out, const mpp_writer *w, hid_t parent, const char *name,
                            hid_t type, const hsize_t *extent, const hsize_t *chunk, int rank,
                            unsigned how)
{
  mpp_status st = MPP_OK;
  hid_t space = -1, list = -1;
  const double nothing = NAN;
  MPP_WRITE(w, space = H5Screate_simple(rank, extent, NULL), name);
  MPP_WRITE(w, list = H5Pcreate(H5P_DATASET_CREATE), name);
  MPP_WRITE(w, H5Pset_chunk(list, rank, chunk), name);
  if ((how & MPP_STORE_WHOLE) != 0) {
    MPP_WRITE(w, H5Pset_fill_time(list, H5D_FILL_TIME_NEVER), name);
  }
  if ((how & MPP_STORE_NAN) != 0) {
    MPP_WRITE(w, H5Pset_fill_value(list, H5T_NATIVE_DOUBLE, &nothing), name);
  }
  if ((how & MPP_STORE_DEFLATED) != 0) {
    MPP_WRITE(w, H5Pset_shuffle(list), name);
    MPP_WRITE(w, H5Pset_deflate(list, DEFLATE_LEVEL), name);
  }
  MPP_WRITE(w, H5Pset_fletcher32(list), name);
  MPP_WRITE(w, *out = H5Dcreate2(parent, name, type, space, H5P_DEFAULT, list, H5P_DEFAULT), name);
done:
  if (list >= 0) {
    H5Pclose(list);
  }
  if (space >= 0) {
    H5Sclose(space);
  }
  return st;
}

mpp_status mpp_writer_dataset(hid_t *out, const mpp_writer *w, hid_t parent, const char *name,
                              const size_t *shape, int rank, int ones)
{
  hsize_t extent[MPP_H5_MAX_RANK], chunk[MPP_H5_MAX_RANK];
  size_t row = 1;
  for (int i = 0; i < rank; i++) {
    extent[i] = shape[i];
    chunk[i] = i < ones ? 1 : shape[i];
    row *= i > ones ? shape[i] : 1;
  }
  chunk[ones] = mpp_writer_chunk_rows(shape[ones], row);
  return mpp_writer_store(out, w, parent, name, H5T_IEEE_F32LE, extent, chunk, rank,
                          MPP_STORE_WHOLE | (rank > 1 ? MPP_STORE_DEFLATED : 0U));
}

mpp_status mpp_writer_box(const mpp_writer *w, hid_t dataset, const char *name, const size_t *start,
                          const size_t *count, int rank, hid_t type, const void *x)
{
  mpp_status st = MPP_OK;
  hid_t memory = -1, space = -1;
  hsize_t from[MPP_H5_MAX_RANK], box[MPP_H5_MAX_RANK];
  for (int i = 0; i < rank; i++) {
    from[i] = start[i];
    box[i] = count[i];
  }
  MPP_WRITE(w, memory = H5Screate_simple(rank, box, NULL), name);
  MPP_WRITE(w, space = H5Dget_space(dataset), name);
  MPP_WRITE(w, H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, box, NULL), name);
  MPP_WRITE(w, H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, x), name);
done:
  if (space >= 0) {
    H5Sclose(space);
  }
  if (memory >= 0) {
    H5Sclose(memory);
  }
  return st;
}

mpp_status mpp_writer_vector(const mpp_writer *w, hid_t parent, const char *name, const double *x,
                             size_t n)
{
  mpp_status st = MPP_OK;
  hid_t dataset = -1;
  MPP_TRY(mpp_writer_dataset(&dataset, w, parent, name, &n, 1, 0));
  MPP_WRITE(w, H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, x), name);
  MPP_TRY(mpp_writer_close(w, &dataset, name));
done:
  if (dataset >= 0) {
    H5Dclose(dataset);
  }
  return st;
}

/* Closes all; says whether everything has reached the file. */
static mpp_status close_file(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < MPP_MAX_FIELDS; i++) { MPP_TRY(mpp_writer_close(w, &w->open[i], "data")); }
  MPP_TRY(mpp_writer_close(w, &w->mask, "mask"));
  MPP_WRITE(w, H5Fflush(w->file, H5F_SCOPE_GLOBAL), "file"); /* closing alone may hide a failure */
  MPP_TRY(mpp_writer_close(w, &w->file, "file"));
done:
  return st;
}

/* Frees what the writer owns, but not the writer. */
static void free_members(mpp_writer *w)
{
  for (size_t i = 0; i < MPP_MAX_FIELDS; i++) {
    if (w->open[i] >= 0) {
      H5Dclose(w->open[i]);
    }
  }
  if (w->mask >= 0) {
    H5Dclose(w->mask);
  }
  if (w->file >= 0) {
    H5Fclose(w->file);
  }
  for (int a = 0; a < 3; a++) { mpp_free(w->coordinate[a]); }
  mpp_free(w->time);
  mpp_chunk_pool_free(w->pool);
}

/* Axes must be the ones that the layout has: it does not store their order. */
static mpp_status check_options(const mpp_writer_options *o, const mpp_writer_layout *layout)
{
  mpp_status st = MPP_OK;
  int first = 3;
  MPP_REQUIRE(layout != NULL, MPP_ERR_USAGE, "%s: unknown layout '%s', expected %s, %s, %s or %s",
              o->path, o->layout, layouts[0]->name, layouts[1]->name, layouts[2]->name,
              layouts[3]->name);
  MPP_REQUIRE((o->well != NULL) == (layout == &mpp_writer_layout_well), MPP_ERR_USAGE,
              "%s: layout %s %s what The Well's has", o->path, layout->name,
              o->well != NULL ? "does not take" : "needs");
  MPP_REQUIRE(o->nfields > 0 && o->nfields + o->nonce <= MPP_MAX_FIELDS && o->ntrajectories > 0 &&
                  o->nframes > 0,
              MPP_ERR_USAGE, "%s: %zu fields, %zu trajectories, %zu frames: nothing to write",
              o->path, o->nfields, o->ntrajectories, o->nframes);
  while (first > 0 && o->axis[first - 1][0] != '\0') { first--; }
  MPP_REQUIRE(first < 3, MPP_ERR_USAGE, "%s: the grid has no axis", o->path);
  for (int a = 0; a < 3; a++) {
    if (a < first) {
      MPP_REQUIRE(o->axis[a][0] == '\0' && o->grid[a] == 1, MPP_ERR_USAGE,
                  "%s: axis %d has %zu cells and no name", o->path, a, o->grid[a]);
      continue;
    }
    const char *names = layout->axes[2 - first];
    const char *expected = names != NULL ? names + (a - first) : o->axis[a];
    MPP_REQUIRE(o->axis[a][0] == expected[0] && (names == NULL || o->axis[a][1] == '\0'),
                MPP_ERR_USAGE, "%s: axis %d is '%s', expected '%c' in layout %s", o->path, a,
                o->axis[a], expected[0], layout->name);
    MPP_REQUIRE(o->grid[a] > 0 && o->coordinate[a] != NULL, MPP_ERR_USAGE,
                "%s: axis '%s' has no coordinates", o->path, o->axis[a]);
  }
done:
  return st;
}

static mpp_status copy_doubles(double **out, const double *x, size_t n)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(out, n));
  memcpy(*out, x, n * sizeof *x);
done:
  return st;
}

static mpp_status copy_options(mpp_writer *w, const mpp_writer_options *o)
{
  mpp_status st = MPP_OK;
  size_t n = 0;
  const size_t factors[] = {o->nframes, o->nfields, o->grid[0],
                            o->grid[1], o->grid[2], sizeof(float)};
  MPP_REQUIRE(mpp_product(&n, factors, 6), MPP_ERR_USAGE,
              "%s: a trajectory does not fit into memory", o->path);
  const int length = snprintf(w->final, sizeof w->final, "%s", o->path);
  MPP_REQUIRE(length >= 0 && (size_t)length < sizeof w->final, MPP_ERR_EXISTS,
              "%.100s...: name of %d characters is too long", o->path, length);
  w->nfields = o->nfields;
  w->nonce = o->nonce;
  w->ntrajectories = o->ntrajectories;
  w->nframes = o->nframes;
  w->well = o->well;
  memcpy(w->field, o->field, sizeof w->field);
  for (size_t i = 0; i < o->nfields + o->nonce; i++) {
    snprintf(w->dataset[i], sizeof w->dataset[i], "%s",
             o->dataset[i] != NULL ? o->dataset[i] : o->field[i]);
  }
  memcpy(w->grid, o->grid, sizeof w->grid);
  memcpy(w->axis, o->axis, sizeof w->axis);
  for (int a = 0; a < 3; a++) {
    if (w->axis[a][0] != '\0') {
      MPP_TRY(copy_doubles(&w->coordinate[a], o->coordinate[a], o->grid[a]));
    }
  }
  MPP_TRY(copy_doubles(&w->time, o->time, o->nframes));
done:
  return st;
}

mpp_status mpp_writer_create(mpp_writer **out, const mpp_writer_options *options)
{
  mpp_status st = MPP_OK;
  mpp_writer *w = NULL;
  const mpp_writer_layout *layout = NULL;
  *out = NULL;
  mpp_h5_lock();
  for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
    layout = strcmp(layouts[i]->name, options->layout) == 0 ? layouts[i] : layout;
  }
  MPP_TRY(check_options(options, layout));
  MPP_TRY(mpp_check_output(options->path, options->overwrite));
  MPP_TRY(mpp_h5_init());
  MPP_TRY(MPP_ALLOC(&w, 1));
  w->file = -1;
  for (size_t i = 0; i < MPP_MAX_FIELDS; i++) { w->open[i] = -1; }
  w->mask = -1;
  w->layout = layout;
  MPP_TRY(copy_options(w, options));
  MPP_TRY(mpp_temporary_name(w->temporary, w->final));
  MPP_WRITE(w, w->file = H5Fcreate(w->temporary, H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), "file");
  MPP_TRY(layout->begin(w));
  *out = w;
  w = NULL;
done:
  mpp_writer_abort(w);
  mpp_h5_unlock();
  return st;
}

/* A file of this project never holds what its reader would refuse. x [nframes, nfields, D, H,
 * W]. */
static mpp_status check_finite(const mpp_writer *w, const float *x, size_t nframes,
                               const mpp_name *field, size_t nfields)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2], n = nframes * nfields * cells;
  bool bad = false;
  for (size_t i = 0; i < n; i++) { bad |= !isfinite(x[i]); } /* without a branch: several at once */
  for (size_t i = 0; bad && i < n; i++) {
    if (w->gaps ? isinf(x[i]) : !isfinite(x[i])) {
      return mpp_fail(MPP_ERR_DIVERGED, "%s: trajectory %zu, frame %zu, field '%s', cell %zu: %g",
                      w->final, w->done, i / cells / nfields, field[i / cells % nfields], i % cells,
                      (double)x[i]);
    }
  }
  return MPP_OK;
}

mpp_status mpp_writer_append(mpp_writer *w, const float *x, const float *once,
                             const mpp_note *notes, size_t nnotes)
{
  mpp_status st = MPP_OK;
  mpp_h5_lock();
  MPP_REQUIRE(w->done < w->ntrajectories, MPP_ERR_INTERNAL,
              "%s: more trajectories than the %zu announced", w->final, w->ntrajectories);
  MPP_TRY(check_finite(w, x, w->nframes, (const mpp_name *)w->field, w->nfields));
  MPP_TRY(check_finite(w, once, 1, (const mpp_name *)w->field + w->nfields, w->nonce));
  MPP_TRY(w->layout->append(w, x, once, notes, nnotes));
  w->done++;
done:
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_writer_times(mpp_writer *w, const double *time)
{
  if (memcmp(w->time, time, w->nframes * sizeof *time) == 0) {
    return MPP_OK;
  }
  if (!w->layout->times) {
    return mpp_fail(MPP_ERR_USAGE,
                    "%s: trajectory %zu has other times than the first, and layout %s one line of "
                    "times for all",
                    w->final, w->done, w->layout->name);
  }
  memcpy(w->time, time, w->nframes * sizeof *time);
  return MPP_OK;
}

mpp_status mpp_writer_text(mpp_writer *w, const char *key, const char *text)
{
  return mpp_h5_write_attribute_text(w->file, w->final, key, text);
}

mpp_status mpp_writer_notes(mpp_writer *w, const mpp_note *notes, size_t nnotes)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < nnotes; i++) {
    if (notes[i].text[0] != '\0') {
      MPP_TRY(mpp_h5_write_attribute_text(w->file, w->final, notes[i].key, notes[i].text));
    } else {
      MPP_TRY(mpp_h5_write_attribute_f64(w->file, w->final, notes[i].key, notes[i].value));
    }
  }
done:
  return st;
}

mpp_status mpp_writer_finish(mpp_writer *w)
{
  mpp_status st = MPP_OK;
  mpp_h5_lock();
  MPP_REQUIRE(w->done == w->ntrajectories, MPP_ERR_INTERNAL,
              "%s: %zu trajectories written, expected %zu", w->final, w->done, w->ntrajectories);
  MPP_TRY(close_file(w));
  MPP_TRY(mpp_commit_file(w->temporary, w->final));
  w->temporary[0] = '\0';
done:
  mpp_writer_abort(w); /* after success there is no file left to remove */
  mpp_h5_unlock();
  return st;
}

void mpp_writer_abort(mpp_writer *w)
{
  if (w == NULL) {
    return;
  }
  mpp_h5_lock();
  if (w->file >= 0 && truncate(w->temporary, 0) != 0) {
    errno = 0; /* it only makes room on a full disk, so that HDF5 can write and close the file */
  }
  free_members(w);
  if (w->temporary[0] != '\0') {
    unlink(w->temporary);
  }
  mpp_free(w);
  mpp_h5_unlock();
}
