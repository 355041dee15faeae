/* test_gelu.c - GELU, and the polynomials of exp and of the normal tail under it, against libm in
 * double over dense ranges. */
#include "fast_math.h"
#include "nn.h"
#include "same_bits.h"
#include "test.h"

#define COUNT ((size_t)300007) /* many pieces and a rest */

static float x[COUNT], y[COUNT], dy[COUNT], dx[COUNT];

static double normal_cdf(double v) { return 0.5 * erfc(-v / sqrt(2.0)); }

static void exp_is_within_one_ulp(void)
{
  double worst = 0.0;
  for (int i = 0; i <= 2000000; i++) {
    const float v = -87.33f + 175.33f * (float)i / 2000000.0f;
    const double exact = exp((double)v);
    worst = fmax(worst, fabs((double)mpp_fast_exp(v) - exact) / exact);
  }
  CU_ASSERT(worst < 1e-7); /* the bound that fast_math.h states */
  CU_ASSERT(worst > 1e-9); /* something was compared */
  CU_ASSERT_EQUAL(mpp_fast_exp(0.0f), 1.0f);
}

static void exp_ends_in_zero_and_keeps_nan(void)
{
  CU_ASSERT_EQUAL(mpp_fast_exp(-87.4f), 0.0f);
  CU_ASSERT_EQUAL(mpp_fast_exp(-1e30f), 0.0f);
  CU_ASSERT_EQUAL(mpp_fast_exp(-INFINITY), 0.0f);
  CU_ASSERT(isnan(mpp_fast_exp(NAN)));
}

static void tail_holds_its_relative_error(void)
{
  double worst = 0.0;
  for (int i = 0; i <= 1000000; i++) {
    const float a = 13.0f * (float)i / 1000000.0f;
    /* gauss rounded to float32, as an exact exp would give it */
    const float gauss = (float)exp(-0.5 * (double)a * (double)a);
    const double exact = normal_cdf(-(double)a);
    worst = fmax(worst, fabs((double)mpp_fast_tail(a, gauss) - exact) / exact);
  }
  CU_ASSERT(worst < 5e-7); /* the bound that fast_math.h states */
}

static void fill_densely(void)
{
  for (size_t i = 0; i < COUNT; i++) {
    x[i] = -15.0f + 30.0f * (float)i / (float)(COUNT - 1);
    dy[i] = (float)(i % 7) - 2.5f;
    dx[i] = 0.0f;
  }
}

static void forward_is_the_exact_gelu(void)
{
  double worst = 0.0;
  fill_densely();
  mpp_gelu_forward(y, x, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    const double v = (double)x[i], exact = v * normal_cdf(v);
    worst = fmax(worst, fabs((double)y[i] - exact) / fmax(1.0, fabs(v)));
  }
  CU_ASSERT(worst < 1e-7); /* the bound that gelu.c states */
}

static void backward_multiplies_by_the_exact_derivative(void)
{
  double worst = 0.0;
  fill_densely();
  memcpy(dx, dy, sizeof dx);
  mpp_gelu_backward(dx, x, COUNT);
  for (size_t i = 0; i < COUNT; i++) {
    const double v = (double)x[i];
    const double slope = normal_cdf(v) + v * exp(-0.5 * v * v) / sqrt(2.0 * acos(-1.0));
    worst = fmax(worst, fabs((double)dx[i] - (double)dy[i] * slope));
  }
  CU_ASSERT(worst < 1e-6); /* |dy| <= 3.5, products up to 4: an ulp there is 5e-7 */
}

static void small_counts_work(void)
{
  fill_densely();
  for (size_t n = 0; n < 40; n++) {
    memset(y, 0, sizeof y);
    mpp_gelu_forward(y, x + COUNT / 2, n);
    CU_ASSERT_EQUAL(y[n], 0.0f);
    for (size_t i = 0; i < n; i++) {
      const double v = (double)x[COUNT / 2 + i];
      CU_ASSERT(fabs((double)y[i] - v * normal_cdf(v)) < 1e-7);
    }
  }
}

static void run_forward(void) { mpp_gelu_forward(y, x, COUNT); }
static void run_backward(void)
{
  memcpy(dx, dy, sizeof dx);
  mpp_gelu_backward(dx, x, COUNT);
}

static void bits_do_not_depend_on_threads(void)
{
  fill_densely();
  CU_ASSERT(same_bits(run_forward, y, COUNT));
  CU_ASSERT(same_bits(run_backward, dx, COUNT));
}

static void the_slope_kept_is_that_of_backward(void)
{
  static float slope[COUNT], together[COUNT];
  fill_densely();
  for (size_t i = 0; i < COUNT; i++) {
    slope[i] = x[i];
    dx[i] = 1.0f;
  }
  mpp_gelu_forward(y, x, COUNT);
  mpp_gelu_backward(dx, x, COUNT);
  mpp_gelu_forward_slope(together, slope, slope, COUNT);
  for (size_t i = 0; i < COUNT; i++) { /* one formula, contracted as the compiler likes: 2 ulp */
    CU_ASSERT(fabsf(together[i] - y[i]) <= 2.5e-7f * fabsf(y[i]));
    CU_ASSERT(fabsf(slope[i] - dx[i]) <= 2.5e-7f);
  }
}

TESTS({"gelu: the slope kept is that of backward", the_slope_kept_is_that_of_backward},
      {"gelu: exp is within one ulp", exp_is_within_one_ulp},
      {"gelu: exp ends in zero and keeps NaN", exp_ends_in_zero_and_keeps_nan},
      {"gelu: the tail holds its relative error", tail_holds_its_relative_error},
      {"gelu: forward is the exact GELU", forward_is_the_exact_gelu},
      {"gelu: backward multiplies by the exact derivative",
       backward_multiplies_by_the_exact_derivative},
      {"gelu: small counts work", small_counts_work},
      {"gelu: bits do not depend on threads", bits_do_not_depend_on_threads})
