/* short_float.c - by the bits, since Debian's clang 14 has no _Float16 on x86. */
#include "short_float.h"

#include <math.h>
#include <string.h>

static float float_of(uint32_t bits)
{
  float value = 0.0F;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static uint32_t bits_of(float value)
{
  uint32_t bits = 0;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* The upper bits of `bits`, without the lower `n`, rounded. A carry moves on into the exponent. */
static uint32_t rounded(uint32_t bits, unsigned n)
{
  return (bits + (1u << (n - 1)) - 1u + (bits >> n & 1u)) >> n;
}

float mpp_float_of_f16(uint16_t bits)
{
  const uint32_t sign = (uint32_t)(bits & 0x8000u) << 16, digits = bits & 0x3ffu;
  const uint32_t exponent = (uint32_t)bits >> 10 & 0x1fu;
  if (exponent == 0) { /* multiples of 2^-24 */
    return float_of(sign | bits_of((float)digits * 0x1p-24F));
  }
  return float_of(sign | (exponent == 31 ? 0x7f800000u : (exponent + 112) << 23) | digits << 13);
}

uint16_t mpp_f16_of_float(float value)
{
  const uint32_t sign = bits_of(value) >> 16 & 0x8000u;
  const float size = fabsf(value);
  uint32_t out = 0x7e00u; /* NaN */
  if (size < 0x1p-14F) {  /* multiples of 2^-24; scaling is exact, and the sum rounds to even */
    out = bits_of(size * 0x1p24F + 0x1p23F) & 0x7fffu;
  } else if (size < 65520.0F) { /* exponents count from 15 instead of 127 */
    out = rounded(bits_of(size), 13) - (112u << 10);
  } else if (!isnan(size)) {
    out = 0x7c00u;
  }
  return (uint16_t)(sign | out);
}

float mpp_float_of_bf16(uint16_t bits) { return float_of((uint32_t)bits << 16); }

uint16_t mpp_bf16_of_float(float value)
{
  const uint32_t bits = bits_of(value);
  return (uint16_t)(isnan(value) ? bits >> 16 | 0x40u : rounded(bits, 16));
}
