/* backtest.h - which predictor a window's next frames are left to.
 *
 * Rule. The last third of the window (at most MPP_BACKTEST_STEPS frames) is put aside. Every
 * predictor of the table is fitted to the frames before and forecasts those put aside, feeding on
 * itself. Per field the least of this rank wins, and is fitted anew to the whole window:
 *   mean of log error over the steps, step k counting k times, + log(handicap).
 * - The logarithm, because what counts is by which factor a forecast is better, whatever the size of
 *   a step's error. Later steps count more, because they tell how errors grow, and forecasts go on
 *   for longer than the test can.
 * - Handicaps are what five steps cannot show. Powers of the values (1.35) fit a window well and leave
 *   it wrongly: beyond the values seen they grow with the third power. Extrapolation of every cell by
 *   itself (2) is as good as any at first, but nothing moves in space with it.
 * - Stability. A forecast in the test that moves a field by more than twice the largest root mean
 *   square increment seen, or leaves the bounds below, is out; so is one that does so in a free run
 *   of T steps after the window, then the next best is taken. Persistence cannot fail.
 * - A forecast that breaks down later (increments four times the largest seen, or a hundredth of
 *   the cells at their bounds) stands still from the frame before on.
 * - Guard. Values are held between the least and the largest value of the field in the window,
 *   widened by their difference on both sides: a field may double its range, and a forecast that
 *   breaks down stays finite.
 * - A third: tested with 5 and with 8 of 16 frames put aside, a test of 8 steps sees more of how
 *   errors grow, but the fits to 8 frames rank otherwise than those to 16.
 *
 * Measured on windows of 16 frames of shallow water (64^2, 128^2), diffusion-reaction and three flows
 * of compressible gas (64^2), against the predictor that turned out best at that very horizon, field
 * by field: errors at 1, 5, 10, 20 and 40 steps are 14, 11, 17, 39 and 90 % above (geometric means),
 * without handicaps 12, 12, 27, 60 and 139 %. benchmarks/window_predictors.sh shows the same. */
#ifndef MPP_BACKTEST_H
#define MPP_BACKTEST_H

#include "predictors.h"

enum { MPP_BACKTEST_PREDICTORS = 24, MPP_BACKTEST_STEPS = 8 };

/* Frames of the last part of a window of T; 0: too short to test anything. */
size_t mpp_backtest_steps(size_t T);

typedef struct mpp_backtest {
  size_t steps;
  /* Mean square errors of a forecast that feeds on itself, of predictor p, step and field; infinite
   * where p cannot be fitted or its forecast grew. */
  double error[MPP_BACKTEST_PREDICTORS][MPP_BACKTEST_STEPS][MPP_MAX_FIELDS];
  double rank[MPP_BACKTEST_PREDICTORS][MPP_MAX_FIELDS]; /* what is compared: the least is best */
} mpp_backtest;

/* Fits every predictor to the head of the window and rolls it over the rest. `roll` is work space. */
MPP_MUST_CHECK mpp_status mpp_backtest_run(mpp_backtest *b, mpp_roll *roll,
                                           const mpp_fit_input *in);

/* Bounds of a forecast and the liveliest frame, of frames 0 .. T - 1: the values seen, and as much
 * again as their range on either side. */
typedef struct mpp_seen {
  double low[MPP_MAX_FIELDS], high[MPP_MAX_FIELDS];
  double moved[MPP_MAX_FIELDS]; /* largest mean square of the increments into a frame */
} mpp_seen;
void mpp_seen_in(mpp_seen *s, const mpp_window *w, size_t cells, size_t T);
void mpp_seen_hold(mpp_roll *roll, const mpp_seen *s);

/* The last step moved a field by far more than anything seen, or out of its bounds. */
bool mpp_seen_growth(const mpp_roll *roll, const mpp_seen *s, size_t field);

/* The same with more patience, for a forecast that was trusted. */
bool mpp_seen_breakdown(const mpp_roll *roll, const mpp_seen *s, size_t field);

#endif
