/* backtest.c - rule in backtest.h. */
#include "backtest.h"

#include <math.h>
#include <string.h>

#include "check.h"
#include "threads.h"

/* Of mean squares of increments: twice and four times their size. */
static const double most_growth = 4.0, breakdown = 16.0;

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

bool mpp_seen_growth(const mpp_roll *roll, const mpp_seen *s, size_t field)
{
  return roll->held[field] > 0 || !(roll->moved[field] <= most_growth * s->moved[field]);
}

bool mpp_seen_breakdown(const mpp_roll *roll, const mpp_seen *s, size_t field)
{
  return roll->held[field] * 100 > roll->halo.cells ||
         !(roll->moved[field] <= breakdown * s->moved[field]);
}

static mpp_status test(mpp_backtest *b, size_t p, mpp_roll *roll, const mpp_seen *seen,
                       const mpp_fit_input *in)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = in->window;
  mpp_fitted f;
  bool usable, grown[MPP_MAX_FIELDS] = {false};
  for (size_t k = 0; k < b->steps; k++) {
    for (size_t c = 0; c < w->C; c++) { b->error[p][k][c] = INFINITY; }
  }
  MPP_TRY(mpp_fitted_make(&f, &usable, mpp_window_predictor_at(p), in, MPP_FIT_HEAD));
  if (!usable) {
    goto done;
  }
  mpp_roll_begin(roll, w->x, w->stride, in->head - 1);
  for (size_t k = 0; k < b->steps; k++) {
    const float *frame = w->x + (in->head + k) * w->stride;
    f.by->step(roll, &f);
    mpp_roll_advance(roll);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
    for (size_t c = 0; c < w->C; c++) {
      grown[c] = grown[c] || mpp_seen_growth(roll, seen, c);
      b->error[p][k][c] =
          grown[c] ? INFINITY : mpp_roll_error(roll, frame + c * roll->halo.cells, c);
    }
  }
done:
  mpp_fitted_free(&f);
  return st;
}

/* Mean of the logarithms of the errors, step k counting k times. */
static double rank(const mpp_backtest *b, size_t p, size_t field)
{
  double sum = 0.0, weights = 0.0;
  for (size_t k = 0; k < b->steps; k++) {
    sum += (double)(k + 1) * 0.5 * log(fmax(b->error[p][k][field], 1e-300));
    weights += (double)(k + 1);
  }
  return sum / weights + log(mpp_window_predictor_at(p)->handicap);
}

mpp_status mpp_backtest_run(mpp_backtest *b, mpp_roll *roll, const mpp_fit_input *in)
{
  mpp_status st = MPP_OK;
  mpp_seen seen;
  memset(b, 0, sizeof *b);
  b->steps = in->window->T - in->head;
  mpp_seen_in(&seen, in->window, roll->halo.cells, in->head);
  mpp_seen_hold(roll, &seen);
  for (size_t p = 0; mpp_window_predictor_at(p) != NULL; p++) {
    MPP_TRY(test(b, p, roll, &seen, in));
    for (size_t c = 0; c < in->window->C; c++) { b->rank[p][c] = rank(b, p, c); }
  }
done:
  return st;
}
