/* plot_run.c - the course of a training. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "chart.h"
#include "check.h"
#include "pictures.h"

enum { WIDTH = 760, HEIGHT = 260, TEXT = 12, COLOURS = 7 };

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

/* Values of each step and their running mean, over a fortieth of the run. */
static mpp_status draw_noisy(mpp_drawing *d, double y, const char *title, const char *label,
                             const double *step, const double *value, size_t n, bool logarithmic)
{
  mpp_status st = MPP_OK;
  double *smoothed = NULL;
  MPP_TRY(MPP_ALLOC(&smoothed, n));
  smooth(smoothed, value, n, 1 + n / 40);
  const mpp_series lines[2] = {
      {"each step", step, value, n, .colour = 5, .thin = true},
      {"running mean", step, smoothed, n, .colour = 0},
  };
  mpp_chart chart = {"", "step", "", false, logarithmic, lines, 2};
  snprintf(chart.title, sizeof chart.title, "%s", title);
  snprintf(chart.y_label, sizeof chart.y_label, "%s", label);
  mpp_chart_draw(d, 0.0, y, WIDTH, HEIGHT, TEXT, &chart);
done:
  mpp_free(smoothed);
  return st;
}

/* The system, with the dataset's number where others are of the same. */
static void name_part(char label[MPP_CHART_LABEL], const mpp_run_history *h, size_t i)
{
  bool alone = true;
  for (size_t k = 0; k < h->nparts; k++) {
    alone = alone && (k == i || strcmp(h->part[k].system, h->part[i].system) != 0);
  }
  snprintf(label, MPP_CHART_LABEL, alone ? "%s" : "%s (%zu)", h->part[i].system, i);
}

/* Datasets beside each other, loss or NRMSE; a step alone has one or a few micro-batches, and says
 * little. */
static mpp_status draw_parts(mpp_drawing *d, double y, const mpp_run_history *h, bool losses)
{
  mpp_status st = MPP_OK;
  mpp_series line[MPP_LIST_MAX];
  double *smoothed[MPP_LIST_MAX] = {NULL};
  const char *what = losses ? "loss" : "NRMSE";
  memset(line, 0, sizeof line);
  for (size_t i = 0; i < h->nparts; i++) {
    const mpp_history_part *part = &h->part[i];
    MPP_TRY(MPP_ALLOC(&smoothed[i], part->count + 1));
    smooth(smoothed[i], losses ? part->loss : part->nrmse, part->count, 1 + part->count / 10);
    line[i] = (mpp_series){"",          part->step,       smoothed[i],
                           part->count, .colour = (int)i, .dashed = i >= COLOURS};
    if (part->count > 0) {
      name_part(line[i].label, h, i);
    }
  }
  mpp_chart chart = {"", "step", "", false, true, line, h->nparts};
  snprintf(chart.title, sizeof chart.title, "Training %s of each dataset, running mean", what);
  snprintf(chart.y_label, sizeof chart.y_label, "%s", what);
  mpp_chart_draw(d, 0.0, y, WIDTH, HEIGHT, TEXT, &chart);
done:
  for (size_t i = 0; i < MPP_LIST_MAX; i++) { mpp_free(smoothed[i]); }
  return st;
}

static void draw_rate(mpp_drawing *d, double y, const mpp_run_history *h)
{
  const mpp_series line = {"", h->step, h->learning_rate, h->nsteps, .colour = 0};
  const mpp_chart chart = {"Learning rate", "step", "learning rate", false, false, &line, 1};
  mpp_chart_draw(d, 0.0, y, WIDTH, HEIGHT, TEXT, &chart);
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
  double *best = NULL, y = 0.0;
  const size_t charts = 2U + (h->nparts > 0 ? 2U : 0U) + (h->ntimes > 0 ? 1U : 0U) + h->ndatasets;
  MPP_TRY(mpp_drawing_create(&d, kind, WIDTH, (double)(charts * HEIGHT)));
  MPP_TRY(MPP_ALLOC(&best, (size_t)MPP_LIST_MAX * (h->nvalidations + 1)));
  MPP_TRY(draw_noisy(d, y, "Training loss", "loss", h->step, h->loss, h->nsteps, true));
  y += HEIGHT;
  for (int losses = 1; losses >= 0 && h->nparts > 0; losses--, y += HEIGHT) {
    MPP_TRY(draw_parts(d, y, h, losses == 1));
  }
  draw_rate(d, y, h);
  y += HEIGHT;
  if (h->ntimes > 0) {
    MPP_TRY(draw_noisy(d, y, "Speed", "samples/s", h->timed, h->samples, h->ntimes, false));
    y += HEIGHT;
  }
  for (size_t k = 0; k < h->ndatasets; k++, y += HEIGHT) {
    find_best(best, &h->dataset[k], h->nvalidations);
    draw_dataset(d, y, h, &h->dataset[k], best);
  }
  *out = d;
  d = NULL;
done:
  mpp_free(best);
  mpp_drawing_destroy(d);
  return st;
}
