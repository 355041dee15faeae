/* nc.c - opening netCDF files, finding what a reader needs in them, and reading it. */
#include "nc.h"

#include <stdio.h>
#include <string.h>

#include "file.h"
#include "h5_private.h"

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

static bool is_hdf5(int format)
{
  return format == NC_FORMAT_NETCDF4 || format == NC_FORMAT_NETCDF4_CLASSIC;
}

/* How the values of a variable are stored; returns what netCDF said. */
static int storage_of(int *chunked, bool *packed, int nc, int variable)
{
  int shuffle = 0, deflate = 0, level = 0, checksum = 0;
  int rc = nc_inq_var_chunking(nc, variable, chunked, NULL);
  if (rc == NC_NOERR && *chunked == NC_CHUNKED) {
    rc = nc_inq_var_deflate(nc, variable, &shuffle, &deflate, &level);
    rc = rc == NC_NOERR ? nc_inq_var_fletcher32(nc, variable, &checksum) : rc;
  }
  *packed = shuffle || deflate || checksum;
  return rc;
}

mpp_status mpp_netcdf_packs(bool *packs, int nc, int variable, const char *path)
{
  mpp_status st = MPP_OK;
  int chunked = NC_CONTIGUOUS;
  MPP_NC(storage_of(&chunked, packs, nc, variable), path, "storage");
done:
  return st;
}

/* HDF5 1.10 takes as much room for a chunk without filters as the index of chunks says that it has,
 * and believes that it is whole: let it read each value where it lies instead. */
static int keep_no_bare_chunks(int nc, int nvariables)
{
  int rc = NC_NOERR;
  for (int v = 0; v < nvariables && rc == NC_NOERR; v++) {
    int chunked = NC_CONTIGUOUS;
    bool packed = false;
    rc = storage_of(&chunked, &packed, nc, v);
    if (rc == NC_NOERR && chunked == NC_CHUNKED && !packed) {
      rc = nc_set_var_chunk_cache(nc, v, 0, 1, 0.0F);
    }
  }
  return rc;
}

static mpp_status check_hdf5(int nc, const char *path)
{
  mpp_status st = MPP_OK;
  int count = 0, format = 0;
  char *name = NULL;
  MPP_NC(nc_inq_format(nc, &format), path, "opening");
  if (is_hdf5(format)) {
    MPP_TRY(MPP_ALLOC(&name, HDF5_NAME + 1));
    MPP_NC(nc_inq_nvars(nc, &count), path, "variables");
    for (int v = NC_GLOBAL; v < count; v++) { MPP_TRY(check_attributes(name, nc, v, path)); }
    MPP_NC(keep_no_bare_chunks(nc, count), path, "storage");
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
  MPP_TRY(check_hdf5(opened, path));
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

/* ---- reading ---- */

/* The dataset of a variable is called as it is, or, where a dimension has that name too and the
 * variable is not its coordinate, with this before it: those of that rank are looked at. */
static mpp_status check_datasets(const char *path, const char *variable, int ndims,
                                 const size_t *start, const size_t *count)
{
  mpp_status st = MPP_OK;
  static const char *const prefix[] = {"", "_nc4_non_coord_"};
  const hid_t file = mpp_h5_find(path);
  bool found = false;
  for (int i = 0; i < 2; i++) {
    char name[NC_MAX_NAME + 16];
    snprintf(name, sizeof name, "%s%s", prefix[i], variable);
    if (mpp_h5_has(file, name)) {
      MPP_TRY(mpp_h5_check_box(file, path, name, ndims, start, count));
      found = true;
    }
  }
  MPP_REQUIRE(found, MPP_ERR_DATA, "%s: variable '%s' has no dataset", path, variable);
done:
  return st;
}

mpp_status mpp_netcdf_check(int nc, int variable, const char *path, const size_t *start,
                            const size_t *count)
{
  mpp_status st = MPP_OK;
  int format = 0, chunked = NC_CONTIGUOUS, ndims = 0;
  size_t length = 0;
  char opened[MPP_PATH_MAX] = "", name[NC_MAX_NAME + 1] = "";
  int rc = nc_inq_format(nc, &format);
  if (rc == NC_NOERR && is_hdf5(format)) {
    rc = nc_inq_var_chunking(nc, variable, &chunked, NULL);
  }
  if (rc == NC_NOERR && chunked == NC_CHUNKED) {
    rc = nc_inq_var(nc, variable, name, NULL, &ndims, NULL, NULL);
    rc = rc == NC_NOERR ? nc_inq_path(nc, &length, NULL) : rc;
    rc = rc == NC_NOERR && length < sizeof opened ? nc_inq_path(nc, NULL, opened) : rc;
  }
  MPP_NC(rc, path, "reading");
  if (chunked == NC_CHUNKED) {
    MPP_TRY(check_datasets(opened, name, ndims, start, count));
  }
done:
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st; /* for what is in the file, not for the disk */
}

mpp_status mpp_netcdf_get(void *out, nc_type type, int nc, int variable, const char *path,
                          const char *object, const size_t *start, const size_t *count)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_netcdf_check(nc, variable, path, start, count));
  MPP_NC(type == NC_FLOAT    ? nc_get_vara_float(nc, variable, start, count, out)
         : type == NC_DOUBLE ? nc_get_vara_double(nc, variable, start, count, out)
                             : nc_get_vara_int(nc, variable, start, count, out),
         path, object);
done:
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st;
}
