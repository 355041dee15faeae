/* window_scale.c - one step into each frame after the head, by fits to the head. */
#include "window_scale.h"

#include "check.h"
#include "scale_floor.h"
#include "window.h"

static double mean_square(const float *x, size_t n)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += (double)x[i] * x[i]; }
  return sum / (double)n;
}

/* Scales of the fields of a fit: errors of one step into each frame after the head by a fit to the
 * head. */
static mpp_status scale_fields(mpp_window_fit *f, mpp_roll *roll, size_t number,
                               const mpp_fit_input *in)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = in->window;
  const size_t tested = w->T - in->head, cells = f->halo.cells;
  double error[MPP_MAX_FIELDS] = {0.0}, moved[MPP_MAX_FIELDS] = {0.0};
  double square[MPP_MAX_FIELDS] = {0.0};
  mpp_fitted fit;
  bool usable = false;
  MPP_TRY(mpp_fitted_make(&fit, &usable, f->fitted[number]->by, in, MPP_FIT_HEAD));
  mpp_seen_hold(roll, &f->seen);
  for (size_t t = in->head; usable && t < w->T; t++) {
    const float *x = w->x + t * w->stride;
    mpp_roll_begin(roll, w->x, w->stride, t - 1);
    fit.by->step(roll, &fit);
    for (size_t c = 0; c < f->C; c++) {
      moved[c] += mpp_roll_error(roll, x + c * cells, c) / (double)tested;
      square[c] += mean_square(x + c * cells, cells) / (double)tested;
    }
    mpp_roll_advance(roll);
    for (size_t c = 0; c < f->C; c++) {
      error[c] += mpp_roll_error(roll, x + c * cells, c) / (double)tested;
    }
  }
  for (size_t c = 0; usable && tested > 0 && c < f->C; c++) {
    if (f->later[c] == number) {
      f->scale[c] = (float)mpp_floored_scale(error[c], moved[c], square[c]);
    }
  }
done:
  mpp_fitted_free(&fit);
  return st;
}

mpp_status mpp_window_scale_set(mpp_window_fit *f, const mpp_window *w, const mpp_fit_input *in)
{
  mpp_status st = MPP_OK;
  int order[MPP_MAX_FIELDS];
  mpp_roll roll = {.fields = 0};
  mpp_window_backtest_fields(order, f->scale, w->x, 0, w->stride, w->T, w->C, f->halo.cells);
  MPP_TRY(mpp_window_fit_roll(&roll, f));
  for (size_t i = 0; i < f->count; i++) {
    bool wanted = false;
    for (size_t c = 0; c < w->C; c++) { wanted = wanted || f->later[c] == i; }
    MPP_TRY(wanted ? scale_fields(f, &roll, i, in) : MPP_OK);
  }
done:
  mpp_roll_free(&roll);
  return st;
}
