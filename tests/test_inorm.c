/* test_inorm.c - instance norm against plain loops and central differences in double. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define N     ((size_t)37) /* more frames than pieces of the sums */
#define S     ((size_t)11)
#define C     ((size_t)139) /* more than one block of channels, no multiple of a vector */
#define COUNT (N * S * C)

static float x[COUNT], g[C], b[C], y[COUNT], mean[N * C], rstd[N * C], dy[COUNT];
static float grads[COUNT + 2 * C];
static float *const dx = grads, *const dg = grads + COUNT, *const db = grads + COUNT + C;

static void fill(void)
{
  test_fill(x, COUNT, 1);
  test_fill(g, C, 2);
  test_fill(b, C, 4);
  test_fill(dy, COUNT, 3);
  for (size_t i = 0; i < COUNT; i++) { x[i] = x[i] + 1.0f; }
}

/* torch.nn.functional.instance_norm; returns sum dy y and optionally stores y. */
static double reference(float *yr, size_t n, size_t s)
{
  double loss = 0.0;
  for (size_t k = 0; k < n; k++) {
    for (size_t c = 0; c < C; c++) {
      double m = 0.0, variance = 0.0;
      for (size_t i = 0; i < s; i++) { m += (double)x[(k * s + i) * C + c] / (double)s; }
      for (size_t i = 0; i < s; i++) {
        variance += pow((double)x[(k * s + i) * C + c] - m, 2.0) / (double)s;
      }
      for (size_t i = 0; i < s; i++) {
        const size_t at = (k * s + i) * C + c;
        const double value =
            ((double)x[at] - m) / sqrt(variance + 1e-5) * (double)g[c] + (double)b[c];
        loss += value * (double)dy[at];
        if (yr != NULL) {
          yr[at] = (float)value;
        }
      }
    }
  }
  return loss;
}

static void forward_is_the_usual_instance_norm(void)
{
  static float expected[COUNT];
  fill();
  reference(expected, N, S);
  mpp_inorm_forward(y, mean, rstd, x, g, b, N, S, C);
  /* The mean is rounded to float32 before it is subtracted: 6e-8 of a value near 1. */
  CU_ASSERT(test_relative_error(y, expected, COUNT) < 5e-7);
}

static void one_token_and_constant_channels_give_the_bias(void)
{
  fill();
  mpp_inorm_forward(y, mean, rstd, x, g, b, N, 1, C);
  for (size_t i = 0; i < N * C; i++) { CU_ASSERT_EQUAL(y[i], b[i % C]); }
  for (size_t i = 0; i < COUNT; i++) { x[i] = 0.1f; }
  mpp_inorm_forward(y, mean, rstd, x, g, b, N, S, C);
  for (size_t i = 0; i < COUNT; i++) { CU_ASSERT_EQUAL(y[i], b[i % C]); }
}

static double loss(void *context)
{
  (void)context;
  return reference(NULL, N, S);
}

static void backward_agrees_with_central_differences(void)
{
  fill();
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] = 2.0f; }
  mpp_inorm_forward(y, mean, rstd, x, g, b, N, S, C);
  mpp_inorm_backward(dx, dg, db, dy, x, g, mean, rstd, N, S, C);
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] -= 2.0f; }
  /* The reference is in double; left are the h^2 term (3e-6) and gradients added to 2 (1e-7). */
  CU_ASSERT(gradcheck(x, dx, COUNT, 53, 1e-3, loss, NULL) < 1e-5);
  CU_ASSERT(gradcheck(g, dg, C, 3, 1e-3, loss, NULL) < 1e-5);
  CU_ASSERT(gradcheck(b, db, C, 3, 1e-3, loss, NULL) < 1e-5);
}

static void set_takes_the_place_of_what_was_there(void)
{
  static float added[COUNT + 2 * C];
  fill();
  mpp_inorm_forward(y, mean, rstd, x, g, b, N, S, C);
  memset(added, 0, sizeof added);
  mpp_inorm_backward(added, added + COUNT, added + COUNT + C, dy, x, g, mean, rstd, N, S, C);
  memset(grads, 0, sizeof grads);
  for (size_t i = 0; i < COUNT; i++) { dx[i] = NAN; }
  mpp_inorm_backward_set(dx, dg, db, dy, x, g, mean, rstd, N, S, C);
  for (size_t i = 0; i < COUNT + 2 * C; i++) { CU_ASSERT_EQUAL(grads[i], added[i]); }
}

static void run_forward(void) { mpp_inorm_forward(y, mean, rstd, x, g, b, N, S, C); }
static void run_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_inorm_backward(dx, dg, db, dy, x, g, mean, rstd, N, S, C);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, y, COUNT));
  CU_ASSERT(same_bits(run_backward, grads, sizeof grads / sizeof grads[0]));
}

TESTS({"inorm: forward is the usual instance norm", forward_is_the_usual_instance_norm},
      {"inorm: backward can set in place of adding", set_takes_the_place_of_what_was_there},
      {"inorm: one token and constant channels give the bias",
       one_token_and_constant_channels_give_the_bias},
      {"inorm: backward agrees with central differences", backward_agrees_with_central_differences},
      {"inorm: bits do not depend on threads", bits_do_not_depend_on_threads})
