/* backtest.c - rule in backtest.h. */
#include "backtest.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "threads.h"

/* Of mean squares of increments: 1.5 times and four times their size. */
static const double most_growth = 2.25, breakdown = 16.0;

size_t mpp_backtest_steps(size_t T)
{
  const size_t third = T / 3;
  return third < MPP_BACKTEST_STEPS ? third : MPP_BACKTEST_STEPS;
}

void mpp_seen_in(mpp_seen *s, const mpp_window *w, size_t cells, size_t T)
{
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t c = 0; c < w->C; c++) {
    float low = INFINITY, high = -INFINITY;
    double most = 0.0;
    for (size_t t = 0; t < T; t++) {
      const float *x = w->x + t * w->stride + c * cells, *before = t > 0 ? x - w->stride : x;
      double square = 0.0;
#pragma omp simd reduction(+ : square) reduction(min : low) reduction(max : high)
      for (size_t i = 0; i < cells; i++) {
        const double d = (double)x[i] - before[i];
        square += d * d;
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
      }
      most = fmax(most, square / (double)cells);
    }
    const double range = (double)high - low;
    s->low[c] = low - range;
    s->high[c] = high + range;
    s->moved[c] = most;
  }
}

void mpp_seen_hold(mpp_roll *roll, const mpp_seen *s)
{
  memcpy(roll->low, s->low, sizeof roll->low);
  memcpy(roll->high, s->high, sizeof roll->high);
}

bool mpp_seen_breakdown(const mpp_roll *roll, const mpp_seen *s, size_t field)
{
  return roll->held[field] * 100 > roll->halo.cells ||
         !(roll->moved[field] <= breakdown * s->moved[field]);
}

/* In step k of a run. */
static bool grows(const mpp_free_run *run, size_t k, size_t field, const mpp_roll *roll,
                  const mpp_seen *seen, const mpp_free_run *reference)
{
  const double moved = reference != NULL ? reference->moved[k][field] : 0.0;
  const size_t held = reference != NULL ? reference->held[k][field] : 0;
  return run->held[k][field] > roll->halo.cells / 100 + 2 * held ||
         !(run->moved[k][field] <= most_growth * fmax(seen->moved[field], moved));
}

void mpp_free_run_make(mpp_free_run *run, const mpp_fitted *f, mpp_roll *roll, const mpp_window *w,
                       const mpp_seen *seen, const mpp_free_run *reference)
{
  size_t holding = w->C;
  run->steps = 2 * w->T < MPP_FREE_STEPS ? 2 * w->T : MPP_FREE_STEPS;
  for (size_t c = 0; c < w->C; c++) { run->holds[c] = SIZE_MAX; }
  mpp_seen_hold(roll, seen);
  mpp_roll_begin(roll, w->x, w->stride, w->T - 1);
  for (size_t k = 0; k < run->steps && (holding > 0 || reference == NULL); k++) {
    f->by->step(roll, f);
    mpp_roll_advance(roll);
    memcpy(run->moved[k], roll->moved, sizeof roll->moved);
    memcpy(run->held[k], roll->held, sizeof roll->held);
    for (size_t c = 0; c < w->C; c++) {
      if (run->holds[c] == SIZE_MAX && grows(run, k, c, roll, seen, reference)) {
        run->holds[c] = k;
        holding--;
      }
    }
  }
}

static mpp_status test(mpp_backtest *b, size_t p, const mpp_fit_input *in, const mpp_window *part,
                       mpp_roll *roll)
{
  mpp_status st = MPP_OK;
  mpp_fitted f;
  bool usable;
  for (size_t k = 0; k < b->steps; k++) {
    for (size_t c = 0; c < part->C; c++) { b->error[p][k][c] = INFINITY; }
  }
  MPP_TRY(mpp_fitted_make(&f, &usable, mpp_window_predictor_at(p), in, MPP_FIT_HEAD));
  if (!usable) {
    goto done;
  }
  if (in->moments != NULL) {
    mpp_fitted_move(&f, &in->moments->halo, &roll->halo);
  }
  mpp_roll_begin(roll, part->x, part->stride, in->head - 1);
  for (size_t k = 0; k < b->steps; k++) {
    const float *frame = part->x + (in->head + k) * part->stride;
    f.by->step(roll, &f);
    mpp_roll_advance(roll);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
    for (size_t c = 0; c < part->C; c++) {
      b->error[p][k][c] = mpp_roll_error(roll, frame + c * roll->halo.cells, c);
    }
  }
done:
  mpp_fitted_free(&f);
  return st;
}

/* Mean of the logarithms of the errors, step k counting k times. What float32 does not resolve is
 * no error. */
static double rank(const mpp_backtest *b, size_t p, size_t field, double resolved)
{
  double sum = 0.0, weights = 0.0;
  for (size_t k = 0; k < b->steps; k++) {
    sum += (double)(k + 1) * 0.5 * log(fmax(b->error[p][k][field], fmax(resolved, 1e-300)));
    weights += (double)(k + 1);
  }
  return sum / weights;
}

mpp_status mpp_backtest_run(mpp_backtest *b, const mpp_fit_input *in, const mpp_window *part,
                            mpp_roll *roll)
{
  mpp_status st = MPP_OK;
  mpp_seen seen;
  double resolved[MPP_MAX_FIELDS];
  const mpp_window *w = in->window;
  memset(b, 0, sizeof *b);
  b->steps = w->T - in->head;
  mpp_seen_in(&seen, part, roll->halo.cells, in->head);
  mpp_seen_hold(roll, &seen);
  for (size_t c = 0; c < w->C; c++) {
    const double largest = fmax(fabs(seen.low[c]), fabs(seen.high[c]));
    resolved[c] = 1e-15 * largest * largest; /* a fourth of the distance of float32 values there */
  }
  for (size_t p = 0; mpp_window_predictor_at(p) != NULL; p++) {
    MPP_TRY(test(b, p, in, part, roll));
    for (size_t c = 0; c < w->C; c++) {
      const double mean = rank(b, p, c, resolved[c]);
      for (size_t r = 0; r < MPP_RANKS; r++) {
        b->rank[r][p][c] = mean + log(mpp_window_predictor_at(p)->handicap[r]);
      }
      for (size_t k = 0; p == 0 && k < b->steps; k++) { /* persistence errs */
        b->moves[c] = b->moves[c] || b->error[p][k][c] > resolved[c];
      }
    }
  }
done:
  return st;
}
