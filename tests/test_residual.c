/* test_residual.c - layer scale with drop path against plain loops in double. */
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define T     ((size_t)3)
#define B     ((size_t)2)
#define S     ((size_t)11)
#define C     ((size_t)139) /* more than one block of channels, no multiple of a vector */
#define COUNT (T * B * S * C)

static float x[COUNT], r[COUNT], gamma_[C], y[COUNT], dy[COUNT], grads[2 * COUNT + C];
static float *const dx = grads, *const dr = grads + COUNT, *const dgamma = grads + 2 * COUNT;
static const float drop[B] = {0.0f, 1.25f};

static void fill(void)
{
  test_fill(x, COUNT, 1);
  test_fill(r, COUNT, 2);
  test_fill(gamma_, C, 3);
  test_fill(dy, COUNT, 4);
}

static double keep_at(const float *keep, size_t at)
{
  return keep != NULL ? (double)keep[at / (S * C) % B] : 1.0;
}

static void check_forward(const float *keep)
{
  static float expected[COUNT];
  for (size_t i = 0; i < COUNT; i++) {
    expected[i] = (float)((double)x[i] + keep_at(keep, i) * (double)gamma_[i % C] * (double)r[i]);
  }
  mpp_residual_forward(y, x, r, gamma_, keep, T, B, S, C);
  CU_ASSERT(test_relative_error(y, expected, COUNT) < 1e-7); /* three float32 roundings */
  memcpy(y, x, sizeof y);
  mpp_residual_forward(y, y, r, gamma_, keep, T, B, S, C);
  CU_ASSERT(test_relative_error(y, expected, COUNT) < 1e-7);
}

static void forward_scales_and_drops_per_sample(void)
{
  fill();
  check_forward(drop);
  check_forward(NULL);
}

static void check_backward(const float *keep, bool with_dx)
{
  static float expected[2 * COUNT + C];
  static double sum[C];
  memset(sum, 0, sizeof sum);
  for (size_t i = 0; i < COUNT; i++) {
    expected[i] = with_dx ? dy[i] : 0.0f;
    expected[COUNT + i] = (float)(keep_at(keep, i) * (double)gamma_[i % C] * (double)dy[i]);
    sum[i % C] += keep_at(keep, i) * (double)r[i] * (double)dy[i];
  }
  for (size_t c = 0; c < C; c++) { expected[2 * COUNT + c] = (float)sum[c]; }
  for (size_t i = 0; i < 2 * COUNT + C; i++) { grads[i] = 0.5f; }
  mpp_residual_backward(with_dx ? dx : NULL, dr, dgamma, dy, r, gamma_, keep, T, B, S, C);
  for (size_t i = 0; i < 2 * COUNT + C; i++) { grads[i] -= 0.5f; }
  /* float32 sums with 0.5 */
  CU_ASSERT(test_relative_error(dx, expected, COUNT) < 2e-7);
  CU_ASSERT(test_relative_error(dr, expected + COUNT, COUNT) < 2e-7);
  CU_ASSERT(test_relative_error(dgamma, expected + 2 * COUNT, C) < 2e-7);
}

static void backward_adds_all_gradients(void)
{
  fill();
  check_backward(drop, true);
  check_backward(NULL, true);
  check_backward(drop, false);
}

static void run_forward(void) { mpp_residual_forward(y, x, r, gamma_, drop, T, B, S, C); }
static void run_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_residual_backward(dx, dr, dgamma, dy, r, gamma_, drop, T, B, S, C);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, y, COUNT));
  CU_ASSERT(same_bits(run_backward, grads, 2 * COUNT + C));
}

TESTS({"residual: forward scales and drops per sample", forward_scales_and_drops_per_sample},
      {"residual: backward adds all gradients", backward_adds_all_gradients},
      {"residual: bits do not depend on threads", bits_do_not_depend_on_threads})
