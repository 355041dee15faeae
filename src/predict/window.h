/* window.h - predictors fitted inside the window: persistence and polynomial extrapolation in time,
 * and the choice among them by backtest. No training, no state.
 *
 * Rule. Candidates are the orders 0 (persistence), 1 (linear) and 2 (quadratic) that the window can
 * test: order k needs k + 1 frames to predict and one more to be held against, k + 2 <= T. Each
 * predicts the frames of the last quarter of the window (at least one frame, and only frames that
 * all candidates can predict) one step ahead from the frames before. The order with the least mean
 * squared error over these frames and all cells wins, the lower one on a tie.
 * Why the last quarter: on diffusion-reaction, diffusion-sorption and shallow-water trajectories
 * with T = 16 the choice is as good as from half or all of the window (right in 85 %, 70 % and all
 * of the windows), while errors shrink or grow along a trajectory, so that the scale from older
 * frames is further off (mean log of next error over scale: -0.2 from a quarter, -0.4 from half,
 * -0.65 from the whole window); a single frame scatters most.
 *
 * The scale is the root of the winner's mean squared error, and never below the largest of
 * - 0.02 times the RMS of the increments into the tested frames (which is the error of order 0): a
 *   window that looks smoother than what comes next (a front before it reaches the domain, noise
 *   that has died down) must leave the network some authority. T = 1 has no increments: the
 * standard deviation of the frame stands in;
 * - 1e-7 times the RMS of the tested frames: float32 resolves no less;
 * - 1e-18, so that nothing divides by zero; its square is still a normal float32.
 * A constant field thus has s <= 1e-7 of its value and is continued exactly; polynomials in time up
 * to the second degree are continued to rounding (T >= 4). All sums are in double: values up to
 * 1e37 do not overflow. */
#ifndef MPP_WINDOW_H
#define MPP_WINDOW_H

#include <stddef.h>

enum { MPP_ORDERS = 3 };

/* Backtest of x [T, B, C, S], T >= 1: order [B, C] (0, 1, 2) and scale s [B, C]. force_order >= 0
 * takes that order as far as T frames allow (order <= T - 1) and gives its scale, or the scale of
 * the highest order that T frames can test. */
void mpp_window_backtest(int *order, float *scale, const float *x, int force_order, size_t T,
                         size_t B, size_t C, size_t s);

/* The same of fields [fields, S] in frames `stride` floats apart. */
void mpp_window_backtest_fields(int *order, float *scale, const float *x, int force_order,
                                size_t stride, size_t T, size_t fields, size_t s);

/* y [B, C, S] = extrapolation by order [B, C] (taken as at most T - 1), `steps` >= 1 ahead of the
 * last frame of x [T, B, C, S]. */
void mpp_window_extrapolate(float *y, const float *x, const int *order, size_t steps, size_t T,
                            size_t B, size_t C, size_t s);

#endif
