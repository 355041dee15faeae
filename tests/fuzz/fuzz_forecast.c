/* fuzz_forecast.c - forecasts to continue, to score or to draw whose structure lies: the bytes
 * choose dimensions, variables, types, attributes and chunks, netCDF-C writes the file (see
 * fuzz_h5.c). */
#include <netcdf.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "forecast_file.h"
#include "fuzz.h"
#include "fuzz_chunks.h"
#include "h5.h"
#include "mpp/input.h"
#include "nc.h"
#include "plot_source.h"
#include "rollout_nc.h"

enum { NX = 3, NY = 4, CELLS = NX * NY, DIMS = 5 };

static const char *const dimensions[] = {"time", "x", "y", "z", "sample"};
static const char *const variables[] = {
    "time",    "sim_time", "x",       "y", "h",     "h_truth", "h_error",    "h_nrmse",
    "h_vrmse", "h_spread", "s_truth", "s", "guard", "z",       "time_truth", "h_truth_truth"};
static const char *const marks[] = {"mpp_sample",  "mpp_field",    "_FillValue",
                                    "mpp_dataset", "mpp_start",    "mpp_stride",
                                    "mpp_context", "mpp_system",   "Conventions",
                                    "units",       "mpp_boundary", "mpp_context_digest"};
static const char *const values[] = {"0", "-1", "swe:h", "", "99999999999999999999", "a:b:c", "x"};

static void put_attribute(int nc, int variable, fuzz_bytes *b)
{
  const char *name = fuzz_word(b, marks, sizeof marks / sizeof *marks);
  const unsigned kind = fuzz_below(b, 4);
  const double number[4] = {0.0, -1.0, 1e300, 0.5};
  if (kind == 0) {
    nc_put_att_double(nc, variable, name, NC_DOUBLE, fuzz_below(b, 5), number);
  } else if (kind == 1) {
    const char *text = fuzz_word(b, values, sizeof values / sizeof *values);
    nc_put_att_string(nc, variable, name, 1, &text);
  } else {
    const char *text = fuzz_word(b, values, sizeof values / sizeof *values);
    nc_put_att_text(nc, variable, name, strlen(text), text);
  }
}

/* Numbers for the first records of a variable, whatever its type. */
static void put_values(int nc, int variable, int ndims, const size_t *length, fuzz_bytes *b)
{
  double number[256];
  size_t start[DIMS] = {0}, count[DIMS], n = 1;
  for (int k = 0; k < ndims; k++) {
    count[k] = length[k] == NC_UNLIMITED ? 1 + fuzz_below(b, 3) : length[k];
    n *= count[k];
  }
  const unsigned kind = fuzz_take(b);
  for (size_t i = 0; i < n && i < 256; i++) { number[i] = kind < 16 ? 1e300 : (double)i * 0.25; }
  if (n <= 256) {
    nc_put_vara_double(nc, variable, start, count, number);
  }
}

/* Packs a few kinds of variables, as ours are, so that their chunks can be changed. */
static void pack(int nc, int variable, unsigned kind)
{
  if (kind == 2 || kind == 3) {
    nc_def_var_fletcher32(nc, variable, NC_FLETCHER32);
  }
  if (kind == 3) {
    nc_def_var_deflate(nc, variable, 1, 1, 1);
  }
}

static void put_chunks(const char *path, fuzz_bytes *b)
{
  const hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
  for (unsigned i = fuzz_below(b, 4); i > 0 && file >= 0; i--) {
    const char *name = fuzz_word(b, variables, sizeof variables / sizeof *variables);
    const hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    if (set >= 0) {
      fuzz_put_chunks(set, b);
      H5Dclose(set);
    }
  }
  H5Fclose(file);
}

static void build(const char *path, fuzz_bytes *b)
{
  static const nc_type types[] = {NC_FLOAT, NC_DOUBLE, NC_DOUBLE, NC_FLOAT,
                                  NC_INT,   NC_CHAR,   NC_BYTE,   NC_STRING};
  static const int kinds[] = {NC_NETCDF4 | NC_CLASSIC_MODEL, NC_NETCDF4, 0, NC_64BIT_OFFSET};
  int nc = -1, dim[DIMS];
  size_t length[DIMS] = {NC_UNLIMITED, NX, NY, 1, 2};
  if (nc_create(path, NC_CLOBBER | kinds[fuzz_below(b, 4)], &nc) != NC_NOERR) {
    return;
  }
  for (int k = 0; k < DIMS; k++) {
    const unsigned other = fuzz_take(b);
    length[k] = other >= 240 ? other - 239 : length[k];
    dim[k] = -1;
    if (other < 250) {
      nc_def_dim(nc, dimensions[k], length[k], &dim[k]);
    }
  }
  for (unsigned i = fuzz_below(b, 6); i > 0; i--) { put_attribute(nc, NC_GLOBAL, b); }
  for (unsigned i = fuzz_below(b, 16); i > 0; i--) {
    int variable = -1, ndims = (int)fuzz_below(b, 5), dims[DIMS];
    size_t size[DIMS];
    static const unsigned usual[] = {0, 2, 1, 3}; /* time, y, x, z */
    for (int k = 0; k < ndims; k++) {
      const unsigned way = fuzz_take(b), which = way < 128 ? usual[k] : way % DIMS;
      dims[k] = dim[which];
      size[k] = length[which];
    }
    nc_redef(nc);
    const char *name = fuzz_word(b, variables, sizeof variables / sizeof *variables);
    const unsigned type = fuzz_below(b, 8);
    if (nc_def_var(nc, name, types[type], ndims, dims, &variable) == NC_NOERR) {
      pack(nc, variable, type);
      for (unsigned k = fuzz_below(b, 3); k > 0; k--) { put_attribute(nc, variable, b); }
      nc_enddef(nc);
      put_values(nc, variable, ndims, size, b);
    }
  }
  nc_close(nc);
  put_chunks(path, b);
}

/* Scored: pairs of variables, read to the last record. */
static mpp_status score(const char *path)
{
  mpp_forecast_file f = {.nc = -1};
  float *x = NULL;
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_forecast_file_open(&f, path));
  MPP_TRY(MPP_ALLOC(&x, f.nfields * f.cells));
  for (size_t r = 0; r < f.records && r < 8; r++) {
    MPP_TRY(mpp_forecast_file_read(&f, x, MPP_FORECAST_PREDICTION, r));
    MPP_TRY(mpp_forecast_file_read(&f, x, MPP_FORECAST_TRUTH, r));
  }
done:
  mpp_free(x);
  mpp_forecast_file_close(&f);
  return st;
}

/* Continued: held at what this run would have written. */
static mpp_status go_on(const char *path, bool has_truth)
{
  static const double x[] = {-1.0, 0.0, 1.0}, y[] = {0.0, 0.5, 1.0, 1.5}, none[] = {0.0};
  static const mpp_dataset_info info = {.nfields = 1,
                                        .field = {"swe:h"},
                                        .units = {"m"},
                                        .grid = {1, NX, NY},
                                        .axis = {"", "x", "y"}};
  static const mpp_nc_text text = {"mpp_sample", "0", true};
  const mpp_rollout_nc_layout layout = {.info = &info,
                                        .coordinate = {none, x, y},
                                        .steps = 4,
                                        .has_truth = has_truth,
                                        .text = &text,
                                        .ntexts = 1};
  mpp_rollout_nc *w = NULL;
  size_t records = 0;
  float prediction[CELLS];
  double time = 0.0;
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_rollout_nc_open(&w, &records, path, &layout));
  for (size_t r = 0; r < records && r < 8; r++) {
    MPP_TRY(mpp_rollout_nc_read(w, prediction, NULL, r));
    MPP_TRY(mpp_rollout_nc_time(w, &time, r));
  }
done:
  mpp_rollout_nc_abandon(w);
  return st == MPP_ERR_IO ? MPP_ERR_DATA : st; /* netCDF does not tell a disk from a lie */
}

/* Drawn: panels of a field, or errors over time. */
static mpp_status draw(const char *path, bool errors)
{
  static mpp_plot_options o;
  mpp_status st = MPP_OK;
  mpp_plot_source source = {.value = NULL};
  mpp_plot_errors e = {.nrmse = NULL};
  MPP_TRY(mpp_options_defaults(&o, mpp_plot_table));
  snprintf(o.input, sizeof o.input, "%s", path);
  MPP_TRY(errors ? mpp_plot_read_errors(&e, path) : mpp_plot_read_forecast(&source, &o));
done:
  mpp_plot_source_free(&source);
  mpp_plot_errors_free(&e);
  return st;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  fuzz_bytes b = {data, size};
  const char *path = fuzz_file((const uint8_t *)"", 0);
  if (mpp_h5_init() != MPP_OK) {
    return 1;
  }
  const bool has_truth = fuzz_take(&b) % 2 == 0;
  mpp_trust_input(true);   /* no child processes */
  fuzz_ignore_leaks(true); /* netCDF 4.9.0: those of attributes that are put a second time */
  build(path, &b);
  fuzz_ignore_leaks(false);
  const long live = mpp_alloc_live();
  fuzz_check(score(path), live);
  fuzz_check(go_on(path, has_truth), live);
  fuzz_check(draw(path, false), live);
  fuzz_check(draw(path, true), live);
  return 0;
}
