/* test_condition.c - conditions taken apart, and what they hold of. */
#include <math.h>
#include <string.h>

#include "condition.h"
#include "test.h"

static const struct {
  const char *text;
  bool below, at, above, nan; /* of the number, the number itself, ... */
  double value;
} good[] = {
    {"eta<0.05", true, false, false, false, 0.05},
    {"eta <= 0.05", true, true, false, false, 0.05},
    {" eta>0.05 ", false, false, true, false, 0.05},
    {"eta>=5e-2", false, true, true, false, 0.05},
    {"eta=0.05", false, true, false, false, 0.05},
    {"eta==0.05", false, true, false, false, 0.05},
    {"eta!=0.05", true, false, true, true, 0.05},
    {"eta", true, false, true, true, 0.0},
};

static void signs_and_numbers_are_read(void)
{
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    mpp_condition c;
    const double v = good[i].value;
    REQUIRE_OK(
        mpp_condition_read(&c, good[i].text, strlen(good[i].text), true, "test", MPP_ERR_USAGE));
    CU_ASSERT_STRING_EQUAL(c.name, "eta");
    CU_ASSERT_DOUBLE_EQUAL(c.value, v, 0.0);
    CU_ASSERT_EQUAL(mpp_condition_holds(&c, v - 0.01), good[i].below);
    CU_ASSERT_EQUAL(mpp_condition_holds(&c, (double)(float)v), good[i].at);
    CU_ASSERT_EQUAL(mpp_condition_holds(&c, v + 0.01), good[i].above);
    CU_ASSERT_EQUAL(mpp_condition_holds(&c, NAN), good[i].nan);
  }
}

static void wrong_ones_are_refused(void)
{
  static const struct {
    const char *text, *message;
  } wrong[] = {{"", "an empty or too long condition"},
               {"<3", "found '<3', expected a condition"},
               {"eta<<3", "found '<<', expected <, <=, >, >=, = or !="},
               {"eta<", "expected a number after '<'"},
               {"eta=3m", "expected a number after '='"},
               {"eta<nan", "expected a number after '<'"},
               {"eta", "found 'eta', expected a condition"}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    mpp_condition c = {.value = 7.0};
    ASSERT_STATUS(
        mpp_condition_read(&c, wrong[i].text, strlen(wrong[i].text), false, "test", MPP_ERR_CONFIG),
        MPP_ERR_CONFIG);
    ASSERT_MESSAGE(wrong[i].message);
    CU_ASSERT_EQUAL(c.value, 7.0);
  }
}

TESTS({"signs and numbers are read", signs_and_numbers_are_read},
      {"wrong ones are refused", wrong_ones_are_refused})
