/* num_riemann.c - Roe's approximate Riemann solver for the shallow-water equations.
 * Source: R. J. LeVeque, Finite Volume Methods for Hyperbolic Problems (2002), sections 13.8, 15.3
 * and 15.3.5 (entropy fix); the same waves as Clawpack's rpn2_shallow_roe_with_efix.
 *
 * Each wave k with speed s splits into a part that goes left and one that goes right:
 *   s < 0: (s, 0);  s > 0: (0, s);  across a sonic point, where the characteristic speed rises from
 *   b < 0 to e > 0 through the wave, ( b (e - s)/(e - b), e (s - b)/(e - b) ).
 * Clawpack forms the right part as the rest, s W - left; here both parts are formed alike, and sums
 * run over the outer waves first, so that mirror images have the same bits. */
#include "num_riemann.h"

#include <math.h>

typedef struct split {
  double left, right;
} split;

static inline split split_speed(double s, double begin, double end)
{
  const double width = 1.0 / (end - begin);
  const double fix_left = begin * (end - s) * width, fix_right = end * (s - begin) * width;
  const double low = s < 0.0 ? s : 0.0, high = s > 0.0 ? s : 0.0;
  const int sonic = (begin < 0.0) & (end > 0.0);
  return (split){sonic ? fix_left : low, sonic ? fix_right : high};
}

void mpp_roe_shallow(mpp_shallow_face *restrict face, const mpp_shallow_cells *restrict left,
                     const mpp_shallow_cells *restrict right, double gravity)
{
#pragma omp simd
  for (int i = 0; i < MPP_LANES; i++) {
    const double hl = left->h[i], hr = right->h[i];
    const double ul = left->hu[i] / hl, ur = right->hu[i] / hr;
    const double vl = left->hv[i] / hl, vr = right->hv[i] / hr;
    const double wl = sqrt(hl), wr = sqrt(hr), weight = 1.0 / (wl + wr);
    const double u = (wl * ul + wr * ur) * weight, v = (wl * vl + wr * vr) * weight;
    const double a = sqrt(gravity * (0.5 * (hl + hr)));
    const double s0 = u - a, s2 = u + a;

    const double d0 = hr - hl, d1 = right->hu[i] - left->hu[i], d2 = right->hv[i] - left->hv[i];
    const double half = 0.5 / a;
    const double p = (s2 * d0 - d1) * half, q = (d1 - s0 * d0) * half; /* strengths of 0 and 2 */
    const double shear = d2 - v * d0;

    /* Characteristic speeds beyond the outer waves, from the states between the waves; where such a
     * state is dry its root is not a number and the wave is not split. */
    const double mid_l = hl + p, mid_r = hr - q;
    const double end_l = (left->hu[i] + p * s0) / mid_l - sqrt(gravity * mid_l);
    const double begin_r = (right->hu[i] - q * s2) / mid_r + sqrt(gravity * mid_r);
    const split f0 = split_speed(s0, ul - sqrt(gravity * hl), end_l);
    const split f2 = split_speed(s2, begin_r, ur + sqrt(gravity * hr));
    const double f1_left = u < 0.0 ? u : 0.0, f1_right = u > 0.0 ? u : 0.0;

    face->speed[0][i] = s0;
    face->speed[1][i] = u;
    face->speed[2][i] = s2;
    face->acoustic[0][0][i] = p;
    face->acoustic[0][1][i] = p * s0;
    face->acoustic[0][2][i] = p * v;
    face->acoustic[1][0][i] = q;
    face->acoustic[1][1][i] = q * s2;
    face->acoustic[1][2][i] = q * v;
    face->shear[i] = shear;
    face->to_left[0][i] = f0.left * p + f2.left * q;
    face->to_left[1][i] = f0.left * (p * s0) + f2.left * (q * s2);
    face->to_left[2][i] = (f0.left * (p * v) + f2.left * (q * v)) + f1_left * shear;
    face->to_right[0][i] = f0.right * p + f2.right * q;
    face->to_right[1][i] = f0.right * (p * s0) + f2.right * (q * s2);
    face->to_right[2][i] = (f0.right * (p * v) + f2.right * (q * v)) + f1_right * shear;
  }
}
