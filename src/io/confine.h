/* confine.h - a first look at a foreign file by a child process. HDF5 1.10 divides by zero, follows
 * wild pointers and runs for ever on some damaged files, and netCDF reads through it: let that not
 * happen to a training run. */
#ifndef MPP_CONFINE_H
#define MPP_CONFINE_H

#include <stdbool.h>

#include "mpp/status.h"

/* Reads what its caller will read afterwards. */
typedef mpp_status (*mpp_inspection)(const char *path, const void *context);

/* Runs `inspect` in a child that holds the lock of HDF5, has 10 s of processor time and as much
 * memory as the machine has left, and can neither change files nor start programs. Its refusal
 * comes back with its message; its death is MPP_ERR_DATA. *looked says whether there was a child:
 * where none can be had, and where inputs are trusted (mpp_trust_input), the file is left to the
 * caller. Call it with HDF5 unlocked. */
MPP_MUST_CHECK mpp_status mpp_confine(bool *looked, const char *path, mpp_inspection inspect,
                                      const void *context);

/* The look for files that are read through HDF5 or classic netCDF without a layout (attributes):
 * all definitions and attributes, and of classic netCDF the first value of each variable. Only a
 * death of the child, or MPP_ERR_NOINPUT, is a failure. */
MPP_MUST_CHECK mpp_status mpp_look_at(const char *path);

/* The same for files that are opened by netCDF-C, which follows links of all kinds: those to other
 * files and to groups that have been seen are MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_look_at_netcdf(const char *path);

#endif
