/* array_nc.c - classic netCDF files through netCDF-C. Its own error text names the cause. */
#include <stdio.h>
#include <string.h>

#include "array_file.h"
#include "nc.h"

/* What is in the file is foreign: a failure is the file's, not the disk's. */
static mpp_status as_data(mpp_status st) { return st == MPP_ERR_IO ? MPP_ERR_DATA : st; }

mpp_status mpp_array_open_nc(int *out, const char *path)
{
  return mpp_netcdf_open(out, path, false);
}

void mpp_array_close_nc(int nc) { (void)nc_close(nc); }

static mpp_status describe(mpp_array *a, const mpp_array_file *f, int variable)
{
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1];
  nc_type type = NC_NAT;
  int dim[NC_MAX_VAR_DIMS];
  MPP_NC(nc_inq_var(f->nc, variable, name, &type, &a->rank, dim, NULL), f->path, "variables");
  MPP_TRY(mpp_format(&a->name, "%s", name));
  MPP_NC(nc_inq_type(f->nc, type, NULL, &a->size), f->path, name);
  a->type = type == NC_FLOAT || type == NC_DOUBLE ? MPP_ARRAY_REAL : MPP_ARRAY_INTEGER;
  for (int i = 0; i < a->rank; i++) {
    char dimension[NC_MAX_NAME + 1];
    MPP_NC(nc_inq_dim(f->nc, dim[i], dimension, &a->shape[i]), f->path, name);
    MPP_TRY(mpp_format(&a->dimension[i], "%s", dimension));
  }
done:
  return as_data(st);
}

mpp_status mpp_array_list_nc(mpp_array_file *f)
{
  mpp_status st = MPP_OK;
  int count = 0;
  MPP_NC(nc_inq_nvars(f->nc, &count), f->path, "variables");
  for (int i = 0; i < count; i++) {
    nc_type type = NC_NAT;
    int rank = 0;
    MPP_NC(nc_inq_vartype(f->nc, i, &type), f->path, "variables");
    MPP_NC(nc_inq_varndims(f->nc, i, &rank), f->path, "variables");
    if (mpp_netcdf_is_number(type) && rank <= MPP_H5_MAX_RANK) {
      mpp_array *a = NULL;
      MPP_TRY(mpp_array_append(&a, f, (size_t)count));
      MPP_TRY(describe(a, f, i));
    }
  }
done:
  return as_data(st);
}

mpp_status mpp_array_read_nc(void *out, bool wide, const mpp_array_file *f, const char *name,
                             const size_t *start, const size_t *stride, const size_t *count)
{
  mpp_status st = MPP_OK;
  int variable = -1, rank = 0, dim[NC_MAX_VAR_DIMS];
  ptrdiff_t step[MPP_H5_MAX_RANK];
  bool empty = false;
  MPP_NC(nc_inq_varid(f->nc, name, &variable), f->path, name);
  MPP_NC(nc_inq_var(f->nc, variable, NULL, NULL, &rank, dim, NULL), f->path, name);
  for (int i = 0; i < rank && i < MPP_H5_MAX_RANK; i++) {
    size_t length = 0;
    step[i] = stride != NULL ? (ptrdiff_t)stride[i] : 1;
    MPP_NC(nc_inq_dimlen(f->nc, dim[i], &length), f->path, name);
    empty = empty || count[i] == 0;
    const size_t span = count[i] > 0 ? (count[i] - 1) * (size_t)step[i] + 1 : 0;
    MPP_REQUIRE(start[i] <= length && span <= length - start[i], MPP_ERR_DATA,
                "%s: %s: axis %d has %zu entries, expected at least %zu", f->path, name, i, length,
                start[i] + span);
  }
  if (empty) {
    goto done;
  }
  if (wide) {
    MPP_NC(nc_get_vars_double(f->nc, variable, start, count, step, out), f->path, name);
  } else {
    const int rc =
        mpp_fault() ? NC_EIO : nc_get_vars_float(f->nc, variable, start, count, step, out);
    /* a value past float32 is stored as infinity: whoever wants numbers sees that */
    MPP_REQUIRE(rc == NC_NOERR || rc == NC_ERANGE, MPP_ERR_DATA, "%s: %s: netCDF: %s", f->path,
                name, nc_strerror(rc));
  }
done:
  return as_data(st);
}

/* One attribute, if it is a text or few numbers. */
static mpp_status visit(const mpp_array_file *f, int variable, const char *name,
                        mpp_array_attribute_observer each, void *context)
{
  enum { MOST = 64 };
  mpp_status st = MPP_OK;
  nc_type type = NC_NAT;
  size_t length = 0;
  char *text = NULL;
  double value[MOST];
  MPP_NC(nc_inq_att(f->nc, variable, name, &type, &length), f->path, name);
  if (type == NC_CHAR) {
    MPP_TRY(MPP_ALLOC(&text, length + 1));
    MPP_NC(nc_get_att_text(f->nc, variable, name, text), f->path, name);
    MPP_TRY(each(context, &(mpp_array_attribute){.name = name, .text = text}));
  } else if (length <= MOST) {
    MPP_NC(nc_get_att_double(f->nc, variable, name, value), f->path, name);
    const bool whole = type != NC_FLOAT && type != NC_DOUBLE;
    MPP_TRY(each(context, &(mpp_array_attribute){
                              .name = name, .value = value, .count = length, .whole = whole}));
  }
done:
  mpp_free(text);
  return st;
}

mpp_status mpp_array_attributes_nc(const mpp_array_file *f, const char *object,
                                   mpp_array_attribute_observer each, void *context)
{
  mpp_status st = MPP_OK;
  int variable = NC_GLOBAL, count = 0;
  object += strspn(object, "/");
  if (object[0] != '\0' && nc_inq_varid(f->nc, object, &variable) != NC_NOERR) {
    return MPP_OK;
  }
  MPP_NC(nc_inq_varnatts(f->nc, variable, &count), f->path, object);
  for (int i = 0; i < count; i++) {
    char name[NC_MAX_NAME + 1];
    MPP_NC(nc_inq_attname(f->nc, variable, i, name), f->path, object);
    MPP_TRY(visit(f, variable, name, each, context));
  }
done:
  return as_data(st);
}
