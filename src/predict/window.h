/* window.h - predictors fitted inside the window: persistence and polynomial extrapolation in time,
 * and the choice among them by backtest. No training, no state.
 *
 * Rule: candidates are the orders 0 (persistence), 1 (linear) and 2 (quadratic). Each predicts the
 * frames of the later half of the window, as far as all candidates have the frames they need, one
 * step ahead from the frames before; the order with the least mean squared error over those
 * frames and all cells wins, the lower one on a tie. s is the root of that mean, raised to a floor
 *   s >= sqrt((1e-2 rms of the increments)^2 + (1e-4 standard deviation of the window)^2) + 1e-7 *
 *        max(1, |largest value|)... see window.c for the exact floor and its reasons.
 * A window of T frames has T-1 increments; orders that need more frames than T-1 allow no backtest
 * and are no candidates (T = 1: persistence, s from the floor). */
#ifndef MPP_WINDOW_H
#define MPP_WINDOW_H

#include <stddef.h>

enum { MPP_ORDERS = 3 };

/* Backtest of x [T, B, C, S]: order [B, C] (0, 1, 2) and scale s [B, C]. force_order >= 0 takes
 * that order (as far as T allows) and gives its scale. */
void mpp_window_backtest(int *order, float *scale, const float *x, int force_order, size_t T,
                         size_t B, size_t C, size_t s);

/* y [B, C, S] = extrapolation by order [B, C], `steps` ahead of the last frame of x [T, B, C, S]. */
void mpp_window_extrapolate(float *y, const float *x, const int *order, size_t steps, size_t T,
                            size_t B, size_t C, size_t s);

#endif
