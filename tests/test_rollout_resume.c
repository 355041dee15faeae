/* test_rollout_resume.c - what kills, full disks and divergence leave, and how a run goes on. */
#include <sys/stat.h>

#include "file.h"
#include "kill_writes.h"
#include "rollout_case.h"
#include "window_forecast.h"

static int run_alone(void *options) { return run(options) == MPP_OK ? 0 : 1; }

static bool nothing_is_left_of(const char *name)
{
  static const char *const suffix[] = {".partial", ".partial.new", ".lock"};
  char path[512];
  for (size_t i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s%s", name, suffix[i]);
    if (exists(path)) {
      return false;
    }
  }
  return true;
}

static size_t count_complete(const char *path)
{
  double time[STEPS] = {0.0};
  size_t complete = 0;
  const size_t n = read_variable(path, "time", time, STEPS);
  while (complete < n && time[complete] != NC_FILL_DOUBLE) { complete++; }
  return complete;
}

static void kill_and_continue(mpp_mode mode)
{
  const char *whole = test_path(2, "whole.nc"), *path = test_path(3, "killed.nc");
  mpp_model_destroy(write_inputs(mode, 1.0f));
  mpp_rollout_options o = options_for(whole);
  unlink(whole);
  CU_ASSERT_FATAL(run_killed(run_alone, &o, -1) == 0 && exists(whole));
  writes = 0;
  o = options_for(path);
  REQUIRE_OK(run(&o));
  const long total = writes;
  for (long at = 1; at < total; at += total / 8) { /* all writes: test_rollout_nc */
    unlink(path);
    o = options_for(path);
    const int status = run_killed(run_alone, &o, at);
    CU_ASSERT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !exists(path));
    o.resume = true;
    run_killed(run_alone, &o, at / 2); /* and killed again while it copies or goes on */
    ASSERT_OK(exists(path) ? MPP_OK : run(&o));
    CU_ASSERT(same_data(whole, path) && nothing_is_left_of(path));
  }
  unlink(path);
}

static void a_killed_run_is_continued_to_the_same_data(void)
{
  kill_and_continue(MPP_MODE_EXTRAPOLATE);
  kill_and_continue(MPP_MODE_WINDOW); /* on what was fitted to the context */
}

static void a_continued_run_that_is_killed_keeps_its_progress(void)
{
  const char *path = test_path(3, "again.nc"), *partial = test_path(4, "again.nc.partial");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  writes = 0;
  REQUIRE_OK(run(&o));
  const long total = writes;
  unlink(path);
  run_killed(run_alone, &o, total / 2);
  const size_t before = count_complete(partial);
  CU_ASSERT(before > 1);
  o.resume = true;
  run_killed(run_alone, &o, total - total / 8);
  CU_ASSERT(count_complete(partial) > before);
}

static void a_run_of_another_sample_is_not_continued(void)
{
  const char *path = test_path(2, "other.nc"), *partial = test_path(3, "other.nc.partial");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  REQUIRE_OK(run(&o));
  CU_ASSERT_FATAL(rename(path, partial) == 0);
  o.resume = true;
  SET_NUMBER(o.sample, 0);
  ASSERT_STATUS(run(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("mpp_sample is '1', expected '0'");
  SET_NUMBER(o.sample, 1);
  SET_NUMBER(o.steps, STEPS - 1);
  ASSERT_STATUS(run(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("has 10 records, more than 9 steps");
  SET_NUMBER(o.steps, STEPS);
  ASSERT_OK(run(&o)); /* all records were there */
  CU_ASSERT(exists(path) && !exists(partial));
}

static void two_runs_do_not_share_an_output(void)
{
  const char *path = test_path(2, "shared.nc");
  mpp_lock lock = {.fd = -1};
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  const mpp_rollout_options o = options_for(path);
  REQUIRE_OK(mpp_lock_take(&lock, test_path(3, "shared.nc.lock")));
  ASSERT_STATUS(run(&o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("held by process");
  mpp_lock_release(&lock);
  CU_ASSERT(!exists(path));
}

static void a_diverged_forecast_keeps_what_came_before(void)
{
  const char *path = test_path(2, "diverged.nc");
  static double predicted[ALL_STEPS];
  mpp_rollout_summary summary = {.steps_done = 99};
  int nc = -1, at = 0;
  mpp_model_destroy(write_inputs(MPP_MODE_FRAME, 1e5f));
  const mpp_rollout_options o = options_for(path);
  ASSERT_STATUS(mpp_rollout(&summary, &o, NULL, NULL, NULL), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("diverged.nc: step");
  ASSERT_MESSAGE("diffre2d:");
  CU_ASSERT(summary.steps_done >= 1 && summary.steps_done < STEPS);
  CU_ASSERT_EQUAL(read_variable(path, "activator", predicted, ALL_STEPS),
                  summary.steps_done * SMALL_CELLS);
  for (size_t i = 0; i < summary.steps_done * SMALL_CELLS; i++) {
    CU_ASSERT(isfinite(predicted[i]) && predicted[i] != (double)NC_FILL_FLOAT);
  }
  CU_ASSERT(nc_open(path, NC_NOWRITE, &nc) == 0 &&
            nc_get_att_int(nc, NC_GLOBAL, "mpp_diverged_at_step", &at) == 0);
  CU_ASSERT_EQUAL(at, (int)summary.steps_done + 1);
  nc_close(nc);
}

static void fill_the_disk(void *context, const mpp_rollout_event *e)
{
  no_space = e->step == *(const size_t *)context;
}

static void a_full_disk_keeps_the_complete_records(void)
{
  const char *path = test_path(2, "full.nc"), *partial = test_path(3, "full.nc.partial"),
             *fresh = test_path(5, "full.nc.partial.new");
  size_t at = 3;
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  ASSERT_STATUS(mpp_rollout(NULL, &o, NULL, fill_the_disk, &at), MPP_ERR_IO);
  ASSERT_MESSAGE("full.nc.partial");
  ASSERT_MESSAGE("bytes free");
  CU_ASSERT(!exists(path) && count_complete(partial) == 3);
  o.resume = true;
  at = 2; /* while records are copied */
  no_space = false;
  ASSERT_STATUS(mpp_rollout(NULL, &o, NULL, fill_the_disk, &at), MPP_ERR_IO);
  CU_ASSERT(count_complete(partial) == 3 && !exists(fresh));
  no_space = false;
  ASSERT_OK(run(&o));
  CU_ASSERT(exists(path) && !exists(partial));
}

static void a_run_without_a_record_leaves_nothing(void)
{
  const char *path = test_path(2, "empty.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  const mpp_rollout_options o = options_for(path);
  no_space = true;
  ASSERT_STATUS(run(&o), MPP_ERR_IO);
  no_space = false;
  CU_ASSERT(!exists(path) && !exists(test_path(3, "empty.nc.partial")));
}

/* The model is the window: the file holds what a fit to the same frames gives, killed or not. */
static void the_window_can_be_the_model(void)
{
  const char *path = test_path(2, "window.nc"), *killed = test_path(3, "window_killed.nc");
  static float x[SMALL_ALL], y[SMALL_FRAME];
  static double predicted[ALL_STEPS];
  char text[256];
  mpp_window_forecast *f = NULL;
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  snprintf(o.model, sizeof o.model, "window:linear");
  o.context = T;
  writes = 0;
  REQUIRE_OK(run(&o));
  const long total = writes;
  CU_ASSERT_EQUAL(read_variable(path, "inhibitor", predicted, ALL_STEPS), ALL_STEPS);
  small_trajectory(x, 1);
  const mpp_window w = {
      .x = x + FIRST, .T = T, .C = 2, .stride = SMALL_FRAME, .grid = {1, SMALL_H, SMALL_W}};
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, "linear"));
  for (size_t k = 0; k < STEPS; k++) {
    mpp_window_forecast_step(f, y);
    for (size_t i = 0; i < SMALL_CELLS; i++) {
      CU_ASSERT_EQUAL(predicted[k * SMALL_CELLS + i], (double)y[SMALL_CELLS + i]);
    }
  }
  mpp_window_forecast_destroy(f);
  CU_ASSERT(read_attribute(path, "mpp_predictor", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "activator: linear, inhibitor: linear");
  CU_ASSERT_FALSE(read_attribute(path, "mpp_checkpoint_digest", text, sizeof text));
  snprintf(o.output, sizeof o.output, "%s", killed);
  run_killed(run_alone, &o, total / 2);
  o.resume = true;
  ASSERT_OK(run(&o));
  CU_ASSERT(same_data(path, killed));
  o.overwrite = true;
  snprintf(o.model, sizeof o.model, "window:nobody");
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("persistence, linear");
}

TESTS({"the window can be the model", the_window_can_be_the_model},
      {"a killed run is continued to the same data", a_killed_run_is_continued_to_the_same_data},
      {"a continued run that is killed keeps its progress",
       a_continued_run_that_is_killed_keeps_its_progress},
      {"a run of another sample is not continued", a_run_of_another_sample_is_not_continued},
      {"two runs do not share an output", two_runs_do_not_share_an_output},
      {"a diverged forecast keeps what came before", a_diverged_forecast_keeps_what_came_before},
      {"a full disk keeps the complete records", a_full_disk_keeps_the_complete_records},
      {"a run without a record leaves nothing", a_run_without_a_record_leaves_nothing})
