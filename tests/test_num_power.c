#include "num_power.h"

#include "test.h"

/* Over the range of concentrations and exponents, against libm. */
static void powers_are_exact_to_rounding(void)
{
  double worst = 0.0;
  for (int i = -3000; i <= 3000; i++) {
    const double x = exp(0.0137 * i);
    for (int k = -8; k <= 8; k++) {
      const double p = 0.25 * k - 0.013, expected = pow(x, p);
      const double allowed = 2.3e-16 * (4.0 + 2.0 * fabs(p * log(x)));
      worst = fmax(worst, fabs(mpp_power(x, p) / expected - 1.0) / allowed);
    }
  }
  CU_ASSERT(worst < 1.0);
}

static void whole_cases_are_met(void)
{
  CU_ASSERT_EQUAL(mpp_power(1.0, -0.126), 1.0);
  CU_ASSERT_EQUAL(mpp_power(0.37, 0.0), 1.0);
  CU_ASSERT_DOUBLE_EQUAL(mpp_power(1024.0, 0.5), 32.0, 1e-13);            /* 2e-16 times 18 */
  CU_ASSERT_DOUBLE_EQUAL(mpp_power(1e-6, -0.126) / 5.7016427, 1.0, 1e-7); /* digits given */
}

TESTS({"powers are exact to rounding", powers_are_exact_to_rounding},
      {"whole cases are met", whole_cases_are_met})
