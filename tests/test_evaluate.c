/* Scores against sums made by hand over the same windows. */
#include "evaluate_case.h"
#include "window.h"
#include "window_forecast.h"

static void defaults_are_the_published_ones(void)
{
  mpp_evaluate_options o;
  REQUIRE_OK(mpp_options_defaults(&o, mpp_evaluate_table));
  CU_ASSERT(o.split == MPP_TEST && o.windows == 64 && o.horizons.count == 0 && o.context == 0);
}

/* The windows are all of trajectories 0 and 1: starts 0 .. 16 - 4 - 5. */
static void trivial_predictors_are_what_their_names_say(void)
{
  static const long horizons[] = {5, 1};
  mpp_dataset *d = open_data(2, NULL);
  const mpp_evaluate_options o = options_with(0, MPP_ALL, 2, horizons);
  mpp_scores s;
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  enum { STARTS = SMALL_FRAMES - T - 5 + 1, WINDOWS = 2 * STARTS };
  CU_ASSERT(s.nwindows == WINDOWS && s.nhorizons == 2 && s.nfields == 2 && s.split == MPP_ALL);
  CU_ASSERT(s.horizon[0] == 5 && strcmp(s.field[1], "diffre2d:inhibitor") == 0);
  for (size_t h = 0; h < 2; h++) {
    for (size_t f = 0; f < 2; f++) {
      mpp_score sum[3] = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
      for (size_t n = 0; n < WINDOWS; n++) {
        static float x[SMALL_ALL], y[3][SMALL_CELLS];
        const size_t last = n % STARTS + T - 1;
        const double k = (double)horizons[h];
        small_trajectory(x, n / STARTS);
        const float *x0 = x + last * SMALL_FRAME + f * SMALL_CELLS, *x1 = x0 - SMALL_FRAME,
                    *x2 = x1 - SMALL_FRAME, *truth = x0 + (size_t)horizons[h] * SMALL_FRAME;
        for (size_t i = 0; i < SMALL_CELLS; i++) {
          const double d1 = (double)x0[i] - x1[i], d2 = (double)x0[i] - 2.0 * x1[i] + x2[i];
          y[0][i] = x0[i];
          y[1][i] = (float)(x0[i] + k * d1);
          y[2][i] = (float)(x0[i] + k * d1 + 0.5 * k * (k + 1.0) * d2);
        }
        for (size_t p = 0; p < 3; p++) {
          sum[p].nrmse += mpp_nrmse(y[p], truth, SMALL_CELLS) / WINDOWS;
          sum[p].vrmse += mpp_vrmse(y[p], truth, SMALL_CELLS) / WINDOWS;
        }
      }
      for (size_t p = 0; p < 3; p++) {
        const mpp_score got = mpp_scores_at(&s, (mpp_predictor)(MPP_BY_PERSISTENCE + p), h, f);
        CU_ASSERT(close_to(got.nrmse, sum[p].nrmse) && close_to(got.vrmse, sum[p].vrmse));
      }
      CU_ASSERT(isnan(mpp_scores_at(&s, MPP_BY_MODEL, h, f).nrmse));
    }
  }
  mpp_scores_free(&s);
  mpp_dataset_close(d);
}

/* At one step a predictor fitted to the window is what an untrained model of its mode gives. */
static void expect_score_of_base(mpp_mode mode, mpp_predictor predictor)
{
  static const long horizons[] = {1};
  mpp_dataset *d = open_data(3, NULL);
  mpp_model *m = small_model(mode, false);
  const mpp_evaluate_options o = options_with(5, MPP_ALL, 1, horizons);
  mpp_scores s;
  REQUIRE_OK(mpp_evaluate(&s, m, d, &o, NULL, NULL));
  for (size_t f = 0; f < 2; f++) {
    const mpp_score model = mpp_scores_at(&s, MPP_BY_MODEL, 0, f),
                    base = mpp_scores_at(&s, predictor, 0, f);
    CU_ASSERT(base.nrmse > 0.0 && close_to(model.nrmse, base.nrmse));
    CU_ASSERT(close_to(model.vrmse, base.vrmse));
  }
  mpp_scores_free(&s);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

static void an_untrained_model_scores_as_its_base(void)
{
  expect_score_of_base(MPP_MODE_DELTA, MPP_BY_PERSISTENCE);
  expect_score_of_base(MPP_MODE_EXTRAPOLATE, MPP_BY_BACKTEST);
  expect_score_of_base(MPP_MODE_AUTOREGRESS, MPP_BY_AUTOREGRESSION);
}

/* Rows of stencils are there only when asked for; they are sums over the windows of a batch. */
static void stencils_are_scored_when_asked_for(void)
{
  static const long horizons[] = {2, 1};
  enum { WINDOWS = 6 };
  mpp_dataset *d = open_data(3, NULL);
  mpp_evaluate_options o = options_with(WINDOWS, MPP_ALL, 2, horizons);
  mpp_scores s, without;
  static float x[SMALL_ALL], y[SMALL_FRAME];
  double sum[2][2] = {{0.0, 0.0}, {0.0, 0.0}};
  CU_ASSERT_TRUE(o.stencils);
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  o.stencils = false;
  REQUIRE_OK(mpp_evaluate(&without, NULL, d, &o, NULL, NULL));
  CU_ASSERT(mpp_scores_end(&s) == MPP_PREDICTORS && s.nwindows == WINDOWS);
  CU_ASSERT(mpp_scores_end(&without) == MPP_BY_STENCIL_LINEAR);
  enum { STARTS = SMALL_FRAMES - T - 2 + 1 };
  for (size_t n = 0; n < WINDOWS; n++) {
    const size_t window = (size_t)(((double)n + 0.5) * 3 * STARTS / WINDOWS);
    mpp_window_forecast *f = NULL;
    small_trajectory(x, window / STARTS);
    const mpp_window w = {.x = x + window % STARTS * SMALL_FRAME,
                          .T = T,
                          .C = 2,
                          .stride = SMALL_FRAME,
                          .grid = {1, SMALL_H, SMALL_W},
                          .edge = {MPP_EDGE_MIRROR, MPP_EDGE_MIRROR, MPP_EDGE_MIRROR}};
    REQUIRE_OK(mpp_window_forecast_create(&f, &w, NULL));
    for (size_t k = 0; k < 2; k++) {
      mpp_window_forecast_step(f, y);
      for (size_t c = 0; c < 2; c++) {
        sum[1 - k][c] += mpp_nrmse(y + c * SMALL_CELLS,
                                   w.x + (T + k) * SMALL_FRAME + c * SMALL_CELLS, SMALL_CELLS) /
                         WINDOWS;
      }
    }
    mpp_window_forecast_destroy(f);
  }
  for (size_t i = 0; i < 4; i++) {
    CU_ASSERT(close_to(mpp_scores_at(&s, MPP_BY_WINDOW, i / 2, i % 2).nrmse, sum[i / 2][i % 2]));
    CU_ASSERT_EQUAL(mpp_scores_at(&s, MPP_BY_LINEAR, i / 2, i % 2).nrmse,
                    mpp_scores_at(&without, MPP_BY_LINEAR, i / 2, i % 2).nrmse);
  }
  mpp_scores_free(&s);
  mpp_scores_free(&without);
  mpp_dataset_close(d);
}

typedef struct count {
  size_t calls, total;
} count;

static void observe(void *context, size_t done, size_t total)
{
  count *c = context;
  CU_ASSERT_EQUAL(done, ++c->calls);
  c->total = total;
}

/* Adds NRMSE / 5 at steps 1 and 3 of trajectory n, rolled by hand from frame `start` on. */
static void roll_by_hand(double sum[2][2], mpp_model *m, size_t n, size_t start)
{
  static const mpp_name fields[] = {"diffre2d:activator", "diffre2d:inhibitor"};
  static float x[SMALL_ALL], y[SMALL_FRAME];
  mpp_window_shape shape = {.T = T, .B = 1, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  mpp_forecast *f = NULL;
  small_trajectory(x, n);
  REQUIRE_OK(mpp_model_columns(m, shape.column, fields, 2));
  REQUIRE_OK(mpp_forecast_create(&f, m, x + start * SMALL_FRAME, &shape));
  for (size_t step = 1; step <= 3; step++) {
    REQUIRE_OK(mpp_forecast_step(f, y));
    const float *truth = x + (start + T + step - 1) * SMALL_FRAME;
    for (size_t c = 0; c < 2 && step != 2; c++) {
      sum[step / 2][c] +=
          mpp_nrmse(y + c * SMALL_CELLS, truth + c * SMALL_CELLS, SMALL_CELLS) / 5.0;
    }
  }
  mpp_forecast_destroy(f);
}

/* Windows 5 of 4 * 10: a batch of four and one of one; the middles of five equal parts. */
static void the_model_rolls_over_its_own_predictions(void)
{
  static const long horizons[] = {1, 3};
  mpp_dataset *d = open_data(SMALL_TRAJECTORIES, NULL);
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  const mpp_evaluate_options o = options_with(5, MPP_ALL, 2, horizons);
  mpp_scores s;
  count calls = {0, 0};
  double sum[2][2] = {{0.0, 0.0}, {0.0, 0.0}};
  REQUIRE_OK(mpp_evaluate(&s, m, d, &o, observe, &calls));
  CU_ASSERT(s.nwindows == 5 && calls.calls == 5 && calls.total == 5);
  const size_t starts = SMALL_FRAMES - T - 3 + 1;
  for (size_t k = 0; k < 5; k++) {
    const size_t window = (8 * k + 4) * starts * 4 / 40;
    roll_by_hand(sum, m, window / starts, window % starts);
  }
  for (size_t i = 0; i < 4; i++) {
    /* a batch of four takes other tiles in its products than a batch of one: float32 rounding */
    const double got = mpp_scores_at(&s, MPP_BY_MODEL, i / 2, i % 2).nrmse,
                 by_hand = sum[i / 2][i % 2];
    CU_ASSERT(fabs(got - by_hand) <= 1e-5 * by_hand);
  }
  mpp_scores_free(&s);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

static void any_number_of_threads_gives_the_same_bits(void)
{
  mpp_dataset *d = open_data(2, NULL);
  mpp_model *m = small_model(MPP_MODE_EXTRAPOLATE, true);
  const mpp_evaluate_options o = options_with(6, MPP_ALL, 0, NULL);
  mpp_scores first, s;
  mpp_set_threads(1);
  REQUIRE_OK(mpp_evaluate(&first, m, d, &o, NULL, NULL));
  for (int threads = 2; threads <= 3; threads++) {
    mpp_set_threads(threads);
    REQUIRE_OK(mpp_evaluate(&s, m, d, &o, NULL, NULL));
    CU_ASSERT_EQUAL(
        memcmp(s.score, first.score, MPP_PREDICTORS * s.nhorizons * s.nfields * sizeof *s.score),
        0);
    mpp_scores_free(&s);
  }
  mpp_set_threads(0);
  mpp_scores_free(&first);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

static void an_empty_split_is_replaced(void)
{
  static const struct {
    size_t ntrajectories;
    int wanted;
    mpp_split found;
  } cases[] = {{10, MPP_TEST, MPP_TEST},
               {10, MPP_TRAIN, MPP_TRAIN},
               {5, MPP_TEST, MPP_VALID}, /* ceil(4) train, ceil(0.5) validate, none test */
               {2, MPP_TEST, MPP_ALL}};  /* ceil(1.6) train: nothing is left */
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    mpp_dataset *d = open_data(cases[i].ntrajectories, NULL);
    const mpp_evaluate_options o = options_with(2, cases[i].wanted, 0, NULL);
    mpp_scores s;
    REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
    CU_ASSERT_EQUAL(s.split, cases[i].found);
    mpp_scores_free(&s);
    mpp_dataset_close(d);
  }
}

static void default_horizons_are_those_that_fit(void)
{
  mpp_dataset *d = open_data(2, NULL);
  const mpp_evaluate_options o = options_with(2, MPP_ALL, 0, NULL);
  mpp_scores s;
  REQUIRE_OK(mpp_evaluate(&s, NULL, d, &o, NULL, NULL));
  CU_ASSERT(s.nhorizons == 3 && s.horizon[0] == 1 && s.horizon[1] == 5 && s.horizon[2] == 10);
  mpp_scores_free(&s);
  mpp_dataset_close(d);
}

static void what_does_not_fit_is_refused(void)
{
  static const long far[] = {1, 13};
  mpp_dataset *d = open_data(2, NULL);
  mpp_scores s = {.nfields = 99};
  mpp_evaluate_options o = options_with(2, MPP_ALL, 2, far);
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("16 frames, expected at least 17 (context 4, horizon 13)");
  o = options_with(2, MPP_ALL, 0, NULL);
  o.context = SMALL_FRAMES;
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_DATA);
  o = options_with(2, 7, 0, NULL);
  ASSERT_STATUS(mpp_evaluate(&s, NULL, d, &o, NULL, NULL), MPP_ERR_USAGE);
  mpp_dataset_close(d);
  mpp_model *m = small_model(MPP_MODE_FRAME, false);
  REQUIRE_OK(mpp_dataset_open(&d, MPP_TEST_DATA "/pdebench/groups_swe.h5", NULL));
  o = options_with(2, MPP_ALL, 0, NULL);
  o.context = 1;
  ASSERT_STATUS(mpp_evaluate(&s, m, d, &o, NULL, NULL), MPP_ERR_DATA);
  ASSERT_MESSAGE("swe:h");
  CU_ASSERT_EQUAL(s.nfields, 99);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

/* Field 0 of the frame after `start` .. `start` + T - 1 of trajectory n. */
static double one_step(mpp_model *m, size_t n, size_t start)
{
  static const mpp_name fields[] = {"diffre2d:activator", "diffre2d:inhibitor"};
  static float x[SMALL_ALL], y[SMALL_FRAME];
  mpp_window_shape shape = {.T = T, .B = 1, .C = 2, .grid = {1, SMALL_H, SMALL_W}};
  small_trajectory(x, n);
  REQUIRE_OK(mpp_model_columns(m, shape.column, fields, 2));
  REQUIRE_OK(mpp_model_predict(m, y, x + start * SMALL_FRAME, &shape));
  return mpp_nrmse(y, x + (start + T) * SMALL_FRAME, SMALL_CELLS);
}

/* All six windows: starts 0 .. 16 - 4 - 10 of two trajectories. */
static void a_diverging_model_scores_infinity_from_there_on(void)
{
  static const long horizons[] = {1, 10};
  mpp_dataset *d = open_data(2, NULL);
  mpp_model *m = small_model(MPP_MODE_FRAME, true);
  small_model_grows(m, 1e5f);
  const mpp_evaluate_options o = options_with(6, MPP_ALL, 2, horizons);
  mpp_scores s;
  double before = 0.0;
  REQUIRE_OK(mpp_evaluate(&s, m, d, &o, NULL, NULL));
  for (size_t k = 0; k < 6; k++) { before += one_step(m, k / 3, k % 3) / 6.0; }
  CU_ASSERT(close_to(mpp_scores_at(&s, MPP_BY_MODEL, 0, 0).nrmse, before));
  for (size_t f = 0; f < 2; f++) {
    CU_ASSERT(isinf(mpp_scores_at(&s, MPP_BY_MODEL, 1, f).nrmse));
    CU_ASSERT(isinf(mpp_scores_at(&s, MPP_BY_MODEL, 1, f).vrmse));
    CU_ASSERT(isfinite(mpp_scores_at(&s, MPP_BY_LINEAR, 1, f).nrmse));
  }
  mpp_scores_free(&s);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

static void every_fallible_call_may_fail(void)
{
  mpp_dataset *d = open_data(2, NULL);
  mpp_model *m = small_model(MPP_MODE_FRAME, true);
  mpp_evaluate_options o = options_with(2, MPP_ALL, 0, NULL);
  o.resamples = 2;
  mpp_scores s = {.nfields = 99};
  REQUIRE_OK(mpp_evaluate(&s, m, d, &o, NULL, NULL)); /* the model's own memory is there now */
  mpp_scores_free(&s);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    s = (mpp_scores){.nfields = 99};
    const mpp_status st = TEST_FAULT(&faults, mpp_evaluate(&s, m, d, &o, NULL, NULL));
    CU_ASSERT((st == MPP_OK) == (s.nfields == 2));
    mpp_scores_free(&s);
  }
  CU_ASSERT(faults.failed >= 10);
  mpp_model_destroy(m);
  mpp_dataset_close(d);
}

TESTS({"defaults are the published ones", defaults_are_the_published_ones},
      {"trivial predictors are what their names say", trivial_predictors_are_what_their_names_say},
      {"stencils are scored when asked for", stencils_are_scored_when_asked_for},
      {"an untrained model scores as its base", an_untrained_model_scores_as_its_base},
      {"the model rolls over its own predictions", the_model_rolls_over_its_own_predictions},
      {"any number of threads gives the same bits", any_number_of_threads_gives_the_same_bits},
      {"an empty split is replaced", an_empty_split_is_replaced},
      {"default horizons are those that fit", default_horizons_are_those_that_fit},
      {"what does not fit is refused", what_does_not_fit_is_refused},
      {"a diverging model scores infinity from there on",
       a_diverging_model_scores_infinity_from_there_on},
      {"every fallible call may fail", every_fallible_call_may_fail})
