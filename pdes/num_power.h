/* num_power.h - x^p for loops: no branch and no call, so that the vector units take it. */
#ifndef MPP_NUM_POWER_H
#define MPP_NUM_POWER_H

#include <stdint.h>
#include <string.h>

/* x^p for normal x > 0 and |p log x| < 700, to 2e-16 (4 + 2 |p log x|) of itself. */
static inline double mpp_power(double x, double p)
{
  const double to_double = 6755399441055744.0; /* 3 2^51: a whole number added to it is exact */
  const double ln2_high = 0x1.62e42fefa3800p-1, ln2_low = 0x1.ef35793c76730p-45;
  uint64_t bits = 0, scale_bits = 0;
  double m = 0.0, e = 0.0, scale = 0.0;
  /* x = 2^e m, m in [sqrt(1/2), sqrt(2)). */
  memcpy(&bits, &x, sizeof bits);
  const int64_t exponent = (int64_t)(bits - 0x3fe6a09e667f3bcdu) >> 52; /* of any x defined */
  const uint64_t m_bits = bits - (uint64_t)exponent * 0x10000000000000u;
  const uint64_t e_bits = (uint64_t)exponent + 0x4338000000000000u;
  memcpy(&m, &m_bits, sizeof m);
  memcpy(&e, &e_bits, sizeof e);
  e -= to_double;
  /* log m = 2 artanh(s); s^2 < 0.0295. */
  const double s = (m - 1.0) / (m + 1.0), q = s * s;
  double sum = 1.0 / 21.0;
  sum = sum * q + 1.0 / 19.0;
  sum = sum * q + 1.0 / 17.0;
  sum = sum * q + 1.0 / 15.0;
  sum = sum * q + 1.0 / 13.0;
  sum = sum * q + 1.0 / 11.0;
  sum = sum * q + 1.0 / 9.0;
  sum = sum * q + 1.0 / 7.0;
  sum = sum * q + 1.0 / 5.0;
  sum = sum * q + 1.0 / 3.0;
  const double log_m = 2.0 * s + 2.0 * s * (q * sum);
  const double y = p * (e * ln2_high + (e * ln2_low + log_m));
  /* y = k log 2 + r, |r| < 0.347; exp r by its series. */
  const double rounded = y * 1.4426950408889634 + to_double, k = rounded - to_double;
  const double r = (y - k * ln2_high) - k * ln2_low;
  double t = 1.0 / 6227020800.0;
  t = t * r + 1.0 / 479001600.0;
  t = t * r + 1.0 / 39916800.0;
  t = t * r + 1.0 / 3628800.0;
  t = t * r + 1.0 / 362880.0;
  t = t * r + 1.0 / 40320.0;
  t = t * r + 1.0 / 5040.0;
  t = t * r + 1.0 / 720.0;
  t = t * r + 1.0 / 120.0;
  t = t * r + 1.0 / 24.0;
  t = t * r + 1.0 / 6.0;
  t = t * r + 0.5;
  t = 1.0 + (r + r * (r * t));
  memcpy(&scale_bits, &rounded, sizeof scale_bits);
  scale_bits = (scale_bits + 1023) << 52;
  memcpy(&scale, &scale_bits, sizeof scale);
  return t * scale;
}

#endif
