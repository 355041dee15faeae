/* nc.h - the only error path to netCDF-C. netCDF is not thread-safe: one thread, one file open. */
#ifndef MPP_NC_H
#define MPP_NC_H

#include <errno.h>
#include <netcdf.h>

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

#endif
