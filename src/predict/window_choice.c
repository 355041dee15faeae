/* window_choice.c - fits to the whole window, one for each predictor that a field was given to. */
#include "window_choice.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "scale_floor.h"
#include "window.h"

/* What the choice works with. */
typedef struct choice {
  mpp_window_fit *f;
  const mpp_window *w;
  mpp_fit_input in;
  mpp_stencil_moments *moments; /* or NULL */
  mpp_backtest *test;           /* or NULL */
  mpp_roll roll;
  bool ran[MPP_MAX_FIELDS];                   /* the free run of a fit was made */
  bool grown[MPP_MAX_FIELDS][MPP_MAX_FIELDS]; /* of fit, field: in that run */
} choice;

/* by: the only predictor that will be fitted, or NULL. */
static mpp_status prepare(choice *ch, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  mpp_window_fit *f = ch->f;
  ch->in = (mpp_fit_input){.window = w, .head = w->T - mpp_backtest_steps(w->T)};
  mpp_stencil_reach reach = mpp_window_predictors_reach(ch->in.head);
  if (by != NULL) {
    reach = by->frames <= w->T ? by->reach : (mpp_stencil_reach){0, 0, 0};
  }
  f->C = w->C;
  f->halo = mpp_halo_make(w->grid, w->edge, reach.radius);
  mpp_seen_in(&f->seen, w, f->halo.cells, w->T);
  MPP_TRY(mpp_roll_make(&ch->roll, &f->halo, f->C));
  if (reach.frames > 0 && f->halo.cells > 1) {
    MPP_TRY(MPP_ALLOC(&ch->moments, 1));
    MPP_TRY(mpp_stencil_moments_make(ch->moments, w, reach, ch->in.head));
    ch->in.moments = ch->moments;
  }
done:
  return st;
}

/* The fit of a predictor to the whole window, made if it is not there yet; *usable as
 * mpp_fitted_make. */
static mpp_status fit_of(size_t *number, bool *usable, choice *ch, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *f = ch->f;
  mpp_fitted *made = NULL;
  *usable = true;
  for (*number = 0; *number < f->count; ++*number) {
    if (f->fitted[*number]->by == by) {
      return MPP_OK;
    }
  }
  MPP_TRY(MPP_ALLOC(&made, 1));
  MPP_TRY(mpp_fitted_make(made, usable, by, &ch->in, MPP_FIT_WHOLE));
  if (*usable) {
    f->fitted[f->count++] = made;
    made = NULL;
  }
done:
  if (made != NULL) {
    mpp_fitted_free(made);
  }
  mpp_free(made);
  return st;
}

/* Whether a short free run of a fit grows in field c. */
static bool grows(choice *ch, size_t number, size_t c)
{
  const mpp_window *w = ch->w;
  const mpp_fitted *fitted = ch->f->fitted[number];
  if (!ch->ran[number]) {
    mpp_seen_hold(&ch->roll, &ch->f->seen);
    mpp_roll_begin(&ch->roll, w->x, w->stride, w->T - 1);
    for (size_t k = 0; k < w->T; k++) {
      fitted->by->step(&ch->roll, fitted);
      mpp_roll_advance(&ch->roll);
      for (size_t i = 0; i < w->C; i++) {
        ch->grown[number][i] = ch->grown[number][i] || mpp_seen_growth(&ch->roll, &ch->f->seen, i);
      }
    }
    ch->ran[number] = true;
  }
  return ch->grown[number][c];
}

/* Predictors of field c, best first, until one holds. */
static mpp_status choose_field(choice *ch, size_t c)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *f = ch->f;
  bool tried[MPP_BACKTEST_PREDICTORS] = {false};
  for (;;) {
    size_t best = 0;
    for (size_t p = 1; mpp_window_predictor_at(p) != NULL; p++) {
      const double rank = ch->test->rank[p][c];
      if (!tried[p] && (tried[best] || rank < ch->test->rank[best][c])) {
        best = p;
      }
    }
    bool usable = false;
    size_t number = 0;
    if (tried[best] || !isfinite(ch->test->rank[best][c])) {
      best = 0; /* persistence does not grow */
    }
    MPP_TRY(fit_of(&number, &usable, ch, mpp_window_predictor_at(best)));
    tried[best] = true;
    if (usable && (best == 0 || !grows(ch, number, c))) {
      f->of_field[c] = number;
      break;
    }
  }
done:
  return st;
}

static double mean_square(const float *x, size_t n)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += (double)x[i] * x[i]; }
  return sum / (double)n;
}

/* Scales of the fields of a fit: errors of one step into each frame after the head by a fit to the
 * head. */
static mpp_status scale_fields(choice *ch, size_t number)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  mpp_window_fit *f = ch->f;
  mpp_roll *roll = &ch->roll;
  const size_t tested = w->T - ch->in.head, cells = f->halo.cells;
  double error[MPP_MAX_FIELDS] = {0.0}, moved[MPP_MAX_FIELDS] = {0.0};
  double square[MPP_MAX_FIELDS] = {0.0};
  mpp_fitted fit;
  bool usable = false;
  MPP_TRY(mpp_fitted_make(&fit, &usable, f->fitted[number]->by, &ch->in, MPP_FIT_HEAD));
  mpp_seen_hold(roll, &f->seen);
  for (size_t t = ch->in.head; usable && t < w->T; t++) {
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
    if (f->of_field[c] == number) {
      f->scale[c] = (float)mpp_floored_scale(error[c], moved[c], square[c]);
    }
  }
done:
  mpp_fitted_free(&fit);
  return st;
}

/* Of windows or fits too short for a test the scale is that of persistence. */
static mpp_status set_scales(choice *ch)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  int order[MPP_MAX_FIELDS];
  mpp_window_backtest_fields(order, ch->f->scale, w->x, 0, w->stride, w->T, w->C,
                             ch->f->halo.cells);
  for (size_t i = 0; i < ch->f->count; i++) { MPP_TRY(scale_fields(ch, i)); }
done:
  return st;
}

static mpp_status choose(choice *ch)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&ch->test, 1));
  if (ch->in.head < ch->w->T) {
    MPP_TRY(mpp_backtest_run(ch->test, &ch->roll, &ch->in));
  }
  for (size_t c = 0; c < ch->f->C; c++) { MPP_TRY(choose_field(ch, c)); }
done:
  return st;
}

/* Keeps the fits that a field has. */
static void drop_unused(mpp_window_fit *f)
{
  size_t kept = 0;
  for (size_t i = 0; i < f->count; i++) {
    bool used = false;
    for (size_t c = 0; c < f->C; c++) { used = used || f->of_field[c] == i; }
    if (!used) {
      mpp_fitted_free(f->fitted[i]);
      mpp_free(f->fitted[i]);
      continue;
    }
    for (size_t c = 0; c < f->C; c++) {
      f->of_field[c] = f->of_field[c] == i ? kept : f->of_field[c];
    }
    f->fitted[kept++] = f->fitted[i];
  }
  f->count = kept;
}

static mpp_status fit_one(choice *ch, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  bool usable = false;
  size_t number;
  MPP_TRY(fit_of(&number, &usable, ch, by));
  if (!usable) {
    MPP_TRY(fit_of(&number, &usable, ch, mpp_window_predictor_at(0)));
  }
done:
  return st;
}

mpp_status mpp_window_choice_make(mpp_window_fit *f, const mpp_window *w,
                                  const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  choice *ch = NULL;
  MPP_TRY(MPP_ALLOC(&ch, 1));
  ch->f = f;
  ch->w = w;
  MPP_TRY(prepare(ch, by));
  MPP_TRY(by == NULL ? choose(ch) : fit_one(ch, by));
  drop_unused(f);
  MPP_TRY(set_scales(ch));
done:
  if (ch != NULL) {
    if (ch->moments != NULL) {
      mpp_stencil_moments_free(ch->moments);
    }
    mpp_free(ch->moments);
    mpp_free(ch->test);
    mpp_roll_free(&ch->roll);
  }
  mpp_free(ch);
  return st;
}
