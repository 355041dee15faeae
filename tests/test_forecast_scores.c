/* test_forecast_scores.c - forecasts in files score as what made them, and beside the predictors on
 * the context that the files name. */
#include <netcdf.h>
#include <unistd.h>

#include "forecast_file.h"
#include "small_case.h"

enum { T = 4, START = 2, KNOWN = SMALL_FRAMES - START - T };

static void roll(const char *data, const char *output, long sample)
{
  static mpp_rollout_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_rollout_table));
  snprintf(o.model, sizeof o.model, "window:stencil-3x2-linear");
  snprintf(o.data, sizeof o.data, "%s", data);
  snprintf(o.output, sizeof o.output, "%s", output);
  char number[32];
  snprintf(number, sizeof number, "%ld", sample);
  REQUIRE_OK(mpp_options_set(&o, mpp_rollout_table, "sample", number, "test"));
  REQUIRE_OK(mpp_options_set(&o, mpp_rollout_table, "start", "2", "test"));
  REQUIRE_OK(mpp_options_set(&o, mpp_rollout_table, "context", "4", "test"));
  REQUIRE_OK(mpp_options_set(&o, mpp_rollout_table, "steps", "14", "test"));
  o.overwrite = true;
  REQUIRE_OK(mpp_rollout(NULL, &o, "test", NULL, NULL));
}

static mpp_evaluate_options options;

static void set_up(const char *path[2])
{
  const char *data = test_path(0, "data.h5");
  small_data(data, SMALL_TRAJECTORIES);
  path[0] = test_path(1, "a.nc");
  path[1] = test_path(2, "b.nc");
  roll(data, path[0], 1);
  roll(data, path[1], 3);
  REQUIRE_OK(mpp_options_defaults(&options, mpp_evaluate_table));
}

static size_t told;

static void tell(void *context, const char *line)
{
  (void)context;
  told += line[0] != '\0';
}

static const mpp_evaluate_observe_text say = {tell, NULL};

/* The forecast was made by one of the predictors: its rows are the same. */
static void a_forecast_scores_as_the_predictor_that_made_it(void)
{
  const char *path[2];
  static mpp_scores s;
  set_up(path);
  told = 0;
  REQUIRE_OK(mpp_evaluate_forecasts(&s, path, 2, &options, NULL, &say, NULL));
  CU_ASSERT(s.nwindows == 2 && s.ntrajectories == 2 && s.context == T && !s.bare && told == 0);
  CU_ASSERT(s.nhorizons == KNOWN && s.every_step && s.first_start == START);
  CU_ASSERT(s.details->trajectory[1] == 3 && s.details->start[1] == START);
  for (size_t h = 0; h < KNOWN; h++) {
    for (size_t f = 0; f < 2; f++) {
      for (mpp_metric m = 0; m < MPP_METRICS; m++) {
        const double a = mpp_scores_value(&s, MPP_BY_MODEL, m, h, f),
                     b = mpp_scores_value(&s, MPP_BY_STENCIL_LINEAR, m, h, f);
        CU_ASSERT(a == b || (isnan(a) && isnan(b)));
      }
      CU_ASSERT(mpp_scores_at(&s, MPP_BY_MODEL, h, f).nrmse > 0.0);
    }
  }
  mpp_scores_free(&s);
}

/* ... and the other rows are those of an evaluation on the same windows of the dataset. */
static void the_other_rows_are_those_of_the_dataset(void)
{
  const char *path[2];
  static mpp_scores s, of_data;
  mpp_dataset *d = NULL;
  set_up(path);
  REQUIRE_OK(mpp_evaluate_forecasts(&s, path, 1, &options, NULL, NULL, NULL));
  REQUIRE_OK(mpp_dataset_open(&d, test_path(0, "data.h5"), NULL));
  options.context = T;
  options.split = MPP_ALL;
  options.starts = (mpp_int_list){.count = 1, .item = {START}};
  options.windows = 0;
  options.steps = KNOWN;
  REQUIRE_OK(mpp_evaluate(&of_data, NULL, d, &options, NULL, NULL));
  CU_ASSERT_EQUAL(of_data.details->trajectory[1], 1);
  /* of four windows in a mean only their order of size can be told; one alone: */
  mpp_scores_free(&of_data);
  const mpp_dataset_options second = {.train = 0.25, .valid = 0.25};
  mpp_dataset_close(d);
  REQUIRE_OK(mpp_dataset_open(&d, test_path(0, "data.h5"), &second));
  options.split = MPP_VALID; /* trajectory 1 */
  REQUIRE_OK(mpp_evaluate(&of_data, NULL, d, &options, NULL, NULL));
  CU_ASSERT_EQUAL_FATAL(of_data.nwindows, 1);
  for (mpp_predictor p = MPP_BY_PERSISTENCE; p < MPP_PREDICTORS; p++) {
    CU_ASSERT_EQUAL(mpp_scores_at(&s, p, KNOWN - 1, 1).vrmse,
                    mpp_scores_at(&of_data, p, KNOWN - 1, 1).vrmse);
  }
  mpp_scores_free(&s);
  mpp_scores_free(&of_data);
  mpp_dataset_close(d);
}

static void without_the_context_there_is_the_forecast_alone(void)
{
  const char *path[2];
  static mpp_scores s;
  set_up(path);
  small_data(test_path(0, "data.h5"), 2); /* sample 3 is no longer there */
  told = 0;
  REQUIRE_OK(mpp_evaluate_forecasts(&s, path, 2, &options, NULL, &say, NULL));
  CU_ASSERT(s.bare && told == 1 && mpp_scores_end(&s) == MPP_BY_PERSISTENCE);
  CU_ASSERT(mpp_scores_at(&s, MPP_BY_MODEL, 0, 0).nrmse > 0.0);
  CU_ASSERT_PTR_NULL(s.details->trajectory);
  mpp_scores_free(&s);
}

/* Another dataset under the same name has other frames, which the digest tells. */
static void another_context_is_not_taken(void)
{
  const char *path[2];
  static mpp_scores s;
  int nc = -1;
  set_up(path);
  CU_ASSERT_EQUAL_FATAL(nc_open(path[0], NC_WRITE, &nc), NC_NOERR);
  CU_ASSERT_EQUAL_FATAL(nc_put_att_text(nc, NC_GLOBAL, "mpp_start", 1, "3"), NC_NOERR);
  CU_ASSERT_EQUAL_FATAL(nc_close(nc), NC_NOERR);
  REQUIRE_OK(mpp_evaluate_forecasts(&s, path, 1, &options, NULL, NULL, NULL));
  CU_ASSERT(s.bare);
  mpp_scores_free(&s);
}

static void what_is_no_forecast_with_truth_is_refused(void)
{
  const char *path[2];
  static mpp_scores s;
  set_up(path);
  const char *const data[] = {test_path(0, "data.h5")}, *const none[] = {"/no/such.nc"};
  ASSERT_STATUS(mpp_evaluate_forecasts(&s, data, 1, &options, NULL, NULL, NULL), MPP_ERR_DATA);
  ASSERT_STATUS(mpp_evaluate_forecasts(&s, none, 1, &options, NULL, NULL, NULL), MPP_ERR_NOINPUT);
  ASSERT_STATUS(mpp_evaluate_forecasts(&s, path, 0, &options, NULL, NULL, NULL), MPP_ERR_USAGE);
  options.steps = KNOWN + 1;
  ASSERT_STATUS(mpp_evaluate_forecasts(&s, path, 1, &options, NULL, NULL, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("truth for 10 only");
}

static void every_fallible_call_may_fail(void)
{
  const char *path[2];
  static mpp_scores s;
  set_up(path);
  options.stencils = false;
  options.resamples = 0;
  options.steps = 1;
  test_faults faults = {.each = 20, .stride = 23};
  while (test_faults_next(&faults)) {
    test_fault_begin(&faults);
    const mpp_status st = mpp_evaluate_forecasts(&s, path, 1, &options, NULL, NULL, NULL);
    /* a context that cannot be read is done without */
    test_fault_end(&faults, st == MPP_OK && s.bare ? MPP_ERR_NOINPUT : st);
    mpp_scores_free(&s);
  }
  CU_ASSERT(faults.failed >= 20);
}

TESTS({"a forecast scores as the predictor that made it",
       a_forecast_scores_as_the_predictor_that_made_it},
      {"the other rows are those of the dataset", the_other_rows_are_those_of_the_dataset},
      {"without the context there is the forecast alone",
       without_the_context_there_is_the_forecast_alone},
      {"another context is not taken", another_context_is_not_taken},
      {"what is no forecast with truth is refused", what_is_no_forecast_with_truth_is_refused},
      {"every fallible call may fail", every_fallible_call_may_fail})
