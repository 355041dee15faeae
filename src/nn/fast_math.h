/* fast_math.h - exp, erf in fixed polynomials that compilers vectorise: the same bits at any vector
 * width, errors stated at each. To be included by kernels only.
 *
 * The polynomials are minimax fits in relative error, made in double by iteratively reweighted
 * least squares on Chebyshev points; the test of the gelu layer holds their errors. */
#ifndef MPP_FAST_MATH_H
#define MPP_FAST_MATH_H

#include <stdint.h>
#include <string.h>

/* exp(x) for x <= 88; relative error below 1e-7 (less than 1 ulp). Below ln(FLT_MIN) the result is
 * 0, where expf gives denormal numbers; NaN stays NaN. x = n ln 2 + r, |r| <= ln 2 / 2; ln 2 in two
 * parts (Cody and Waite), the first of so few bits that n times it is exact. Adding 1.5 * 2^23
 * rounds to an integer that then stands in the low bits of the float. */
static inline float mpp_fast_exp(float x)
{
  const float z = x * 1.44269504f + 12582912.0f;
  const float n = z - 12582912.0f;
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 0.00138145394f;
  p = p * r + 0.00836874545f;
  p = p * r + 0.041668389f;
  p = p * r + 0.166665211f;
  p = p * r + 0.49999994f;
  p = 1.0f + (r + r * r * p);
  uint32_t bits;
  memcpy(&bits, &z, sizeof bits);
  bits = (bits + 127u) << 23; /* 2^n */
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  return x < -87.3365f ? 0.0f : p * scale;
}

/* Upper tail of the normal distribution, 1 - Phi(a) = erfc(a / sqrt 2) / 2, for a >= 0, given
 * gauss = exp(-a^2 / 2): gauss times a polynomial in t = 1/(1 + 0.3 a) (the form of Abramowitz and
 * Stegun 7.1.26, of higher degree). Relative error below 5e-7 for exact `gauss` and a <= 13, where
 * float32 ends. */
static inline float mpp_fast_tail(float a, float gauss)
{
  const float t = 1.0f / (1.0f + 0.3f * a);
  float p = -0.0205946285f;
  p = p * t + 0.112273313f;
  p = p * t + -0.227817059f;
  p = p * t + 0.191233456f;
  p = p * t + -0.0789444521f;
  p = p * t + 0.095887281f;
  p = p * t + 0.0784876123f;
  p = p * t + 0.110213302f;
  p = p * t + 0.119574621f;
  p = p * t + 0.119686536f;
  return gauss * (t * p);
}

#endif
