/* rollout_nc_copy.c - a complete forecast written again, compressed otherwise. Rounding to some
 * digits belongs here and not where records are appended: a run is continued from what those
 * hold. */
#include <string.h>
#include <unistd.h>

#include "file.h"
#include "h5.h"
#include "nc.h"
#include "rollout_nc_file.h"

/* One record of a field, or one of its components after the other where there are some. */
static mpp_status copy_field(const char *path, int to, int target, int from, int source, int ndims,
                             size_t record, const mpp_rollout_nc_file *file, float *buffer)
{
  mpp_status st = MPP_OK;
  int dims[NC_MAX_VAR_DIMS] = {0};
  size_t start[NC_MAX_VAR_DIMS] = {record}, count[NC_MAX_VAR_DIMS] = {1}, components = 1, n = 0;
  int component = 0;
  MPP_NC(nc_inq_vardimid(from, source, dims), path, "a field");
  for (int i = 1; i < ndims; i++) {
    MPP_NC(nc_inq_dimlen(from, dims[i], &count[i]), path, "a field");
  }
  for (size_t i = 0; file->style != NULL && i < file->style->nvectors; i++) {
    component = file->vector[i] == source ? (int)mpp_nc_component_dim(file, i) : component;
  }
  if (component > 0) {
    components = count[component];
    count[component] = 1;
  }
  MPP_REQUIRE(mpp_product(&n, count, (size_t)ndims) && n <= file->cells, MPP_ERR_DATA,
              "%s: a field has another grid than this run", path);
  for (size_t c = 0; c < components; c++) {
    if (component > 0) {
      start[component] = c;
    }
    MPP_TRY(mpp_netcdf_get(buffer, NC_FLOAT, from, source, path, "a field", start, count));
    MPP_NC(nc_put_vara_float(to, target, start, count, buffer), path, "a field");
  }
done:
  return st;
}

/* Numbers that are no field: bounds, coordinates that change. */
static mpp_status copy_numbers(const char *path, int to, int target, int from, int source,
                               int ndims, size_t record)
{
  mpp_status st = MPP_OK;
  int dims[NC_MAX_VAR_DIMS] = {0};
  size_t start[NC_MAX_VAR_DIMS] = {record}, count[NC_MAX_VAR_DIMS] = {1}, n = 1;
  double *x = NULL;
  MPP_NC(nc_inq_vardimid(from, source, dims), path, "numbers");
  for (int i = 1; i < ndims; i++) {
    MPP_NC(nc_inq_dimlen(from, dims[i], &count[i]), path, "numbers");
    MPP_REQUIRE(mpp_mul(&n, n, count[i]), MPP_ERR_DATA, "%s: a variable is too large", path);
  }
  MPP_TRY(MPP_ALLOC(&x, n));
  MPP_TRY(mpp_netcdf_get(x, NC_DOUBLE, from, source, path, "numbers", start, count));
  MPP_NC(nc_put_vara_double(to, target, start, count, x), path, "numbers");
done:
  mpp_free(x);
  return st;
}

/* One variable of one record, through `buffer` [cells] of its own type. */
static mpp_status copy_variable(const char *path, int to, int from, const char *name, size_t record,
                                const mpp_rollout_nc_file *file, float *buffer)
{
  mpp_status st = MPP_OK;
  int source = -1, target = -1, ndims = 0;
  nc_type type = NC_NAT;
  const size_t start[1] = {record}, one[1] = {1};
  MPP_NC(nc_inq_varid(from, name, &source), path, name);
  MPP_NC(nc_inq_varid(to, name, &target), path, name);
  MPP_NC(nc_inq_varndims(from, source, &ndims), path, name);
  MPP_NC(nc_inq_vartype(from, source, &type), path, name);
  if (ndims > 1 && type == NC_DOUBLE) {
    MPP_TRY(copy_numbers(path, to, target, from, source, ndims, record));
  } else if (ndims > 1) {
    MPP_TRY(copy_field(path, to, target, from, source, ndims, record, file, buffer));
  } else if (type == NC_INT) {
    int value = 0;
    MPP_TRY(mpp_netcdf_get(&value, NC_INT, from, source, path, name, start, one));
    MPP_NC(nc_put_var1_int(to, target, start, &value), path, name);
  } else {
    double value = 0.0;
    MPP_TRY(mpp_netcdf_get(&value, NC_DOUBLE, from, source, path, name, start, one));
    MPP_NC(nc_put_var1_double(to, target, start, &value), path, name);
  }
done:
  return st;
}

/* All variables that have a value a record. */
static mpp_status copy_record(const char *path, int to, int from, int time, size_t record,
                              const mpp_rollout_nc_file *file, float *buffer)
{
  mpp_status st = MPP_OK;
  int nvariables = 0;
  MPP_NC(nc_inq_nvars(from, &nvariables), path, "variables");
  for (int v = 0; v < nvariables; v++) {
    char name[NC_MAX_NAME + 1];
    int ndims = 0, dims[NC_MAX_VAR_DIMS] = {-1};
    MPP_NC(nc_inq_var(from, v, name, NULL, &ndims, dims, NULL), path, "variables");
    if (ndims > 0 && dims[0] == time) {
      MPP_TRY(copy_variable(path, to, from, name, record, file, buffer));
    }
  }
done:
  return st;
}

static mpp_status copy_records(const char *path, int to, int from, const mpp_rollout_nc_file *file)
{
  mpp_status st = MPP_OK;
  size_t records = 0;
  int time = -1;
  float *buffer = NULL;
  MPP_TRY(MPP_ALLOC(&buffer, file->cells));
  MPP_NC(nc_inq_vardimid(from, file->time, &time), path, "time");
  MPP_NC(nc_inq_dimlen(from, time, &records), path, "time");
  for (size_t record = 0; record < records; record++) {
    MPP_TRY(copy_record(path, to, from, time, record, file, buffer));
  }
done:
  mpp_free(buffer);
  return st;
}

/* Global attributes that were added while the file was written. */
static mpp_status copy_notes(const char *path, int to, int from)
{
  mpp_status st = MPP_OK;
  int count = 0, ignored = 0;
  MPP_NC(nc_inq_natts(from, &count), path, "attributes");
  for (int i = 0; i < count; i++) {
    char name[NC_MAX_NAME + 1];
    MPP_NC(nc_inq_attname(from, NC_GLOBAL, i, name), path, "attributes");
    if (nc_inq_attid(to, NC_GLOBAL, name, &ignored) != NC_NOERR) {
      MPP_NC(nc_copy_att(from, NC_GLOBAL, name, to, NC_GLOBAL), path, name);
    }
  }
done:
  return st;
}

mpp_status mpp_rollout_nc_copy(const char *to, const char *from,
                               const mpp_rollout_nc_layout *layout)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc_file source = {.ncid = -1}, target = {.ncid = -1};
  bool made = false;
  mpp_h5_lock();
  MPP_TRY(mpp_nc_define(to, layout));
  made = true;
  MPP_TRY(mpp_nc_open(&source, from, false, layout));
  MPP_TRY(mpp_nc_open(&target, to, true, layout));
  MPP_NC(nc_redef(target.ncid), to, "attributes");
  MPP_TRY(copy_notes(to, target.ncid, source.ncid));
  MPP_NC(nc_enddef(target.ncid), to, "attributes");
  MPP_TRY(copy_records(to, target.ncid, source.ncid, &source));
  const int ncid = target.ncid;
  target.ncid = -1;
  MPP_NC(nc_close(ncid), to, "closing");
done:
  if (source.ncid >= 0) {
    nc_close(source.ncid);
  }
  if (target.ncid >= 0) {
    nc_close(target.ncid);
  }
  if (st != MPP_OK && made) {
    unlink(to);
  }
  mpp_h5_unlock();
  return st;
}
