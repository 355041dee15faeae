/* nc.h - opening and reading netCDF files, and the only error path to netCDF-C. It is not
 * thread-safe: one thread, one file open. */
#ifndef MPP_NC_H
#define MPP_NC_H

#include <errno.h>
#include <netcdf.h>
#include <stdbool.h>
#include <stddef.h>

#include "alloc.h"
#include "check.h"

/* As MPP_TRY for netCDF calls; `path` and `object` make the message. Positive codes are errno. */
#define MPP_NC(call, path, object)                                                               \
  do {                                                                                           \
    const int rc_ = mpp_fault() ? NC_EIO : (call);                                               \
    if (rc_ != NC_NOERR) {                                                                       \
      st = mpp_fail(rc_ == NC_ENOMEM ? MPP_ERR_NOMEM : MPP_ERR_IO, "%s: %s: netCDF: %s", (path), \
                    (object), nc_strerror(rc_));                                                 \
      goto done;                                                                                 \
    }                                                                                            \
  } while (0)

/* Opens a file for reading, or also for writing; *nc is the caller's to close. Nothing is opened
 * that netCDF-C would hand out more of than its callers have room for: names of dimensions,
 * variables and attributes have at most NC_MAX_NAME bytes, variables at most NC_MAX_VAR_DIMS
 * dimensions; nor a classic file whose header makes it divide by zero: types are known, and one
 * dimension at most is unlimited, the first of each variable that has it. No chunk without
 * filters is cached. MPP_ERR_DATA, MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_netcdf_open(int *nc, const char *path, bool write);

/* HDF5 1.10 reads past the end of packed chunks that are shorter than their shape asks for, and
 * netCDF-C reads through it: MPP_ERR_DATA where a chunk of the box start/count is that; NULL, NULL:
 * any chunk of the variable. `path` is for messages. */
MPP_MUST_CHECK mpp_status mpp_netcdf_check(int nc, int variable, const char *path,
                                           const size_t *start, const size_t *count);

/* Reads the box start/count of a variable as `type`: NC_FLOAT, NC_DOUBLE or NC_INT, when that has
 * found its chunks whole. MPP_ERR_DATA names `path` and `object`; MPP_ERR_NOMEM. */
MPP_MUST_CHECK mpp_status mpp_netcdf_get(void *out, nc_type type, int nc, int variable,
                                         const char *path, const char *object, const size_t *start,
                                         const size_t *count);

/* Do filters pack the chunks of a variable? MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_netcdf_packs(bool *packs, int nc, int variable, const char *path);

/* The part of mpp_netcdf_open that reads the header of a classic file itself; files of other
 * formats pass. MPP_ERR_DATA, MPP_ERR_IO. */
MPP_MUST_CHECK mpp_status mpp_netcdf_check_classic(const char *path);

/* Can values of a type be had as numbers? netCDF 4.9.0 leaks strings that it is asked for so. */
static inline bool mpp_netcdf_is_number(nc_type type)
{
  return type >= NC_BYTE && type <= NC_UINT64 && type != NC_CHAR;
}

/* Finds a variable of numbers that has `ndims` dimensions, those of `dims` [ndims] unless NULL.
 * MPP_ERR_DATA names what is not so. */
MPP_MUST_CHECK mpp_status mpp_netcdf_find(int *variable, int nc, const char *path, const char *name,
                                          size_t ndims, const int *dims);

#endif
