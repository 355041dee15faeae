/* test_dadapt_adan.c - D-Adaptation of Adan against the package dadaptation. */
#include "optimizers.h"

static void dadapt_adan_follows_the_published_package(void)
{
  double weights, d;
  follow(&weights, &d, MPP_OPTIMIZER_DADAPT_ADAN,
         MPP_TEST_DATA "/golden/optim/dadapt_adan.safetensors", 200, 1.0);
  CU_ASSERT(weights < 1e-6); /* float32 against float64: 200 steps of at most an ulp, 6e-8 each */
  CU_ASSERT(d < 1e-12);      /* d is double and grows as fast as it may in the stored run */
}

/* With a constant gradient, b = beta3, q = sqrt(1-b^2): after two steps s = d0 (1-b^2) g,
 * n = q^2 g^2, and the estimate is
 * d0 ((1-b^2)(1+b)/q - b sqrt(1-b) - (1-b)/q) / (1-b^2). */
static void the_estimate_is_that_of_the_paper(void)
{
  const double b = 0.99, q = sqrt(1.0 - b * b);
  const double expected =
      1e-6 * (q * q * (1.0 + b) / q - b * sqrt(1.0 - b) - (1.0 - b) / q) / (q * q);
  const double d = adapted(MPP_OPTIMIZER_DADAPT_ADAN, 2, 1e9, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(d / expected, 1.0, 1e-4); /* 1 - beta3 in float32, and a difference */
}

static void d_grows_no_faster_than_it_may_and_never_falls(void)
{
  CU_ASSERT_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAN, 1, 1.05, 1.0), 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAN, 2, 1.05, 1.0), 1.05e-6, 1e-18);
  CU_ASSERT_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAN, 3, 1.05, 0.0), 1e-6); /* a rate of 0 */
}

TESTS({"D-Adaptation of Adan follows the published package",
       dadapt_adan_follows_the_published_package},
      {"the estimate is that of the paper", the_estimate_is_that_of_the_paper},
      {"d grows no faster than it may and never falls",
       d_grows_no_faster_than_it_may_and_never_falls})
