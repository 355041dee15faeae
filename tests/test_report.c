/* test_report.c - what a finetuning is held against. */
#include "report.h"

#include <unistd.h>

#include "file.h"
#include "finetune_case.h"
#include "tiny_model.h"

/* What the observer was given; the scores live only as long as the call. */
static size_t reported;
static double nrmse[MPP_COMPARED], persistence;

static void see_report(void *context, const mpp_comparison *list, size_t ndatasets)
{
  (void)context;
  reported = ndatasets;
  for (mpp_compared c = 0; c < MPP_COMPARED; c++) {
    nrmse[c] = list[1].of[c].score != NULL
                   ? mpp_scores_value(&list[1].of[c], MPP_BY_MODEL, MPP_METRIC_NRMSE, 0, 2)
                   : NAN;
  }
  persistence =
      mpp_scores_value(&list[1].of[MPP_FINETUNED], MPP_BY_PERSISTENCE, MPP_METRIC_NRMSE, 0, 2);
}

static const mpp_train_observer reporting = {
    .step = see_step, .message = see_message, .report = see_report};

static void report_settings(mpp_train_options *o, const char *output)
{
  settings(o, output);
  o->report_windows = 3;
  o->horizons = (mpp_int_list){2, {1, 3}};
}

/* NRMSE of a model at one step, as evaluate has it. */
static double scored_in_place(mpp_model *m)
{
  static mpp_evaluate_options how;
  mpp_dataset *data = NULL;
  mpp_scores s = {0};
  how = (mpp_evaluate_options){
      .windows = 3, .split = MPP_TEST, .horizons = {2, {1, 3}}, .context = 4};
  REQUIRE_OK(mpp_dataset_open(&data, path_of("diffre2d.h5:lab"), NULL));
  REQUIRE_OK(mpp_evaluate(&s, m, data, &how, NULL, NULL));
  const double value = mpp_scores_value(&s, MPP_BY_MODEL, MPP_METRIC_NRMSE, 0, 2);
  mpp_scores_free(&s);
  mpp_dataset_close(data);
  return value;
}

static double scored(mpp_model *m)
{
  const double value = scored_in_place(m);
  mpp_model_destroy(m);
  return value;
}

static char *text_of(const char *name)
{
  char *text = NULL;
  size_t size = 0;
  REQUIRE_OK(mpp_read_text(&text, &size, path_of(name), 1 << 20));
  return text;
}

static void the_model_stands_beside_its_beginning_and_new_weights(void)
{
  static mpp_train_options o;
  report_settings(&o, "whole");
  o.against_scratch = true;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT_EQUAL(reported, 2);
  CU_ASSERT_EQUAL(nrmse[MPP_FINETUNED], scored(load("whole/final.safetensors")));
  CU_ASSERT_EQUAL(nrmse[MPP_BEFORE], scored(beginning()));
  CU_ASSERT_EQUAL(nrmse[MPP_FROM_SCRATCH], scored(load("whole/scratch/final.safetensors")));
  CU_ASSERT(nrmse[MPP_FINETUNED] != nrmse[MPP_BEFORE]);
  CU_ASSERT(nrmse[MPP_FINETUNED] != nrmse[MPP_FROM_SCRATCH]);
  CU_ASSERT(persistence > 0.0);
  mpp_model *scratch = load("whole/scratch/final.safetensors");
  CU_ASSERT_EQUAL(scratch->config.embed_dim, 16);
  CU_ASSERT_EQUAL(scratch->config.mode, MPP_MODE_AUTOREGRESS); /* as the model that began */
  mpp_model_destroy(scratch);
}

static void a_comparison_that_was_stopped_goes_on_to_the_same_report(void)
{
  static mpp_train_options o;
  report_settings(&o, "pieces");
  o.against_scratch = true;
  stop_at = 2;
  stop_in_comparison = true;
  ASSERT_STATUS(mpp_finetune(&o, "mpp finetune", &reporting), MPP_STOPPED);
  CU_ASSERT_EQUAL(access(path_of("pieces/final.safetensors"), F_OK), 0);
  CU_ASSERT_NOT_EQUAL(access(path_of("pieces/report.json"), F_OK), 0);
  stop_at = 0;
  compared_steps = 0;
  o.overwrite = false;
  o.resume = true;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT_EQUAL(compared_steps, 4); /* of six, two were done */
  char *whole = text_of("whole/report.json"), *pieces = text_of("pieces/report.json");
  CU_ASSERT_STRING_EQUAL(whole, pieces);
  mpp_free(whole);
  mpp_free(pieces);
}

static void expect_scratch_rate(double rate, const char *run)
{
  static mpp_train_options o;
  char config[128];
  report_settings(&o, run);
  o.against_scratch = true;
  o.lora_rank = 2;
  o.learning_rate = rate;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  snprintf(config, sizeof config, "%s/scratch/config.yaml", run);
  char *text = text_of(config);
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nlearning_rate: 0.001\n"));
  mpp_free(text);
}

static void new_weights_beside_an_adapter_learn_at_a_third_of_its_rate(void)
{
  expect_scratch_rate(-1.0, "adapter");    /* the optimizer's own, 0.001 for weights */
  expect_scratch_rate(0.003, "continued"); /* as it stands in the folder of a stopped run */
}

/* In mode frame the first, random columns of new fields matter. */
static void a_run_that_moves_nothing_equals_its_beginning(void)
{
  static mpp_train_options o;
  static const mpp_name names[] = {"swe:h"};
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = NULL;
  report_settings(&o, "still");
  REQUIRE_OK(mpp_model_create(&m, &config, names, 1, 4));
  snprintf(o.model, sizeof o.model, "%s", test_path(3, "frame.safetensors"));
  REQUIRE_OK(mpp_model_save(m, o.model));
  mpp_model_destroy(m);
  o.learning_rate = o.min_learning_rate = 0.0;
  o.seed = 3;
  o.steps = 1;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT_EQUAL(nrmse[MPP_FINETUNED], nrmse[MPP_BEFORE]);
}

static void without_the_first_model_its_row_is_left_out(void)
{
  static mpp_train_options o;
  report_settings(&o, "moved");
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT(isfinite(nrmse[MPP_BEFORE]) && isnan(nrmse[MPP_FROM_SCRATCH]));
  const double before = nrmse[MPP_FINETUNED];
  char elsewhere[512];
  snprintf(elsewhere, sizeof elsewhere, "%s", path_of("elsewhere"));
  CU_ASSERT_EQUAL_FATAL(rename(pretrained(), elsewhere), 0);
  o.overwrite = false;
  o.resume = true;
  ASSERT_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT_EQUAL_FATAL(rename(elsewhere, pretrained()), 0);
  CU_ASSERT(isnan(nrmse[MPP_BEFORE]));
  CU_ASSERT_EQUAL(nrmse[MPP_FINETUNED], before);
}

/* Ten trajectories: 8 train, 2 validate, none is left for a test. */
static void what_nobody_trained_on_is_reported_and_nothing_else(void)
{
  static mpp_train_options o;
  report_settings(&o, "held");
  o.train_fraction = 0.8;
  o.valid_fraction = 0.2;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  char *text = text_of("held/report.json");
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"split\":\"valid\",\"trajectories\":2,\"windows\":3"));
  CU_ASSERT_PTR_NULL(strstr(text, "\"split\":\"test\""));
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"horizons\":[1,3]"));
  mpp_free(text);
  report_settings(&o, "held");
  o.train_fraction = 1.0;
  o.valid_fraction = 0.0;
  reported = 99;
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  CU_ASSERT_EQUAL(reported, 99); /* not called */
  CU_ASSERT_PTR_NOT_NULL(strstr(messages, ":lab: not in the report"));
  report_settings(&o, "held");
  o.horizons = (mpp_int_list){2, {3, 500}};
  REQUIRE_OK(mpp_finetune(&o, "mpp finetune", &reporting));
  text = text_of("held/report.json");
  CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"horizons\":[3]"));
  mpp_free(text);
}

static void any_fallible_call_of_a_comparison_may_fail(void)
{
  static mpp_train_options o;
  mpp_compared_models models = {{NULL}};
  report_settings(&o, "held");
  mpp_settings_take_data(&o);
  models.of[MPP_FINETUNED] = beginning();
  (void)scored_in_place(models.of[MPP_FINETUNED]); /* gives the model its tape */
  test_faults faults = {.stride = 11};
  while (test_faults_next(&faults)) {
    mpp_comparison *list = NULL;
    size_t count = 0;
    const mpp_status st = TEST_FAULT(&faults, mpp_compare(&list, &count, &o, &models, NULL));
    CU_ASSERT_EQUAL(list != NULL, st == MPP_OK);
    mpp_comparisons_free(list, count);
  }
  CU_ASSERT(faults.failed > 10);
  mpp_model_destroy(models.of[MPP_FINETUNED]);
}

TESTS({"the model stands beside its beginning and new weights",
       the_model_stands_beside_its_beginning_and_new_weights},
      {"a comparison that was stopped goes on to the same report",
       a_comparison_that_was_stopped_goes_on_to_the_same_report},
      {"new weights beside an adapter learn at a third of its rate",
       new_weights_beside_an_adapter_learn_at_a_third_of_its_rate},
      {"a run that moves nothing equals its beginning",
       a_run_that_moves_nothing_equals_its_beginning},
      {"without the first model its row is left out", without_the_first_model_its_row_is_left_out},
      {"what nobody trained on is reported and nothing else",
       what_nobody_trained_on_is_reported_and_nothing_else},
      {"any fallible call of a comparison may fail", any_fallible_call_of_a_comparison_may_fail})
