/* test_ema.c - the moving average of the weights. */
#include "ema.h"

#include "test.h"

static void the_average_starts_at_the_weights_and_follows_them(void)
{
  const float start[2] = {1.0f, -2.0f}, moved[2] = {2.0f, -2.0f};
  mpp_ema e;
  REQUIRE_OK(mpp_ema_create(&e, start, 2, 0.9));
  mpp_ema_update(&e, start, 1);
  CU_ASSERT(e.mean[0] == 1.0f && e.mean[1] == -2.0f);
  mpp_ema_update(&e, moved, 2);                  /* decay (1+2)/(10+2) = 1/4 */
  CU_ASSERT_DOUBLE_EQUAL(e.mean[0], 1.75, 1e-7); /* rounding of float32 */
  mpp_ema_update(&e, moved, 1000000);            /* the decay that was asked for */
  CU_ASSERT_DOUBLE_EQUAL(e.mean[0], 1.775, 1e-6);
  CU_ASSERT(e.mean[1] == -2.0f); /* a frozen weight stays to the bit */
  mpp_ema_destroy(&e);
  CU_ASSERT_PTR_NULL(e.mean);
}

TESTS({"the average starts at the weights and follows them",
       the_average_starts_at_the_weights_and_follows_them})
