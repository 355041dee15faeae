/* window_gain.h - how much of the network's correction a forecast in mode window takes.
 *
 * The scale s of the correction says how far the base errs, and nothing of whether the network
 * helps on this sample. The window can tell. Its last frames (a quarter, at most MPP_GAIN_STEPS)
 * are put aside; the predictors of the fit are fitted again to the frames before, and two forecasts
 * start from these: the base alone, y0, and with the whole correction, y1, each feeding on itself.
 * The gain of a field is that by which y0 + g (y1 - y0) is nearest to the frames put aside, least
 * squares over their cells, each step weighted by the inverse of the base's squared error, as far
 * as it is between 0 and 1.
 * - Rolls and not single steps are what is fitted, since errors that the correction makes for
 * itself are then part of the test; single steps give nearly the same gains on trained networks.
 * - The fit is honest: nothing of base or correction has seen the frames put aside, but for the
 * choice of predictors, which is that of the whole window, so that the base tested is the base
 * used.
 * - The network was trained over predictors that do not grow; the best ones of the first steps may
 * be others. Where they are, both are tested, and a sample takes the second base if what is left of
 * its fields' errors is clearly less (by 5 %, geometric mean over steps and fields): over the first
 * one a correction may be worth little, over the other make up for more than the bases differ.
 * - A short test tells nothing of the time when forecast and truth have lost each other. By then a
 * base of local regressions has come to rest, which is what least squares ask for, while a
 * correction keeps it moving at random. So the base's own forecast runs beside the corrected one.
 * As far as the truth is expected to be lost (mpp_window_fit_lost: the error of the test's first
 * step grows by the power of time that leads to that of its last one) the forecast is drawn to the
 * combination of both that has the least variance: to the one that is at rest, half way between two
 * that are not, away from one that grows. Where the gain is 0 it is the base's own from the start.
 * - In each step a field that the correction moves by more than 1.5 times what was seen in the
 * window and what the base moves it by is left to the base, as is each value past the bounds of
 * backtest.h. What was measured is in benchmarks/predictors.md. */
#ifndef MPP_WINDOW_GAIN_H
#define MPP_WINDOW_GAIN_H

#include "tape.h"

enum { MPP_GAIN_STEPS = 4 };

/* Frames of a window of T that are put aside; 0: too short for a test. */
size_t mpp_gain_steps(size_t T);

/* Gain of one field from forecasts of `steps` frames by the base and by the corrected base, and the
 * truth, each [cells] at y0 + t * stride, ...; sd: of the field. A forecast that is not finite has
 * gain 0, as has one that is the base. */
mpp_field_gain mpp_field_gain_fit(const float *y0, const float *y1, const float *truth,
                                  size_t stride, size_t steps, size_t cells, double sd);

/* Of y [B, C, cells], the prediction of t from x [T, B, C, cells], leaves to the base what the
 * correction moved too far, and brings it nearer to what the predictors forecast alone; by fits [B]
 * of forecasts, others change nothing. */
void mpp_window_hold(float *y, const mpp_tape *t, const float *x, mpp_window_fit *const *fit);

#endif
