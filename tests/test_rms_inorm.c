/* test_rms_inorm.c - RMS instance norm against plain loops and central differences in double. */
#include "gradcheck.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define N     ((size_t)37) /* more frames than pieces of the sums */
#define S     ((size_t)11)
#define C     ((size_t)139) /* more than one block of channels, no multiple of a vector */
#define COUNT (N * S * C)

static float x[COUNT], g[C], y[COUNT], sd[N * C], dy[COUNT], grads[COUNT + C];
static float *const dx = grads, *const dg = grads + COUNT;

static void fill(void)
{
  test_fill(x, COUNT, 1);
  test_fill(g, C, 2);
  test_fill(dy, COUNT, 3);
  for (size_t i = 0; i < COUNT; i++) { x[i] = x[i] + 3.0f; } /* a mean that is not subtracted */
}

/* The published function; returns sum dy y and optionally stores y and sd. */
static double reference(float *yr, float *sdr, size_t n, size_t s)
{
  double loss = 0.0;
  for (size_t k = 0; k < n; k++) {
    for (size_t c = 0; c < C; c++) {
      double mean = 0.0, square = 0.0;
      for (size_t i = 0; i < s; i++) { mean += (double)x[(k * s + i) * C + c] / (double)s; }
      for (size_t i = 0; i < s; i++) { square += pow((double)x[(k * s + i) * C + c] - mean, 2.0); }
      const double deviation = s > 1 ? sqrt(square / (double)(s - 1)) : 0.0;
      for (size_t i = 0; i < s; i++) {
        const size_t at = (k * s + i) * C + c;
        const double value = (double)x[at] / (deviation + 1e-8) * (double)g[c];
        loss += value * (double)dy[at];
        if (yr != NULL) {
          yr[at] = (float)value;
        }
      }
      if (sdr != NULL) {
        sdr[k * C + c] = (float)deviation;
      }
    }
  }
  return loss;
}

static void forward_is_the_published_function(void)
{
  static float expected[COUNT], expected_sd[N * C];
  fill();
  reference(expected, expected_sd, N, S);
  mpp_rms_inorm_forward(y, sd, x, g, N, S, C);
  /* One rounding of the scale and one of the product. */
  CU_ASSERT(test_relative_error(y, expected, COUNT) < 2e-7);
  CU_ASSERT(test_relative_error(sd, expected_sd, N * C) < 1e-7);
}

static void one_token_has_deviation_zero(void)
{
  static float expected[N * C];
  fill();
  reference(expected, NULL, N, 1);
  mpp_rms_inorm_forward(y, sd, x, g, N, 1, C);
  CU_ASSERT(test_relative_error(y, expected, N * C) < 2e-7);
  memset(grads, 0, sizeof grads);
  mpp_rms_inorm_backward(dx, dg, dy, x, g, sd, N, 1, C);
  for (size_t i = 0; i < N * C; i++) {
    CU_ASSERT_EQUAL(sd[i], 0.0f);
    /* dx = g dy / 1e-8 alone; two float32 roundings. */
    CU_ASSERT(fabs((double)dx[i] - 1e8 * (double)g[i % C] * (double)dy[i]) <=
              2e-7 * fabs(1e8 * (double)g[i % C] * (double)dy[i]));
  }
}

static void constant_channels_have_the_direct_term_alone(void)
{
  fill();
  for (size_t i = 0; i < COUNT; i++) { x[i] = i % C % 3 == 0 ? 0.1f : x[i]; }
  memset(grads, 0, sizeof grads);
  mpp_rms_inorm_forward(y, sd, x, g, N, S, C);
  mpp_rms_inorm_backward(dx, dg, dy, x, g, sd, N, S, C);
  for (size_t i = 0; i < COUNT; i++) {
    CU_ASSERT(isfinite(dx[i]));
    if (i % C % 3 == 0) {
      CU_ASSERT_EQUAL(sd[i / (S * C) * C + i % C], 0.0f);
      const double expected = (double)g[i % C] * (double)dy[i] * 1e8; /* two float32 roundings */
      CU_ASSERT(fabs((double)dx[i] - expected) <= 2e-7 * fabs(expected));
    }
  }
}

static double loss(void *context)
{
  (void)context;
  return reference(NULL, NULL, N, S);
}

static void backward_agrees_with_central_differences(void)
{
  fill();
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] = 2.0f; }
  mpp_rms_inorm_forward(y, sd, x, g, N, S, C);
  mpp_rms_inorm_backward(dx, dg, dy, x, g, sd, N, S, C);
  for (size_t i = 0; i < sizeof grads / sizeof grads[0]; i++) { grads[i] -= 2.0f; }
  /* The reference is in double; left are the h^2 term (3e-6) and gradients added to 2 (1e-7). */
  CU_ASSERT(gradcheck(x, dx, COUNT, 53, 1e-3, loss, NULL) < 1e-5);
  CU_ASSERT(gradcheck(g, dg, C, 3, 1e-3, loss, NULL) < 1e-5);
}

static void set_takes_the_place_of_what_was_there(void)
{
  static float added[COUNT + C];
  fill();
  mpp_rms_inorm_forward(y, sd, x, g, N, S, C);
  memset(added, 0, sizeof added);
  mpp_rms_inorm_backward(added, added + COUNT, dy, x, g, sd, N, S, C);
  memset(grads, 0, sizeof grads);
  for (size_t i = 0; i < COUNT; i++) { dx[i] = NAN; }
  mpp_rms_inorm_backward_set(dx, dg, dy, x, g, sd, N, S, C);
  for (size_t i = 0; i < COUNT + C; i++) { CU_ASSERT_EQUAL(grads[i], added[i]); }
}

static void run_forward(void) { mpp_rms_inorm_forward(y, sd, x, g, N, S, C); }
static void run_backward(void)
{
  memset(grads, 0, sizeof grads);
  mpp_rms_inorm_backward(dx, dg, dy, x, g, sd, N, S, C);
}

static void bits_do_not_depend_on_threads(void)
{
  fill();
  CU_ASSERT(same_bits(run_forward, y, COUNT));
  CU_ASSERT(same_bits(run_forward, sd, N * C));
  CU_ASSERT(same_bits(run_backward, grads, sizeof grads / sizeof grads[0]));
}

/* ---- the residual branch: y = x + keep gamma norm(m), checked against its parts ---- */

static float res[COUNT], gamma_[C], out[COUNT], branch_dm[COUNT], branch_grads[2 * C], work[2 * C];
static const float drop[2] = {0.0f, 1.25f};

static double keep_at(const mpp_branch *branch, size_t i)
{
  return branch->keep != NULL ? (double)branch->keep[i / (S * C) % 2] : 1.0;
}

static void run_branch(const mpp_branch *branch)
{
  for (size_t i = 0; i < 2 * C; i++) { branch_grads[i] = 0.5f; }
  mpp_rms_branch_forward(out, sd, res, x, g, 1e-6f, branch, N, C);
  mpp_rms_branch_backward(branch_dm, branch_grads, branch_grads + C, dy, x, g, sd, branch, N, C,
                          work);
}

static void check_branch(const mpp_branch *branch)
{
  static float expected[COUNT], scaled[COUNT], gamma_gradient[C];
  static double sum[C];
  memset(sum, 0, sizeof sum);
  mpp_rms_inorm_forward(y, sd, x, g, N, S, C);
  for (size_t i = 0; i < COUNT; i++) {
    const double keep = keep_at(branch, i), gain = keep * (double)gamma_[i % C];
    expected[i] = (float)((double)res[i] + gain * (double)y[i]);
    scaled[i] = (float)(gain * (double)dy[i]);
    sum[i % C] += keep * (double)dy[i] * (double)y[i];
  }
  for (size_t c = 0; c < C; c++) { gamma_gradient[c] = (float)sum[c]; }
  memset(grads, 0, sizeof grads);
  mpp_rms_inorm_backward(dx, dg, scaled, x, g, sd, N, S, C);
  run_branch(branch);
  for (size_t i = 0; i < 2 * C; i++) { branch_grads[i] -= 0.5f; }
  /* Roundings of float32 in another order, and of sums with 0.5. */
  CU_ASSERT(test_relative_error(out, expected, COUNT) < 3e-7);
  CU_ASSERT(test_relative_error(branch_dm, dx, COUNT) < 1e-6);
  CU_ASSERT(test_relative_error(branch_grads, dg, C) < 1e-6);
  CU_ASSERT(test_relative_error(branch_grads + C, gamma_gradient, C) < 1e-6);
  memcpy(out, res, sizeof out);
  mpp_rms_branch_forward(out, sd, out, x, g, 1e-6f, branch, N, C); /* in place */
  CU_ASSERT(test_relative_error(out, expected, COUNT) < 3e-7);
}

static void branch_is_the_norm_scaled_and_added(void)
{
  fill();
  test_fill(res, COUNT, 5);
  test_fill(gamma_, C, 6);
  check_branch(&(mpp_branch){gamma_, NULL, 2, S});
  check_branch(&(mpp_branch){gamma_, drop, 2, S});
}

static void run_dropped(void) { run_branch(&(mpp_branch){gamma_, drop, 2, S}); }

static void branch_bits_do_not_depend_on_threads(void)
{
  fill();
  test_fill(gamma_, C, 6);
  CU_ASSERT(same_bits(run_dropped, out, COUNT));
  CU_ASSERT(same_bits(run_dropped, branch_dm, COUNT));
  CU_ASSERT(same_bits(run_dropped, branch_grads, 2 * C));
}

TESTS({"rms_inorm: forward is the published function", forward_is_the_published_function},
      {"rms_inorm: backward can set in place of adding", set_takes_the_place_of_what_was_there},
      {"rms_inorm: one token has deviation zero", one_token_has_deviation_zero},
      {"rms_inorm: constant channels have the direct term alone",
       constant_channels_have_the_direct_term_alone},
      {"rms_inorm: backward agrees with central differences",
       backward_agrees_with_central_differences},
      {"rms_inorm: bits do not depend on threads", bits_do_not_depend_on_threads},
      {"rms_inorm: branch is the norm scaled and added", branch_is_the_norm_scaled_and_added},
      {"rms_inorm: bits of the branch do not depend on threads",
       branch_bits_do_not_depend_on_threads})
