/* rollout_nc.c - records of a forecast: data, sync, time, sync. In this order a record that has a
 * time is complete; a time that still holds the fill value says "not written".
 *
 * A sweep over every write of a run shows the order to hold at each, but for two of 1800: HDF5's
 * index of a variable is a tree that splits at record 64 and then every 32 records, and a kill just
 * between the writes of one split hides that variable's records. A run continued from there begins
 * further back; its data are the same. */
#include "rollout_nc.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "confine.h"
#include "file.h"
#include "h5.h"
#include "nc.h"
#include "rollout_nc_file.h"

/* Bytes that a record takes at most: what deflate cannot shrink grows by less than a thousandth,
 * and the index of a variable grows by less than 16 KiB. */
static size_t record_bytes(const mpp_rollout_nc_file *file)
{
  const size_t bytes = file->cells * sizeof(float), index = 16384;
  size_t arrays = 0, series = 0;
  for (int kind = 0; kind < MPP_NC_KINDS; kind++) {
    arrays += file->has[kind] && kind < MPP_NC_NRMSE;
    series += file->has[kind] && kind >= MPP_NC_NRMSE;
  }
  const size_t vectors =
      file->style != NULL ? file->style->nvectors : 0; /* of at most all fields */
  size_t asides = 0;
  const size_t beside = mpp_nc_aside_bytes(file, &asides);
  arrays += vectors > 0 ? 1 : 0;
  return file->nfields * (arrays * (bytes + bytes / 1000 + index) + series * index) +
         (2 + file->nseries + asides) * index + beside;
}

/* A write that fails half-way can leave HDF5's index pointing past the end of the file, and earlier
 * records unreadable. So the space for a record is taken before it is begun. */
static mpp_status reserve(const mpp_rollout_nc *w)
{
  struct stat info;
  if (fstat(w->fd, &info) != 0) {
    return mpp_fail_io(w->path, errno);
  }
  const mpp_status st =
      mpp_reserve_room(w->fd, w->path, (size_t)info.st_size, record_bytes(&w->file));
  return st == MPP_OK ? MPP_OK : mpp_fail_prefix(st, "record %zu", w->records);
}

static mpp_status put_field(mpp_rollout_nc *w, int variable, const float *x)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_file *file = &w->file;
  size_t start[4] = {w->records, 0, 0, 0}, count[4] = {1, 1, 1, 1};
  for (size_t k = 0; k < file->ndims; k++) { count[k + 1] = file->grid[file->order[k]]; }
  if (x == NULL) {
    x = w->missing;
  } else {
    mpp_nc_transpose(w->scratch, x, file, false);
    x = w->scratch;
  }
  MPP_NC(nc_put_vara_float(file->ncid, variable, start, count, x), w->path, "a field");
done:
  return st;
}

/* Vectors as the input has them: each component once more. */
static mpp_status put_vectors(mpp_rollout_nc *w, const float *prediction)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_file *file = &w->file;
  for (size_t i = 0; file->style != NULL && i < file->style->nvectors; i++) {
    const mpp_style_vector *v = &file->style->vector[i];
    const size_t component = mpp_nc_component_dim(file, i);
    size_t start[MPP_NC_MOST_DIMS] = {w->records, 0}, count[MPP_NC_MOST_DIMS] = {1};
    count[component] = 1;
    for (size_t k = 0; k < file->ndims; k++) {
      count[k + (component <= k + 1 ? 2 : 1)] = file->grid[file->order[k]];
    }
    for (size_t c = 0; c < v->length; c++) {
      start[component] = c;
      mpp_nc_transpose(w->scratch, prediction + v->field[c] * file->cells, file, false);
      MPP_NC(nc_put_vara_float(file->ncid, file->vector[i], start, count, w->scratch), w->path,
             v->name);
    }
  }
done:
  return st;
}

static mpp_status put_scalar(mpp_rollout_nc *w, int variable, double value)
{
  mpp_status st = MPP_OK;
  MPP_NC(nc_put_var1_double(w->file.ncid, variable, &w->records, &value), w->path, "a number");
done:
  return st;
}

/* Also where a variable holds whole numbers. */
static mpp_status put_series(mpp_rollout_nc *w, const double *series)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < w->file.nseries; i++) {
    const double value = series != NULL ? series[i] : NAN;
    if (isfinite(value)) { /* else the fill value stands there */
      MPP_TRY(put_scalar(w, w->file.series[i], value));
    }
  }
done:
  return st;
}

static mpp_status put_data(mpp_rollout_nc *w, const mpp_rollout_record *record)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_file *file = &w->file;
  MPP_TRY(put_scalar(w, file->sim_time, record->time));
  for (size_t f = 0; f < file->nfields; f++) {
    const int *variable = file->variable[f];
    const float *prediction = record->prediction + f * file->cells;
    MPP_TRY(put_field(w, variable[MPP_NC_PREDICTION], prediction));
    if (file->has[MPP_NC_SPREAD]) {
      MPP_TRY(put_field(w, variable[MPP_NC_SPREAD],
                        record->spread != NULL ? record->spread + f * file->cells : NULL));
    }
    if (!file->has[MPP_NC_TRUTH]) {
      continue;
    }
    const float *truth = record->truth != NULL ? record->truth + f * file->cells : NULL;
    if (truth != NULL) {
      for (size_t i = 0; i < file->cells; i++) { /* masked cells have fill values in both */
        const bool masked = prediction[i] == NC_FILL_FLOAT && truth[i] == NC_FILL_FLOAT;
        w->error[i] = masked ? NC_FILL_FLOAT : prediction[i] - truth[i];
      }
    }
    MPP_TRY(put_field(w, variable[MPP_NC_TRUTH], truth));
    MPP_TRY(put_field(w, variable[MPP_NC_ERROR], truth != NULL ? w->error : NULL));
    MPP_TRY(put_scalar(w, variable[MPP_NC_NRMSE], truth ? record->nrmse[f] : NC_FILL_DOUBLE));
    MPP_TRY(put_scalar(w, variable[MPP_NC_VRMSE], truth ? record->vrmse[f] : NC_FILL_DOUBLE));
  }
  MPP_TRY(put_vectors(w, record->prediction));
  MPP_TRY(put_series(w, record->series));
  MPP_TRY(mpp_nc_append_asides(w, record->beside));
done:
  return st;
}

mpp_status mpp_rollout_nc_append(mpp_rollout_nc *w, const mpp_rollout_record *record)
{
  mpp_status st = MPP_OK;
  mpp_h5_lock();
  MPP_TRY(reserve(w));
  MPP_TRY(put_data(w, record));
  MPP_NC(nc_sync(w->file.ncid), w->path, "data of a record");
  MPP_TRY(put_scalar(w, w->file.time, record->time));
  MPP_NC(nc_sync(w->file.ncid), w->path, "time of a record");
  w->records++;
done:
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_rollout_nc_note(mpp_rollout_nc *w, const char *name, long value)
{
  mpp_status st = MPP_OK;
  mpp_h5_lock();
  MPP_NC(nc_redef(w->file.ncid), w->path, name);
  MPP_NC(nc_put_att_long(w->file.ncid, NC_GLOBAL, name, NC_INT, 1, &value), w->path, name);
  MPP_NC(nc_enddef(w->file.ncid), w->path, name);
done:
  mpp_h5_unlock();
  return st;
}

/* The records before the first that has no time or cannot be read. */
static mpp_status count_records(mpp_rollout_nc *w, const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  size_t length = 0;
  int dim = -1;
  float *x = NULL;
  const size_t factor[] = {w->file.cells, layout->info->nfields};
  mpp_h5_lock();
  MPP_REQUIRE(mpp_product(&length, factor, 2), MPP_ERR_DATA, "%s: grid is too large", w->path);
  MPP_TRY(MPP_ALLOC(&x, length));
  MPP_NC(nc_inq_vardimid(w->file.ncid, w->file.time, &dim), w->path, "time");
  MPP_NC(nc_inq_dimlen(w->file.ncid, dim, &length), w->path, "time");
  for (w->records = 0; w->records < length; w->records++) {
    double time = NC_FILL_DOUBLE;
    if (nc_get_var1_double(w->file.ncid, w->file.time, &w->records, &time) != NC_NOERR ||
        time == NC_FILL_DOUBLE || mpp_rollout_nc_read(w, x, NULL, w->records) != MPP_OK) {
      break;
    }
  }
done:
  mpp_h5_unlock();
  mpp_free(x);
  return st;
}

static mpp_status open_file(mpp_rollout_nc **out, const char *path, bool write,
                            const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc *w = NULL;
  *out = NULL;
  mpp_h5_lock();
  MPP_TRY(MPP_ALLOC(&w, 1));
  w->fd = -1;
  w->file.ncid = -1;
  snprintf(w->path, sizeof w->path, "%s", path);
  MPP_TRY(mpp_nc_open(&w->file, path, write, layout));
  MPP_TRY(MPP_ALLOC(&w->scratch, w->file.cells));
  MPP_TRY(MPP_ALLOC(&w->missing, w->file.cells));
  MPP_TRY(MPP_ALLOC(&w->error, w->file.cells));
  for (size_t i = 0; i < w->file.cells; i++) { w->missing[i] = NC_FILL_FLOAT; }
  if (write) {
    w->fd = mpp_fault() ? -1 : open(path, O_WRONLY | O_CLOEXEC);
    MPP_REQUIRE(w->fd >= 0, MPP_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
  }
  *out = w;
  w = NULL;
done:
  mpp_h5_unlock();
  mpp_rollout_nc_abandon(w);
  return st;
}

mpp_status mpp_rollout_nc_create(mpp_rollout_nc **out, const char *path,
                                 const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  *out = NULL;
  MPP_TRY(mpp_nc_define(path, layout));
  st = open_file(out, path, true, layout);
  if (st != MPP_OK) { /* without a record it is of no use; netCDF may have lost a definition */
    st = st == MPP_ERR_DATA ? mpp_fail(MPP_ERR_IO, "%s (just written)", mpp_last_error()) : st;
    unlink(path);
  }
done:
  return st;
}

mpp_status mpp_rollout_nc_open(mpp_rollout_nc **out, size_t *records, const char *path,
                               const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc *w = NULL;
  *out = NULL;
  MPP_TRY(mpp_look_at_netcdf(path));
  MPP_TRY(open_file(&w, path, false, layout));
  MPP_TRY(count_records(w, layout));
  *records = w->records;
  *out = w;
  w = NULL;
done:
  mpp_rollout_nc_abandon(w);
  return st;
}

mpp_status mpp_rollout_nc_open_again(mpp_rollout_nc **out, size_t records, const char *path,
                                     const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  *out = NULL;
  MPP_TRY(open_file(out, path, false, layout));
  (*out)->records = records;
done:
  return st;
}

mpp_status mpp_rollout_nc_rename(mpp_rollout_nc *w, const char *path)
{
  if (mpp_fault() || rename(w->path, path) != 0) {
    return mpp_fail_io(path, errno);
  }
  snprintf(w->path, sizeof w->path, "%s", path);
  return MPP_OK;
}

/* Closes and frees; 0, or the codes of what failed. */
static int release(mpp_rollout_nc *w, int *system_error)
{
  int rc = NC_NOERR;
  struct stat info;
  *system_error = 0;
  mpp_h5_lock();
  if (w->file.ncid >= 0) {
    rc = nc_close(w->file.ncid);
  }
  /* gives back what was reserved past the end */
  if (w->fd >= 0 && (fstat(w->fd, &info) != 0 || ftruncate(w->fd, info.st_size) != 0)) {
    *system_error = errno;
  }
  mpp_h5_unlock();
  if (w->fd >= 0) {
    close(w->fd);
  }
  mpp_free(w->scratch);
  mpp_free(w->missing);
  mpp_free(w->error);
  mpp_free(w);
  return rc;
}

void mpp_rollout_nc_abandon(mpp_rollout_nc *w)
{
  int ignored = 0;
  if (w != NULL) {
    release(w, &ignored);
  }
}

mpp_status mpp_rollout_nc_close(mpp_rollout_nc *w)
{
  char path[MPP_PATH_MAX];
  int error = 0;
  snprintf(path, sizeof path, "%s", w->path);
  const bool injected = mpp_fault();
  const int rc = release(w, &error);
  if (rc != NC_NOERR || injected) {
    return mpp_fail(MPP_ERR_IO, "%s: closing: netCDF: %s", path, nc_strerror(rc));
  }
  return error != 0 ? mpp_fail_io(path, error) : MPP_OK;
}
