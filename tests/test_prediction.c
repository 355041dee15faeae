/* test_prediction.c - from physical values to physical values: modes, invariances, refusals. */
#include "avit.h"

#include "autoregression.h"
#include "equal_bytes.h"
#include "tiny_model.h"
#include "window.h"

static const mpp_mode modes[] = {MPP_MODE_FRAME, MPP_MODE_DELTA, MPP_MODE_EXTRAPOLATE,
                                 MPP_MODE_AUTOREGRESS, MPP_MODE_WINDOW};
static const mpp_bias_type biases[] = {MPP_BIAS_REL, MPP_BIAS_CONTINUOUS, MPP_BIAS_REL,
                                       MPP_BIAS_CONTINUOUS, MPP_BIAS_REL};
enum { MODES = sizeof modes / sizeof *modes };

enum { FRAME = 2 * 2 * 12 * 8, WINDOW = 4 * FRAME };

/* ---- modes ---- */

static void an_untrained_correction_equals_its_base(void)
{
  static const mpp_name names[] = {"a:0", "a:1", "a:2", "a:3"};
  static float x[WINDOW], y[FRAME], base[FRAME];
  const mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  for (int i = 1; modes[i] != MPP_MODE_WINDOW; i++) { /* which is in test_window_base.c */
    const mpp_model_config config = tiny_config(modes[i], MPP_BIAS_REL);
    int order[4] = {0};
    float scale[4];
    mpp_model *m = NULL;
    REQUIRE_OK(mpp_model_create(&m, &config, names, 4, 1));
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    if (modes[i] == MPP_MODE_AUTOREGRESS) {
      double a[4 * MPP_AUTOREGRESSION_ORDER];
      mpp_autoregression_fit(a, scale, x, 4, 2, 2, 96);
      mpp_autoregression_extrapolate(base, x, a, 1, 4, 2, 2, 96);
    } else {
      mpp_window_backtest(order, scale, x, modes[i] == MPP_MODE_DELTA ? 0 : -1, 4, 2, 2, 96);
      mpp_window_extrapolate(base, x, order, 1, 4, 2, 2, 96);
    }
    CU_ASSERT(equal_bytes(y, base, sizeof y));
    CU_ASSERT(equal_bytes(mpp_predict_base(m), base, sizeof base));
    CU_ASSERT(equal_bytes(mpp_predict_scale(m), scale, sizeof scale));
    mpp_model_destroy(m);
  }
}

static void a_trained_correction_is_the_base_plus_scaled_output(void)
{
  static float x[WINDOW], frame[FRAME], delta[FRAME];
  const mpp_window_shape shape = tiny_shape();
  mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  tiny_window(x, &shape, 8);
  mpp_model *m = tiny_model(&config, 5);
  ASSERT_OK(mpp_model_predict(m, frame, x, &shape));
  CU_ASSERT_PTR_NULL(mpp_predict_base(m));
  CU_ASSERT_PTR_NULL(mpp_predict_scale(m));
  float mean[4], sd[4];
  mpp_field_norm_stats(mean, sd, x, 4, 2, 2, 96);
  m->config.mode = MPP_MODE_DELTA; /* the same network */
  ASSERT_OK(mpp_model_predict(m, delta, x, &shape));
  for (size_t i = 0; i < FRAME; i++) {
    const double net = ((double)frame[i] - mean[i / 96]) / sd[i / 96];
    const double expected = x[(size_t)3 * FRAME + i] + mpp_predict_scale(m)[i / 96] * net;
    CU_ASSERT_DOUBLE_EQUAL(delta[i], expected, 1e-5); /* rounding of values up to 10 */
  }
  mpp_model_destroy(m);
}

static void a_constant_field_beside_another_stays_constant(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  for (size_t i = 0; i < WINDOW; i++) { x[i] = i / 96 % 2 == 0 ? 3.5f : x[i]; }
  for (int i = 0; i < MODES; i++) {
    const mpp_model_config config = tiny_config(modes[i], MPP_BIAS_REL);
    mpp_model *m = tiny_model(&config, 5);
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    for (size_t k = 0; k < FRAME; k++) {
      if (k / 96 % 2 == 0) { /* sd is 1e-7 and s 3.5e-7; the network gives at most tens of them */
        CU_ASSERT_DOUBLE_EQUAL(y[k], 3.5, 1e-4);
      }
    }
    mpp_model_destroy(m);
  }
}

/* One value everywhere, in all fields or in a single frame: no norm has a pattern to divide. */
static void constant_windows_and_frames_are_predicted(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const float value[] = {3.5f, 0.0f, -1e20f};
  for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
    const mpp_model_config config = tiny_config(modes[i], biases[i]);
    mpp_model *m = tiny_model(&config, 5);
    for (size_t k = 0; k < 3; k++) {
      for (size_t j = 0; j < WINDOW; j++) { x[j] = value[k]; }
      ASSERT_OK(mpp_model_predict(m, y, x, &shape));
      for (size_t j = 0; j < FRAME; j++) { /* the network gives some tens of 1e-7 of the value */
        CU_ASSERT(fabsf(y[j] - value[k]) <= 1e-4f * fabsf(value[k]) + 1e-5f);
      }
    }
    tiny_window(x, &shape, 8);
    for (size_t j = 0; j < FRAME; j++) { x[FRAME + j] = 2.0f; }
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    mpp_model_destroy(m);
  }
}

static void gradients_of_a_window_with_a_constant_frame_are_finite(void)
{
  static float x[WINDOW], y[FRAME], dy[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 5);
  float *g = NULL;
  REQUIRE_OK(MPP_ALLOC(&g, m->params->total));
  tiny_window(x, &shape, 8);
  test_fill(dy, FRAME, 2);
  for (size_t j = 0; j < FRAME; j++) { x[FRAME + j] = 2.0f; }
  ASSERT_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
  mpp_predict_backward(m, g, dy, x, &shape, NULL);
  double square = 0.0;
  for (size_t i = 0; i < m->params->total; i++) { square += (double)g[i] * g[i]; }
  CU_ASSERT(isfinite(square) && square > 0.0 && square < 1e8); /* hundreds without that frame */
  mpp_free(g);
  mpp_model_destroy(m);
}

/* ---- invariances ---- */

/* Every unit of measurement is as good as another: x -> a x + b of each field maps y alike. */
static void predictions_scale_and_shift_with_their_fields(void)
{
  static float x[WINDOW], z[WINDOW], y[FRAME], w[FRAME];
  const float a[] = {8.0f, 0.25f}, b[] = {-4.0f, 10.0f};
  const mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  for (size_t i = 0; i < WINDOW; i++) { z[i] = a[i / 96 % 2] * x[i] + b[i / 96 % 2]; }
  for (int k = 0; k < MODES; k++) {
    const mpp_model_config config = tiny_config(modes[k], biases[k]);
    mpp_model *m = tiny_model(&config, 6);
    ASSERT_OK(mpp_model_predict(m, y, x, &shape));
    ASSERT_OK(mpp_model_predict(m, w, z, &shape));
    for (size_t i = 0; i < FRAME; i++) { y[i] = a[i / 96 % 2] * y[i] + b[i / 96 % 2]; }
    CU_ASSERT(test_relative_error(w, y, FRAME) < 1e-5); /* rounding of z, then of the network */
    mpp_model_destroy(m);
  }
}

/* Samples, and the order in which fields are given, do not matter. */
static void samples_are_independent_of_each_other(void)
{
  static float x[WINDOW], one[WINDOW / 2], y[FRAME], z[FRAME / 2];
  mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  const mpp_model_config config = tiny_config(MPP_MODE_EXTRAPOLATE, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  ASSERT_OK(mpp_model_predict(m, y, x, &shape));
  for (size_t t = 0; t < 4; t++) {
    memcpy(one + t * FRAME / 2, x + t * FRAME + FRAME / 2, sizeof one / 4);
  }
  shape.B = 1;
  ASSERT_OK(mpp_model_predict(m, z, one, &shape));
  CU_ASSERT(test_relative_error(z, y + FRAME / 2, FRAME / 2) < 1e-6); /* other tiles of products */
  mpp_model_destroy(m);
}

static void fields_may_come_in_any_order(void)
{
  static float x[WINDOW], swapped[WINDOW], y[FRAME], z[FRAME];
  mpp_window_shape shape = tiny_shape();
  tiny_window(x, &shape, 8);
  for (size_t i = 0; i < WINDOW; i++) { swapped[i / 192 * 192 + (i + 96) % 192] = x[i]; }
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  ASSERT_OK(mpp_model_predict(m, y, x, &shape));
  shape.column[0] = 0;
  shape.column[1] = 2;
  ASSERT_OK(mpp_model_predict(m, z, swapped, &shape));
  for (size_t i = 0; i < FRAME; i++) { swapped[i / 192 * 192 + (i + 96) % 192] = y[i]; }
  CU_ASSERT(test_relative_error(z, swapped, FRAME) < 1e-5); /* sums in another order */
  mpp_model_destroy(m);
}

/* ---- drop path ---- */

static void drop_path_is_a_function_of_seed_and_position(void)
{
  static float x[WINDOW], y[5][FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  const mpp_drop drops[] = {{0.0, 1, 1}, {0.6, 1, 1}, {0.6, 1, 1}, {0.6, 1, 3}, {0.6, 2, 1}};
  mpp_model *m = tiny_model(&config, 6);
  tiny_window(x, &shape, 8);
  for (int i = 0; i < 5; i++) {
    ASSERT_OK(mpp_predict_forward(m, y[i], x, &shape, i % 2 == 0, &drops[i]));
  }
  CU_ASSERT(equal_bytes(y[1], y[2], sizeof y[1]));
  CU_ASSERT(!equal_bytes(y[1], y[0], sizeof y[1]));
  CU_ASSERT(!equal_bytes(y[1], y[3], sizeof y[1]) || !equal_bytes(y[1], y[4], sizeof y[1]));
  ASSERT_OK(mpp_predict_forward(m, y[1], x, &shape, false, NULL));
  CU_ASSERT(equal_bytes(y[1], y[0], sizeof y[1])); /* rate 0 is off */
  mpp_model_destroy(m);
}

static void dropped_branches_are_made_up_for_by_kept_ones(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  tiny_window(x, &shape, 8);
  size_t dropped = 0, kept = 0;
  for (uint64_t position = 0; position < 40; position++) {
    const mpp_drop drop = {.rate = 0.25, .seed = 9, .position = position};
    ASSERT_OK(mpp_predict_forward(m, y, x, &shape, true, &drop));
    const float *keep[] = {m->tape->time[1].keep, m->tape->space[1].keep_att,
                           m->tape->space[1].keep_mlp};
    for (size_t i = 0; i < 6; i++) {
      const float k = keep[i / 2][i % 2];
      CU_ASSERT(k == 0.0f || k == (float)(1.0 / 0.75));
      dropped += k == 0.0f;
      kept += k != 0.0f;
    }
    CU_ASSERT_EQUAL(m->tape->time[0].keep[0], 1.0f); /* linear in depth: the first keeps all */
  }
  CU_ASSERT_EQUAL(dropped + kept, 240);
  CU_ASSERT(dropped > 33 && dropped < 87); /* 60 expected, four standard deviations of 6.7 */
  mpp_model_destroy(m);
}

/* ---- memory and refusals ---- */

static void the_memory_figure_is_what_a_pass_takes(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_drop drop = {.rate = 0.1};
  for (int i = 0; i < MODES; i++) {
    const mpp_model_config config = tiny_config(modes[i], MPP_BIAS_REL);
    mpp_model *m = tiny_model(&config, 6);
    size_t training = 0, inference = 0;
    tiny_window(x, &shape, 8);
    ASSERT_OK(mpp_predict_memory(&inference, m, &shape, false));
    ASSERT_OK(mpp_predict_memory(&training, m, &shape, true));
    CU_ASSERT(inference < training);
    ASSERT_OK(mpp_predict_forward(m, y, x, &shape, false, NULL));
    CU_ASSERT_EQUAL(m->tape->bytes, inference);
    ASSERT_OK(mpp_predict_forward(m, y, x, &shape, true, &drop));
    CU_ASSERT_EQUAL(m->tape->bytes, training);
    mpp_model_destroy(m);
  }
}

static void memory_without_a_tape_does_not_grow_with_depth(void)
{
  const mpp_window_shape shape = tiny_shape();
  size_t bytes[2], training[2];
  for (int i = 0; i < 2; i++) {
    mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
    config.processor_blocks = 2 + 6 * i;
    mpp_model *m = tiny_model(&config, 6);
    ASSERT_OK(mpp_predict_memory(&bytes[i], m, &shape, false));
    ASSERT_OK(mpp_predict_memory(&training[i], m, &shape, true));
    mpp_model_destroy(m);
  }
  CU_ASSERT_EQUAL(bytes[0], bytes[1]);
  CU_ASSERT(training[0] < training[1]);
}

static void expect_refusal(mpp_model *m, const mpp_window_shape *shape, const char *text)
{
  static float x[2 * WINDOW], y[2 * FRAME];
  y[0] = 17.0f;
  ASSERT_STATUS(mpp_model_predict(m, y, x, shape), MPP_ERR_DATA);
  ASSERT_MESSAGE(text);
  CU_ASSERT_EQUAL(y[0], 17.0f);
}

static void shapes_that_do_not_fit_are_refused_by_name(void)
{
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  mpp_window_shape s = tiny_shape();
  s.T = 0;
  expect_refusal(m, &s, "0 frames");
  s = tiny_shape();
  s.B = 0;
  expect_refusal(m, &s, "0 samples");
  s = tiny_shape();
  s.C = 0;
  expect_refusal(m, &s, "0 fields");
  s = tiny_shape();
  s.C = MPP_MAX_FIELDS + 1;
  expect_refusal(m, &s, "17 fields");
  s = tiny_shape();
  s.column[1] = 4;
  expect_refusal(m, &s, "column 4");
  s.column[1] = -1;
  expect_refusal(m, &s, "column -1");
  s.column[1] = 2;
  expect_refusal(m, &s, "same column 2");
  s = tiny_shape();
  s.grid[2] = 0;
  expect_refusal(m, &s, "12x0");
  s = tiny_shape();
  s.grid[1] = 4;
  s.grid[2] = 4;
  expect_refusal(m, &s, "one patch");
  s.grid[1] = 60000;
  s.grid[2] = 60000;
  s.T = 60000;
  expect_refusal(m, &s, "at most 2^36");
  s = tiny_shape();
  s.boundary[1] = (mpp_boundary)7;
  expect_refusal(m, &s, "boundary 7");
  mpp_model_destroy(m);
}

static void a_prediction_that_is_not_finite_names_its_place(void)
{
  static float x[WINDOW], y[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  tiny_window(x, &shape, 8);
  x[3 * FRAME + 96 * 3 + 21] = NAN;
  y[0] = 17.0f;
  ASSERT_STATUS(mpp_model_predict(m, y, x, &shape), MPP_ERR_DIVERGED);
  CU_ASSERT_EQUAL(y[0], 17.0f);
  ASSERT_MESSAGE("sample 1");
  mpp_model_destroy(m);
}

static void running_out_of_memory_leaves_a_usable_model(void)
{
  static float x[WINDOW], y[FRAME], z[FRAME];
  const mpp_window_shape shape = tiny_shape();
  const mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_REL);
  mpp_model *m = tiny_model(&config, 6);
  tiny_window(x, &shape, 8);
  test_faults faults = {.kept = 10};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_model_predict(m, y, x, &shape));
    CU_ASSERT(st == MPP_OK || st == MPP_ERR_NOMEM);
  }
  CU_ASSERT(faults.failed >= 4); /* tape, its two lists of blocks, its memory */
  ASSERT_OK(mpp_model_predict(m, z, x, &shape));
  CU_ASSERT(equal_bytes(y, z, sizeof y));
  mpp_model_destroy(m);
}

TESTS({"an untrained correction equals its base", an_untrained_correction_equals_its_base},
      {"a trained correction is the base plus scaled output",
       a_trained_correction_is_the_base_plus_scaled_output},
      {"a constant field beside another stays constant",
       a_constant_field_beside_another_stays_constant},
      {"constant windows and frames are predicted", constant_windows_and_frames_are_predicted},
      {"gradients of a window with a constant frame are finite",
       gradients_of_a_window_with_a_constant_frame_are_finite},
      {"predictions scale and shift with their fields",
       predictions_scale_and_shift_with_their_fields},
      {"samples are independent of each other", samples_are_independent_of_each_other},
      {"fields may come in any order", fields_may_come_in_any_order},
      {"drop path is a function of seed and position",
       drop_path_is_a_function_of_seed_and_position},
      {"dropped branches are made up for by kept ones",
       dropped_branches_are_made_up_for_by_kept_ones},
      {"the memory figure is what a pass takes", the_memory_figure_is_what_a_pass_takes},
      {"memory without a tape does not grow with depth",
       memory_without_a_tape_does_not_grow_with_depth},
      {"shapes that do not fit are refused by name", shapes_that_do_not_fit_are_refused_by_name},
      {"a prediction that is not finite names its place",
       a_prediction_that_is_not_finite_names_its_place},
      {"running out of memory leaves a usable model", running_out_of_memory_leaves_a_usable_model})
