/* test_number.c - numbers as text under any locale. */
#include "test.h"

#include <locale.h>

#include "number.h"
#include "rng.h"

static void decimal_numbers_are_read(void)
{
  double x = 77.0;
  CU_ASSERT(mpp_number_parse(&x, "1e-3") && x == 1e-3);
  CU_ASSERT(mpp_number_parse(&x, "-.5") && x == -0.5);
  CU_ASSERT(mpp_number_parse(&x, "+7") && x == 7.0);
  x = 77.0;
  static const char *const bad[] = {"",      " 1",    "1 ", "1,5", "0x10", "nan", "inf",
                                    "1e999", "1.2.3", "e5", "-",   "1e",   "--1", "1_000"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CU_ASSERT_FALSE(mpp_number_parse(&x, bad[i]));
  }
  CU_ASSERT_EQUAL(x, 77.0);
}

static void integers_may_have_an_exponent(void)
{
  long n = 77;
  CU_ASSERT(mpp_number_parse_long(&n, "-12") && n == -12);
  CU_ASSERT(mpp_number_parse_long(&n, "1e6") && n == 1000000);
  CU_ASSERT(mpp_number_parse_long(&n, "2.5e1") && n == 25);
  CU_ASSERT(mpp_number_parse_long(&n, "9223372036854775807") && n == INT64_MAX);
  n = 77;
  static const char *const bad[] = {"", "1.5", "1e-1", "9223372036854775808", "1e17", "x", "1x"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    CU_ASSERT_FALSE(mpp_number_parse_long(&n, bad[i]));
  }
  CU_ASSERT_EQUAL(n, 77);
}

static void every_number_comes_back(void)
{
  char text[MPP_NUMBER_MAX];
  for (uint64_t i = 0; i < 20000; i++) {
    uint32_t bits[4];
    double x, y = 0.0;
    mpp_rng_bits(bits, 5, MPP_STREAM_NOISE, i, 0);
    memcpy(&x, bits, sizeof x);
    if (isfinite(x)) {
      CU_ASSERT_EQUAL(mpp_number_format(text, x), strlen(text));
      CU_ASSERT(mpp_number_parse(&y, text) && y == x);
    }
  }
}

static void short_numbers_stay_short(void)
{
  char text[MPP_NUMBER_MAX];
  mpp_number_format(text, 0.1);
  CU_ASSERT_STRING_EQUAL(text, "0.1");
  mpp_number_format(text, 1e-4);
  CU_ASSERT_STRING_EQUAL(text, "0.0001");
  mpp_number_format(text, -3.0);
  CU_ASSERT_STRING_EQUAL(text, "-3");
}

static void a_comma_locale_changes_nothing(void)
{
  char text[MPP_NUMBER_MAX], native[MPP_NUMBER_MAX], *end = NULL;
  double x = 0.0;
  setenv("LOCPATH", MPP_TEST_LOCALES, 1);
  CU_ASSERT_PTR_NOT_NULL_FATAL(setlocale(LC_NUMERIC, "comma"));
  snprintf(native, sizeof native, "%g", 0.5);
  mpp_number_format(text, 0.5);
  const bool parsed = mpp_number_parse(&x, "0.5");
  const double read = mpp_number_read("0.25,7", &end);
  setlocale(LC_NUMERIC, "C");
  CU_ASSERT_STRING_EQUAL(native, "0,5"); /* the locale is in force */
  CU_ASSERT_STRING_EQUAL(text, "0.5");
  CU_ASSERT(parsed && x == 0.5);
  CU_ASSERT(read == 0.25 && strcmp(end, ",7") == 0);
}

TESTS({"decimal numbers are read", decimal_numbers_are_read},
      {"integers may have an exponent", integers_may_have_an_exponent},
      {"every number comes back", every_number_comes_back},
      {"short numbers stay short", short_numbers_stay_short},
      {"a comma locale changes nothing", a_comma_locale_changes_nothing})
