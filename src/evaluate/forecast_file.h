/* forecast_file.h - a forecast with its truth, read from netCDF: variables X and X_truth over
 * (time, [z,] [y,] x), as mpp rollout writes them. Anyone's file with such pairs will do. */
#ifndef MPP_FORECAST_FILE_H
#define MPP_FORECAST_FILE_H

#include "frames.h"
#include "mpp/metrics.h"

typedef struct mpp_forecast_file {
  int nc;           /* -1: not open */
  const char *path; /* borrowed */
  size_t nfields, grid[3], cells;
  mpp_name field[MPP_MAX_FIELDS];  /* attribute mpp_field, else the variable's name */
  int variable[MPP_MAX_FIELDS][2]; /* prediction, truth */
  size_t naxes;
  mpp_name axis[3]; /* of each grid axis, "" where there is none */
  bool masked;      /* cells whose truth is a fill value are masked */
  size_t records;   /* with a time and the truth of all fields, from the first on */
  /* how the forecast was made; texts are "" and numbers -1 where the file does not say */
  mpp_name system;
  char dataset[MPP_TEXT_MAX], boundary[128], context_digest[64];
  long sample, start, stride, context;
} mpp_forecast_file;

/* MPP_ERR_NOINPUT, MPP_ERR_DATA: no netCDF file, or no field with a truth. Close it in any case;
 * start from {.nc = -1}. */
MPP_MUST_CHECK mpp_status mpp_forecast_file_open(mpp_forecast_file *f, const char *path);
void mpp_forecast_file_close(mpp_forecast_file *f);

/* One record of all fields [C, D, H, W] in the order of the file. */
typedef enum { MPP_FORECAST_PREDICTION, MPP_FORECAST_TRUTH } mpp_forecast_part;
MPP_MUST_CHECK mpp_status mpp_forecast_file_read(const mpp_forecast_file *f, float *x,
                                                 mpp_forecast_part part, size_t record);

/* The context [T, C, D, H, W] in the order of the file, from the frames of `data` ("": what the
 * file names), a dataset or a solver, opened by the settings in the file; the caller owns *x and
 * *frames. MPP_ERR_NOINPUT, MPP_ERR_DATA or MPP_ERR_USAGE: it is not to be had, or not what the
 * forecast was made from. */
MPP_MUST_CHECK mpp_status mpp_forecast_context(float **x, mpp_frames **frames,
                                               const mpp_forecast_file *f, const char *data);

#endif
