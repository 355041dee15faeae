/* test_rollout_nc_copy.c - rounded files say the same to some digits, and are smaller. */
#include <sys/stat.h>

#include "rollout_case.h"
#include "rollout_nc.h"

static off_t size_of(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 ? info.st_size : 0;
}

static void digits_that_are_kept_are_right(void)
{
  const char *exact = test_path(2, "exact.nc"), *rounded = test_path(3, "rounded.nc");
  static double a[ALL_STEPS], b[ALL_STEPS];
  static const char *const fields[] = {"activator", "inhibitor_truth", "inhibitor_error"};
  static const char *const others[] = {"time", "guard", "activator_growth", "activator_nrmse"};
  char text[8192];
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(exact);
  REQUIRE_OK(run(&o));
  snprintf(o.output, sizeof o.output, "%s", rounded);
  o.keep_digits = 2;
  REQUIRE_OK(run(&o));
  CU_ASSERT(size_of(rounded) < size_of(exact));
  for (size_t i = 0; i < 3; i++) {
    const size_t n = read_variable(exact, fields[i], a, ALL_STEPS);
    bool changed = false, close = true;
    CU_ASSERT_EQUAL(read_variable(rounded, fields[i], b, ALL_STEPS), n);
    for (size_t k = 0; k < n; k++) {
      close = close && fabs(a[k] - b[k]) <= 0.05 * fabs(a[k]); /* half of 1.0's second digit */
      changed = changed || a[k] != b[k];
    }
    CU_ASSERT(changed && close);
  }
  for (size_t i = 0; i < 4; i++) {
    const size_t n = read_variable(exact, others[i], a, ALL_STEPS);
    CU_ASSERT_EQUAL(read_variable(rounded, others[i], b, ALL_STEPS), n);
    CU_ASSERT_EQUAL(memcmp(a, b, n * sizeof *a), 0);
  }
  CU_ASSERT(read_attribute(rounded, "mpp_config", text, sizeof text) &&
            strstr(text, "keep-digits: 2") != NULL);
  CU_ASSERT_FALSE(exists(test_path(4, "rounded.nc.partial")));
  CU_ASSERT_FALSE(exists(test_path(4, "rounded.nc.partial.new")));
}

/* What stops a forecast is said in the rounded file, too. */
static void notes_are_copied(void)
{
  const char *path = test_path(2, "stopped.nc");
  int nc = -1, at = 0;
  mpp_model_destroy(write_inputs(MPP_MODE_FRAME, 1e5f));
  mpp_rollout_options o = options_for(path);
  o.keep_digits = 3;
  ASSERT_STATUS(run(&o), MPP_ERR_DIVERGED);
  CU_ASSERT(nc_open(path, NC_NOWRITE, &nc) == 0 &&
            nc_get_att_int(nc, NC_GLOBAL, "mpp_diverged_at_step", &at) == 0 && at > 1);
  nc_close(nc);
}

/* Dimensions have the right lengths, but the field is on one of its own: its records are larger
 * than those of the run, for which there is room. */
static void a_field_on_another_grid_is_refused(void)
{
  static const double x[] = {-1.0, 0.0, 1.0}, y[] = {0.0, 0.5, 1.0, 1.5}, none[] = {0.0};
  static const float zero[3 * 5000] = {0.0f};
  static const size_t first[3] = {0}, count[3] = {1, 3, 5000};
  const char *from = test_path(2, "grid.partial"), *to = test_path(3, "grid.nc");
  const mpp_dataset_info info = {
      .nfields = 1, .field = {"swe:h"}, .units = {"m"}, .grid = {1, 3, 4}, .axis = {"", "x", "y"}};
  const mpp_rollout_nc_layout layout = {.info = &info, .coordinate = {none, x, y}, .steps = 4};
  int nc = -1, dim[4], v[3];
  CU_ASSERT_EQUAL_FATAL(nc_create(from, NC_CLOBBER | NC_NETCDF4, &nc), NC_NOERR);
  CU_ASSERT(nc_def_dim(nc, "time", NC_UNLIMITED, &dim[0]) == NC_NOERR &&
            nc_def_dim(nc, "x", 3, &dim[1]) == NC_NOERR &&
            nc_def_dim(nc, "wide", 5000, &dim[2]) == NC_NOERR &&
            nc_def_dim(nc, "y", 4, &dim[3]) == NC_NOERR &&
            nc_def_var(nc, "time", NC_DOUBLE, 1, dim, &v[0]) == NC_NOERR &&
            nc_def_var(nc, "sim_time", NC_DOUBLE, 1, dim, &v[1]) == NC_NOERR &&
            nc_def_var(nc, "h", NC_FLOAT, 3, dim, &v[2]) == NC_NOERR && nc_enddef(nc) == NC_NOERR &&
            nc_put_vara_double(nc, v[0], first, count, x) == NC_NOERR &&
            nc_put_vara_double(nc, v[1], first, count, x) == NC_NOERR &&
            nc_put_vara_float(nc, v[2], first, count, zero) == NC_NOERR &&
            nc_close(nc) == NC_NOERR);
  ASSERT_STATUS(mpp_rollout_nc_copy(to, from, &layout), MPP_ERR_DATA);
  ASSERT_MESSAGE("a field has another grid than this run");
  CU_ASSERT_FALSE(exists(to));
}

TESTS({"digits that are kept are right", digits_that_are_kept_are_right},
      {"notes are copied", notes_are_copied},
      {"a field on another grid is refused", a_field_on_another_grid_is_refused})
