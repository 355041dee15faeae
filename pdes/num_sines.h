/* num_sines.h - PDEBench's random profiles of 1D systems: a sum of sines, sometimes its absolute
 * value, of either sign, sometimes cut to a window.
 *   u(x) = sign |sum_i A_i sin(2 pi s_i i (x - low) / length + phase_i)| m(x),   i = 1 .. modes,
 *   m(x) = (tanh((x - x_left) / 0.01) - tanh((x - x_right) / 0.01)) / 2          (or m = 1).
 * Two picks among the modes, with replacement, set s_i to 0, 1 or 2: a mode picked twice has twice
 * its wave number, one not picked adds the constant A_i sin(phase_i). A_i and phase_i are uniform
 * in [0, 1) and [0, 2 pi); the absolute value is taken with probability 0.1; x_left is uniform in
 * [0.1, 0.45), x_right in [0.55, 0.9), whatever the domain. */
#ifndef MPP_NUM_SINES_H
#define MPP_NUM_SINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "num_threefry.h"

enum { MPP_SINES_MAX_MODES = 8, MPP_SINES_DRAWS = 32 };

/* One profile. */
typedef struct mpp_sines {
  int modes;
  double waves[MPP_SINES_MAX_MODES]; /* s_i i: whole waves in the domain, 0 for a constant */
  double amplitude[MPP_SINES_MAX_MODES], phase[MPP_SINES_MAX_MODES];
  bool absolute, window;
  double sign;        /* 1 or -1 */
  double left, right; /* of the window, drawn whether there is one or not */
} mpp_sines;

/* The distribution as published, all draws independent: a function of (seed, sample) and of the
 * draws first .. first + MPP_SINES_DRAWS - 1 of that sample. */
mpp_sines mpp_sines_draw(int modes, double window_probability, uint64_t seed, uint64_t sample,
                         uint32_t first);

/* Row `row` of a released batch of `rows` profiles drawn from `key`. There, numbers that share a
 * key are the same: the absolute value is taken for the profiles whose draw is below 0.1, and a
 * window has x_left = 0.1 + 0.35 d, x_right = x_left + 0.45 with the d < window_probability that
 * put it there. Three keys of the chain are used: what follows goes on with mpp_threefry_next(key,
 * 3). */
mpp_sines mpp_sines_draw_released(int modes, double window_probability, mpp_threefry_key key,
                                  uint32_t rows, uint32_t row);

/* Where a profile is put. */
typedef struct mpp_sines_axis {
  size_t n;
  double low, dx; /* lower edge of the domain, width of a cell; n dx is the period */
} mpp_sines_axis;

/* u(x), exactly periodic (windows too). */
double mpp_sines_at(const mpp_sines *s, const mpp_sines_axis *axis, double x);

/* u [n] = averages over the cells of u(x - shift), at rounding where u is smooth within a cell and
 * at 1e-4 of it where it has a kink. */
void mpp_sines_averages(double *u, const mpp_sines *s, const mpp_sines_axis *axis, double shift);

/* u [n] = values at the cell centres in float32 as released: the period there is that between the
 * first and the last centre, one cell short of the domain. */
void mpp_sines_released(float *u, const mpp_sines *s, const mpp_sines_axis *axis);

/* u -> (u - min u) / (max u - min u); 0 where u is constant. */
void mpp_sines_normalise(double *u, size_t n);

#endif
