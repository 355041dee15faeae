/* variables.c - the variables of a forecast file: names, units, shapes. */
#include <stdio.h>

#include "confine.h"
#include "h5.h"
#include "mpp/info.h"
#include "nc.h"
#include "text.h"

enum { TEXT = 256, MAX_DIMS = 4 };

/* A text attribute of a variable, "" if it has none of a readable length. */
static void attribute(char out[TEXT], int nc, int variable, const char *name)
{
  nc_type type = NC_NAT;
  size_t length = 0;
  out[0] = '\0';
  if (nc_inq_att(nc, variable, name, &type, &length) == NC_NOERR && type == NC_CHAR &&
      length < TEXT && nc_get_att_text(nc, variable, name, out) == NC_NOERR) {
    out[length] = '\0';
  }
  mpp_clean_text(out);
}

static mpp_status report(int nc, int id, const char *path, mpp_variable_observer each,
                         void *context)
{
  mpp_status st = MPP_OK;
  char name[NC_MAX_NAME + 1], shown[NC_MAX_NAME + 1], units[TEXT], long_name[TEXT], field[TEXT],
      dimension[MAX_DIMS][NC_MAX_NAME + 1];
  int ndims = 0, dims[NC_MAX_VAR_DIMS];
  MPP_NC(nc_inq_var(nc, id, name, NULL, &ndims, dims, NULL), path, "variables");
  if (ndims > MAX_DIMS) {
    return MPP_OK;
  }
  mpp_copy_text(shown, sizeof shown, name);
  attribute(units, nc, id, "units");
  attribute(long_name, nc, id, "long_name");
  attribute(field, nc, id, "mpp_field");
  mpp_variable v = {.name = shown,
                    .units = units,
                    .long_name = long_name,
                    .field = field,
                    .ndims = (size_t)ndims};
  for (int k = 0; k < ndims; k++) {
    MPP_NC(nc_inq_dim(nc, dims[k], dimension[k], &v.shape[k]), path, name);
    mpp_clean_text(dimension[k]);
    v.dimension[k] = dimension[k];
  }
  each(context, &v);
done:
  return st;
}

mpp_status mpp_read_variables(const char *path, mpp_variable_observer each, void *context)
{
  mpp_status st = MPP_OK;
  int nc = -1, count = 0;
  bool locked = false;
  MPP_TRY(mpp_look_at_netcdf(path));
  mpp_h5_lock(); /* netCDF-4 files are read through HDF5 */
  locked = true;
  MPP_TRY(mpp_h5_init());
  MPP_TRY(mpp_netcdf_open(&nc, path, false));
  MPP_NC(nc_inq_nvars(nc, &count), path, "variables");
  for (int id = 0; id < count; id++) { MPP_TRY(report(nc, id, path, each, context)); }
done:
  if (nc >= 0) {
    nc_close(nc);
  }
  if (locked) {
    mpp_h5_unlock();
  }
  if (st == MPP_ERR_IO) { /* reading fails for what is in the file */
    st = MPP_ERR_DATA;
  }
  return st;
}
