/* rollout_nc_aside.c - variables that fields name beside their axes, and bounds, in a forecast
 * file. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "nc.h"
#include "rollout_nc_file.h"

enum { FEW = 8, MOST_DIMS = 5 }; /* values of a record that are kept in one chunk with others' */

static size_t count_of(const mpp_rollout_nc_file *file)
{
  return file->style != NULL ? file->style->nasides : 0;
}

size_t mpp_nc_aside_bytes(const mpp_rollout_nc_file *file, size_t *variables)
{
  size_t bytes = 0;
  *variables = 0;
  for (size_t i = 0; i < count_of(file); i++) {
    const mpp_aside *a = &file->style->aside[i];
    if (a->timed) {
      bytes += a->n * sizeof(double) + a->n * sizeof(double) / 1000;
      ++*variables;
    }
  }
  return bytes;
}

/* The dimension of the vertices of bounds, which those of several variables may share; under a name
 * of ours where netCDF cannot have the input's (HDF5 takes any). -1: it can have neither. */
static mpp_status vertex_dim(int *dim, int ncid, const char *path, const mpp_aside *a,
                             const char *name)
{
  mpp_status st = MPP_OK;
  size_t length = 0;
  int rc = NC_NOERR;
  char own[sizeof a->vertex + 16];
  snprintf(own, sizeof own, "%s", a->vertex);
  if (own[0] == '\0' || nc_inq_dimid(ncid, own, dim) == NC_NOERR) {
    if (own[0] != '\0' && nc_inq_dimlen(ncid, *dim, &length) == NC_NOERR && length == a->vertices) {
      return MPP_OK;
    }
    snprintf(own, sizeof own, "%s_vertices", name);
  }
  rc = nc_def_dim(ncid, own, a->vertices, dim);
  if (rc == NC_EBADNAME) {
    snprintf(own, sizeof own, "%s_vertices", name);
    rc = nc_def_dim(ncid, own, a->vertices, dim);
  }
  *dim = rc == NC_EBADNAME ? -1 : *dim;
  MPP_NC(rc == NC_EBADNAME ? NC_NOERR : rc, path, own);
done:
  return st;
}

/* Has it missing values, now or in the records to come? */
static bool has_holes(const mpp_aside *a)
{
  bool holes = a->timed;
  for (size_t i = 0; a->value != NULL && i < a->n; i++) { holes = holes || isnan(a->value[i]); }
  return holes;
}

/* Values of every record, in chunks of a record; of few in one chunk for the run, as series are. */
static mpp_status lay_out(const mpp_rollout_nc_file *file, const char *path, int id,
                          const mpp_aside *a, const char *name, size_t series, int deflate)
{
  mpp_status st = MPP_OK;
  size_t chunk[MOST_DIMS] = {a->n <= FEW ? series : 1}, k = 1;
  for (size_t i = 0; i < a->rank; i++, k++) { chunk[k] = file->grid[a->axis[i]]; }
  if (a->vertices > 0) {
    chunk[k] = a->vertices;
  }
  MPP_NC(nc_def_var_chunking(file->ncid, id, NC_CHUNKED, chunk), path, name);
  MPP_NC(nc_def_var_fletcher32(file->ncid, id, NC_FLETCHER32), path, name);
  if (a->n > FEW && deflate > 0) {
    MPP_NC(nc_def_var_deflate(file->ncid, id, 1, 1, deflate), path, name);
  }
done:
  return st;
}

static mpp_status define_one(int *id, const mpp_rollout_nc_file *file, const char *path,
                             const int *dims, size_t index, const mpp_rollout_nc_layout *layout,
                             size_t series)
{
  mpp_status st = MPP_OK;
  const mpp_aside *a = &file->style->aside[index];
  const char *name = file->style->aside_look[index].name;
  const double fill = NC_FILL_DOUBLE;
  const nc_type type = a->timed || (a->value != NULL && !a->whole) ? NC_DOUBLE : NC_INT;
  int own[MOST_DIMS] = {dims[0], -1, -1, -1, -1}, there = -1;
  size_t rank = a->timed ? 1 : 0;
  *id = -1;
  if (nc_inq_varid(file->ncid, name, &there) == NC_NOERR) {
    return MPP_OK; /* such as a field of forecasts */
  }
  for (size_t k = 0; k < a->rank; k++, rank++) {
    for (size_t n = 0; n < file->ndims; n++) {
      own[rank] = file->order[n] == (size_t)a->axis[k] ? dims[n + 1] : own[rank];
    }
  }
  if (a->vertices > 0) {
    MPP_TRY(vertex_dim(&own[rank++], file->ncid, path, a, name));
  }
  const bool possible = a->vertices == 0 || own[rank - 1] >= 0;
  const int rc = possible ? nc_def_var(file->ncid, name, type, (int)rank, own, id) : NC_EBADNAME;
  if (rc == NC_EBADNAME) {
    *id = -1;
    return MPP_OK;
  }
  MPP_NC(rc, path, name);
  if (a->timed) {
    MPP_TRY(lay_out(file, path, *id, a, name, series, layout->deflate));
  }
  if (has_holes(a)) {
    MPP_NC(nc_put_att_double(file->ncid, *id, "_FillValue", NC_DOUBLE, 1, &fill), path, name);
  }
  MPP_TRY(mpp_nc_put_list(file->ncid, path, *id, &file->style->aside_look[index].attributes));
done:
  return st;
}

/* Says what is not carried over. HDF5 1.10 keeps attributes of less than 64 KiB: beyond that, names
 * are cut. */
static mpp_status say_left(const int *ids, const mpp_rollout_nc_file *file, const char *path)
{
  enum { MOST = 60000 };
  mpp_status st = MPP_OK;
  char *left = NULL, *text = NULL;
  if (file->style != NULL && file->style->left != NULL) {
    MPP_TRY(mpp_format(&left, "%s", file->style->left));
  }
  for (size_t i = 0; i < count_of(file); i++) {
    if (ids[i] < 0) {
      MPP_TRY(mpp_aside_leave(&left, file->style->aside[i].path));
    }
  }
  if (left != NULL) {
    const bool whole = strlen(left) <= MOST;
    left[whole ? strlen(left) : MOST] = '\0';
    char *comma = whole ? NULL : strrchr(left, ',');
    if (comma != NULL) {
      *comma = '\0';
    }
    MPP_TRY(mpp_format(&text, "variables of the input that its fields or axes name: %s%s", left,
                       whole ? "" : ", ..."));
    MPP_NC(nc_put_att_text(file->ncid, NC_GLOBAL, "mpp_left_out", strlen(text), text), path,
           "mpp_left_out");
  }
done:
  mpp_free(left);
  mpp_free(text);
  return st;
}

mpp_status mpp_nc_define_asides(int *ids, const mpp_rollout_nc_file *file, const char *path,
                                const int *dims, const mpp_rollout_nc_layout *layout, size_t series)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < count_of(file); i++) {
    MPP_TRY(define_one(&ids[i], file, path, dims, i, layout, series));
  }
  MPP_TRY(say_left(ids, file, path));
done:
  return st;
}

mpp_status mpp_nc_put_asides(const int *ids, const mpp_rollout_nc_file *file, const char *path)
{
  mpp_status st = MPP_OK;
  double *x = NULL;
  for (size_t i = 0; i < count_of(file); i++) {
    const mpp_aside *a = &file->style->aside[i];
    if (ids[i] < 0 || a->value == NULL) {
      continue;
    }
    mpp_free(x);
    x = NULL;
    MPP_TRY(MPP_ALLOC(&x, a->n));
    for (size_t k = 0; k < a->n; k++) { x[k] = isnan(a->value[k]) ? NC_FILL_DOUBLE : a->value[k]; }
    MPP_NC(nc_put_var_double(file->ncid, ids[i], x), path, file->style->aside_look[i].name);
  }
done:
  mpp_free(x);
  return st;
}

/* ---- records ---- */

/* Is a variable not that of an aside, but of a field, or of one of the `before` asides before it?
 * Its name was taken, and the aside is not there. */
static bool is_other(const mpp_rollout_nc_file *file, int id, size_t before)
{
  bool other = id == file->time || id == file->sim_time;
  for (size_t i = 0; i < before; i++) { other = other || id == file->aside[i]; }
  for (size_t f = 0; f < file->nfields; f++) {
    for (int k = 0; k < MPP_NC_KINDS; k++) {
      other = other || (file->has[k] && id == file->variable[f][k]);
    }
  }
  for (size_t i = 0; i < file->style->nvectors; i++) { other = other || id == file->vector[i]; }
  for (size_t i = 0; i < file->nseries; i++) { other = other || id == file->series[i]; }
  return other;
}

mpp_status mpp_nc_find_asides(mpp_rollout_nc_file *file, const char *path)
{
  mpp_status st = MPP_OK;
  int time = -1;
  MPP_NC(nc_inq_vardimid(file->ncid, file->time, &time), path, "time");
  for (size_t i = 0; i < count_of(file); i++) {
    const mpp_aside *a = &file->style->aside[i];
    int id = -1, rank = 0, dims[NC_MAX_VAR_DIMS] = {-1};
    file->aside[i] = -1;
    if (!a->timed || nc_inq_varid(file->ncid, file->style->aside_look[i].name, &id) != NC_NOERR ||
        is_other(file, id, i)) {
      continue;
    }
    MPP_NC(nc_inq_varndims(file->ncid, id, &rank), path, a->path);
    MPP_NC(nc_inq_vardimid(file->ncid, id, dims), path, a->path);
    if (rank == (int)(1 + a->rank + (a->vertices > 0 ? 1 : 0)) && dims[0] == time) {
      MPP_TRY(mpp_nc_keep_one_chunk(file->ncid, id, path, a->path));
      file->aside[i] = id;
    }
  }
done:
  return st;
}

mpp_status mpp_nc_append_asides(const mpp_rollout_nc *w, const double *values)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_file *file = &w->file;
  double *x = NULL;
  size_t at = 0;
  if (values == NULL) {
    return MPP_OK; /* missing */
  }
  MPP_TRY(MPP_ALLOC(&x, file->style->nbeside));
  for (size_t i = 0; i < file->style->nbeside; i++) {
    x[i] = isnan(values[i]) ? NC_FILL_DOUBLE : values[i];
  }
  for (size_t i = 0; i < count_of(file); i++) {
    const mpp_aside *a = &file->style->aside[i];
    size_t start[MOST_DIMS] = {w->records}, count[MOST_DIMS] = {1}, k = 1;
    for (size_t n = 0; n < a->rank; n++, k++) { count[k] = file->grid[a->axis[n]]; }
    if (a->vertices > 0) {
      count[k] = a->vertices;
    }
    if (a->timed && file->aside[i] >= 0) {
      MPP_NC(nc_put_vara_double(file->ncid, file->aside[i], start, count, x + at), w->path,
             a->path);
    }
    at += a->timed ? a->n : 0;
  }
done:
  mpp_free(x);
  return st;
}
