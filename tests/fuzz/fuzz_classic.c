/* fuzz_classic.c - headers of classic netCDF files: what passes the check and netCDF-C opens has no
 * names and no dimensions that its callers have no room for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "nc.h"

enum { ROOM = 1 << 17 }; /* more than an input has bytes */

static void hold(bool fine, const char *what)
{
  if (!fine) {
    fprintf(stderr, "fuzz: %s\n", what);
    abort();
  }
}

static void hold_attributes(int nc, int variable)
{
  static char name[ROOM];
  int count = 0;
  nc_inq_varnatts(nc, variable, &count);
  for (int i = 0; i < count; i++) {
    hold(nc_inq_attname(nc, variable, i, name) != NC_NOERR || strlen(name) <= NC_MAX_NAME,
         "a long name of an attribute");
  }
}

static void hold_all(int nc)
{
  static char name[ROOM];
  int dimensions = 0, variables = 0;
  nc_inq_ndims(nc, &dimensions);
  nc_inq_nvars(nc, &variables);
  for (int i = 0; i < dimensions; i++) {
    hold(nc_inq_dimname(nc, i, name) != NC_NOERR || strlen(name) <= NC_MAX_NAME,
         "a long name of a dimension");
  }
  hold_attributes(nc, NC_GLOBAL);
  for (int v = 0; v < variables; v++) {
    int ndims = 0;
    hold(nc_inq_varname(nc, v, name) != NC_NOERR || strlen(name) <= NC_MAX_NAME,
         "a long name of a variable");
    hold(nc_inq_varndims(nc, v, &ndims) != NC_NOERR || ndims <= NC_MAX_VAR_DIMS,
         "a variable of many dimensions");
    hold_attributes(nc, v);
  }
}

/* The first bytes are always those of a classic file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static uint8_t file[1 << 16] = {'C', 'D', 'F'};
  static const uint8_t versions[] = {1, 2, 5};
  const long live = mpp_alloc_live();
  int nc = -1;
  if (size == 0 || size > sizeof file - 3) {
    return 0;
  }
  memcpy(file + 3, data, size);
  file[3] = versions[data[0] % 3];
  const char *path = fuzz_file(file, size + 3);
  const mpp_status st = mpp_netcdf_check_classic(path);
  fuzz_check(st, live);
  if (st == MPP_OK && nc_open(path, NC_NOWRITE, &nc) == NC_NOERR) {
    hold_all(nc);
    nc_close(nc);
  }
  return 0;
}
