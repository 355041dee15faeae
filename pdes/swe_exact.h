/* swe_exact.h - exact solutions of the shallow-water equations, to hold the scheme against. */
#ifndef MPP_SWE_EXACT_H
#define MPP_SWE_EXACT_H

/* Depth [m] and velocity [m s-1] at (x, t). */
typedef struct mpp_swe_point {
  double h, u;
} mpp_swe_point;

/* Stoker's dam break: water at rest, `left` deep for x < 0 and `right` deep (less) for x > 0. */
mpp_swe_point mpp_swe_dam_break(double x, double t, double left, double right, double gravity);

/* A wave that runs to the right into water at rest of depth 1/gravity and steepens without breaking
 * until t = 1.3 s: c(x, 0) = 1 + 0.1 exp(-8 x^2), c = sqrt(g h). */
mpp_swe_point mpp_swe_simple_wave(double x, double t, double gravity);

#endif
