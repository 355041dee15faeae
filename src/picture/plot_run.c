/* plot_run.c - the course of a training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "chart.h"
#include "check.h"
#include "pictures.h"

enum { WIDTH = 760, HEIGHT = 260, TEXT = 12 };

/* Means over the last `span` steps, of those that are finite. */
static void smooth(double *out, const double *value, size_t n, size_t span)
{
  double sum = 0.0;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    if (isfinite(value[i])) {
      sum += value[i];
      count++;
    }
    if (i >= span && isfinite(value[i - span])) {
      sum -= value[i - span];
      count--;
    }
    out[i] = count > 0 ? sum / (double)count : (double)NAN;
  }
}

static void draw_loss(mpp_drawing *d, const mpp_run_history *h, const double *smoothed)
{
  const mpp_series lines[2] = {
      {"each step", h->step, h->loss, h->nsteps, .colour = 5, .thin = true},
      {"running mean", h->step, smoothed, h->nsteps, .colour = 0},
  };
  const mpp_chart chart = {"Training loss", "step", "loss", false, true, lines, 2};
  mpp_chart_draw(d, 0.0, 0.0, WIDTH, HEIGHT, TEXT, &chart);
}

static void draw_rate(mpp_drawing *d, const mpp_run_history *h)
{
  const mpp_series line = {"", h->step, h->learning_rate, h->nsteps, .colour = 0};
  const mpp_chart chart = {"Learning rate", "step", "learning rate", false, false, &line, 1};
  mpp_chart_draw(d, 0.0, HEIGHT, WIDTH, HEIGHT, TEXT, &chart);
}

/* best [nhorizons, nvalidations]: least of all predictors but the model. */
static void find_best(double *best, const mpp_history_scores *s, size_t nvalidations)
{
  const size_t table = s->nhorizons * nvalidations;
  for (size_t i = 0; i < table; i++) {
    best[i] = (double)NAN;
    for (size_t p = 1; p < s->npredictors; p++) {
      best[i] = fmin(best[i], s->nrmse[p * table + i]);
    }
  }
}

static void draw_dataset(mpp_drawing *d, double y, const mpp_run_history *h,
                         const mpp_history_scores *s, const double *best)
{
  mpp_series line[2 * MPP_LIST_MAX];
  const size_t n = h->nvalidations;
  memset(line, 0, sizeof line);
  for (size_t k = 0; k < s->nhorizons; k++) {
    for (size_t other = 0; other < 2; other++) {
      const double *value = other == 0 ? s->nrmse : best;
      mpp_series *l = &line[2 * k + other];
      *l = (mpp_series){"", h->validated, value + k * n, n, .colour = (int)k, .dashed = other == 1};
      snprintf(l->label, sizeof l->label, "%s, %ld step%s", other == 0 ? "model" : "best without",
               s->horizon[k], s->horizon[k] == 1 ? "" : "s");
    }
  }
  mpp_chart chart = {"", "step", "NRMSE", false, true, line, 2 * s->nhorizons};
  snprintf(chart.title, sizeof chart.title, "Validation on %s", s->system);
  mpp_chart_draw(d, 0.0, y, WIDTH, HEIGHT, TEXT, &chart);
}

mpp_status mpp_picture_history(mpp_drawing **out, mpp_draw_kind kind, const mpp_run_history *h)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  double *smoothed = NULL, *best = NULL;
  const size_t charts = 2 + h->ndatasets;
  MPP_TRY(mpp_drawing_create(&d, kind, WIDTH, (double)(charts * HEIGHT)));
  MPP_TRY(MPP_ALLOC(&smoothed, h->nsteps));
  MPP_TRY(MPP_ALLOC(&best, (size_t)MPP_LIST_MAX * (h->nvalidations + 1)));
  smooth(smoothed, h->loss, h->nsteps, 1 + h->nsteps / 40);
  draw_loss(d, h, smoothed);
  draw_rate(d, h);
  for (size_t k = 0; k < h->ndatasets; k++) {
    find_best(best, &h->dataset[k], h->nvalidations);
    draw_dataset(d, (double)((2 + k) * HEIGHT), h, &h->dataset[k], best);
  }
  *out = d;
  d = NULL;
done:
  mpp_free(smoothed);
  mpp_free(best);
  mpp_drawing_destroy(d);
  return st;
}
