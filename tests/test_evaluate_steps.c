/* Scores at every step and from chosen starts, their intervals, and spectra. */
#include "evaluate_case.h"

/* All steps are scored, and agree with the horizons scored alone. */
static void every_step_is_scored_when_asked_for(void)
{
  static const long horizons[] = {1, 4};
  mpp_dataset *d = open_data(2, NULL);
  mpp_evaluate_options o = options_with(0, MPP_ALL, 2, horizons);
  mpp_scores s, some;
  o.starts = (mpp_int_list){.count = 2, .item = {0, 3}};
  REQUIRE_OK(mpp_evaluate(&some, NULL, d, &o, NULL, NULL));
  o.steps = 4;
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  CU_ASSERT(s.nhorizons == 4 && s.horizon[3] == 4 && s.every_step && !some.every_step);
  CU_ASSERT(s.nwindows == 4 && s.ntrajectories == 2 && s.context == T);
  CU_ASSERT(s.first_start == 0 && s.last_start == 3);
  for (mpp_metric m = 0; m < MPP_METRICS; m++) {
    const double a = mpp_scores_value(&s, MPP_BY_LINEAR, m, 3, 2),
                 b = mpp_scores_value(&some, MPP_BY_LINEAR, m, 1, 2);
    CU_ASSERT(a == b || (isnan(a) && isnan(b)));
  }
  mpp_scores_free(&s);
  mpp_scores_free(&some);
  mpp_dataset_close(d);
}

static void one_start_gives_one_window_a_trajectory(void)
{
  static const long horizons[] = {2};
  static float x[SMALL_ALL];
  mpp_dataset *d = open_data(3, NULL);
  mpp_evaluate_options o = options_with(0, MPP_ALL, 1, horizons);
  mpp_scores s;
  double sum = 0.0;
  o.starts = (mpp_int_list){.count = 1, .item = {5}};
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  for (size_t n = 0; n < 3; n++) {
    small_trajectory(x, n);
    const float *last = x + (5 + T - 1) * SMALL_FRAME;
    sum += mpp_nrmse(last, last + 2 * SMALL_FRAME, SMALL_CELLS) / 3.0;
  }
  CU_ASSERT(s.nwindows == 3 && s.ntrajectories == 3 && s.first_start == 5 && s.last_start == 5);
  CU_ASSERT(close_to(mpp_scores_at(&s, MPP_BY_PERSISTENCE, 0, 0).nrmse, sum));
  mpp_scores_free(&s);
  o.starts.item[0] = SMALL_FRAMES - T - 1;
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_DATA);
  o.starts.item[0] = -1;
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_USAGE);
  mpp_dataset_close(d);
}

/* Windows of one trajectory are drawn together; of one trajectory there is no interval. */
static void intervals_hold_the_mean(void)
{
  static const long horizons[] = {1};
  for (size_t n = 1; n <= 4; n += 3) {
    mpp_dataset *d = open_data(n, NULL);
    mpp_evaluate_options o = options_with(0, MPP_ALL, 1, horizons);
    mpp_scores s;
    REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
    CU_ASSERT_EQUAL(s.details->resamples, n > 1 ? 1000 : 0);
    for (size_t f = 0; f <= 2; f++) {
      const mpp_interval i = mpp_scores_interval(&s, MPP_BY_LINEAR, MPP_METRIC_NRMSE, 0, f);
      const double mean = mpp_scores_value(&s, MPP_BY_LINEAR, MPP_METRIC_NRMSE, 0, f);
      CU_ASSERT(n > 1 ? i.low < mean && mean < i.high : isnan(i.low) && isnan(i.high));
    }
    mpp_scores_free(&s);
    mpp_dataset_close(d);
  }
}

/* Persistence keeps the power of the last frame; the truth's stands past the predictors. */
static void spectra_are_those_of_frames(void)
{
  static const long horizons[] = {1, 3};
  static float x[SMALL_ALL];
  mpp_dataset *d = open_data(1, NULL);
  mpp_evaluate_options o = options_with(0, MPP_ALL, 2, horizons);
  mpp_scores s;
  o.starts = (mpp_int_list){.count = 1, .item = {0}};
  o.spectra = (mpp_int_list){.count = 1, .item = {3}};
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  small_trajectory(x, 0);
  double mean[2] = {0.0, 0.0};
  for (size_t i = 0; i < SMALL_CELLS; i++) {
    mean[0] += (double)x[(T - 1) * SMALL_FRAME + i] / SMALL_CELLS;
    mean[1] += (double)x[(T + 2) * SMALL_FRAME + i] / SMALL_CELLS;
  }
  /* bin 0 is the square of the mean; a few hundred roundings */
  CU_ASSERT(fabs(mpp_scores_power(&s, MPP_BY_PERSISTENCE, 0, 0)[0] - mean[0] * mean[0]) < 1e-12);
  CU_ASSERT(fabs(mpp_scores_power(&s, MPP_PREDICTORS, 0, 0)[0] - mean[1] * mean[1]) < 1e-12);
  mpp_scores_free(&s);
  o.spectra.item[0] = 2;
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_USAGE);
  ASSERT_MESSAGE("step 2");
  mpp_dataset_close(d);
}

TESTS({"every step is scored when asked for", every_step_is_scored_when_asked_for},
      {"one start gives one window a trajectory", one_start_gives_one_window_a_trajectory},
      {"intervals hold the mean", intervals_hold_the_mean},
      {"spectra are those of frames", spectra_are_those_of_frames})
