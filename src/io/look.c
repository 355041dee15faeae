/* look.c - what the child that looks at a netCDF or HDF5 file without a layout reads. */
#include <stdbool.h>

#include "array_file.h"
#include "confine.h"
#include "file.h"
#include "nc.h"

enum { MOST_ARRAYS = 1 << 16, MOST_BYTES = 1 << 24 };

/* Names, types and values of the attributes of a variable; what is no number is left. */
static mpp_status read_attributes(int nc, int variable, const char *path)
{
  mpp_status st = MPP_OK;
  int count = 0;
  double *value = NULL;
  char *text = NULL;
  MPP_NC(nc_inq_varnatts(nc, variable, &count), path, "attributes");
  for (int i = 0; i < count; i++) {
    char name[NC_MAX_NAME + 1];
    nc_type type = NC_NAT;
    size_t length = 0;
    MPP_NC(nc_inq_attname(nc, variable, i, name), path, "attributes");
    MPP_NC(nc_inq_att(nc, variable, name, &type, &length), path, name);
    MPP_REQUIRE(length <= MOST_BYTES, MPP_ERR_DATA, "%s: attribute %s has %zu entries", path, name,
                length);
    if (type == NC_CHAR) {
      MPP_TRY(MPP_ALLOC(&text, length + 1));
      MPP_NC(nc_get_att_text(nc, variable, name, text), path, name);
    } else if (mpp_netcdf_is_number(type)) {
      MPP_TRY(MPP_ALLOC(&value, length + 1));
      const int rc = nc_get_att_double(nc, variable, name, value);
      MPP_REQUIRE(rc == NC_NOERR || rc == NC_ERANGE, MPP_ERR_DATA, "%s: %s: netCDF: %s", path, name,
                  nc_strerror(rc));
    }
    mpp_free(text);
    mpp_free(value);
    text = NULL;
    value = NULL;
  }
done:
  mpp_free(text);
  mpp_free(value);
  return st;
}

static mpp_status read_netcdf(int nc, const char *path)
{
  mpp_status st = MPP_OK;
  int count = 0;
  MPP_NC(nc_inq_nvars(nc, &count), path, "variables");
  MPP_TRY(read_attributes(nc, NC_GLOBAL, path));
  for (int v = 0; v < count; v++) {
    char name[NC_MAX_NAME + 1];
    nc_type type = NC_NAT;
    int rank = 0, dim[NC_MAX_VAR_DIMS];
    const size_t first[NC_MAX_VAR_DIMS] = {0};
    double value = 0.0;
    MPP_NC(nc_inq_var(nc, v, name, &type, &rank, dim, NULL), path, "variables");
    MPP_TRY(read_attributes(nc, v, path));
    bool empty = !mpp_netcdf_is_number(type);
    for (int k = 0; k < rank; k++) {
      size_t length = 0;
      MPP_NC(nc_inq_dimlen(nc, dim[k], &length), path, name);
      empty = empty || length == 0;
    }
    const int rc = empty ? NC_NOERR : nc_get_var1_double(nc, v, first, &value);
    MPP_REQUIRE(rc == NC_NOERR || rc == NC_ERANGE, MPP_ERR_DATA, "%s: %s: netCDF: %s", path, name,
                nc_strerror(rc));
  }
done:
  return st;
}

static mpp_status ignore(void *context, const mpp_array_attribute *a)
{
  (void)context;
  (void)a;
  return MPP_OK;
}

static mpp_status read_by_netcdf(const char *path)
{
  mpp_status st = MPP_OK;
  int nc = -1;
  if (mpp_netcdf_open(&nc, path, false) == MPP_OK) {
    st = read_netcdf(nc, path);
    nc_close(nc);
  }
  return st;
}

/* What the libraries refuse is told by the caller, in words that suit it: here it only shows
 * whether they live through it. */
static mpp_status inspect(const char *path, const void *by_netcdf)
{
  mpp_status st = MPP_OK;
  mpp_array_file f = {.h5 = -1, .nc = -1};
  bool leads_out = false, hdf5 = false;
  if (mpp_array_file_open(&f, path) == MPP_OK) {
    hdf5 = f.h5 >= 0;
    if (hdf5 && by_netcdf != NULL) {
      st = mpp_h5_check_links(f.h5, path);
      leads_out = st != MPP_OK;
      MPP_TRY(st);
    }
    MPP_TRY(mpp_array_file_list(&f, MOST_ARRAYS));
    MPP_TRY(mpp_array_attributes(&f, "/", ignore, NULL));
    mpp_array_file_close(&f);
  }
  if (!hdf5 || by_netcdf != NULL) {
    MPP_TRY(read_by_netcdf(path));
  }
done:
  mpp_array_file_close(&f);
  return leads_out ? st : MPP_OK;
}

static mpp_status look(const char *path, const void *by_netcdf)
{
  mpp_status st = MPP_OK;
  bool looked = false;
  MPP_TRY(mpp_check_input(path));
  MPP_TRY(mpp_confine(&looked, path, inspect, by_netcdf));
done:
  return st;
}

mpp_status mpp_look_at(const char *path) { return look(path, NULL); }

mpp_status mpp_look_at_netcdf(const char *path) { return look(path, path); }
