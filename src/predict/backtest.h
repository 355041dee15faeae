/* backtest.h - which predictor a window's next frames are left to.
 *
 * Test. The last third of the window (at most MPP_BACKTEST_STEPS frames) is put aside. Every
 * predictor of the table is fitted to the frames before and forecasts those put aside, feeding on
 * itself. Its rank, the least being best, is the sum over the fields of
 *   mean of log error over the steps, step k counting k times, + log(handicap).
 * - All fields have one predictor. Choices by field come from rolls in which that predictor gave
 * the other fields too, and do not fit together: a velocity that stands still drives a displacement
 * away, a pressure by auto-regression leaves the flow that stencils move. Five steps also rank one
 * field by chance more often than the sum. Fields that stand still, or err by less than float32
 * resolves, have no say.
 * - The logarithm, because what counts is by which factor a forecast is better, whatever the size
 * of a step's error. Later steps count more, because they tell how errors grow, and forecasts go on
 *   for longer than the test can.
 * - Handicaps are what five steps cannot show, and differ with the distance. Powers of the values
 * fit a window well and leave it wrongly: beyond the values seen they grow with the third power
 * (1.15 for the first steps, 1.35 for later ones). Extrapolation of every cell by itself is as good
 * as any at first, but nothing moves in space with it (1, 4). Fits that are calmed by noise lose at
 *   first what they win later (1.2, 1).
 * - A third: tested with 5 and with 8 of 16 frames put aside, a test of 8 steps sees more of how
 *   errors grow, but the fits to 8 frames rank otherwise than those to 16.
 *
 * Stability. The best for the first steps, fitted to the whole window, runs on freely for twice its
 * length. It grows where its increments exceed 1.5 times (root mean square) the largest seen in the
 * window or those of the auto-regression in its own free run, or where more than a hundredth of the
 * cells leave the bounds below and are not twice outnumbered by those of the auto-regression. The
 * auto-regression is what growth is held against because what is seen may itself grow (a front of
 * Fisher's equation does, by half in sixteen frames), and it is damped to 5 % a step. A fit one of
 * whose fields grows in step s gives all of them until step 0.6 s; from there on they are left to
 * the best for later steps that does not grow, and persistence never does. In training, where a
 * network corrects single steps, nothing but the latter is taken.
 * - A forecast that breaks down later (increments four times the largest seen, or a hundredth of
 *   the cells at their bounds) stands still from the frame before on.
 * - Guard. Values are held between the least and the largest value of the field in the window,
 *   widened by their difference on both sides: a field may double its range, and a forecast that
 *   breaks down stays finite.
 * Tests and free runs are made on a part of large grids (crop.h). What was measured is in
 * benchmarks/predictors.md. */
#ifndef MPP_BACKTEST_H
#define MPP_BACKTEST_H

#include "predictors.h"

enum { MPP_BACKTEST_PREDICTORS = 24, MPP_BACKTEST_STEPS = 8 };

/* Frames of the last part of a window of T; 0: too short to test anything. */
size_t mpp_backtest_steps(size_t T);

typedef struct mpp_backtest {
  size_t steps;
  /* Mean square errors of a forecast that feeds on itself, of predictor p, step and field; infinite
   * where p cannot be fitted. */
  double error[MPP_BACKTEST_PREDICTORS][MPP_BACKTEST_STEPS][MPP_MAX_FIELDS];
  double rank[MPP_RANKS][MPP_BACKTEST_PREDICTORS][MPP_MAX_FIELDS];
  bool moves[MPP_MAX_FIELDS]; /* a field that stands still has no say */
} mpp_backtest;

/* Fits every predictor to the head of the window and rolls it over the rest, on `part` of it with
 * `roll` as work space. */
MPP_MUST_CHECK mpp_status mpp_backtest_run(mpp_backtest *b, const mpp_fit_input *in,
                                           const mpp_window *part, mpp_roll *roll);

/* Bounds of a forecast and the liveliest frame, of frames 0 .. T - 1: the values seen, and as much
 * again as their range on either side. */
typedef struct mpp_seen {
  double low[MPP_MAX_FIELDS], high[MPP_MAX_FIELDS];
  double moved[MPP_MAX_FIELDS]; /* largest mean square of the increments into a frame */
} mpp_seen;
void mpp_seen_in(mpp_seen *s, const mpp_window *w, size_t cells, size_t T);
void mpp_seen_hold(mpp_roll *roll, const mpp_seen *s);

/* How increments grow in a free run from the end of a window: their mean squares, and the numbers
 * of cells that were held, by step and field. */
enum { MPP_FREE_STEPS = 64 };
typedef struct mpp_free_run {
  size_t steps;
  size_t holds[MPP_MAX_FIELDS]; /* steps before the first in which a field grows; SIZE_MAX: none */
  double moved[MPP_FREE_STEPS][MPP_MAX_FIELDS];
  size_t held[MPP_FREE_STEPS][MPP_MAX_FIELDS];
} mpp_free_run;

/* Runs a fit that is for the grid of the roll from the end of w, as long as a field does not grow
 * beyond what was seen and, if it is not NULL, `reference`. */
void mpp_free_run_make(mpp_free_run *run, const mpp_fitted *f, mpp_roll *roll, const mpp_window *w,
                       const mpp_seen *seen, const mpp_free_run *reference);

/* The last step of a forecast moved a field by far more than anything seen, or out of its
 * bounds. */
bool mpp_seen_breakdown(const mpp_roll *roll, const mpp_seen *s, size_t field);

#endif
