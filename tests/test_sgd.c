/* test_sgd.c - gradient descent with momentum. */
#include "optimizers.h"

/* As torch.optim.SGD(lr, momentum): m = 0.5 m + g, w -= lr m; by hand in powers of 2: exact. */
static void momentum_adds_up_past_gradients(void)
{
  static const size_t floats[] = {1};
  const float g[3] = {1.0f, 2.0f, -1.0f}, expected[3] = {3.75f, 3.125f, 3.0625f};
  float w[1] = {4.0f};
  mpp_optimizer o;
  mpp_optimizer_settings set = own_betas;
  mpp_params p = make_params(1, floats);
  set.beta1 = 0.5;
  set.weight_decay = 0.0;
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(MPP_OPTIMIZER_SGD), 1, &set));
  for (int s = 0; s < 3; s++) {
    mpp_optimizer_step(&o, w, &g[s], &p, NULL, 0.25); /* m: 1, 2.5, 0.25 */
    CU_ASSERT_EQUAL(w[0], expected[s]);
  }
  mpp_optimizer_destroy(&o);
  mpp_free(p.entry);
}

TESTS({"momentum adds up past gradients", momentum_adds_up_past_gradients})
