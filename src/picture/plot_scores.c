/* plot_scores.c - errors of a forecast over time, and its spectra. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "chart.h"
#include "check.h"
#include "meter.h"
#include "pictures.h"

enum { WIDTH = 760, HEIGHT = 360, TEXT = 12 };

static mpp_status draw_alone(mpp_drawing **out, mpp_draw_kind kind, const mpp_chart *chart)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_drawing_create(out, kind, WIDTH, HEIGHT));
  mpp_chart_draw(*out, 0.0, 0.0, WIDTH, HEIGHT, TEXT, chart);
done:
  return st;
}

static mpp_status draw_errors(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_plot_errors e = {0};
  double *step = NULL;
  mpp_series line[MPP_MAX_FIELDS];
  memset(line, 0, sizeof line);
  MPP_TRY(mpp_plot_read_errors(&e, o->input));
  MPP_TRY(MPP_ALLOC(&step, e.nsteps + 1));
  for (size_t k = 0; k < e.nsteps; k++) { step[k] = (double)(k + 1); }
  for (size_t f = 0; f < e.nfields; f++) {
    line[f] = (mpp_series){"", step, e.nrmse + f * e.nsteps, e.nsteps, .colour = (int)f};
    snprintf(line[f].label, sizeof line[f].label, "%s", e.field[f]);
  }
  const mpp_chart chart = {
      "Error of the forecast", "steps ahead", "NRMSE", false, true, line, e.nfields};
  MPP_TRY(draw_alone(out, kind, &chart));
done:
  mpp_plot_errors_free(&e);
  mpp_free(step);
  return st;
}

/* Mode 0 and wave numbers past the last full shell are left out: `bins` are those in between. */
static mpp_status measure(double **out, size_t *bins, const mpp_plot_source *s)
{
  mpp_status st = MPP_OK;
  mpp_meter *meter = NULL;
  double *power = NULL;
  const size_t grid[3] = {1, s->ny, s->nx};
  const size_t rows = s->nrows == 3 ? 2 : 1; /* the error has no spectrum here */
  MPP_TRY(mpp_meter_create(&meter, grid, 1));
  *bins = mpp_meter_power_bins(meter);
  MPP_TRY(MPP_ALLOC(&power, rows * s->ncols * *bins));
  for (size_t i = 0; i < rows * s->ncols; i++) {
    mpp_meter_power(meter, power + i * *bins, s->value + i * s->ny * s->nx);
  }
  *out = power;
  power = NULL;
done:
  mpp_meter_destroy(meter);
  mpp_free(power);
  return st;
}

static mpp_status draw_spectra(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_plot_source s;
  mpp_series line[2 * MPP_LIST_MAX];
  double *power = NULL, *mode = NULL;
  size_t bins = 0, count = 0;
  memset(&s, 0, sizeof s);
  memset(line, 0, sizeof line);
  MPP_TRY(mpp_plot_read(&s, o));
  MPP_TRY(measure(&power, &bins, &s));
  MPP_TRY(MPP_ALLOC(&mode, bins));
  for (size_t b = 0; b < bins; b++) { mode[b] = (double)b; } /* 0 is not drawn: the axis has none */
  const size_t prediction = s.nrows == 3 ? 1 : 0;
  for (size_t k = 0; k < s.ncols; k++) {
    for (size_t truth = 0; truth <= prediction; truth++) {
      const size_t row = truth == 1 ? 0 : prediction;
      mpp_series *l = &line[count++];
      *l = (mpp_series){"",
                        mode,
                        power + (row * s.ncols + k) * bins,
                        bins,
                        .colour = (int)k,
                        .dashed = truth == 1};
      snprintf(l->label, sizeof l->label, "%s%s", s.column[k], truth == 1 ? ", truth" : "");
    }
  }
  mpp_chart chart = {"", "wave number [waves across the domain]", "power", true, true, line, count};
  if (s.units[0] != '\0' && strcmp(s.units, "1") != 0) {
    snprintf(chart.y_label, sizeof chart.y_label, "power [(%.24s)²]", s.units);
  }
  snprintf(chart.title, sizeof chart.title, "Spectra: %.120s", s.title);
  MPP_TRY(draw_alone(out, kind, &chart));
done:
  mpp_plot_source_free(&s);
  mpp_free(power);
  mpp_free(mode);
  return st;
}

mpp_status mpp_picture_scores(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_options *o)
{
  return o->show == MPP_SHOW_ERRORS ? draw_errors(out, kind, o) : draw_spectra(out, kind, o);
}
