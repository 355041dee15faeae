/* number.c - strtod and printf under the C locale, which is taken for these calls alone. */
#include "number.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static locale_t c_locale;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_locale(void) { c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0); }

static locale_t enter_c_locale(void)
{
  pthread_once(&once, make_locale);
  return c_locale != (locale_t)0 ? uselocale(c_locale) : (locale_t)0;
}

static void leave_c_locale(locale_t before)
{
  if (before != (locale_t)0) {
    uselocale(before);
  }
}

double mpp_number_read(const char *text, char **end)
{
  const locale_t before = enter_c_locale();
  const double value = strtod(text, end);
  leave_c_locale(before);
  return value;
}

int mpp_number_print(char *out, size_t size, const char *format, va_list list)
{
  const locale_t before = enter_c_locale();
  const int n = vsnprintf(out, size, format, list);
  leave_c_locale(before);
  return n;
}

bool mpp_number_parse(double *out, const char *text)
{
  /* strtod also takes leading space, hexadecimal numbers, "nan" and "inf". */
  if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
    return false;
  }
  char *end = NULL;
  const double value = mpp_number_read(text, &end);
  if (end == text || *end != '\0' || !isfinite(value)) {
    return false;
  }
  *out = value;
  return true;
}

bool mpp_number_parse_long(long *out, const char *text)
{
  if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) {
    return false;
  }
  char *end = NULL;
  double real = 0.0;
  errno = 0;
  const long value = strtol(text, &end, 10);
  if (end != text && *end == '\0' && errno == 0) {
    *out = value;
    return true;
  }
  /* Beyond 2^53 a double does not hold every integer. */
  if (errno != 0 || !mpp_number_parse(&real, text) || real != floor(real) || fabs(real) > 0x1p53) {
    return false;
  }
  *out = (long)real;
  return true;
}

size_t mpp_number_format(char out[MPP_NUMBER_MAX], double value)
{
  int n = 0;
  const locale_t before = enter_c_locale();
  for (int digits = 15; digits <= 17; digits++) {
    n = snprintf(out, MPP_NUMBER_MAX, "%.*g", digits, value);
    if (strtod(out, NULL) == value) {
      break;
    }
  }
  leave_c_locale(before);
  return (size_t)n;
}
