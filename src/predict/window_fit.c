/* window_fit.c - fits of the pointwise rules, and the next frame of any fit. */
#include "window_fit.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "autoregression.h"
#include "check.h"
#include "walls.h"
#include "window.h"
#include "window_choice.h"
#include "window_forecast.h"

bool mpp_window_rule_keeps(mpp_window_rule rule) { return rule == MPP_RULE_BACKTEST; }

static void free_fits(mpp_window_fit *f)
{
  for (size_t i = 0; i < f->count; i++) {
    mpp_fitted_free(f->fitted[i]);
    mpp_free(f->fitted[i]);
  }
}

void mpp_window_fit_destroy(mpp_window_fit *f)
{
  if (f != NULL) {
    mpp_window_forecast_destroy(f->by_itself);
    mpp_free(f->alone);
    free_fits(f);
    mpp_free(f->mask);
    mpp_free(f);
  }
}

/* Coefficients of all fields, and their scales. */
static void fit_pointwise(mpp_window_fit *f, mpp_fitted *fitted, const mpp_window *w,
                          mpp_window_rule rule)
{
  static const char *const by_order[MPP_ORDERS] = {"persistence", "linear", "quadratic"};
  if (rule == MPP_RULE_AUTOREGRESSION) {
    double a[MPP_MAX_FIELDS * MPP_AUTOREGRESSION_ORDER];
    mpp_autoregression_fit_fields(a, f->scale, w->x, w->stride, w->T, w->C, f->halo.cells,
                                  MPP_AUTOREGRESSION_ORDER);
    for (size_t c = 0; c < w->C; c++) {
      memcpy(fitted->a[c], a + c * MPP_AUTOREGRESSION_ORDER, MPP_AUTOREGRESSION_ORDER * sizeof *a);
    }
    fitted->by = mpp_window_predictor_find("autoregression");
    return;
  }
  int order[MPP_MAX_FIELDS];
  mpp_window_backtest_fields(order, f->scale, w->x, rule == MPP_RULE_PERSISTENCE ? 0 : -1,
                             w->stride, w->T, w->C, f->halo.cells);
  fitted->by = mpp_window_predictor_find(by_order[0]); /* fields differ in their coefficients */
  for (size_t c = 0; c < w->C; c++) {
    memcpy(fitted->a[c], mpp_window_predictor_find(by_order[order[c]])->fixed, sizeof fitted->a[c]);
  }
}

static mpp_status make_pointwise(mpp_window_fit *f, const mpp_window *w, mpp_window_rule rule)
{
  mpp_status st = MPP_OK;
  f->C = w->C;
  f->halo = mpp_halo_make(w->grid, w->edge, 0);
  for (size_t c = 0; c < w->C; c++) {
    f->seen.low[c] = -INFINITY;
    f->seen.high[c] = f->seen.moved[c] = INFINITY;
  }
  MPP_TRY(MPP_ALLOC(&f->fitted[0], 1));
  f->count = 1;
  fit_pointwise(f, f->fitted[0], w, rule);
done:
  return st;
}

/* *own = w with its odd ends, and with masked cells at rest, so that nothing is fitted to them:
 * their increments are 0 in frames *x, which are the caller's. */
static mpp_status settle(mpp_window *own, float **x, const mpp_window *w)
{
  mpp_status st = MPP_OK;
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2], frame = w->C * cells;
  *own = *w;
  mpp_walls_find(own->odd, w);
  if (w->mask == NULL) {
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(x, w->T * frame));
  const float *last = w->x + (w->T - 1) * w->stride;
  for (size_t t = 0; t < w->T; t++) {
    for (size_t i = 0; i < frame; i++) {
      (*x)[t * frame + i] = w->mask[i % cells] != 0 ? last[i] : w->x[t * w->stride + i];
    }
  }
  own->x = *x;
  own->stride = frame;
done:
  return st;
}

/* What a fit is made by. */
typedef struct way {
  mpp_window_rule rule;
  const mpp_window_predictor *by; /* of all fields, in place of the rule; or NULL */
  const mpp_window_fit *of;       /* whose predictors are fitted again, or NULL */
} way;

/* *out stays as it is where the window does not decide a fit again. */
static mpp_status create(mpp_window_fit **out, const mpp_window *w, const way *how)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *f = NULL;
  mpp_window own;
  float *x = NULL;
  bool usable = true;
  MPP_TRY(MPP_ALLOC(&f, 1));
  MPP_TRY(settle(&own, &x, w));
  memcpy(f->odd, own.odd, sizeof f->odd);
  if (w->mask != NULL) {
    const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
    MPP_TRY(MPP_ALLOC(&f->mask, cells));
    memcpy(f->mask, w->mask, cells);
  }
  if (how->of != NULL) {
    MPP_TRY(mpp_window_choice_again(f, &usable, &own, how->of));
  } else if (how->by != NULL || how->rule == MPP_RULE_BACKTEST) {
    MPP_TRY(mpp_window_choice_make(f, &own, how->by));
  } else {
    MPP_TRY(make_pointwise(f, &own, how->rule));
  }
  if (usable) {
    *out = f;
    f = NULL;
  }
done:
  mpp_free(x);
  mpp_window_fit_destroy(f);
  return st;
}

mpp_status mpp_window_fit_create(mpp_window_fit **out, const mpp_window *w, mpp_window_rule rule)
{
  return create(out, w, &(way){.rule = rule});
}

mpp_status mpp_window_fit_named(mpp_window_fit **out, const mpp_window *w, const char *name)
{
  const mpp_window_predictor *by = mpp_window_predictor_find(name);
  return by != NULL ? create(out, w, &(way){.rule = MPP_RULE_BACKTEST, .by = by})
                    : mpp_fail(MPP_ERR_USAGE, "'%s' is no predictor of the window", name);
}

mpp_status mpp_window_fit_again(mpp_window_fit **out, const mpp_window_fit *f, const mpp_window *w)
{
  *out = NULL;
  return create(out, w, &(way){.of = f});
}

mpp_status mpp_window_fit_roll(mpp_roll *roll, const mpp_window_fit *f)
{
  const mpp_status st = mpp_roll_make(roll, &f->halo, f->C);
  memcpy(roll->odd, f->odd, sizeof roll->odd);
  roll->mask = f->mask;
  mpp_seen_hold(roll, &f->seen);
  return st;
}

mpp_status mpp_window_fit_begin(mpp_window_fit *f, const mpp_window *w)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast_destroy(f->by_itself);
  mpp_free(f->alone);
  f->by_itself = NULL;
  f->alone = NULL;
  MPP_TRY(mpp_window_forecast_of(&f->by_itself, f, w));
  MPP_TRY(MPP_ALLOC(&f->alone, f->C * f->halo.cells));
  mpp_window_forecast_step(f->by_itself, f->alone);
  f->step = 1;
  f->calm = false;
  for (size_t c = 0; c < f->C; c++) { f->gain[c] = (mpp_field_gain){.gain = 1.0}; }
done:
  return st;
}

void mpp_window_fit_advance(mpp_window_fit *f)
{
  if (f != NULL && f->step > 0) {
    f->step++;
    mpp_window_forecast_step(f->by_itself, f->alone);
  }
}

double mpp_window_fit_lost(const mpp_window_fit *f, size_t field, size_t step)
{
  const mpp_field_gain *g = &f->gain[field];
  const double error = step > 0 ? g->error * pow((double)step, g->growth) : 0.0;
  return fmin(0.5 * error * error, 1.0);
}

/* Number of the predictor of field c in the next step. */
static size_t predictor_of(const mpp_window_fit *f, size_t c)
{
  return f->step > 0 && !f->calm && f->step <= f->steps[c] ? f->first[c] : f->later[c];
}

mpp_status mpp_window_fit_next(const mpp_window_fit *f, float *y, const mpp_window *w)
{
  mpp_status st = MPP_OK;
  mpp_roll roll;
  const size_t cells = f->halo.cells;
  MPP_TRY(mpp_window_fit_roll(&roll, f));
  for (size_t i = 0; i < f->count; i++) {
    bool wanted = false;
    for (size_t c = 0; c < f->C; c++) { wanted = wanted || predictor_of(f, c) == i; }
    if (!wanted) {
      continue;
    }
    mpp_roll_begin(&roll, w->x, w->stride, w->T - 1);
    f->fitted[i]->by->step(&roll, f->fitted[i]);
    mpp_roll_advance(&roll);
    for (size_t c = 0; c < f->C; c++) {
      if (predictor_of(f, c) != i) {
        continue;
      }
      if (mpp_seen_breakdown(&roll, &f->seen, c)) {
        memcpy(y + c * cells, w->x + (w->T - 1) * w->stride + c * cells, cells * sizeof *y);
      } else {
        mpp_roll_store(&roll, y + c * cells, c);
      }
    }
  }
done:
  mpp_roll_free(&roll);
  return st;
}

size_t mpp_window_fit_bytes(const mpp_window_fit *f)
{
  size_t bytes = sizeof *f + (f->mask != NULL ? f->halo.cells : 0);
  for (size_t i = 0; i < f->count; i++) {
    bytes += sizeof *f->fitted[i] + mpp_stencil_bytes(&f->fitted[i]->stencil);
  }
  return bytes;
}
