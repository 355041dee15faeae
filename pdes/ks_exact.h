/* ks_exact.h - plane waves of the Kuramoto-Sivashinsky equation, to hold the solver against. */
#ifndef MPP_KS_EXACT_H
#define MPP_KS_EXACT_H

enum { MPP_KS_HARMONICS = 8 };

/* c_1 .. c_12 at time t of u = sum_m c_m(t) cos(m theta), theta = k . x, q = |k|^2, with the mean
 * left out, from u(0) = amplitude cos(theta). The neglected harmonics stay below 1e-14 where c_1 <
 * 1 and q > 0.4. */
void mpp_ks_plane_wave(double c[MPP_KS_HARMONICS + 1], double amplitude, double q, double t);

#endif
