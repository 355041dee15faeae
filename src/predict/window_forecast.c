/* window_forecast.c - a roll for each fit; a field is taken from that of its predictor. */
#include "window_forecast.h"

#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "window_fit.h"

struct mpp_window_forecast {
  const mpp_window_fit *fit;
  mpp_window_fit *own;                    /* the same, if it is owned */
  mpp_roll roll[MPP_BACKTEST_PREDICTORS]; /* [fit->count] */
  float *last;                            /* [C, cells]: the last frame that did not break down */
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
  memcpy(f->last, w->x + (w->T - 1) * w->stride, frame * sizeof *f->last);
  for (size_t i = 0; i < fit->count; i++) {
    MPP_TRY(mpp_window_fit_roll(&f->roll[i], fit));
    mpp_roll_begin(&f->roll[i], w->x, w->stride, w->T - 1);
  }
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
    for (size_t i = 0; i < MPP_BACKTEST_PREDICTORS; i++) { mpp_roll_free(&f->roll[i]); }
    mpp_window_fit_destroy(f->own);
    mpp_free(f->last);
    mpp_free(f);
  }
}

/* Whether fit i is needed for the step. */
static bool is_wanted(const mpp_window_forecast *f, size_t i)
{
  bool wanted = false;
  for (size_t c = 0; c < f->fit->C; c++) {
    wanted =
        wanted || f->fit->later[c] == i || (f->fit->first[c] == i && f->steps <= f->fit->steps[c]);
  }
  return wanted;
}

void mpp_window_forecast_step(mpp_window_forecast *f, float *y)
{
  const mpp_window_fit *fit = f->fit;
  const size_t cells = fit->halo.cells;
  f->steps++;
  for (size_t i = 0; i < fit->count; i++) {
    if (is_wanted(f, i)) {
      fit->fitted[i]->by->step(&f->roll[i], fit->fitted[i]);
      mpp_roll_advance(&f->roll[i]);
    }
  }
  for (size_t c = 0; c < fit->C; c++) {
    const mpp_roll *r = &f->roll[f->steps <= fit->steps[c] ? fit->first[c] : fit->later[c]];
    f->broken[c] = f->broken[c] || mpp_seen_breakdown(r, &fit->seen, c);
    if (!f->broken[c]) {
      mpp_roll_store(r, f->last + c * cells, c);
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
