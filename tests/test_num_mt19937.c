/* Expected values: numpy 1.24, np.random.RandomState. */
#include "num_mt19937.h"
#include "test.h"

static mpp_mt19937 g;

static void doubles_are_numpys(void)
{
  double x[1000];
  mpp_mt19937_seed(&g, 12345);
  for (int i = 0; i < 1000; i++) { x[i] = mpp_mt19937_double(&g); }
  CU_ASSERT_EQUAL(x[0], 0.9296160928171479);
  CU_ASSERT_EQUAL(x[623], 0.7987383509494473); /* past the first refill */
  CU_ASSERT_EQUAL(x[999], 0.30860519994571);
}

static void the_largest_seed_is_taken_whole(void)
{
  mpp_mt19937_seed(&g, 4294967295U);
  CU_ASSERT_EQUAL(mpp_mt19937_double(&g), 0.0976320289940138);
  CU_ASSERT_DOUBLE_EQUAL(mpp_mt19937_normal(&g), 0.0813036681172692, 1e-15);
}

static void radii_are_those_of_the_released_dam_breaks(void)
{
  static const double radius[] = {0.5195254015709299, 0.4668088018810296, 0.47439796085680147,
                                  0.5203191610298301, 0.6868119356054706};
  for (uint32_t seed = 0; seed < 5; seed++) {
    mpp_mt19937_seed(&g, seed);
    CU_ASSERT_EQUAL(mpp_mt19937_uniform(&g, 0.3, 0.7), radius[seed]);
  }
}

static void normals_are_numpys_and_come_in_pairs(void)
{
  static const double normal[] = {1.764052345967664, 0.4001572083672233, 0.9787379841057392,
                                  2.240893199201458, 1.8675579901499675};
  mpp_mt19937_seed(&g, 0);
  for (int i = 0; i < 5; i++) {
    /* logarithms of different libraries may differ in the last digit */
    CU_ASSERT_DOUBLE_EQUAL(mpp_mt19937_normal(&g), normal[i], 1e-15);
  }
  mpp_mt19937_seed(&g, 7);
  double last = 0.0;
  CU_ASSERT_DOUBLE_EQUAL(mpp_mt19937_normal(&g), 1.690525703800356, 1e-15);
  for (int i = 1; i <= 1000000; i++) { last = mpp_mt19937_normal(&g); }
  CU_ASSERT_DOUBLE_EQUAL(last, -1.6501493514546444, 1e-15);
}

static void seeding_forgets_the_normal_that_was_kept(void)
{
  mpp_mt19937_seed(&g, 0);
  (void)mpp_mt19937_normal(&g);
  mpp_mt19937_seed(&g, 0);
  CU_ASSERT_DOUBLE_EQUAL(mpp_mt19937_normal(&g), 1.764052345967664, 1e-15);
}

TESTS({"doubles are numpy's", doubles_are_numpys},
      {"the largest seed is taken whole", the_largest_seed_is_taken_whole},
      {"radii are those of the released dam breaks", radii_are_those_of_the_released_dam_breaks},
      {"normals are numpy's and come in pairs", normals_are_numpys_and_come_in_pairs},
      {"seeding forgets the normal that was kept", seeding_forgets_the_normal_that_was_kept})
