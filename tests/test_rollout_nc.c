/* The writer of forecast files: what stands in them. */
#include <netcdf.h>

#include "file.h"
#include "written_forecast.h"

static void fields_are_stored_as_time_y_x_whatever_the_memory_order(void)
{
  const char *path = test_path(0, "order.nc");
  int nc = -1, variable = -1, dims[3] = {0};
  char name[NC_MAX_NAME + 1];
  float value = 0.0f;
  double number = 0.0;
  REQUIRE_OK(write_file(path));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "h", &variable) == 0 &&
                  nc_inq_vardimid(nc, variable, dims) == 0);
  static const char *const expected[] = {"time", "y", "x"};
  for (size_t d = 0; d < 3; d++) {
    CU_ASSERT(nc_inq_dimname(nc, dims[d], name) == 0 && strcmp(name, expected[d]) == 0);
  }
  const size_t at[3] = {2, 3, 4}; /* y = 3, x = 4: cell 4 * NY + 3 in memory */
  CU_ASSERT(nc_get_var1_float(nc, variable, at, &value) == 0);
  CU_ASSERT_EQUAL(value, prediction[2][4 * NY + 3]);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "tracer_error", &variable) == 0);
  CU_ASSERT(nc_get_var1_float(nc, variable, at, &value) == 0);
  CU_ASSERT_EQUAL(value, prediction[2][CELLS + 4 * NY + 3] - truth[2][CELLS + 4 * NY + 3]);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "x", &variable) == 0);
  CU_ASSERT(nc_get_var1_double(nc, variable, &at[2], &number) == 0);
  CU_ASSERT_EQUAL(number, 3.0);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "time", &variable) == 0);
  CU_ASSERT(nc_get_var1_double(nc, variable, &at[1], &number) == 0);
  CU_ASSERT_EQUAL(number, 0.75);
  nc_close(nc);
}

static bool has_text(int nc, int variable, const char *name, const char *expected)
{
  char text[256] = "";
  size_t length = 0;
  return nc_inq_attlen(nc, variable, name, &length) == 0 && length < sizeof text &&
         nc_get_att_text(nc, variable, name, text) == 0 && strcmp(text, expected) == 0;
}

static void definitions_are_those_that_tools_need(void)
{
  const char *path = test_path(0, "defs.nc");
  int nc = -1, v = -1, format = 0, unlimited = -1, shuffle = 0, deflate = 0, level = 0,
      checksum = 0;
  size_t chunk[3] = {0, 0, 0}, length = 0;
  float fill = 0.0f;
  REQUIRE_OK(write_file(path));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  CU_ASSERT(nc_inq_format(nc, &format) == 0 && format == NC_FORMAT_NETCDF4_CLASSIC);
  CU_ASSERT(nc_inq_unlimdim(nc, &unlimited) == 0 && nc_inq_dimlen(nc, unlimited, &length) == 0);
  CU_ASSERT_EQUAL(length, RECORDS);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "time", &v) == 0);
  CU_ASSERT(has_text(nc, v, "units", "seconds since 1970-01-01 00:00:00"));
  CU_ASSERT(has_text(nc, v, "calendar", "standard"));
  CU_ASSERT(has_text(nc, v, "standard_name", "time"));
  CU_ASSERT(has_text(nc, v, "axis", "T"));
  CU_ASSERT_FATAL(nc_inq_varid(nc, "sim_time", &v) == 0);
  CU_ASSERT(has_text(nc, v, "units", "1"));
  CU_ASSERT_FATAL(nc_inq_varid(nc, "x", &v) == 0);
  CU_ASSERT(nc_inq_attlen(nc, v, "axis", &length) == NC_ENOTATT);
  CU_ASSERT_FATAL(nc_inq_varid(nc, "h", &v) == 0);
  CU_ASSERT(has_text(nc, v, "units", "m"));
  CU_ASSERT(has_text(nc, v, "mpp_field", "swe:h"));
  CU_ASSERT(nc_get_att_float(nc, v, "_FillValue", &fill) == 0 && fill == 9.96921e36f);
  CU_ASSERT(nc_inq_var_chunking(nc, v, NULL, chunk) == 0);
  CU_ASSERT(chunk[0] == 1 && chunk[1] == NY && chunk[2] == NX);
  CU_ASSERT(nc_inq_var_deflate(nc, v, &shuffle, &deflate, &level) == 0);
  CU_ASSERT(shuffle == 1 && deflate == 1 && level == 1);
  for (v = 0; nc_inq_var_fletcher32(nc, v, &checksum) == 0; v++) {
    CU_ASSERT_EQUAL(checksum, NC_FLETCHER32);
  }
  CU_ASSERT_EQUAL(v, 4 + 2 * 5);
  CU_ASSERT(has_text(nc, NC_GLOBAL, "coordinates", "sim_time"));
  CU_ASSERT(has_text(nc, NC_GLOBAL, "Conventions", "CF-1.10, ACDD-1.3"));
  nc_close(nc);
}

static void records_without_truth_are_missing(void)
{
  const char *path = test_path(0, "missing.nc");
  int nc = -1, v = -1;
  const size_t last[3] = {RECORDS - 1, 0, 0}, known[3] = {TRUTH - 1, 0, 0};
  float value = 0.0f;
  double number = 0.0;
  REQUIRE_OK(write_file(path));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  for (int k = 0; k < 2; k++) {
    CU_ASSERT_FATAL(nc_inq_varid(nc, k == 0 ? "h_truth" : "h_error", &v) == 0);
    CU_ASSERT(nc_get_var1_float(nc, v, last, &value) == 0 && value == NC_FILL_FLOAT);
    CU_ASSERT(nc_get_var1_float(nc, v, known, &value) == 0 && value != NC_FILL_FLOAT);
  }
  CU_ASSERT_FATAL(nc_inq_varid(nc, "h_vrmse", &v) == 0);
  CU_ASSERT(nc_get_var1_double(nc, v, last, &number) == 0 && number == NC_FILL_DOUBLE);
  CU_ASSERT(nc_get_var1_double(nc, v, known, &number) == 0 && number == 0.25);
  nc_close(nc);
}

static void a_forecast_without_truth_has_no_variables_for_it(void)
{
  const char *path = test_path(0, "alone.nc");
  mpp_rollout_nc *w = NULL;
  mpp_rollout_nc_layout l = layout();
  l.has_truth = false;
  int nc = -1, n = 0;
  REQUIRE_OK(mpp_rollout_nc_create(&w, path, &l));
  ASSERT_OK(append(w, RECORDS - 1));
  ASSERT_OK(mpp_rollout_nc_close(w));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  CU_ASSERT(nc_inq_nvars(nc, &n) == 0 && n == 4 + 2);
  nc_close(nc);
}

static void names_that_clash_are_told_apart(void)
{
  static const char *const expected[] = {"x_2", "h", "h_2", "f_2nd_order"};
  const char *path = test_path(0, "names.nc");
  mpp_rollout_nc *w = NULL;
  mpp_rollout_nc_layout l = layout();
  mpp_dataset_info clash = info;
  clash.nfields = 4;
  snprintf(clash.field[0], sizeof clash.field[0], "%s", "lab:x");
  snprintf(clash.field[1], sizeof clash.field[1], "%s", "lab:h");
  snprintf(clash.field[2], sizeof clash.field[2], "%s", "other:h");
  snprintf(clash.field[3], sizeof clash.field[3], "%s", "lab:2nd order");
  for (size_t f = 0; f < 4; f++) { snprintf(clash.units[f], sizeof clash.units[f], "%s", "1"); }
  l.info = &clash;
  l.cf_axis = true;
  int nc = -1, v = -1;
  REQUIRE_OK(mpp_rollout_nc_create(&w, path, &l));
  ASSERT_OK(mpp_rollout_nc_close(w));
  CU_ASSERT_FATAL(nc_open(path, NC_NOWRITE, &nc) == 0);
  for (size_t f = 0; f < 4; f++) { CU_ASSERT(nc_inq_varid(nc, expected[f], &v) == 0); }
  CU_ASSERT_FATAL(nc_inq_varid(nc, "y", &v) == 0);
  CU_ASSERT(has_text(nc, v, "axis", "Y"));
  nc_close(nc);
}

static void a_run_is_continued_only_by_itself(void)
{
  const char *path = test_path(0, "other.nc");
  static const mpp_nc_text other_text[] = {{"mpp_sample", "1", true}};
  mpp_rollout_nc *w = NULL;
  mpp_rollout_nc_layout l = layout();
  mpp_dataset_info other = info;
  size_t records = NOTHING;
  REQUIRE_OK(write_file(path));
  l.text = other_text;
  l.ntexts = 1;
  ASSERT_STATUS(mpp_rollout_nc_open(&w, &records, path, &l), MPP_ERR_DATA);
  ASSERT_MESSAGE("mpp_sample is '0', expected '1'");
  l = layout();
  other.grid[1] = NX + 1;
  l.info = &other;
  ASSERT_STATUS(mpp_rollout_nc_open(&w, &records, path, &l), MPP_ERR_DATA);
  ASSERT_MESSAGE("dimension 'x' has length 6, expected 7");
  snprintf(other.field[1], sizeof other.field[1], "%s", "lab:dye");
  other.grid[1] = NX;
  ASSERT_STATUS(mpp_rollout_nc_open(&w, &records, path, &l), MPP_ERR_DATA);
  ASSERT_MESSAGE("'dye'");
  CU_ASSERT_PTR_NULL(w);
  CU_ASSERT_EQUAL(records, NOTHING);
  ASSERT_OK(mpp_write_text(path, "no netCDF at all"));
  l = layout();
  ASSERT_STATUS(mpp_rollout_nc_open(&w, &records, path, &l), MPP_ERR_DATA);
}

TESTS({"fields are stored as (time, y, x), whatever the memory order",
       fields_are_stored_as_time_y_x_whatever_the_memory_order},
      {"definitions are those that tools need", definitions_are_those_that_tools_need},
      {"records without truth are missing", records_without_truth_are_missing},
      {"a forecast without truth has no variables for it",
       a_forecast_without_truth_has_no_variables_for_it},
      {"names that clash are told apart", names_that_clash_are_told_apart},
      {"a run is continued only by itself", a_run_is_continued_only_by_itself})
