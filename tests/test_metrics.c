/* Metrics against values of numpy in double on the same float32 arrays:
 *   nrmse = sqrt(mean(e**2) / (1e-7 + mean(Y**2))),  vrmse = sqrt(mean(e**2) / (1e-7 + var(Y)))
 * with var(Y) = Y.var(ddof=1). Both sides sum few values in double, in another order perhaps:
 * 1e-14 is some fifty roundings. */
#include <math.h>

#include "mpp/metrics.h"
#include "test.h"

static const double tolerance = 1e-14;

static void close_to(double got, double expected)
{
  if (!(fabs(got - expected) <= tolerance * fabs(expected))) {
    fprintf(stderr, "\n%.17g is not %.17g\n", got, expected);
    CU_FAIL("value");
  }
}

static void scores_are_those_of_numpy(void)
{
  const float prediction[] = {1.5f, -2.0f, 3.25f, 0.5f, 7.0f, -1.125f};
  const float truth[] = {1.0f, -2.5f, 3.0f, 1.0f, 6.5f, -1.0f};
  close_to(mpp_nrmse(prediction, truth, 6), 0.13349250075249383);
  close_to(mpp_vrmse(prediction, truth, 6), 0.13427153820879065);
}

static void a_perfect_forecast_scores_zero(void)
{
  const float truth[] = {1.0f, -2.5f, 3.0f, 1.0f};
  CU_ASSERT_EQUAL(mpp_nrmse(truth, truth, 4), 0.0);
  CU_ASSERT_EQUAL(mpp_vrmse(truth, truth, 4), 0.0);
}

static void a_zero_truth_divides_by_the_epsilon_of_the_sources(void)
{
  const float prediction[] = {0.5f, 0.5f, 0.5f, 0.5f}, truth[] = {0.0f, 0.0f, 0.0f, 0.0f};
  close_to(mpp_nrmse(prediction, truth, 4), 1581.1388300841897);
  close_to(mpp_vrmse(prediction, truth, 4), 1581.1388300841897);
}

static void a_small_variance_beside_a_large_mean_is_kept(void)
{
  const float truth[] = {1000.001f, 1000.002f, 1000.003f, 1000.004f};
  const float prediction[] = {1000.004f, 1000.003f, 1000.002f, 1000.001f};
  close_to(mpp_nrmse(prediction, truth, 4), 2.2657061457863476e-06);
  close_to(mpp_vrmse(prediction, truth, 4), 1.6835555784929646);
}

static void tables_are_read_by_predictor_horizon_and_field(void)
{
  enum { ENTRIES = MPP_PREDICTORS * 2 * 3 };
  mpp_score score[ENTRIES];
  for (size_t i = 0; i < ENTRIES; i++) { score[i] = (mpp_score){(double)i, 100.0 + (double)i}; }
  const mpp_scores s = {.nfields = 3, .nhorizons = 2, .score = score};
  CU_ASSERT_EQUAL(mpp_scores_at(&s, MPP_BY_LINEAR, 1, 2).nrmse, 17.0); /* (2*2 + 1)*3 + 2 */
  CU_ASSERT_EQUAL(mpp_scores_at(&s, MPP_BY_MODEL, 0, 1).vrmse, 101.0);
  close_to(mpp_scores_mean(&s, MPP_BY_PERSISTENCE, 1).nrmse, 10.0); /* of 9, 10, 11 */
  close_to(mpp_scores_mean(&s, MPP_BY_PERSISTENCE, 1).vrmse, 110.0);
}

static void a_diverged_window_makes_the_mean_infinite(void)
{
  mpp_score score[MPP_PREDICTORS * 2] = {{INFINITY, INFINITY}, {1.0, 1.0}};
  const mpp_scores s = {.nfields = 2, .nhorizons = 1, .score = score};
  CU_ASSERT(isinf(mpp_scores_mean(&s, MPP_BY_MODEL, 0).nrmse));
}

static void predictors_have_names(void)
{
  CU_ASSERT_STRING_EQUAL(mpp_predictor_name(MPP_BY_MODEL), "model");
  CU_ASSERT_STRING_EQUAL(mpp_predictor_name(MPP_BY_BACKTEST), "backtest");
  CU_ASSERT_STRING_EQUAL(mpp_predictor_name(MPP_PREDICTORS), "unknown");
}

static void metrics_have_names_that_are_found(void)
{
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    mpp_metric found = MPP_METRICS;
    CU_ASSERT(mpp_metric_find(&found, mpp_metric_name(m)) && found == m);
    CU_ASSERT(strlen(mpp_metric_formula(m)) > 10);
  }
  mpp_metric none = MPP_METRIC_MAX;
  CU_ASSERT(!mpp_metric_find(&none, "nrms") && none == MPP_METRIC_MAX);
  CU_ASSERT_STRING_EQUAL(mpp_metric_name(MPP_METRIC_FRMSE_MID), "frmse-mid");
}

static void the_correlation_time_is_the_first_step_below_the_level(void)
{
  enum { STEPS = 4, ENTRIES = MPP_PREDICTORS * STEPS * 2 * MPP_METRICS };
  static double value[ENTRIES];
  static mpp_score score[MPP_PREDICTORS * STEPS];
  mpp_score_details d = {.value = value};
  mpp_scores s = {.nfields = 1,
                  .nhorizons = STEPS,
                  .every_step = true,
                  .horizon = {1, 2, 3, 4},
                  .score = score,
                  .details = &d};
  static const double correlation[2][STEPS] = {{0.99, 0.8, 0.79, 0.9}, {0.99, 0.9, 0.85, 0.8}};
  for (size_t p = 0; p < 2; p++) {
    for (size_t h = 0; h < STEPS; h++) {
      value[(p * STEPS + h) * 2 * MPP_METRICS + MPP_METRIC_CORRELATION] = correlation[p][h];
    }
  }
  CU_ASSERT_EQUAL(mpp_scores_correlation_time(&s, MPP_BY_MODEL, 0), 3);
  CU_ASSERT_EQUAL(mpp_scores_correlation_time(&s, MPP_BY_PERSISTENCE, 0), 0);
  s.every_step = false;
  CU_ASSERT_EQUAL(mpp_scores_correlation_time(&s, MPP_BY_MODEL, 0), 0);
  CU_ASSERT(isnan(mpp_scores_interval(&s, MPP_BY_MODEL, MPP_METRIC_RMSE, 0, 0).low));
  CU_ASSERT_PTR_NULL(mpp_scores_power(&s, MPP_BY_MODEL, 0, 0));
}

static void splits_by_name_say_which_part_and_whether_distinct(void)
{
  bool distinct = true;
  CU_ASSERT(mpp_evaluate_split(&distinct, MPP_VALID) == MPP_VALID && !distinct);
  CU_ASSERT(mpp_evaluate_split(&distinct, 4) == MPP_TEST && distinct);
  CU_ASSERT(mpp_evaluate_split(&distinct, 5) == MPP_TRAIN && distinct);
  CU_ASSERT(mpp_evaluate_split(&distinct, 6) == MPP_VALID && distinct);
}

TESTS({"scores are those of numpy", scores_are_those_of_numpy},
      {"a perfect forecast scores zero", a_perfect_forecast_scores_zero},
      {"a zero truth divides by the epsilon of the sources",
       a_zero_truth_divides_by_the_epsilon_of_the_sources},
      {"a small variance beside a large mean is kept",
       a_small_variance_beside_a_large_mean_is_kept},
      {"tables are read by predictor, horizon and field",
       tables_are_read_by_predictor_horizon_and_field},
      {"a diverged window makes the mean infinite", a_diverged_window_makes_the_mean_infinite},
      {"metrics have names that are found", metrics_have_names_that_are_found},
      {"the correlation time is the first step below the level",
       the_correlation_time_is_the_first_step_below_the_level},
      {"splits by name say which part and whether distinct",
       splits_by_name_say_which_part_and_whether_distinct},
      {"predictors have names", predictors_have_names})
