/* test_loss.c - the training loss against its formula, the gradient against central differences. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define B     ((size_t)7)
#define C     ((size_t)5) /* more pairs than pieces of the sum */
#define S     ((size_t)101)
#define COUNT (B * C * S)

static float y[COUNT], t[COUNT], dy[COUNT];
static double den[B * C];

static void fill(void)
{
  test_fill(y, COUNT, 1);
  test_fill(t, COUNT, 2);
  for (size_t k = 0; k < B * C; k++) { den[k] = 0.1 + (double)k; }
  for (size_t i = 0; i < S; i++) { t[i] = 0.0f; } /* a field of zeros: the floor alone */
  for (size_t i = 0; i < S; i++) { y[i] *= 1e-4f; }
}

static double formula(double *roots, const double *given)
{
  double sum = 0.0, root_sum = 0.0;
  for (size_t k = 0; k < B * C; k++) {
    double error = 0.0, square = 0.0;
    for (size_t i = 0; i < S; i++) {
      error += pow((double)y[k * S + i] - (double)t[k * S + i], 2.0) / (double)S;
      square += pow((double)t[k * S + i], 2.0) / (double)S;
    }
    const double e = error / (given != NULL ? given[k] : 1e-7 + square);
    sum += e / (double)(B * C);
    root_sum += sqrt(e) / (double)(B * C);
  }
  if (roots != NULL) {
    *roots = root_sum;
  }
  return sum;
}

static void forward_is_the_formula(void)
{
  double nrmse = 0.0, roots = 0.0;
  fill();
  const double exact = formula(&roots, NULL);
  /* All sums are in double. */
  CU_ASSERT_DOUBLE_EQUAL(mpp_nmse_forward(&nrmse, y, t, B, C, S), exact, 1e-12 * exact);
  CU_ASSERT_DOUBLE_EQUAL(nrmse, roots, 1e-12 * roots);
  CU_ASSERT_DOUBLE_EQUAL(mpp_nmse_forward(NULL, y, t, B, C, S), exact, 1e-12 * exact);
  const double scaled = formula(NULL, den);
  CU_ASSERT_DOUBLE_EQUAL(mpp_scaled_mse_forward(y, t, den, B, C, S), scaled, 1e-12 * scaled);
}

static void a_nan_in_the_prediction_shows(void)
{
  fill();
  y[COUNT - 1] = NAN;
  CU_ASSERT(isnan(mpp_nmse_forward(NULL, y, t, B, C, S)));
  CU_ASSERT(isnan(mpp_scaled_mse_forward(y, t, den, B, C, S)));
}

static double loss(void *given) { return 3.0 * formula(NULL, (const double *)given); }

static void backward_agrees_with_central_differences(void)
{
  fill();
  for (size_t i = 0; i < COUNT; i++) { dy[i] = 0.125f; }
  mpp_nmse_backward(dy, y, t, 3.0f, B, C, S);
  for (size_t i = 0; i < COUNT; i++) { dy[i] -= 0.125f; }
  /* Quadratic and in double: left are float32 roundings next to 0.125, most of all of the small
   * gradients of ordinary fields. */
  CU_ASSERT(gradcheck(y, dy, S, 5, 1e-6, loss, NULL) < 1e-6);
  CU_ASSERT(gradcheck(y + S, dy + S, COUNT - S, 37, 1e-2, loss, NULL) < 3e-5);
  memset(dy, 0, sizeof dy);
  mpp_scaled_mse_backward(dy, y, t, den, 3.0f, B, C, S);
  CU_ASSERT(gradcheck(y, dy, COUNT, 37, 1e-2, loss, den) < 1e-6);
}

static void run_backward(void)
{
  memset(dy, 0, sizeof dy);
  mpp_nmse_backward(dy, y, t, 1.0f, B, C, S);
}

static double sums[3];
static void run_forward(void)
{
  double nrmse = 0.0;
  sums[0] = mpp_nmse_forward(&nrmse, y, t, B, C, S);
  sums[1] = nrmse;
  sums[2] = mpp_scaled_mse_forward(y, t, den, B, C, S);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, (const float *)(const void *)sums, 6));
  CU_ASSERT(same_bits(run_backward, dy, COUNT));
}

TESTS({"loss: forward is the formula", forward_is_the_formula},
      {"loss: a NaN in the prediction shows", a_nan_in_the_prediction_shows},
      {"loss: backward agrees with central differences", backward_agrees_with_central_differences},
      {"loss: bits do not depend on threads", bits_do_not_depend_on_threads})
