/* test_linear.c - linear layer against plain loops in double. */
#include "nn.h"
#include "same_bits.h"
#include "test.h"

/* Odd on purpose: no multiple of a vector or a tile. */
#define M   ((size_t)301)
#define IN  ((size_t)67)
#define OUT ((size_t)133)

static float x[M * IN], w[OUT * IN], b[OUT], y[M * OUT], dy[M * OUT];
static float grads[M * IN + OUT * IN + OUT];
static float *const dx = grads, *const dw = grads + M * IN, *const db = grads + M * IN + OUT * IN;

static void fill(void)
{
  test_fill(x, M * IN, 1);
  test_fill(w, OUT * IN, 2);
  test_fill(b, OUT, 3);
  test_fill(dy, M * OUT, 4);
}

/* Dot products of up to 301 terms of order 1 in float32: a few 1e-7 of their size. */
static const double tolerance = 2e-6;

static void check_forward(size_t m, const float *bias)
{
  static float expected[M * OUT];
  for (size_t i = 0; i < m; i++) {
    for (size_t o = 0; o < OUT; o++) {
      double sum = bias != NULL ? (double)bias[o] : 0.0;
      for (size_t k = 0; k < IN; k++) { sum += (double)x[i * IN + k] * (double)w[o * IN + k]; }
      expected[i * OUT + o] = (float)sum;
    }
  }
  test_fill(y, M * OUT, 9); /* what stood there before must not matter */
  mpp_linear_forward(y, x, w, bias, m, IN, OUT, false);
  CU_ASSERT(test_relative_error(y, expected, m * OUT) < tolerance);
}

static void forward_is_the_product_plus_bias(void)
{
  fill();
  check_forward(M, b);
  check_forward(M, NULL);
  check_forward(1, b);
}

/* What backward must add: expected gradients in the layout of `grads`. */
static void reference_backward(float *expected, size_t m)
{
  for (size_t i = 0; i < m; i++) {
    for (size_t k = 0; k < IN; k++) {
      double sum = 0.0;
      for (size_t o = 0; o < OUT; o++) { sum += (double)dy[i * OUT + o] * (double)w[o * IN + k]; }
      expected[i * IN + k] = (float)sum;
    }
  }
  for (size_t o = 0; o < OUT; o++) {
    double column = 0.0;
    for (size_t i = 0; i < m; i++) { column += (double)dy[i * OUT + o]; }
    expected[M * IN + OUT * IN + o] = (float)column;
    for (size_t k = 0; k < IN; k++) {
      double sum = 0.0;
      for (size_t i = 0; i < m; i++) { sum += (double)dy[i * OUT + o] * (double)x[i * IN + k]; }
      expected[M * IN + o * IN + k] = (float)sum;
    }
  }
}

static void backward_adds_the_three_gradients(void)
{
  static float expected[sizeof grads / sizeof grads[0]];
  fill();
  const size_t sizes[2] = {M, 1};
  for (size_t t = 0; t < 2; t++) {
    const size_t m = sizes[t];
    reference_backward(expected, m);
    for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] = 0.5f; }
    mpp_linear_backward(dx, dw, db, dy, x, w, m, IN, OUT, false);
    for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] -= 0.5f; }
    CU_ASSERT(test_relative_error(dx, expected, m * IN) < tolerance);
    CU_ASSERT(test_relative_error(dw, expected + M * IN, OUT * IN) < tolerance);
    CU_ASSERT(test_relative_error(db, expected + M * IN + OUT * IN, OUT) < tolerance);
  }
}

static void dx_and_db_may_be_null(void)
{
  static float expected[sizeof grads / sizeof grads[0]];
  fill();
  reference_backward(expected, M);
  memset(grads, 0, sizeof grads);
  mpp_linear_backward(NULL, dw, NULL, dy, x, w, M, IN, OUT, false);
  CU_ASSERT(test_relative_error(dw, expected + M * IN, OUT * IN) < tolerance);
  CU_ASSERT_EQUAL(dx[0], 0.0f);
  CU_ASSERT_EQUAL(db[0], 0.0f);
}

static void run_forward(void) { mpp_linear_forward(y, x, w, b, M, IN, OUT, false); }
static void run_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_linear_backward(dx, dw, db, dy, x, w, M, IN, OUT, false);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, y, M * OUT));
  CU_ASSERT(same_bits(run_backward, grads, sizeof grads / sizeof grads[0]));
}

/* ---- the residual branch: y = x + keep gamma (a w^T + b), checked against its parts ---- */

/* Frames of two samples with 43 tokens each, the last frame cut: 301 rows. */
static const float drop[2] = {0.0f, 1.25f};
static float res[M * OUT], gamma_[OUT], branch_y[M * OUT];

static double keep_at(const mpp_branch *branch, size_t i)
{
  return branch->keep != NULL ? (double)branch->keep[i / 43 % 2] : 1.0;
}

static void check_branch_forward(const mpp_branch *branch)
{
  static float expected[M * OUT];
  mpp_linear_forward(y, x, w, b, M, IN, OUT, false);
  for (size_t i = 0; i < M * OUT; i++) {
    expected[i] =
        (float)((double)res[i] + keep_at(branch, i / OUT) * (double)gamma_[i % OUT] * (double)y[i]);
  }
  mpp_linear_branch_forward(branch_y, res, x, w, b, branch, M, IN, OUT, false);
  CU_ASSERT(test_relative_error(branch_y, expected, M * OUT) < 2e-7); /* roundings at the end */
  memcpy(branch_y, res, sizeof res);
  mpp_linear_branch_forward(branch_y, branch_y, x, w, b, branch, M, IN, OUT, false); /* in place */
  CU_ASSERT(test_relative_error(branch_y, expected, M * OUT) < 2e-7);
}

static void branch_forward_scales_and_adds(void)
{
  fill();
  test_fill(res, M * OUT, 5);
  test_fill(gamma_, OUT, 6);
  check_branch_forward(&(mpp_branch){gamma_, NULL, 2, 43});
  check_branch_forward(&(mpp_branch){gamma_, drop, 2, 43});
}

static float branch_da[M * IN], branch_grads[OUT * IN + 2 * OUT], branch_a[M * IN];
static float branch_work[2 * OUT * IN + OUT];

static void run_branch_backward(const mpp_branch *branch)
{
  float *const bw = branch_grads, *const bb = bw + OUT * IN, *const bg = bb + OUT;
  memcpy(branch_a, x, sizeof x);
  for (size_t i = 0; i < OUT * IN + 2 * OUT; i++) { branch_grads[i] = 0.5f; }
  mpp_linear_branch_backward(branch_da, bw, bb, bg, dy, branch_a, w, b, branch, M, IN, OUT,
                             branch_work, false);
}

/* Against the gradient of a layer that gets keep gamma dy, and dgamma = sum keep dy (a w^T + b). */
static void check_branch_backward(const mpp_branch *branch)
{
  static float scaled[M * OUT], gamma_gradient[OUT];
  CU_ASSERT_EQUAL(mpp_linear_branch_work(IN, OUT), sizeof branch_work / sizeof *branch_work);
  mpp_linear_forward(y, x, w, b, M, IN, OUT, false);
  for (size_t o = 0; o < OUT; o++) {
    double sum = 0.0;
    for (size_t i = 0; i < M; i++) {
      const double kept = keep_at(branch, i) * (double)dy[i * OUT + o];
      scaled[i * OUT + o] = (float)(kept * (double)gamma_[o]);
      sum += kept * (double)y[i * OUT + o];
    }
    gamma_gradient[o] = (float)sum;
  }
  memset(grads, 0, sizeof grads);
  mpp_linear_backward(dx, dw, db, scaled, x, w, M, IN, OUT, false);
  run_branch_backward(branch);
  for (size_t i = 0; i < OUT * IN + 2 * OUT; i++) { branch_grads[i] -= 0.5f; }
  const float *bw = branch_grads, *bb = bw + OUT * IN, *bg = bb + OUT;
  CU_ASSERT(test_relative_error(branch_da, dx, M * IN) < tolerance);
  CU_ASSERT(test_relative_error(bw, dw, OUT * IN) < tolerance);
  CU_ASSERT(test_relative_error(bb, db, OUT) < tolerance);
  CU_ASSERT(test_relative_error(bg, gamma_gradient, OUT) < tolerance);
}

static void branch_backward_is_that_of_its_parts(void)
{
  fill();
  test_fill(gamma_, OUT, 6);
  check_branch_backward(&(mpp_branch){gamma_, NULL, 2, 43});
  check_branch_backward(&(mpp_branch){gamma_, drop, 2, 43});
}

static void run_dropped_backward(void) { run_branch_backward(&(mpp_branch){gamma_, drop, 2, 43}); }

static void branch_bits_do_not_depend_on_threads(void)
{
  fill();
  test_fill(gamma_, OUT, 6);
  CU_ASSERT(same_bits(run_dropped_backward, branch_da, M * IN));
  CU_ASSERT(same_bits(run_dropped_backward, branch_grads, OUT * IN + 2 * OUT));
}

static void backward_set_overwrites_the_gradient_of_the_input(void)
{
  static float set[M * IN];
  fill();
  memset(grads, 0, sizeof grads);
  mpp_linear_backward(dx, dw, NULL, dy, x, w, M, IN, OUT, false);
  for (size_t i = 0; i < M * IN; i++) { set[i] = NAN; }
  mpp_linear_backward_set(set, dw, db, dy, x, w, M, IN, OUT, false);
  CU_ASSERT_EQUAL(memcmp(set, dx, sizeof set), 0);
}

TESTS({"linear: forward is the product plus bias", forward_is_the_product_plus_bias},
      {"linear: backward adds the three gradients", backward_adds_the_three_gradients},
      {"linear: dx and db may be null", dx_and_db_may_be_null},
      {"linear: bits do not depend on threads", bits_do_not_depend_on_threads},
      {"linear: backward_set overwrites the gradient of the input",
       backward_set_overwrites_the_gradient_of_the_input},
      {"linear: branch forward scales and adds", branch_forward_scales_and_adds},
      {"linear: branch backward is that of its parts", branch_backward_is_that_of_its_parts},
      {"linear: bits of the branch do not depend on threads", branch_bits_do_not_depend_on_threads})
