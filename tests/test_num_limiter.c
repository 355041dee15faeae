#include "num_limiter.h"
#include "test.h"

static void smooth_data_are_not_limited(void) { CU_ASSERT_EQUAL(mpp_limiter_mc(1.0), 1.0); }

static void extrema_get_no_correction(void)
{
  CU_ASSERT_EQUAL(mpp_limiter_mc(0.0), 0.0);
  CU_ASSERT_EQUAL(mpp_limiter_mc(-3.0), 0.0);
}

static void between_its_bounds_it_is_the_central_slope(void)
{
  CU_ASSERT_EQUAL(mpp_limiter_mc(0.25), 0.5); /* 2 theta */
  CU_ASSERT_EQUAL(mpp_limiter_mc(0.5), 0.75); /* (1 + theta) / 2 */
  CU_ASSERT_EQUAL(mpp_limiter_mc(2.0), 1.5);
  CU_ASSERT_EQUAL(mpp_limiter_mc(50.0), 2.0);
}

/* phi(theta) / theta = phi(1 / theta): forward and backward jumps are treated alike. */
static void it_is_symmetric(void)
{
  for (int i = -20; i <= 20; i++) {
    const double theta = pow(1.17, i);
    CU_ASSERT_DOUBLE_EQUAL(mpp_limiter_mc(theta) / theta, mpp_limiter_mc(1.0 / theta), 1e-14);
  }
}

TESTS({"smooth data are not limited", smooth_data_are_not_limited},
      {"extrema get no correction", extrema_get_no_correction},
      {"between its bounds it is the central slope", between_its_bounds_it_is_the_central_slope},
      {"it is symmetric", it_is_symmetric})
