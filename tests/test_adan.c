/* test_adan.c - Adan against the package adan-pytorch. */
#include "optimizers.h"

static void adan_follows_the_published_package(void)
{
  double weights, d;
  follow(&weights, &d, MPP_OPTIMIZER_ADAN, MPP_TEST_DATA "/golden/optim/adan.safetensors", 25,
         0.01);
  CU_ASSERT(weights < 2e-7); /* float32 against float64: 25 steps of half an ulp, 6e-8 each */
}

static void the_first_step_only_remembers_its_gradient(void)
{
  static const size_t floats[] = {2};
  const float g[2] = {3.0f, -1.0f};
  float w[2] = {1.0f, 2.0f};
  mpp_optimizer o;
  mpp_optimizer_settings set = own_betas;
  mpp_params p = make_params(1, floats);
  set.weight_decay = 0.0;
  REQUIRE_OK(mpp_optimizer_create(&o, mpp_optimizer_method_of(MPP_OPTIMIZER_ADAN), 2, &set));
  mpp_optimizer_step(&o, w, g, &p, NULL, 0.1);
  CU_ASSERT(w[0] == 1.0f && w[1] == 2.0f);
  mpp_optimizer_step(&o, w, g, &p, NULL, 0.1);
  CU_ASSERT(w[0] < 1.0f && w[1] > 2.0f);
  mpp_optimizer_destroy(&o);
  mpp_free(p.entry);
}

TESTS({"Adan follows the published package", adan_follows_the_published_package},
      {"the first step only remembers its gradient", the_first_step_only_remembers_its_gradient})
