/* Forecasts from a dataset into a file. */
#include <sys/stat.h>

#include "file.h"
#include "rollout_case.h"

typedef struct seen {
  size_t calls, with_truth;
  double last[2];
} seen;

static void observe(void *context, const mpp_rollout_event *e)
{
  seen *s = context;
  CU_ASSERT(e->step == ++s->calls && e->steps == STEPS);
  if (e->nrmse != NULL) {
    s->with_truth++;
    memcpy(s->last, e->nrmse, sizeof s->last);
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
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "steps: \"10\"\n"));
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

static void wrong_arguments_and_inputs_are_named(void)
{
  const char *path = test_path(2, "wrong.nc");
  mpp_model_destroy(write_inputs(MPP_MODE_EXTRAPOLATE, 1.0f));
  mpp_rollout_options o = options_for(path);
  SET_NUMBER(o.sample, 2);
  ASSERT_STATUS(run(&o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("sample 2, expected 0 to 1");
  o = options_for(path);
  SET_NUMBER(o.start, SMALL_FRAMES - T + 1);
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
  SET_NUMBER(o.sample, 0);
  SET_NUMBER(o.start, 0);
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
  SET_NUMBER(o.steps, 2);
  test_faults faults = {.each = 100, .stride = 7};
  while (test_faults_next(&faults)) {
    unlink(path);
    unlink(partial);
    const mpp_status st = TEST_FAULT(&faults, run(&o));
    CU_ASSERT(st == MPP_OK || !exists(path) || st == MPP_ERR_IO);
    CU_ASSERT(st != MPP_ERR_USAGE);
    /* where HDF5 makes no dataspace, and nothing else */
    CU_ASSERT(st != MPP_ERR_INTERNAL || strstr(mpp_last_error(), "HDF5 gave no reason") != NULL);
  }
  CU_ASSERT(faults.failed > 100);
}

TESTS({"the file holds the forecast, the truth and the error",
       the_file_holds_the_forecast_the_truth_and_the_error},
      {"times go on past the end of the file", times_go_on_past_the_end_of_the_file},
      {"the file says how it came about", the_file_says_how_it_came_about},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"what exists is kept unless told", what_exists_is_kept_unless_told},
      {"wrong arguments and inputs are named", wrong_arguments_and_inputs_are_named},
      {"a shorter context can be asked for", a_shorter_context_can_be_asked_for},
      {"every fallible call may fail", every_fallible_call_may_fail})
