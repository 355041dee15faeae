/* rollout_nc_read.c - records that are written are read again: to go on from, and for means. */
#include <math.h>

#include "h5.h"
#include "nc.h"
#include "rollout_nc_file.h"

void mpp_nc_transpose(float *to, const float *from, const mpp_rollout_nc_file *file, bool back)
{
  size_t stride[3] = {file->grid[1] * file->grid[2], file->grid[2], 1}, n[3] = {1, 1, 1},
         step[3] = {0, 0, 0};
  for (size_t k = 0; k < file->ndims; k++) {
    n[k] = file->grid[file->order[k]];
    step[k] = stride[file->order[k]];
  }
  size_t at = 0;
  for (size_t i = 0; i < n[0]; i++) {
    for (size_t j = 0; j < n[1]; j++) {
      for (size_t k = 0; k < n[2]; k++, at++) {
        const size_t memory = i * step[0] + j * step[1] + k * step[2];
        to[back ? memory : at] = from[back ? at : memory];
      }
    }
  }
}

static mpp_status read_series(const mpp_rollout_nc *w, double *series, size_t record)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < w->file.nseries; i++) {
    const int rc = mpp_fault()
                       ? NC_EHDFERR
                       : nc_get_var1_double(w->file.ncid, w->file.series[i], &record, &series[i]);
    MPP_REQUIRE(rc == NC_NOERR, MPP_ERR_DATA, "%s: record %zu cannot be read: %s", w->path, record,
                nc_strerror(rc));
    if (series[i] == NC_FILL_DOUBLE || series[i] == NC_FILL_INT) {
      series[i] = NAN;
    }
  }
done:
  return st;
}

mpp_status mpp_rollout_nc_read(mpp_rollout_nc *w, float *x, double *series, size_t record)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_file *file = &w->file;
  size_t start[4] = {record, 0, 0, 0}, count[4] = {1, 1, 1, 1};
  for (size_t k = 0; k < file->ndims; k++) { count[k + 1] = file->grid[file->order[k]]; }
  mpp_h5_lock();
  for (size_t f = 0; f < file->nfields; f++) {
    MPP_TRY(mpp_netcdf_get(w->scratch, NC_FLOAT, file->ncid, file->variable[f][MPP_NC_PREDICTION],
                           w->path, "a field", start, count));
    mpp_nc_transpose(x + f * file->cells, w->scratch, file, true);
  }
  if (series != NULL) {
    MPP_TRY(read_series(w, series, record));
  }
done:
  mpp_h5_unlock();
  return st;
}

mpp_status mpp_rollout_nc_time(mpp_rollout_nc *w, double *time, size_t record)
{
  mpp_status st = MPP_OK;
  mpp_h5_lock();
  MPP_NC(nc_get_var1_double(w->file.ncid, w->file.time, &record, time), w->path, "time");
done:
  mpp_h5_unlock();
  return st;
}
