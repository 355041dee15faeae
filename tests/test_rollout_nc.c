/* The writer of forecast files, killed and failing at every single write. */
#include "rollout_nc.h"

#include <netcdf.h>

#include "file.h"
#include "kill_writes.h"
#include "test.h"

enum { NX = 6, NY = 5, CELLS = NX * NY, FIELDS = 2, FRAME = FIELDS * CELLS };
enum { RECORDS = 5, TRUTH = 3, FEW = 3 * RECORDS, NOTHING = 99 };

/* ---- a small forecast: layout "array", x slowest in memory ---- */

static double x_centres[NX], y_centres[NY], none[1];
static mpp_dataset_info info = {
    .path = "file.h5",
    .layout = "pdebench-array",
    .system = "swe",
    .nfields = FIELDS,
    .field = {"swe:h", "lab:tracer"},
    .units = {"m", "kg m-3"},
    .grid = {1, NX, NY},
    .axis = {"", "x", "y"},
};
static const mpp_nc_text texts[] = {{"Conventions", "CF-1.10, ACDD-1.3", false},
                                    {"mpp_sample", "0", true},
                                    {"history", "today", false}};

static mpp_rollout_nc_layout layout(void)
{
  for (size_t i = 0; i < NX; i++) { x_centres[i] = -1.0 + (double)i; }
  for (size_t i = 0; i < NY; i++) { y_centres[i] = 0.5 * (double)i; }
  return (mpp_rollout_nc_layout){.info = &info,
                                 .coordinate = {none, x_centres, y_centres},
                                 .steps = RECORDS,
                                 .has_truth = true,
                                 .deflate = 1,
                                 .text = texts,
                                 .ntexts = 3};
}

static float prediction[RECORDS][FRAME], truth[RECORDS][FRAME];
static double score[FIELDS] = {0.25, 0.5};

static mpp_status append(mpp_rollout_nc *w, size_t record)
{
  test_fill(prediction[record], FRAME, 100 + record);
  test_fill(truth[record], FRAME, 200 + record);
  mpp_rollout_record r = {.time = 0.25 * (double)record, .prediction = prediction[record]};
  if (record < TRUTH) {
    r.truth = truth[record];
    r.nrmse = score;
    r.vrmse = score;
  }
  return mpp_rollout_nc_append(w, &r);
}

static mpp_status write_file(const char *path)
{
  mpp_rollout_nc *w = NULL;
  const mpp_rollout_nc_layout l = layout();
  mpp_status st = mpp_rollout_nc_create(&w, path, &l);
  for (size_t k = 0; st == MPP_OK && k < RECORDS; k++) { st = append(w, k); }
  if (st != MPP_OK) {
    mpp_rollout_nc_abandon(w);
    return st;
  }
  return mpp_rollout_nc_close(w);
}

/* Records that can be continued from, each held at what was appended. */
static size_t count_good_records(const char *path)
{
  mpp_rollout_nc *w = NULL;
  const mpp_rollout_nc_layout l = layout();
  size_t records = NOTHING;
  float back[FRAME], expected[FRAME];
  ASSERT_OK(mpp_rollout_nc_open(&w, &records, path, &l));
  for (size_t k = 0; w != NULL && k < records; k++) {
    test_fill(expected, FRAME, 100 + k);
    ASSERT_OK(mpp_rollout_nc_read(w, back, NULL, k));
    CU_ASSERT_EQUAL(memcmp(back, expected, sizeof back), 0);
  }
  mpp_rollout_nc_abandon(w);
  return records;
}

/* ---- tests ---- */

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

/* Records that any reader of netCDF gets: with a time, and complete. -1: times cannot be read. */
static long count_for_readers(const char *path)
{
  double time[RECORDS + 1];
  float value[CELLS];
  long good = -1;
  int nc = -1, v = -1, h = -1;
  size_t length = 0;
  if (nc_open(path, NC_NOWRITE, &nc) == 0 && nc_inq_dimlen(nc, 0, &length) == 0 &&
      length <= RECORDS && nc_inq_varid(nc, "time", &v) == 0 && nc_inq_varid(nc, "h", &h) == 0 &&
      nc_get_var_double(nc, v, time) == 0) {
    for (good = 0; (size_t)good < length && time[good] != NC_FILL_DOUBLE; good++) {
      const size_t start[3] = {(size_t)good, 0, 0}, count[3] = {1, NY, NX};
      CU_ASSERT_EQUAL(nc_get_vara_float(nc, h, start, count, value), 0);
      test_fill(prediction[0], FRAME, 100 + (uint64_t)good);
      CU_ASSERT_EQUAL(value[1], prediction[0][NY]);
    }
  }
  nc_close(nc);
  return good;
}

static int work(void *path) { return write_file(path) != MPP_OK; }

static void a_file_killed_at_any_write_keeps_its_complete_records(void)
{
  const char *path = test_path(1, "killed.nc");
  size_t seen[RECORDS + 1] = {0};
  long unreadable = 0, before = 0;
  writes = 0;
  REQUIRE_OK(write_file(path));
  const long total = writes;
  CU_ASSERT(total > FEW);
  for (long at = 0; at < total; at++) {
    char copy[512];
    snprintf(copy, sizeof copy, "%s", path);
    unlink(path);
    const int status = run_killed(work, copy, at);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    if (access(path, F_OK) != 0) {
      continue; /* killed before the definitions were complete */
    }
    const size_t records = count_good_records(path);
    const long for_readers = count_for_readers(path);
    unreadable += for_readers < 0;
    CU_ASSERT(for_readers < 0 ? records == 0 : (size_t)for_readers == records);
    CU_ASSERT((long)records == before || (long)records == before + 1);
    before = (long)records;
    if (records <= RECORDS) {
      seen[records]++;
    }
  }
  CU_ASSERT(unreadable <= 2); /* the first record: the chunk of the times is new */
  for (size_t k = 0; k <= RECORDS; k++) { CU_ASSERT(seen[k] > 0); } /* kills met every record */
}

static void a_disk_that_fills_up_keeps_the_complete_records(void)
{
  const char *path = test_path(1, "full.nc");
  mpp_rollout_nc *w = NULL;
  const mpp_rollout_nc_layout l = layout();
  REQUIRE_OK(mpp_rollout_nc_create(&w, path, &l));
  for (size_t k = 0; k < 3; k++) { ASSERT_OK(append(w, k)); }
  no_space = true;
  ASSERT_STATUS(append(w, 3), MPP_ERR_IO);
  ASSERT_MESSAGE("full.nc");
  ASSERT_MESSAGE("bytes free");
  no_space = false;
  mpp_rollout_nc_abandon(w);
  CU_ASSERT_EQUAL(count_good_records(path), 3);
  CU_ASSERT_EQUAL(count_for_readers(path), 3);
}

/* The child appends until a write fails, says how many records it completed, and leaves. */
static int write_until_failure(const char *path, long at)
{
  int status = 0;
  const pid_t child = fork();
  if (child == 0) {
    mpp_rollout_nc *w = NULL;
    const mpp_rollout_nc_layout l = layout();
    mpp_status st = mpp_rollout_nc_create(&w, path, &l);
    size_t k = 0;
    writes = 0;
    fail_at = at;
    for (; st == MPP_OK && k < RECORDS; k++) { st = append(w, k); }
    const bool named = strstr(mpp_last_error(), "failed.nc") != NULL;
    const bool right = at >= writes ? st == MPP_OK : st == MPP_ERR_IO && named;
    fail_at = st == MPP_OK ? -1 : at;
    mpp_rollout_nc_abandon(w);
    _exit(right ? (st == MPP_OK ? RECORDS : (int)k - 1) : NOTHING);
  }
  CU_ASSERT_FATAL(child > 0 && waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : NOTHING;
}

static void a_write_that_fails_is_reported_and_harms_no_earlier_record(void)
{
  const char *path = test_path(1, "failed.nc");
  long at = 0;
  for (int records = 0; records < RECORDS && at < 1000; at++) {
    unlink(path);
    records = write_until_failure(path, at);
    const size_t good = count_good_records(path);
    /* the record may be complete when the write that follows it fails */
    CU_ASSERT((int)good == records || (int)good == records + 1);
    const long for_readers = count_for_readers(path);
    CU_ASSERT(for_readers == (long)good || (for_readers < 0 && good == 0));
  }
  CU_ASSERT(at > FEW && at < 1000);
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

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(1, "fault.nc");
  long n = 0;
  mpp_status st = MPP_ERR_IO;
  for (; n < 2000 && st != MPP_OK; n++) {
    unlink(path);
    mpp_fault_after(n);
    st = write_file(path);
    mpp_fault_after(-1);
    CU_ASSERT(st != MPP_ERR_USAGE && st != MPP_ERR_INTERNAL);
    CU_ASSERT_EQUAL(mpp_alloc_live(), 0);
    if (access(path, F_OK) == 0) {
      count_good_records(path);
    }
  }
  ASSERT_OK(st);
  CU_ASSERT(n > 100);
}

TESTS({"fields are stored as (time, y, x), whatever the memory order",
       fields_are_stored_as_time_y_x_whatever_the_memory_order},
      {"definitions are those that tools need", definitions_are_those_that_tools_need},
      {"records without truth are missing", records_without_truth_are_missing},
      {"a forecast without truth has no variables for it",
       a_forecast_without_truth_has_no_variables_for_it},
      {"names that clash are told apart", names_that_clash_are_told_apart},
      {"a file killed at any write keeps its complete records",
       a_file_killed_at_any_write_keeps_its_complete_records},
      {"a disk that fills up keeps the complete records",
       a_disk_that_fills_up_keeps_the_complete_records},
      {"a write that fails is reported and harms no earlier record",
       a_write_that_fails_is_reported_and_harms_no_earlier_record},
      {"a run is continued only by itself", a_run_is_continued_only_by_itself},
      {"every fallible call may fail", every_fallible_call_may_fail})
