/* version.c - mpp and the libraries that it runs with. */
#include <hdf5.h>
#include <jansson.h>
#include <netcdf.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include <yaml.h>

#include "fft.h"
#include "gemm.h"
#include "h5.h"
#include "mpp/version.h"

static char text[512];

static void describe(void)
{
  unsigned hdf5[3] = {0};
  int yaml[3] = {0};
  const unsigned xxh = XXH_versionNumber();
  const char *netcdf = nc_inq_libvers(); /* "4.9.0 of <date> $" */
  mpp_h5_lock();
  H5get_libversion(&hdf5[0], &hdf5[1], &hdf5[2]);
  mpp_h5_unlock();
  yaml_get_version(&yaml[0], &yaml[1], &yaml[2]);
  snprintf(text, sizeof text,
           "%s (%s, %s, HDF5 %u.%u.%u, netCDF %.*s, libyaml %d.%d.%d, jansson %s, xxHash "
           "%u.%u.%u)",
           MPP_VERSION, mpp_blas_version(), mpp_fft_version(), hdf5[0], hdf5[1], hdf5[2],
           (int)strcspn(netcdf, " "), netcdf, yaml[0], yaml[1], yaml[2], jansson_version_str(),
           xxh / 10000, xxh / 100 % 100, xxh % 100);
}

const char *mpp_version(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, describe);
  return text;
}

#ifndef MPP_GIT
#define MPP_GIT ""
#endif

const char *mpp_build(void) { return MPP_GIT; }
