/* num_weno.h - WENO-AO(5,3): in each cell of a uniform grid the quartic polynomial of the cell's
 * average and its four neighbours' where these are smooth, else one of three parabolas.
 * Source: D. S. Balsara, S. Garain and C.-W. Shu, J. Comput. Phys. 326 (2016) 780. */
#ifndef MPP_NUM_WENO_H
#define MPP_NUM_WENO_H

#include <math.h>

/* p(s) = sum_m a[m] s^m, s = (x - centre) / dx in [-1/2, 1/2]; its average is the cell's. */
typedef struct mpp_weno_poly {
  double a[5];
} mpp_weno_poly;

/* Of the cell u[0], from u[-2] .. u[2]. `floor` > 0 has the size of a negligible square difference.
 * Mirror images and sign changes of u give those of p, to the last bit where products and sums are
 * not contracted (as in this folder). */
static inline mpp_weno_poly mpp_weno_ao(const double *u, double floor)
{
  const double high = 0.85, side = 0.01125, middle = 0.1275; /* linear weights; they add to 1 */
  const double left = u[-1] - u[-2], right = u[2] - u[1], below = u[0] - u[-1], above = u[1] - u[0];
  /* The quartic. */
  const double second = above - below, first = 0.5 * (above + below);
  const double a4 = ((right - above) + (below - left) - 2.0 * second) / 24.0;
  const double a3 = ((right - above) - (below - left)) / 12.0;
  const double a2 = 0.5 * second - 1.5 * a4;
  const double a1 = first - 1.25 * a3;
  /* Slopes and halved second differences of the parabolas to the left, around and to the right. */
  const double bl2 = 0.5 * (below - left), bl1 = below + bl2;
  const double br2 = 0.5 * (right - above), br1 = above - br2;
  const double bm2 = 0.5 * second, bm1 = first;
  /* Sums over l of the integral of (d^l p / ds^l)^2. */
  const double c2 = a2 + 3.0 / 14.0 * a4 + 123.0 / 455.0 * a4, c1 = a1 + 0.25 * a3;
  const double is =
      c1 * c1 + 13.0 / 3.0 * c2 * c2 + 781.0 / 20.0 * a3 * a3 + 1421461.0 / 2275.0 * a4 * a4;
  const double il = bl1 * bl1 + 13.0 / 3.0 * bl2 * bl2;
  const double im = bm1 * bm1 + 13.0 / 3.0 * bm2 * bm2;
  const double ir = br1 * br1 + 13.0 / 3.0 * br2 * br2;
  const double tau = ((fabs(is - il) + fabs(is - ir)) + fabs(is - im)) / 3.0;
  const double qs = tau / (is + floor), ql = tau / (il + floor);
  const double qm = tau / (im + floor), qr = tau / (ir + floor);
  const double ws = high * (1.0 + qs * qs), wm = middle * (1.0 + qm * qm);
  const double wl = side * (1.0 + ql * ql), wr = side * (1.0 + qr * qr);
  const double norm = 1.0 / ((wl + wr) + wm + ws);
  /* p = w_s / high (quartic - side left - middle - side right) + w_l left + w_m middle + w_r
   * right */
  const double s = norm * ws / high, l = norm * wl - s * side, r = norm * wr - s * side;
  const double m = norm * wm - s * middle;
  mpp_weno_poly p;
  p.a[4] = s * a4;
  p.a[3] = s * a3;
  p.a[2] = (l * bl2 + r * br2) + m * bm2 + s * a2;
  p.a[1] = (l * bl1 + r * br1) + m * bm1 + s * a1;
  p.a[0] = u[0] - p.a[2] / 12.0 - p.a[4] / 80.0;
  return p;
}

/* p at the upper (side = 1) or lower (side = -1) face of its cell. */
static inline double mpp_weno_face(const mpp_weno_poly *p, double side)
{
  const double even = p->a[0] + 0.25 * p->a[2] + 0.0625 * p->a[4];
  return even + side * (0.5 * p->a[1] + 0.125 * p->a[3]);
}

/* Integral of p over s from 1/2 - part to 1/2: what a flow of Courant number `part` carries out of
 * the upper face, in units of dx. */
static inline double mpp_weno_outflow(const mpp_weno_poly *p, double part)
{
  const double s = 0.5 - part, s2 = s * s, s4 = s2 * s2;
  return (p->a[0] * part + p->a[2] * (0.125 - s2 * s) / 3.0 + p->a[4] * (0.03125 - s4 * s) / 5.0) +
         (0.5 * p->a[1] * (0.25 - s2) + 0.25 * p->a[3] * (0.0625 - s4));
}

#endif
