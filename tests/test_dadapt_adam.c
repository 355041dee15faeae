/* test_dadapt_adam.c - D-Adaptation of Adam against the package dadaptation. */
#include "optimizers.h"

static void dadapt_adam_follows_the_published_package(void)
{
  double weights, d;
  follow(&weights, &d, MPP_OPTIMIZER_DADAPT_ADAM,
         MPP_TEST_DATA "/golden/optim/dadapt_adam.safetensors", 200, 1.0);
  CU_ASSERT(weights < 1e-6); /* float32 against float64: 200 steps of at most an ulp, 6e-8 each */
  CU_ASSERT(d < 1e-12);      /* d is double and grows as fast as it may in the stored run */
}

/* With a constant gradient g the sums of the second step are
 * s1 = d0 (1-b) g, s2 = s1 (1+b), b = sqrt(beta2), v1 = (1-beta2) g^2, so that the estimate is
 * d0 / (sqrt(1-beta2) (1+b)). */
static void the_estimate_is_that_of_the_paper(void)
{
  const double expected = 1e-6 / (sqrt(1.0 - 0.999) * (1.0 + sqrt(0.999)));
  const double d = adapted(MPP_OPTIMIZER_DADAPT_ADAM, 2, 1e9, 1.0);
  CU_ASSERT_DOUBLE_EQUAL(d / expected, 1.0, 1e-4); /* 1 - beta2 in float32 has 5 digits */
}

static void d_grows_no_faster_than_it_may_and_never_falls(void)
{
  CU_ASSERT_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAM, 1, 1.05, 1.0), 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAM, 2, 1.05, 1.0), 1.05e-6, 1e-18);
  CU_ASSERT_EQUAL(adapted(MPP_OPTIMIZER_DADAPT_ADAM, 3, 1.05, 0.0), 1e-6); /* a rate of 0 */
}

TESTS({"D-Adaptation of Adam follows the published package",
       dadapt_adam_follows_the_published_package},
      {"the estimate is that of the paper", the_estimate_is_that_of_the_paper},
      {"d grows no faster than it may and never falls",
       d_grows_no_faster_than_it_may_and_never_falls})
