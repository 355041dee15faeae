/* window_forecast.c - one roll of all fields, each moved on by its predictor. */
#include "window_forecast.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "window_fit.h"

struct mpp_window_forecast {
  const mpp_window_fit *fit;
  mpp_window_fit *own; /* the same, if it is owned */
  mpp_roll roll;
  double *next; /* [C, cells]: the next increments of each field by its predictor */
  float *last;  /* [C, cells]: the last frame that did not break down */
  size_t steps;
  bool broken[MPP_MAX_FIELDS];
};

mpp_status mpp_window_forecast_of(mpp_window_forecast **out, const mpp_window_fit *fit,
                                  const mpp_window *w)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast *f = NULL;
  MPP_TRY(MPP_ALLOC(&f, 1));
  f->fit = fit;
  const size_t frame = w->C * fit->halo.cells;
  MPP_TRY(MPP_ALLOC(&f->last, frame));
  MPP_TRY(MPP_ALLOC(&f->next, frame));
  memcpy(f->last, w->x + (w->T - 1) * w->stride, frame * sizeof *f->last);
  MPP_TRY(mpp_window_fit_roll(&f->roll, fit));
  mpp_roll_begin(&f->roll, w->x, w->stride, w->T - 1);
  *out = f;
  f = NULL;
done:
  mpp_window_forecast_destroy(f);
  return st;
}

mpp_status mpp_window_forecast_create(mpp_window_forecast **out, const mpp_window *w,
                                      const char *name)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *fit = NULL;
  MPP_TRY(name == NULL ? mpp_window_fit_create(&fit, w, MPP_RULE_BACKTEST)
                       : mpp_window_fit_named(&fit, w, name));
  MPP_TRY(mpp_window_forecast_of(out, fit, w));
  (*out)->own = fit;
  fit = NULL;
done:
  mpp_window_fit_destroy(fit);
  return st;
}

void mpp_window_forecast_destroy(mpp_window_forecast *f)
{
  if (f != NULL) {
    mpp_roll_free(&f->roll);
    mpp_window_fit_destroy(f->own);
    mpp_free(f->next);
    mpp_free(f->last);
    mpp_free(f);
  }
}

/* Number of the predictor of field c in the step that comes. */
static size_t predictor_of(const mpp_window_forecast *f, size_t c)
{
  return f->steps < f->fit->steps[c] ? f->fit->first[c] : f->fit->later[c];
}

/* The next increments of all fields; those that broke down have none. */
static void step_fields(mpp_window_forecast *f)
{
  const mpp_window_fit *fit = f->fit;
  const size_t cells = fit->halo.cells;
  for (size_t i = 0; i < fit->count; i++) {
    bool wanted = false;
    for (size_t c = 0; c < fit->C; c++) { wanted = wanted || predictor_of(f, c) == i; }
    if (wanted) {
      fit->fitted[i]->by->step(&f->roll, fit->fitted[i]);
    }
    for (size_t c = 0; c < fit->C; c++) {
      if (predictor_of(f, c) == i) {
        memcpy(f->next + c * cells, f->roll.next + c * cells, cells * sizeof *f->next);
      }
    }
  }
  for (size_t c = 0; c < fit->C; c++) {
    for (size_t k = 0; f->broken[c] && k < cells; k++) { f->next[c * cells + k] = 0.0; }
  }
  memcpy(f->roll.next, f->next, fit->C * cells * sizeof *f->next);
}

void mpp_window_forecast_step(mpp_window_forecast *f, float *y)
{
  const mpp_window_fit *fit = f->fit;
  const size_t cells = fit->halo.cells;
  step_fields(f);
  mpp_roll_advance(&f->roll);
  f->steps++;
  for (size_t c = 0; c < fit->C; c++) {
    if (f->broken[c]) {
      continue;
    }
    f->broken[c] = mpp_seen_breakdown(&f->roll, &fit->seen, c);
    if (f->broken[c]) { /* what others see of it stands still, too */
      mpp_roll_rest(&f->roll, f->last + c * cells, c);
    } else {
      mpp_roll_store(&f->roll, f->last + c * cells, c);
    }
  }
  memcpy(y, f->last, fit->C * cells * sizeof *y);
}

const mpp_window_fit *mpp_window_forecast_fit(const mpp_window_forecast *f) { return f->fit; }

const char *mpp_window_forecast_choice(const mpp_window_forecast *f, size_t field)
{
  return f->fit->fitted[f->fit->first[field]]->by->name;
}

const char *mpp_window_forecast_later(const mpp_window_forecast *f, size_t field, size_t *steps)
{
  *steps = f->fit->steps[field];
  return *steps == SIZE_MAX ? NULL : f->fit->fitted[f->fit->later[field]]->by->name;
}

float mpp_window_forecast_scale(const mpp_window_forecast *f, size_t field)
{
  return f->fit->scale[field];
}
