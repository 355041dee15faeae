/* condition.c - a name, a sign and a number. */
#include "condition.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check.h"
#include "number.h"

static const char *const signs[] = {
    [MPP_SIGN_LESS] = "<",           [MPP_SIGN_LESS_EQUAL] = "<=", [MPP_SIGN_GREATER] = ">",
    [MPP_SIGN_GREATER_EQUAL] = ">=", [MPP_SIGN_EQUAL] = "=",       [MPP_SIGN_NOT_EQUAL] = "!="};

const char *mpp_sign_text(mpp_sign sign) { return signs[sign]; }

static mpp_status read_sign(mpp_sign *out, const char *text, size_t length, const char *origin,
                            mpp_status code)
{
  const bool twice = length == 2 && memcmp(text, "==", 2) == 0;
  for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
    const bool same = strlen(signs[i]) == length && memcmp(signs[i], text, length) == 0;
    if (same || (twice && i == MPP_SIGN_EQUAL)) {
      *out = (mpp_sign)i;
      return MPP_OK;
    }
  }
  return mpp_fail(code, "%s: found '%.*s', expected <, <=, >, >=, = or !=", origin, (int)length,
                  text);
}

mpp_status mpp_condition_read(mpp_condition *c, const char *text, size_t length, bool bare,
                              const char *origin, mpp_status code)
{
  mpp_status st = MPP_OK;
  char copy[sizeof c->name], *end = NULL;
  mpp_condition read = {.sign = MPP_SIGN_NOT_EQUAL};
  MPP_REQUIRE(length > 0 && length < sizeof copy, code, "%s: an empty or too long condition",
              origin);
  memcpy(copy, text, length);
  copy[length] = '\0';
  char *at = copy + strcspn(copy, "<>=!");
  const size_t nsign = strspn(at, "<>=!");
  const char *name = copy + strspn(copy, " \t");
  size_t nname = at > name ? (size_t)(at - name) : 0;
  while (nname > 0 && isspace((unsigned char)name[nname - 1])) { nname--; }
  MPP_REQUIRE(nname > 0 && (nsign > 0 || bare), code,
              "%s: found '%s', expected a condition as eta<0.05", origin, copy);
  memcpy(read.name, name, nname);
  read.name[nname] = '\0';
  if (nsign > 0) {
    MPP_TRY(read_sign(&read.sign, at, nsign, origin, code));
    read.value = mpp_number_read(at + nsign, &end);
    const bool number = end != at + nsign && strspn(end, " \t") == strlen(end);
    MPP_REQUIRE(number && isfinite(read.value), code,
                "%s: found '%s', expected a number after '%s'", origin, copy,
                mpp_sign_text(read.sign));
  }
  *c = read;
done:
  return st;
}

bool mpp_condition_holds(const mpp_condition *c, double x)
{
  const double size = fabs(x) > fabs(c->value) ? fabs(x) : fabs(c->value);
  const bool equal = fabs(x - c->value) <= 1e-6 * size;
  switch (c->sign) {
  case MPP_SIGN_LESS:
    return x < c->value && !equal;
  case MPP_SIGN_LESS_EQUAL:
    return x < c->value || equal;
  case MPP_SIGN_GREATER:
    return x > c->value && !equal;
  case MPP_SIGN_GREATER_EQUAL:
    return x > c->value || equal;
  case MPP_SIGN_EQUAL:
    return equal;
  case MPP_SIGN_NOT_EQUAL:
    return !equal;
  }
  return false;
}
