/* test_adamw.c - AdamW against torch.optim.AdamW. */
#include "optimizers.h"

static void adamw_follows_torch(void)
{
  double weights, d;
  follow(&weights, &d, MPP_OPTIMIZER_ADAMW, MPP_TEST_DATA "/golden/optim/adamw.safetensors", 25,
         0.01);
  CU_ASSERT(weights < 2e-7); /* float32 against float64: 25 steps of half an ulp, 6e-8 each */
}

TESTS({"AdamW follows torch", adamw_follows_torch})
