/* test_window_base.c - the base of mode window: what a forecast from the window alone gives. */
#include "avit.h"
#include "equal_bytes.h"
#include "tiny_model.h"

enum { FRAME = 2 * 2 * 12 * 8, WINDOW = 9 * FRAME, SAMPLE = FRAME / 2 };

/* Sample b of a window of nine frames. */
static mpp_window sample(const float *x, size_t b)
{
  return (mpp_window){.x = x + b * SAMPLE,
                      .T = 9,
                      .C = 2,
                      .stride = FRAME,
                      .grid = {1, 12, 8},
                      .edge = {MPP_EDGE_MIRROR, MPP_EDGE_MIRROR, MPP_EDGE_WRAP}};
}

static void an_untrained_model_gives_the_chosen_predictors_frame(void)
{
  static const mpp_name names[] = {"a:0", "a:1", "a:2", "a:3"};
  static float x[WINDOW], y[FRAME], base[FRAME];
  mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_WINDOW, MPP_BIAS_REL);
  mpp_model *m = NULL;
  shape.T = 9;
  tiny_window(x, &shape, 8);
  REQUIRE_OK(mpp_model_create(&m, &config, names, 4, 1));
  REQUIRE_OK(mpp_model_predict(m, y, x, &shape));
  for (size_t b = 0; b < 2; b++) {
    const mpp_window w = sample(x, b);
    mpp_window_fit *f = NULL;
    REQUIRE_OK(mpp_window_fit_create(&f, &w, MPP_RULE_BACKTEST));
    REQUIRE_OK(mpp_window_fit_next(f, base + b * SAMPLE, &w));
    CU_ASSERT(equal_bytes(mpp_predict_scale(m) + 2 * b, f->scale, 2 * sizeof(float)));
    mpp_window_fit_destroy(f);
  }
  CU_ASSERT(equal_bytes(mpp_predict_base(m), base, sizeof base));
  CU_ASSERT(equal_bytes(y, base, sizeof y));
  CU_ASSERT(!equal_bytes(base, x + WINDOW - FRAME, sizeof base)); /* not persistence */
  mpp_model_destroy(m);
}

static void fits_are_taken_where_they_are_given(void)
{
  static float x[WINDOW], other[WINDOW], y[FRAME], z[FRAME];
  mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_WINDOW, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 5);
  mpp_window_fit *fit[2] = {NULL}, *one[2] = {NULL}, *before = NULL;
  shape.T = 9;
  tiny_window(x, &shape, 8);
  tiny_window(other, &shape, 9);
  CU_ASSERT_TRUE(mpp_predict_keeps_fit(m));
  REQUIRE_OK(mpp_predict_fit(fit, m, x, &shape));
  REQUIRE_OK(mpp_model_predict(m, y, x, &shape));
  REQUIRE_OK(mpp_predict_frame(m, z, x, &shape, fit));
  CU_ASSERT(equal_bytes(y, z, sizeof y));
  one[1] = before = fit[1]; /* of x */
  REQUIRE_OK(mpp_predict_frame(m, z, other, &shape, one));
  REQUIRE_OK(mpp_model_predict(m, y, other, &shape));
  CU_ASSERT(equal_bytes(y, z, sizeof y / 2));
  CU_ASSERT(!equal_bytes(y + SAMPLE, z + SAMPLE, sizeof y / 2));
  REQUIRE_OK(mpp_predict_fit(one, m, other, &shape)); /* what is there stays */
  CU_ASSERT(one[0] != NULL && one[1] == before);
  mpp_window_fit_destroy(one[0]);
  for (size_t b = 0; b < 2; b++) { mpp_window_fit_destroy(fit[b]); }
  mpp_model_destroy(m);
}

static void other_modes_keep_nothing(void)
{
  static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                                   MPP_MODE_AUTOREGRESS};
  static float x[WINDOW];
  const mpp_window_shape shape = tiny_shape();
  for (size_t i = 0; i < 4; i++) {
    const mpp_model_config config = tiny_config(modes[i], MPP_BIAS_REL);
    mpp_model *m = tiny_model(&config, 5);
    mpp_window_fit *fit[2] = {NULL};
    CU_ASSERT_FALSE(mpp_predict_keeps_fit(m));
    REQUIRE_OK(mpp_predict_fit(fit, m, x, &shape));
    CU_ASSERT(fit[0] == NULL && fit[1] == NULL);
    mpp_model_destroy(m);
  }
}

TESTS({"an untrained model gives the chosen predictor's frame",
       an_untrained_model_gives_the_chosen_predictors_frame},
      {"fits are taken where they are given", fits_are_taken_where_they_are_given},
      {"other modes keep nothing", other_modes_keep_nothing})
