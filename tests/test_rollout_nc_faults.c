/* The writer of forecast files, killed and failing at every single write. */
#include <netcdf.h>

#include "kill_writes.h"
#include "written_forecast.h"

enum { FEW = 3 * RECORDS };

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

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(1, "fault.nc");
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    unlink(path);
    const mpp_status st = TEST_FAULT(&faults, write_file(path));
    CU_ASSERT(st != MPP_ERR_USAGE && st != MPP_ERR_INTERNAL);
    if (access(path, F_OK) == 0) {
      count_good_records(path);
    }
  }
  CU_ASSERT(faults.failed >= 100);
}

TESTS({"a file killed at any write keeps its complete records",
       a_file_killed_at_any_write_keeps_its_complete_records},
      {"a disk that fills up keeps the complete records",
       a_disk_that_fills_up_keeps_the_complete_records},
      {"a write that fails is reported and harms no earlier record",
       a_write_that_fails_is_reported_and_harms_no_earlier_record},
      {"every fallible call may fail", every_fallible_call_may_fail})
