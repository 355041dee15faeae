/* Forecasts from a dataset into a file. */
#include <netcdf.h>
#include <sys/stat.h>

#include "file.h"
#include "kill_writes.h"
#include "small_case.h"
#include "window_forecast.h"

enum { T = 4, START = 6, STEPS = 10, TRUTH = SMALL_FRAMES - START - T };
enum { ALL_STEPS = STEPS * SMALL_CELLS, FIRST = START * SMALL_FRAME }; /* values of a field, of x */

/* Trajectory 1 from frame 6 on: six frames after the context have their truth. */
static mpp_rollout_options options_for(const char *output)
{
  mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  snprintf(o.model, sizeof o.model, "%s", test_path(0, "model.safetensors"));
  snprintf(o.data, sizeof o.data, "%s", test_path(1, "data.h5"));
  snprintf(o.output, sizeof o.output, "%s", output);
  o.sample = 1;
  o.start = START;
  o.steps = STEPS;
  o.threads = 1; /* a child of fork has no others */
  return o;
}

/* Model and dataset on disk. */
static mpp_model *write_inputs(mpp_mode mode, float growth)
{
  mpp_model *m = small_model(mode, true);
  small_model_grows(m, growth);
  REQUIRE_OK(mpp_model_save(m, test_path(0, "model.safetensors")));
  small_data(test_path(1, "data.h5"), 2);
  return m;
}

static mpp_status run(const mpp_rollout_options *o)
{
  return mpp_rollout(NULL, o, "mpp rollout --of=tests", NULL, NULL);
}

static bool exists(const char *path) { return access(path, F_OK) == 0; }

/* Numbers of one variable; returns how many. */
static size_t read_variable(const char *path, const char *name, double *out, size_t most)
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

static bool read_attribute(const char *path, const char *name, char *text, size_t size)
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
static bool same_data(const char *path_a, const char *path_b)
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

typedef struct seen {
  size_t calls, with_truth;
  double last[2];
} seen;

static void observe(void *context, size_t step, size_t steps, const double *nrmse)
{
  seen *s = context;
  CU_ASSERT(step == ++s->calls && steps == STEPS);
  if (nrmse != NULL) {
    s->with_truth++;
    memcpy(s->last, nrmse, sizeof s->last);
  }
}

static void the_file_holds_the_forecast_the_truth_and_the_error(void)
{
  const char *path = test_path(2, "out.nc");
  mpp_model *m = write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f);
  const mpp_rollout_options o = options_for(path);
  static const mpp_name fields[] = {"diffre2d:activator", "diffre2d:inhibitor"};
  static float x[SMALL_ALL], y[SMALL_FRAME];
  static double predicted[ALL_STEPS], truth[ALL_STEPS], error[ALL_STEPS], nrmse[STEPS];
  mpp_window_shape s = {.T = T, .B = 1, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  mpp_forecast *f = NULL;
  mpp_rollout_summary summary;
  seen noted = {0};
  REQUIRE_OK(mpp_rollout(&summary, &o, "mpp rollout --of=tests", observe, &noted));
  CU_ASSERT(noted.calls == STEPS && noted.with_truth == TRUTH);
  CU_ASSERT(summary.steps_done == STEPS && summary.truth_steps == TRUTH && summary.has_truth);
  CU_ASSERT(summary.nfields == 2 && strcmp(summary.field[1], "diffre2d:inhibitor") == 0);
  CU_ASSERT(summary.seconds_per_step > 0.0);
  CU_ASSERT_EQUAL(read_variable(path, "inhibitor", predicted, ALL_STEPS), ALL_STEPS);
  read_variable(path, "inhibitor_truth", truth, ALL_STEPS);
  read_variable(path, "inhibitor_error", error, ALL_STEPS);
  read_variable(path, "inhibitor_nrmse", nrmse, STEPS);
  small_trajectory(x, 1);
  REQUIRE_OK(mpp_model_columns(m, s.column, fields, 2));
  REQUIRE_OK(mpp_forecast_create(&f, m, x + FIRST, &s));
  for (size_t k = 0; k < STEPS; k++) {
    REQUIRE_OK(mpp_forecast_step(f, y));
    const float *expected = x + (START + T + k) * SMALL_FRAME + SMALL_CELLS;
    for (size_t i = 0; i < SMALL_CELLS; i++) {
      const size_t at = k * SMALL_CELLS + i;
      CU_ASSERT_EQUAL(predicted[at], (double)y[SMALL_CELLS + i]);
      CU_ASSERT_EQUAL(truth[at], k < TRUTH ? (double)expected[i] : (double)NC_FILL_FLOAT);
      CU_ASSERT_EQUAL(error[at], k < TRUTH ? (double)(y[SMALL_CELLS + i] - expected[i])
                                           : (double)NC_FILL_FLOAT);
    }
    CU_ASSERT_EQUAL(nrmse[k],
                    k < TRUTH ? mpp_nrmse(y + SMALL_CELLS, expected, SMALL_CELLS) : NC_FILL_DOUBLE);
  }
  CU_ASSERT_EQUAL(noted.last[1], nrmse[TRUTH - 1]);
  mpp_forecast_destroy(f);
  mpp_model_destroy(m);
}

static void times_go_on_past_the_end_of_the_file(void)
{
  const char *path = test_path(2, "times.nc");
  double time[STEPS] = {0.0}, sim_time[STEPS] = {0.0};
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  const mpp_rollout_options o = options_for(path);
  REQUIRE_OK(run(&o));
  CU_ASSERT_EQUAL(read_variable(path, "time", time, STEPS), STEPS);
  read_variable(path, "sim_time", sim_time, STEPS);
  for (size_t k = 0; k < STEPS; k++) {
    CU_ASSERT_EQUAL(time[k], 0.5 * (double)(START + T + k)); /* halves are exact */
    CU_ASSERT_EQUAL(sim_time[k], time[k]);
  }
}

static void the_file_says_how_it_came_about(void)
{
  const char *path = test_path(2, "provenance.nc");
  char text[8192], digest[128];
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  snprintf(o.boundary, sizeof o.boundary, "x=periodic");
  REQUIRE_OK(run(&o));
  CU_ASSERT(read_attribute(path, "Conventions", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "CF-1.10, ACDD-1.3");
  CU_ASSERT(read_attribute(path, "mpp_command", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "mpp rollout --of=tests");
  CU_ASSERT(read_attribute(path, "mpp_boundary", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "y=open,x=periodic");
  CU_ASSERT(read_attribute(path, "mpp_sample", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "1");
  CU_ASSERT(read_attribute(path, "mpp_context", text, sizeof text));
  CU_ASSERT_STRING_EQUAL(text, "4");
  CU_ASSERT(read_attribute(path, "mpp_config", text, sizeof text));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "boundary: \"x=periodic\"\n"));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "steps: 10\n"));
  CU_ASSERT(read_attribute(path, "mpp_checkpoint_digest", digest, sizeof digest));
  CU_ASSERT(strlen(digest) >= 32);
  static const char *const names[] = {"title",       "summary",      "history",  "source",
                                      "references",  "institution",  "license",  "date_created",
                                      "mpp_dataset", "creator_name", "mpp_seed", "mpp_threads"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    CU_ASSERT(read_attribute(path, names[i], text, sizeof text) && text[0] != '\0');
  }
  mpp_model *other = small_model(MPP_MODE_EXTRAPOLATE, false);
  REQUIRE_OK(mpp_model_save(other, o.model));
  mpp_model_destroy(other);
  o.overwrite = true;
  REQUIRE_OK(run(&o));
  CU_ASSERT(read_attribute(path, "mpp_checkpoint_digest", text, sizeof text));
  CU_ASSERT_STRING_NOT_EQUAL(text, digest);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  const char *one = test_path(2, "one.nc"), *more = test_path(3, "more.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(one);
  REQUIRE_OK(run(&o));
  for (o.threads = 2; o.threads <= 3; o.threads++) {
    snprintf(o.output, sizeof o.output, "%s", more);
    o.overwrite = true;
    REQUIRE_OK(run(&o));
    CU_ASSERT(same_data(one, more));
  }
}

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

static void a_killed_run_is_continued_to_the_same_data(void)
{
  const char *whole = test_path(2, "whole.nc"), *path = test_path(3, "killed.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(whole);
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
}

static size_t count_complete(const char *path)
{
  double time[STEPS] = {0.0};
  size_t complete = 0;
  const size_t n = read_variable(path, "time", time, STEPS);
  while (complete < n && time[complete] != NC_FILL_DOUBLE) { complete++; }
  return complete;
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

static void what_exists_is_kept_unless_told(void)
{
  const char *path = test_path(2, "kept.nc"), *partial = test_path(3, "kept.nc.partial");
  char *text = NULL;
  size_t size = 0;
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  REQUIRE_OK(mpp_write_text(path, "mine"));
  ASSERT_STATUS(run(&o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("kept.nc: exists already");
  REQUIRE_OK(mpp_read_text(&text, &size, path, 100));
  CU_ASSERT_STRING_EQUAL(text, "mine");
  mpp_free(text);
  unlink(path);
  REQUIRE_OK(mpp_write_text(partial, "unfinished"));
  ASSERT_STATUS(run(&o), MPP_ERR_EXISTS);
  ASSERT_MESSAGE("--resume");
  o.resume = true;
  ASSERT_STATUS(run(&o), MPP_ERR_DATA);
  CU_ASSERT(exists(partial) && !exists(path));
  o.resume = false;
  o.overwrite = true;
  ASSERT_OK(run(&o));
  CU_ASSERT(!exists(partial) && exists(path));
}

static void a_run_of_another_sample_is_not_continued(void)
{
  const char *path = test_path(2, "other.nc"), *partial = test_path(3, "other.nc.partial");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  REQUIRE_OK(run(&o));
  CU_ASSERT_FATAL(rename(path, partial) == 0);
  o.resume = true;
  o.sample = 0;
  ASSERT_STATUS(run(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("mpp_sample is '1', expected '0'");
  o.sample = 1;
  o.steps = STEPS - 1;
  ASSERT_STATUS(run(&o), MPP_ERR_DATA);
  ASSERT_MESSAGE("has 10 records, more than 9 steps");
  o.steps = STEPS;
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

static void fill_the_disk(void *context, size_t step, size_t steps, const double *nrmse)
{
  (void)steps;
  (void)nrmse;
  no_space = step == *(const size_t *)context;
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

static void wrong_arguments_and_inputs_are_named(void)
{
  const char *path = test_path(2, "wrong.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  o.sample = 2;
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("sample 2, expected 0 to 1");
  o = options_for(path);
  o.start = SMALL_FRAMES - T + 1;
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("16 frames");
  o = options_for(path);
  snprintf(o.boundary, sizeof o.boundary, "z=open");
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  o = options_for(path);
  snprintf(o.model, sizeof o.model, "nowhere.safetensors");
  ASSERT_STATUS(run(&o), MPP_ERR_NOINPUT);
  ASSERT_MESSAGE("nowhere.safetensors");
  o.model[0] = '\0';
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--model");
  o = options_for(path);
  snprintf(o.data, sizeof o.data, "%s", MPP_TEST_DATA "/pdebench/groups_swe.h5");
  o.sample = o.start = 0;
  o.context = 1;
  ASSERT_STATUS(run(&o), MPP_ERR_DATA); /* fields that the model does not know */
  ASSERT_MESSAGE("swe:h");
  o = options_for("no/such/folder/out.nc");
  ASSERT_STATUS(run(&o), MPP_ERR_EXISTS);
  CU_ASSERT(!exists(path) && !exists(test_path(3, "wrong.nc.partial")));
}

static void a_shorter_context_can_be_asked_for(void)
{
  const char *path = test_path(2, "short.nc");
  char text[16];
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  o.context = 2;
  REQUIRE_OK(run(&o));
  double time[STEPS] = {0.0};
  CU_ASSERT_EQUAL(read_variable(path, "time", time, STEPS), STEPS);
  CU_ASSERT_EQUAL(time[0], 0.5 * (START + 2));
  CU_ASSERT(read_attribute(path, "mpp_context", text, sizeof text) && strcmp(text, "2") == 0);
}

static void every_fallible_call_may_fail(void)
{
  const char *path = test_path(2, "fault.nc"), *partial = test_path(3, "fault.nc.partial");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  o.steps = 2;
  long n = 0, live = mpp_alloc_live();
  mpp_status st = MPP_ERR_IO;
  for (; st != MPP_OK && n < 5000; n += st == MPP_OK ? 0 : 1) {
    unlink(path);
    unlink(partial);
    mpp_fault_after(n);
    st = run(&o);
    mpp_fault_after(-1);
    CU_ASSERT(st == MPP_OK || !exists(path) || st == MPP_ERR_IO);
    CU_ASSERT(st != MPP_ERR_INTERNAL && st != MPP_ERR_USAGE);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
  }
  ASSERT_OK(st);
  CU_ASSERT(n > 100);
}

TESTS({"the file holds the forecast, the truth and the error",
       the_file_holds_the_forecast_the_truth_and_the_error},
      {"times go on past the end of the file", times_go_on_past_the_end_of_the_file},
      {"the file says how it came about", the_file_says_how_it_came_about},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"a killed run is continued to the same data", a_killed_run_is_continued_to_the_same_data},
      {"a continued run that is killed keeps its progress",
       a_continued_run_that_is_killed_keeps_its_progress},
      {"what exists is kept unless told", what_exists_is_kept_unless_told},
      {"a run of another sample is not continued", a_run_of_another_sample_is_not_continued},
      {"two runs do not share an output", two_runs_do_not_share_an_output},
      {"a diverged forecast keeps what came before", a_diverged_forecast_keeps_what_came_before},
      {"a full disk keeps the complete records", a_full_disk_keeps_the_complete_records},
      {"a run without a record leaves nothing", a_run_without_a_record_leaves_nothing},
      {"the window can be the model", the_window_can_be_the_model},
      {"wrong arguments and inputs are named", wrong_arguments_and_inputs_are_named},
      {"a shorter context can be asked for", a_shorter_context_can_be_asked_for},
      {"every fallible call may fail", every_fallible_call_may_fail})
