/* rollout_nc_define.c - what a forecast file looks like. Each choice was checked against xarray,
 * CDO, NCO, ncview and ParaView: time has units "since" a date, or CDO sets all times to 0; x and y
 * have no `axis` unless asked for, or ParaView wraps the flat field around a sphere; sim_time is
 * named by a global attribute `coordinates`, since CDO warns about one at a variable.
 *
 * Generic input keeps its own look instead (style.h): its names, order of axes, attributes and
 * time.
 *
 * Fields have a chunk a record. A series (time, scores) has one chunk for the whole run, which is
 * written in place from the second record on: the file does not grow when a time is written, and
 * so no index of HDF5 can point past its end then. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "file.h"
#include "h5.h"
#include "mpp/field.h"
#include "nc.h"
#include "rollout_nc_file.h"

enum { SERIES_CHUNK = 4096 }; /* at most: 32 KiB are written again a step */

static mpp_status put_text(int ncid, const char *path, int variable, const char *name,
                           const char *text)
{
  mpp_status st = MPP_OK;
  MPP_NC(nc_put_att_text(ncid, variable, name, strlen(text), text), path, name);
done:
  return st;
}

/* A variable stored in chunks with a checksum. */
static mpp_status define(int *variable, int ncid, const char *path, const char *name, nc_type type,
                         size_t ndims, const int *dims, const size_t *chunk)
{
  mpp_status st = MPP_OK;
  MPP_NC(nc_def_var(ncid, name, type, (int)ndims, dims, variable), path, name);
  MPP_NC(nc_def_var_chunking(ncid, *variable, NC_CHUNKED, chunk), path, name);
  MPP_NC(nc_def_var_fletcher32(ncid, *variable, NC_FLETCHER32), path, name);
done:
  return st;
}

/* An attribute that is there already stays. */
static mpp_status put_default(int ncid, const char *path, int variable, const char *name,
                              const char *text)
{
  int there = 0;
  return nc_inq_attid(ncid, variable, name, &there) == NC_NOERR
             ? MPP_OK
             : put_text(ncid, path, variable, name, text);
}

/* The input's own attributes, and of those that make it the time for other tools what is missing.
 * Time without units stays without: the input's readers see numbers there, too. */
static mpp_status describe_time(int ncid, const char *path, int variable, const mpp_style *style)
{
  mpp_status st = MPP_OK;
  const bool own = style == NULL || style->time[0] == '\0';
  if (own) {
    MPP_TRY(put_text(ncid, path, variable, "long_name", "time of the simulation, as a date"));
    MPP_TRY(put_text(ncid, path, variable, "units", "seconds since 1970-01-01 00:00:00"));
    MPP_TRY(put_text(ncid, path, variable, "calendar", "standard"));
  } else {
    MPP_TRY(mpp_nc_put_list(ncid, path, variable, &style->clock));
  }
  MPP_TRY(put_default(ncid, path, variable, "standard_name", "time"));
  MPP_TRY(put_default(ncid, path, variable, "axis", "T"));
done:
  return st;
}

static mpp_status define_times(mpp_rollout_nc_file *file, const char *path, int dim, size_t chunk)
{
  mpp_status st = MPP_OK;
  const int ncid = file->ncid;
  const char *name = mpp_nc_time_name(file->style);
  MPP_TRY(define(&file->time, ncid, path, name, NC_DOUBLE, 1, &dim, &chunk));
  MPP_TRY(describe_time(ncid, path, file->time, file->style));
  MPP_TRY(define(&file->sim_time, ncid, path, "sim_time", NC_DOUBLE, 1, &dim, &chunk));
  MPP_TRY(put_text(ncid, path, file->sim_time, "long_name", "time of the simulation"));
  MPP_TRY(put_text(ncid, path, file->sim_time, "units", "1"));
done:
  return st;
}

static mpp_status describe_axis(int ncid, const char *path, int variable, const char *name,
                                bool cf_axis, const mpp_style_list *own)
{
  mpp_status st = MPP_OK;
  char text[MPP_NC_NAME_SIZE];
  const bool is_z = strcmp(name, "z") == 0;
  snprintf(text, sizeof text, "%.16s coordinate of the cell centres", name);
  if (own != NULL) {
    MPP_TRY(mpp_nc_put_list(ncid, path, variable, own));
  }
  MPP_TRY(put_default(ncid, path, variable, "long_name", text));
  MPP_TRY(put_default(ncid, path, variable, "units", "1"));
  if ((is_z && own == NULL) || (cf_axis && strlen(name) == 1)) {
    const char upper[2] = {(char)toupper((unsigned char)name[0]), '\0'};
    MPP_TRY(put_default(ncid, path, variable, "axis", upper));
  }
  if (is_z && own == NULL) {
    MPP_TRY(put_text(ncid, path, variable, "positive", "up"));
  }
done:
  return st;
}

/* Dimensions of space and their coordinate variables: dims[k + 1] and variable[k]. */
static mpp_status define_axes(int *variable, int *dims, const mpp_rollout_nc_file *file,
                              const char *path, const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  for (size_t k = 0; k < file->ndims; k++) {
    mpp_nc_name name;
    const size_t *length = &file->grid[file->order[k]];
    mpp_nc_axis_name(name, layout->info, file->order[k]);
    MPP_NC(nc_def_dim(file->ncid, name, *length, &dims[k + 1]), path, name);
    MPP_TRY(define(&variable[k], file->ncid, path, name, NC_DOUBLE, 1, &dims[k + 1], length));
    MPP_TRY(describe_axis(file->ncid, path, variable[k], name, layout->cf_axis,
                          layout->style != NULL ? &layout->style->axis[file->order[k]] : NULL));
  }
done:
  return st;
}

/* Fill value, and how a field is packed. */
static mpp_status pack(int ncid, const char *path, int variable, const char *name, bool series,
                       const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  const float fill = NC_FILL_FLOAT;
  const double fill_score = NC_FILL_DOUBLE;
  if (series) {
    MPP_NC(nc_put_att_double(ncid, variable, "_FillValue", NC_DOUBLE, 1, &fill_score), path, name);
    goto done;
  }
  MPP_NC(nc_put_att_float(ncid, variable, "_FillValue", NC_FLOAT, 1, &fill), path, name);
  MPP_NC(nc_def_var_deflate(ncid, variable, 1, layout->deflate > 0, layout->deflate), path, name);
  if (layout->digits > 0) {
    MPP_NC(nc_def_var_quantize(ncid, variable, NC_QUANTIZE_GRANULARBR, layout->digits), path, name);
  }
done:
  return st;
}

/* The variable of one kind of a field, of the dimensions `dims` in chunks `chunk`. */
static mpp_status define_kind(mpp_rollout_nc_file *file, const char *path, size_t f, size_t kind,
                              const char *name, const mpp_rollout_nc_layout *layout,
                              const int *dims, const size_t *chunk)
{
  static const char *const what[MPP_NC_KINDS] = {"prediction",
                                                 "truth",
                                                 "prediction minus truth",
                                                 "standard deviation of the members",
                                                 "NRMSE, sqrt(<error^2> / (1e-7 + <truth^2>))",
                                                 "VRMSE, sqrt(<error^2> / (1e-7 + var truth))"};
  mpp_status st = MPP_OK;
  const int ncid = file->ncid;
  const mpp_dataset_info *info = layout->info;
  const mpp_field_info *known = mpp_field_find(info->field[f]);
  const bool series = kind >= MPP_NC_NRMSE;
  char full[MPP_NC_NAME_SIZE + 16], text[256];
  int *variable = &file->variable[f][kind];
  snprintf(full, sizeof full, "%.95s%s", name, mpp_nc_suffix[kind]);
  MPP_TRY(define(variable, ncid, path, full, series ? NC_DOUBLE : NC_FLOAT,
                 series ? 1 : file->ndims + 1, dims, chunk));
  MPP_TRY(pack(ncid, path, *variable, full, series, layout));
  const char *words = info->long_name[f][0] != '\0' ? info->long_name[f]
                      : known != NULL               ? known->long_name
                                                    : mpp_field_short(info->field[f]);
  const bool as_input = layout->style != NULL && kind == MPP_NC_PREDICTION;
  snprintf(text, sizeof text, "%s%s%s", words, as_input ? "" : ": ", as_input ? "" : what[kind]);
  MPP_TRY(put_text(ncid, path, *variable, "long_name", text));
  MPP_TRY(put_text(ncid, path, *variable, "units", series ? "1" : info->units[f]));
  MPP_TRY(put_text(ncid, path, *variable, "mpp_field", info->field[f]));
  if (layout->style != NULL && kind <= MPP_NC_TRUTH) {
    if (layout->style->packing[f][0] != '\0') {
      MPP_TRY(put_text(ncid, path, *variable, "mpp_input_packing", layout->style->packing[f]));
    }
    MPP_TRY(mpp_nc_put_list(ncid, path, *variable, &layout->style->field[f]));
  }
done:
  return st;
}

static mpp_status define_field(mpp_rollout_nc_file *file, const char *path, size_t f,
                               const char *name, const mpp_rollout_nc_layout *layout,
                               const int *dims, size_t series_chunk)
{
  mpp_status st = MPP_OK;
  size_t chunk[4] = {1, 1, 1, 1};
  for (size_t k = 0; k < file->ndims; k++) { chunk[k + 1] = file->grid[file->order[k]]; }
  for (size_t kind = 0; kind < MPP_NC_KINDS; kind++) {
    if (file->has[kind]) {
      MPP_TRY(define_kind(file, path, f, kind, name, layout, dims,
                          kind >= MPP_NC_NRMSE ? &series_chunk : chunk));
    }
  }
done:
  return st;
}

/* Bits 1, 2, 4, ... or values 0, 1, 2, ... for the words of `meanings`. */
static mpp_status put_meanings(int ncid, const char *path, int variable, const mpp_nc_series *s)
{
  mpp_status st = MPP_OK;
  int value[32];
  size_t count = 1;
  for (const char *c = s->meanings; *c != '\0'; c++) { count += *c == ' '; }
  for (size_t i = 0; i < count && i < 32; i++) { value[i] = s->bits ? 1 << i : (int)i; }
  MPP_NC(
      nc_put_att_int(ncid, variable, s->bits ? "flag_masks" : "flag_values", NC_INT, count, value),
      path, s->name);
  MPP_TRY(put_text(ncid, path, variable, "flag_meanings", s->meanings));
done:
  return st;
}

static mpp_status define_series(int ncid, const char *path, const mpp_nc_series *s, const int *dims,
                                size_t chunk)
{
  mpp_status st = MPP_OK;
  int variable = -1;
  const double fill = NC_FILL_DOUBLE;
  const int fill_flag = NC_FILL_INT;
  const bool flag = s->meanings != NULL;
  MPP_TRY(define(&variable, ncid, path, s->name, flag ? NC_INT : NC_DOUBLE, 1, dims, &chunk));
  if (flag) {
    MPP_NC(nc_put_att_int(ncid, variable, "_FillValue", NC_INT, 1, &fill_flag), path, s->name);
    MPP_TRY(put_meanings(ncid, path, variable, s));
  } else {
    MPP_NC(nc_put_att_double(ncid, variable, "_FillValue", NC_DOUBLE, 1, &fill), path, s->name);
    MPP_TRY(put_text(ncid, path, variable, "units", s->units));
  }
  MPP_TRY(put_text(ncid, path, variable, "long_name", s->long_name));
done:
  return st;
}

/* What the definitions take at most: HDF5 takes some KiB for a variable and its attributes. */
static size_t definition_bytes(const mpp_rollout_nc_file *file, const mpp_rollout_nc_layout *layout)
{
  const size_t of_file = (size_t)64 << 10, of_variable = (size_t)8 << 10;
  size_t bytes = of_file + (2 + file->ndims + layout->nseries) * of_variable;
  for (int kind = 0; kind < MPP_NC_KINDS; kind++) {
    bytes += file->has[kind] ? file->nfields * of_variable : 0;
  }
  for (size_t i = 0; i < layout->ntexts; i++) { bytes += strlen(layout->text[i].text); }
  for (int a = 0; a < 3; a++) { bytes += file->grid[a] * sizeof(double); }
  for (size_t i = 0; file->style != NULL && i < file->style->nasides; i++) {
    bytes += of_variable + file->style->aside[i].n * sizeof(double);
  }
  return bytes;
}

mpp_status mpp_nc_define(const char *path, const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc_file file = {.ncid = -1};
  char temporary[MPP_PATH_MAX] = "";
  bool locked = false;
  mpp_nc_name names[MPP_MAX_FIELDS];
  int dims[4] = {-1, -1, -1, -1}, axis[3] = {-1, -1, -1};
  const size_t series = layout->steps < SERIES_CHUNK ? layout->steps : SERIES_CHUNK;
  int *asides = NULL;
  mpp_nc_describe(&file, names, layout);
  MPP_TRY(MPP_ALLOC(&asides, file.style != NULL ? file.style->nasides : 0));
  mpp_h5_lock();
  locked = true;
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_temporary_name(temporary, path));
  MPP_TRY(mpp_check_room(path, temporary, definition_bytes(&file, layout)));
  /* netCDF 4.9.0 cannot end the definitions of rounded variables in the classic model: the
   * attribute that says so comes too late for it. */
  const int model = layout->digits > 0 ? 0 : NC_CLASSIC_MODEL;
  MPP_NC(nc_create(temporary, NC_NETCDF4 | model | NC_NOCLOBBER, &file.ncid), path, "creating");
  MPP_NC(nc_def_dim(file.ncid, mpp_nc_time_name(file.style), NC_UNLIMITED, &dims[0]), path, "time");
  MPP_TRY(define_times(&file, path, dims[0], series));
  MPP_TRY(define_axes(axis, dims, &file, path, layout));
  for (size_t f = 0; f < file.nfields; f++) {
    MPP_TRY(define_field(&file, path, f, names[f], layout, dims, series));
  }
  MPP_TRY(mpp_nc_define_vectors(&file, path, layout, dims));
  for (size_t i = 0; i < layout->nseries; i++) {
    MPP_TRY(define_series(file.ncid, path, &layout->series[i], dims, series));
  }
  MPP_TRY(mpp_nc_define_asides(asides, &file, path, dims, layout, series));
  for (size_t i = 0; i < layout->ntexts; i++) {
    MPP_TRY(put_text(file.ncid, path, NC_GLOBAL, layout->text[i].name, layout->text[i].text));
  }
  MPP_TRY(put_text(file.ncid, path, NC_GLOBAL, "coordinates", "sim_time"));
  MPP_TRY(mpp_nc_put_origin(file.ncid, path, layout));
  MPP_NC(nc_enddef(file.ncid), path, "definitions");
  for (size_t k = 0; k < file.ndims && k < 3; k++) {
    MPP_NC(nc_put_var_double(file.ncid, axis[k], layout->coordinate[file.order[k]]), path, "axis");
  }
  MPP_TRY(mpp_nc_put_asides(asides, &file, path));
  const int ncid = file.ncid;
  file.ncid = -1;
  MPP_NC(nc_close(ncid), path, "definitions");
  MPP_TRY(mpp_commit_file(temporary, path));
done:
  if (file.ncid >= 0) {
    nc_close(file.ncid);
  }
  if (st != MPP_OK && temporary[0] != '\0') {
    unlink(temporary);
  }
  if (locked) {
    mpp_h5_unlock();
  }
  mpp_free(asides);
  return st;
}
