/* forecast_file.c - pairs of variables X and X_truth of a netCDF file. */
#include "forecast_file.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confine.h"
#include "h5.h"
#include "nc.h"

static const char *const truth_suffix = "_truth";

/* Reading fails for what is in the file. */
static mpp_status of_file(mpp_status st) { return st == MPP_ERR_IO ? MPP_ERR_DATA : st; }

static void text_of(char *out, size_t size, int nc, int variable, const char *name)
{
  nc_type type = NC_NAT;
  size_t length = 0;
  out[0] = '\0';
  if (nc_inq_att(nc, variable, name, &type, &length) == NC_NOERR && type == NC_CHAR &&
      length < size && nc_get_att_text(nc, variable, name, out) == NC_NOERR) {
    out[length] = '\0';
  }
}

static long number_of(int nc, const char *name)
{
  char text[32], *end = NULL;
  text_of(text, sizeof text, nc, NC_GLOBAL, name);
  const long value = strtol(text, &end, 10);
  return text[0] != '\0' && *end == '\0' && value >= 0 ? value : -1;
}

/* Takes over the axes of the first field; holds the others at them. */
static mpp_status take_axes(mpp_forecast_file *f, const char *name, const int *dims, int ndims)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(ndims >= 2 && ndims <= 4, MPP_ERR_DATA,
              "%s: %s has %d dimensions, expected time and one to three of space", f->path, name,
              ndims);
  size_t grid[3] = {1, 1, 1};
  mpp_name axis[3] = {"", "", ""};
  for (int k = 1; k < ndims; k++) {
    char dimension[NC_MAX_NAME + 1];
    const int a = 3 - ndims + k;
    MPP_NC(nc_inq_dim(f->nc, dims[k], dimension, &grid[a]), f->path, name);
    snprintf(axis[a], sizeof axis[a], "%.63s", dimension);
  }
  if (f->nfields == 0) {
    memcpy(f->grid, grid, sizeof grid);
    memcpy(f->axis, axis, sizeof axis);
    f->naxes = (size_t)ndims - 1;
    MPP_REQUIRE(mpp_product(&f->cells, grid, 3) && f->cells > 1, MPP_ERR_DATA,
                "%s: a grid of %zu x %zu x %zu cells is too small or too large", f->path, grid[0],
                grid[1], grid[2]);
  }
  MPP_REQUIRE(memcmp(f->grid, grid, sizeof grid) == 0, MPP_ERR_DATA,
              "%s: %s has another grid than the fields before it", f->path, name);
done:
  return st;
}

static mpp_status find_fields(mpp_forecast_file *f)
{
  mpp_status st = MPP_OK;
  int count = 0;
  MPP_NC(nc_inq_nvars(f->nc, &count), f->path, "variables");
  for (int v = 0; v < count && f->nfields < MPP_MAX_FIELDS; v++) {
    char name[NC_MAX_NAME + 1], other[NC_MAX_NAME + 16];
    int ndims = 0, own = -1, truth = -1, dims[NC_MAX_VAR_DIMS];
    MPP_NC(nc_inq_var(f->nc, v, name, NULL, &ndims, dims, NULL), f->path, "variables");
    snprintf(other, sizeof other, "%s%s", name, truth_suffix);
    if (nc_inq_varid(f->nc, other, &truth) != NC_NOERR) {
      continue;
    }
    MPP_TRY(take_axes(f, name, dims, ndims));
    MPP_TRY(mpp_netcdf_find(&own, f->nc, f->path, name, (size_t)ndims, dims));
    MPP_TRY(mpp_netcdf_find(&truth, f->nc, f->path, other, (size_t)ndims, dims));
    mpp_name *field = &f->field[f->nfields];
    text_of(*field, sizeof *field, f->nc, v, "mpp_field");
    if ((*field)[0] == '\0') {
      snprintf(*field, sizeof *field, "%.63s", name);
    }
    f->variable[f->nfields][MPP_FORECAST_PREDICTION] = own;
    f->variable[f->nfields++][MPP_FORECAST_TRUTH] = truth;
  }
  MPP_REQUIRE(f->nfields > 0, MPP_ERR_DATA,
              "%s: no variable has its truth beside it (expected X and X%s)", f->path,
              truth_suffix);
done:
  return st;
}

/* Does a record have a value other than a fill value at its first cell, or, where cells are masked,
 * of which one says nothing, at any? `x` [cells] is for it. */
static mpp_status has(bool *found, float *x, const mpp_forecast_file *f, size_t field,
                      size_t record)
{
  mpp_status st = MPP_OK;
  size_t start[4] = {record, 0, 0, 0}, count[4] = {1, 1, 1, 1};
  for (size_t k = 0; f->masked && k < f->naxes; k++) { count[k + 1] = f->grid[3 - f->naxes + k]; }
  *found = false;
  st = mpp_netcdf_get(x, NC_FLOAT, f->nc, f->variable[field][MPP_FORECAST_TRUTH], f->path,
                      f->field[field], start, count);
  if (st == MPP_ERR_DATA) { /* the records before it are whole */
    return MPP_OK;
  }
  MPP_TRY(st);
  for (size_t i = 0; !*found && i < (f->masked ? f->cells : 1); i++) {
    *found = x[i] != NC_FILL_FLOAT && !isnan(x[i]);
  }
done:
  return st;
}

static mpp_status count_records(mpp_forecast_file *f)
{
  mpp_status st = MPP_OK;
  int dims[NC_MAX_VAR_DIMS];
  size_t n = 0;
  bool complete = true, found = false;
  float *x = NULL;
  MPP_TRY(MPP_ALLOC(&x, f->masked ? f->cells : 1));
  MPP_NC(nc_inq_vardimid(f->nc, f->variable[0][0], dims), f->path, "time");
  MPP_NC(nc_inq_dimlen(f->nc, dims[0], &n), f->path, "time");
  while (complete && f->records < n) {
    for (size_t c = 0; c < f->nfields; c++) {
      MPP_TRY(has(&found, x, f, c, f->records));
      complete = complete && found;
    }
    f->records += complete;
  }
  MPP_REQUIRE(f->records > 0, MPP_ERR_DATA, "%s: has no record with a truth", f->path);
done:
  mpp_free(x);
  return st;
}

mpp_status mpp_forecast_file_open(mpp_forecast_file *f, const char *path)
{
  mpp_status st = MPP_OK;
  bool locked = false;
  size_t length = 0;
  *f = (mpp_forecast_file){.nc = -1, .path = path};
  MPP_TRY(mpp_look_at_netcdf(path));
  mpp_h5_lock(); /* netCDF-4 files are read through HDF5 */
  locked = true;
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_netcdf_open(&f->nc, path, false));
  MPP_TRY(find_fields(f));
  f->masked = nc_inq_attlen(f->nc, NC_GLOBAL, "mpp_masked", &length) == NC_NOERR;
  MPP_TRY(count_records(f));
  text_of(f->system, sizeof f->system, f->nc, NC_GLOBAL, "mpp_system");
  text_of(f->dataset, sizeof f->dataset, f->nc, NC_GLOBAL, "mpp_dataset");
  text_of(f->boundary, sizeof f->boundary, f->nc, NC_GLOBAL, "mpp_boundary");
  text_of(f->context_digest, sizeof f->context_digest, f->nc, NC_GLOBAL, "mpp_context_digest");
  f->sample = number_of(f->nc, "mpp_sample");
  f->start = number_of(f->nc, "mpp_start");
  f->stride = number_of(f->nc, "mpp_stride");
  f->context = number_of(f->nc, "mpp_context");
done:
  if (locked) {
    mpp_h5_unlock();
  }
  return of_file(st);
}

void mpp_forecast_file_close(mpp_forecast_file *f)
{
  if (f->nc >= 0) {
    mpp_h5_lock();
    nc_close(f->nc);
    mpp_h5_unlock();
    f->nc = -1;
  }
}

mpp_status mpp_forecast_file_read(const mpp_forecast_file *f, float *x, mpp_forecast_part part,
                                  size_t record)
{
  mpp_status st = MPP_OK;
  size_t start[4] = {record, 0, 0, 0}, count[4] = {1, 1, 1, 1};
  for (size_t k = 0; k < f->naxes; k++) { count[k + 1] = f->grid[3 - f->naxes + k]; }
  mpp_h5_lock();
  for (size_t c = 0; c < f->nfields; c++) {
    MPP_TRY(mpp_netcdf_get(x + c * f->cells, NC_FLOAT, f->nc, f->variable[c][part], f->path,
                           f->field[c], start, count));
  }
done:
  mpp_h5_unlock();
  return of_file(st);
}
