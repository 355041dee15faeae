/* rollout_case.h - a small model, a small dataset and the options of a forecast from them. */
#ifndef ROLLOUT_CASE_H
#define ROLLOUT_CASE_H

#include <netcdf.h>
#include <unistd.h>

#include "small_case.h"

enum { T = 4, START = 6, STEPS = 10, TRUTH = SMALL_FRAMES - START - T };
enum { ALL_STEPS = STEPS * SMALL_CELLS, FIRST = START * SMALL_FRAME }; /* values of a field, of x */

#define SET_NUMBER(member, value) snprintf(member, sizeof member, "%ld", (long)(value))

/* Trajectory 1 from frame 6 on: six frames after the context have their truth. */
static inline mpp_rollout_options options_for(const char *output)
{
  mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  snprintf(o.model, sizeof o.model, "%s", test_path(0, "model.safetensors"));
  snprintf(o.data, sizeof o.data, "%s", test_path(1, "data.h5"));
  snprintf(o.output, sizeof o.output, "%s", output);
  SET_NUMBER(o.sample, 1);
  SET_NUMBER(o.start, START);
  SET_NUMBER(o.steps, STEPS);
  o.threads = 1; /* a child of fork has no others */
  return o;
}

/* Model and dataset on disk. */
static inline mpp_model *write_inputs(mpp_mode mode, float growth)
{
  mpp_model *m = small_model(mode, true);
  small_model_grows(m, growth);
  REQUIRE_OK(mpp_model_save(m, test_path(0, "model.safetensors")));
  small_data(test_path(1, "data.h5"), 2);
  return m;
}

static inline mpp_status run(const mpp_rollout_options *o)
{
  return mpp_rollout(NULL, o, "mpp rollout --of=tests", NULL, NULL);
}

static inline bool exists(const char *path) { return access(path, F_OK) == 0; }

/* Numbers of one variable; returns how many. */
static inline size_t read_variable(const char *path, const char *name, double *out, size_t most)
{
  int nc = -1, v = -1, ndims = 0, dims[NC_MAX_VAR_DIMS] = {0};
  size_t n = 1, length = 0;
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  CU_ASSERT_FATAL(nc_inq_varid(nc, name, &v) == 0 && nc_inq_varndims(nc, v, &ndims) == 0 &&
                  nc_inq_vardimid(nc, v, dims) == 0);
  for (int d = 0; d < ndims; d++) {
    CU_ASSERT(nc_inq_dimlen(nc, dims[d], &length) == 0);
    n *= length;
  }
  CU_ASSERT_FATAL(n <= most && nc_get_var_double(nc, v, out) == 0);
  nc_close(nc);
  return n;
}

static inline bool read_attribute(const char *path, const char *name, char *text, size_t size)
{
  int nc = -1;
  size_t length = 0;
  memset(text, 0, size);
  const bool found = nc_open(path, NC_NOWRITE, &nc) == 0 &&
                     nc_inq_attlen(nc, NC_GLOBAL, name, &length) == 0 && length < size &&
                     nc_get_att_text(nc, NC_GLOBAL, name, text) == 0;
  nc_close(nc);
  return found;
}

/* Every variable has the same bytes in both files. */
static inline bool same_data(const char *path_a, const char *path_b)
{
  static double a[ALL_STEPS], b[ALL_STEPS];
  static const char *const names[] = {"time",
                                      "sim_time",
                                      "x",
                                      "y",
                                      "activator",
                                      "activator_truth",
                                      "activator_error",
                                      "activator_nrmse",
                                      "activator_vrmse",
                                      "activator_growth",
                                      "activator_high_share",
                                      "guard",
                                      "origin",
                                      "inhibitor",
                                      "inhibitor_truth",
                                      "inhibitor_error",
                                      "inhibitor_nrmse",
                                      "inhibitor_vrmse"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const size_t n = read_variable(path_a, names[i], a, ALL_STEPS);
    if (read_variable(path_b, names[i], b, ALL_STEPS) != n || memcmp(a, b, n * sizeof *a) != 0) {
      return false;
    }
  }
  return true;
}

#endif
