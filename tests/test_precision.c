/* test_precision.c - a network whose products are computed in bfloat16, beside itself in
 * float32. */
#include "equal_bytes.h"
#include "gemm.h"
#include "threads.h"
#include "tiny_model.h"

enum { FRAME = 2 * 2 * 32 * 32, WINDOW = 4 * FRAME };

/* 8 x 8 tokens a frame: norms over the few of tiny_shape() amplify any change of a gradient a
 * hundred times. */
static mpp_window_shape shape_of_test(void)
{
  mpp_window_shape s = tiny_shape();
  s.grid[1] = s.grid[2] = 32;
  return s;
}

/* Output y and gradients [params->total] of one training pass. */
static void train(float *y, float *gradients, mpp_model *m, mpp_precision precision)
{
  static float x[WINDOW], dy[FRAME];
  const mpp_window_shape shape = shape_of_test();
  tiny_window(x, &shape, 8);
  test_fill(dy, FRAME, 3);
  REQUIRE_OK(mpp_model_set_precision(m, precision));
  memset(gradients, 0, m->params->total * sizeof *gradients);
  REQUIRE_OK(mpp_predict_forward(m, y, x, &shape, true, NULL));
  mpp_predict_backward(m, gradients, dy, x, &shape, NULL);
}

static double distance(const float *a, const float *b, size_t n)
{
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < n; i++) {
    difference += ((double)a[i] - (double)b[i]) * ((double)a[i] - (double)b[i]);
    norm += (double)b[i] * (double)b[i];
  }
  return sqrt(difference / norm);
}

/* Output and gradients in float32 with each weight changed by up to 2^-9 of it, as rounding to
 * bfloat16 changes it. */
static void train_changed(float *y, float *gradients, mpp_model *m)
{
  const size_t total = m->params->total;
  float *weights = malloc(total * sizeof *weights), *change = malloc(total * sizeof *change);
  memcpy(weights, m->weights, total * sizeof *weights);
  test_fill(change, total, 77);
  for (size_t i = 0; i < total; i++) { m->weights[i] += 0x1p-9f * change[i] * m->weights[i]; }
  train(y, gradients, m, MPP_PRECISION_FLOAT32);
  memcpy(m->weights, weights, total * sizeof *weights);
  free(weights);
  free(change);
}

/* The measure of an error is what as large a change of the weights does to this network. Rounding
 * changes weights, activations and gradients, three operands; if their errors added up and none
 * cancelled, the whole were three times that. An error of a hundredth would be that of a product
 * whose operands were not rounded. */
static void expect_rounding(const float *rounded, const float *changed, const float *exact,
                            size_t n)
{
  const double error = distance(rounded, exact, n), measure = distance(changed, exact, n);
  CU_ASSERT(error > 0.01 * measure);
  CU_ASSERT(error < 3.0 * measure);
  CU_ASSERT(measure < 0.1); /* else it would say nothing */
}

static void bf16_is_float32_up_to_its_rounding(void)
{
  static float y[3][FRAME];
  for (mpp_mode mode = MPP_MODE_FRAME; mode <= MPP_MODE_DELTA; mode++) {
    const mpp_model_config config = tiny_config(mode, MPP_BIAS_REL);
    mpp_model *m = tiny_model(&config, 6);
    const size_t total = m->params->total;
    float *exact = calloc(total, sizeof *exact), *rounded = calloc(total, sizeof *rounded);
    float *changed = calloc(total, sizeof *changed);
    train(y[0], exact, m, MPP_PRECISION_FLOAT32);
    if (mpp_gemm_has_bf16()) {
      train(y[1], rounded, m, MPP_PRECISION_BF16);
      train_changed(y[2], changed, m);
      expect_rounding(y[1], y[2], y[0], FRAME);
      expect_rounding(rounded, changed, exact, total);
    } else {
      ASSERT_STATUS(mpp_model_set_precision(m, MPP_PRECISION_BF16), MPP_ERR_CONFIG);
      ASSERT_MESSAGE("AVX512_BF16");
    }
    train(y[1], rounded, m, MPP_PRECISION_FLOAT32); /* and back */
    CU_ASSERT(equal_bytes(rounded, exact, total * sizeof *exact));
    free(exact);
    free(rounded);
    free(changed);
    mpp_model_destroy(m);
  }
}

static void bits_do_not_depend_on_the_number_of_threads(void)
{
  static float y[2][FRAME];
  const mpp_precision precision = mpp_gemm_has_bf16() ? MPP_PRECISION_BF16 : MPP_PRECISION_FLOAT32;
  mpp_model_config config = tiny_config(MPP_MODE_DELTA, MPP_BIAS_CONTINUOUS);
  config.embed_dim = 96; /* products of several tiles, large enough for threads */
  mpp_model *m = tiny_model(&config, 6);
  const size_t total = m->params->total;
  float *one = calloc(total, sizeof *one), *more = calloc(total, sizeof *more);
  mpp_set_threads(1);
  train(y[0], one, m, precision);
  for (int threads = 2; threads <= 5; threads++) {
    mpp_set_threads(threads);
    train(y[1], more, m, precision);
    CU_ASSERT(equal_bytes(y[1], y[0], sizeof y[0]));
    CU_ASSERT(equal_bytes(more, one, total * sizeof *one));
  }
  mpp_set_threads(0);
  free(one);
  free(more);
  mpp_model_destroy(m);
}

TESTS({"bf16 is float32 up to its rounding", bf16_is_float32_up_to_its_rounding},
      {"bits do not depend on the number of threads", bits_do_not_depend_on_the_number_of_threads})
