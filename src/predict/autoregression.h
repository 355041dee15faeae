/* autoregression.h - a predictor fitted inside the window by least squares: the increments
 * d_t = x_t - x_{t-1} of one field of one sample follow
 *   d_t = a_1 d_{t-1} + ... + a_p d_{t-p},   the same a for all cells.
 * On a grid of thousands of cells three numbers are fitted to tens of thousands of equations, so
 * that a window alone decides them. Unlike polynomial extrapolation, which is the case of fixed
 * integers a, the fit damps what the window shows to be damped: it stays useful for tens of steps.
 *
 * Rule. p is the order asked for or as much as the window allows (half its increments); only
 * the last 16 frames count. Every transition is weighted by the inverse mean square of its target
 * increment, so that a fast start does not drown a slow end. A ridge of 1e-9 of the mean diagonal
 * keeps collinear increments (a polynomial in time) solvable. A fit whose free run would grow by
 * more than 5 % a step is damped to that: a_k is multiplied by g^k, which scales every root of the
 * characteristic polynomial by g.
 * The scale is the RMS residual over the last quarter of the frames, with the floor of window.h. */
#ifndef MPP_AUTOREGRESSION_H
#define MPP_AUTOREGRESSION_H

#include <stddef.h>

enum { MPP_AUTOREGRESSION_ORDER = 3, MPP_AUTOREGRESSION_MOST = 4 };

/* Coefficients a [B, C, MPP_AUTOREGRESSION_ORDER] (a_1 first, unused ones 0) and scale [B, C] of
 * x [T, B, C, S], T >= 1. Constant fields and T <= 2 have a = 0: persistence. */
void mpp_autoregression_fit(double *a, float *scale, const float *x, size_t T, size_t B, size_t C,
                            size_t s);

/* The same of fields [fields, S] in frames `stride` floats apart, of order 1 .. MOST: a [fields,
 * order]. */
void mpp_autoregression_fit_fields(double *a, float *scale, const float *x, size_t stride, size_t T,
                                   size_t fields, size_t s, size_t order);

/* y [B, C, S]: `steps` >= 1 ahead of the last frame of x [T, B, C, S]. */
void mpp_autoregression_extrapolate(float *y, const float *x, const double *a, size_t steps,
                                    size_t T, size_t B, size_t C, size_t s);

#endif
