/* nc.c - opening netCDF files, and finding what a reader needs in them. */
#include "nc.h"

#include <stdio.h>
#include <string.h>

/* Bytes that HDF5 allows a name. */
enum { HDF5_NAME = 1 << 16 };

/* Names of attributes that HDF5 holds may be longer than netCDF's callers have room for. */
static mpp_status check_attributes(char *name, int nc, int variable, const char *path)
{
  mpp_status st = MPP_OK;
  int count = 0;
  MPP_NC(nc_inq_varnatts(nc, variable, &count), path, "attributes");
  for (int i = 0; i < count; i++) {
    MPP_NC(nc_inq_attname(nc, variable, i, name), path, "attributes");
    MPP_REQUIRE(strlen(name) <= NC_MAX_NAME, MPP_ERR_DATA,
                "%s: the name of an attribute has %zu characters, expected at most %d", path,
                strlen(name), NC_MAX_NAME);
  }
done:
  return st;
}

static mpp_status check_names(int nc, const char *path)
{
  mpp_status st = MPP_OK;
  int count = 0, format = 0;
  char *name = NULL;
  MPP_NC(nc_inq_format(nc, &format), path, "opening");
  if (format == NC_FORMAT_NETCDF4 || format == NC_FORMAT_NETCDF4_CLASSIC) {
    MPP_TRY(MPP_ALLOC(&name, HDF5_NAME + 1));
    MPP_NC(nc_inq_nvars(nc, &count), path, "variables");
    for (int v = NC_GLOBAL; v < count; v++) { MPP_TRY(check_attributes(name, nc, v, path)); }
  }
done:
  mpp_free(name);
  return st;
}

mpp_status mpp_netcdf_open(int *nc, const char *path, bool write)
{
  mpp_status st = MPP_OK;
  int opened = -1;
  MPP_TRY(mpp_netcdf_check_classic(path));
  errno = 0;
  const int rc = mpp_fault() ? NC_EHDFERR : nc_open(path, write ? NC_WRITE : NC_NOWRITE, &opened);
  MPP_REQUIRE(rc == NC_NOERR, mpp_or_memory(MPP_ERR_DATA), "%s: opening: netCDF: %s", path,
              nc_strerror(rc));
  MPP_TRY(check_names(opened, path));
  *nc = opened;
  opened = -1;
done:
  if (opened >= 0) {
    nc_close(opened);
  }
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st; /* for what is in the file, not for the disk */
}

mpp_status mpp_netcdf_find(int *variable, int nc, const char *path, const char *name, size_t ndims,
                           const int *dims)
{
  mpp_status st = MPP_OK;
  int found = 0, on[NC_MAX_VAR_DIMS];
  nc_type type = NC_NAT;
  const int rc = mpp_fault() ? NC_EHDFERR : nc_inq_varid(nc, name, variable);
  MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: variable '%s': %s", path, name, nc_strerror(rc));
  MPP_NC(nc_inq_var(nc, *variable, NULL, &type, &found, on, NULL), path, name);
  MPP_REQUIRE(mpp_netcdf_is_number(type), MPP_ERR_DATA, "%s: variable '%s' holds no numbers", path,
              name);
  MPP_REQUIRE((size_t)found == ndims, MPP_ERR_DATA,
              "%s: variable '%s' has %d dimensions, expected %zu", path, name, found, ndims);
  MPP_REQUIRE(dims == NULL || memcmp(on, dims, ndims * sizeof *dims) == 0, MPP_ERR_DATA,
              "%s: variable '%s' has other dimensions than expected", path, name);
done:
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st;
}
