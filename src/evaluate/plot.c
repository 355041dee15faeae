/* plot.c - panels of one field: a column a step, a row of truth, prediction and error. */
#include "mpp/plot.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "canvas.h"
#include "check.h"
#include "colormap.h"
#include "file.h"
#include "image.h"
#include "mpp/info.h"
#include "plot_source.h"

#define MEMBER(member) offsetof(mpp_plot_options, member)
const mpp_option mpp_plot_table[] = {
    {"input", 'i', MPP_OPT_TEXT, MEMBER(input), NULL, 0, 0, NULL, "FILE",
     "forecast (netCDF of mpp rollout) or dataset, PATH[:SYSTEM]"},
    {"output", 'o', MPP_OPT_TEXT, MEMBER(output), NULL, 0, 0, NULL, "FILE", "PNG file to write"},
    {"field", 'f', MPP_OPT_TEXT, MEMBER(field), NULL, 0, 0, NULL, "NAME",
     "field to draw; default: the first"},
    {"steps", 'n', MPP_OPT_INTS, MEMBER(steps), NULL, 0, 1e9, NULL, "N,...",
     "predicted steps from 1, or frames of a dataset from 0; default: four, evenly spread"},
    {"sample", 0, MPP_OPT_LONG, MEMBER(sample), "0", 0, 1e12, NULL, "N",
     "trajectory of a dataset, from 0"},
    {"size", 0, MPP_OPT_LONG, MEMBER(size), "240", 32, 4096, NULL, "PIXELS",
     "longest side of a panel, rounded to whole pixels a cell"},
    MPP_DATA_FLAG_ROWS(mpp_plot_options, flags),
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace an existing picture"},
    {.name = NULL}};
#undef MEMBER

static const unsigned char ink[3] = {40, 40, 46}, faint[3] = {120, 120, 128};

/* Range of colours of one row. */
typedef struct scale {
  double low, high;
  bool diverging;
} scale;

/* Where things lie, in pixels. */
typedef struct layout {
  long text;             /* pixels a dot of the font */
  long cell, skip;       /* pixels a cell, or cells a pixel; the other one is 1 */
  long width, height;    /* of a panel */
  long left, top;        /* of the first panel */
  long step_x, step_y;   /* from panel to panel */
  long bar_x, bar_width; /* colour bars */
} layout;

/* ---- colours ---- */

/* Least and largest value of the panels of a row; false if all are missing. */
static bool row_range(double range[2], const mpp_plot_source *s, size_t row)
{
  const size_t n = s->ncols * s->ny * s->nx;
  const float *value = s->value + row * n;
  range[0] = HUGE_VAL;
  range[1] = -HUGE_VAL;
  for (size_t i = 0; i < n; i++) {
    if (isfinite(value[i])) {
      range[0] = fmin(range[0], value[i]);
      range[1] = fmax(range[1], value[i]);
    }
  }
  return range[0] <= range[1];
}

/* Truth and prediction have the range of the truth, or of the prediction if no truth is shown.
 * Errors, and fields with values of both signs, are symmetric about zero. */
static scale choose_scale(const mpp_plot_source *s, size_t row)
{
  double range[2] = {0.0, 0.0};
  const bool is_error = s->nrows == 3 && row == 2;
  const size_t first = is_error ? 2 : 0;
  if (!row_range(range, s, first) && (s->nrows == 1 || is_error || !row_range(range, s, 1))) {
    range[0] = range[1] = 0.0;
  }
  const double far = fmax(fabs(range[0]), fabs(range[1]));
  const double near = fmin(-range[0], range[1]);
  if (is_error || near > 0.2 * far) {
    const double end = far > 0.0 ? far : 1.0;
    return (scale){-end, end, true};
  }
  if (!(range[1] - range[0] > 1e-6 * far)) { /* constant to rounding: the middle of the colours */
    const double half = far > 0.0 ? 1e-3 * far : 1.0;
    return (scale){range[0] - half, range[1] + half, false};
  }
  return (scale){range[0], range[1], false};
}

/* ---- layout ---- */

static layout arrange(const mpp_plot_source *s, long size)
{
  layout l;
  const long longest = s->nx > s->ny ? (long)s->nx : (long)s->ny; /* >= 1 */
  assert(longest > 0);
  l.cell = size / longest > 1 ? (size + longest / 2) / longest : 1;
  l.skip = longest > size ? (longest + size - 1) / size : 1;
  l.width = ((long)s->nx * l.cell + l.skip - 1) / l.skip;
  l.height = ((long)s->ny * l.cell + l.skip - 1) / l.skip;
  l.text = size >= 180 ? (size + 60) / 120 : 1;
  const long line = 12 * l.text, letter = 6 * l.text;
  l.left = 2 * line + 7 * letter;
  l.top = 3 * line + line / 2;
  l.step_x = l.width + 2 * line;
  l.step_y = l.height + line + line / 2;
  l.bar_x = l.left + (long)s->ncols * l.step_x - line / 2;
  l.bar_width = line;
  return l;
}

/* ---- drawing ---- */

/* A pixel is the mean of the cells that it covers; missing if all of them are. */
static double pixel_value(const float *value, const mpp_plot_source *s, const layout *l, long px,
                          long py)
{
  double sum = 0.0;
  long count = 0;
  for (long j = 0; j < l->skip; j++) {
    for (long i = 0; i < l->skip; i++) {
      const long x = px / l->cell * l->skip + i, y = py / l->cell * l->skip + j;
      if (x < (long)s->nx && y < (long)s->ny && isfinite(value[y * (long)s->nx + x])) {
        sum += value[y * (long)s->nx + x];
        count++;
      }
    }
  }
  return count > 0 ? sum / (double)count : NAN;
}

static void draw_panel(mpp_canvas *c, const mpp_plot_source *s, const layout *l, size_t row,
                       size_t column, const scale *colours)
{
  const float *value = s->value + (row * s->ncols + column) * s->ny * s->nx;
  const long x0 = l->left + (long)column * l->step_x, y0 = l->top + (long)row * l->step_y;
  for (long y = 0; y < l->height; y++) {
    for (long x = 0; x < l->width; x++) {
      unsigned char rgb[3];
      mpp_color(rgb, pixel_value(value, s, l, x, l->height - 1 - y), colours->low, colours->high,
                colours->diverging);
      mpp_canvas_fill(c, x0 + x, y0 + y, 1, 1, rgb);
    }
  }
  mpp_canvas_frame(c, x0, y0, l->width, l->height, faint);
}

static void draw_bar(mpp_canvas *c, const layout *l, size_t row, const scale *colours)
{
  const long y0 = l->top + (long)row * l->step_y, x = l->bar_x + l->bar_width + 4 * l->text;
  for (long y = 0; y < l->height; y++) {
    unsigned char rgb[3];
    const double t = 1.0 - ((double)y + 0.5) / (double)l->height;
    mpp_color(rgb, colours->low + t * (colours->high - colours->low), colours->low, colours->high,
              colours->diverging);
    mpp_canvas_fill(c, l->bar_x, y0 + y, l->bar_width, 1, rgb);
  }
  mpp_canvas_frame(c, l->bar_x, y0, l->bar_width, l->height, faint);
  for (int k = 0; k <= 2; k++) {
    char text[32];
    const double value = colours->low + 0.5 * k * (colours->high - colours->low);
    snprintf(text, sizeof text, "%.3g", value);
    const long y = y0 + (l->height - 7 * l->text) * (2 - k) / 2;
    mpp_canvas_text(c, x, y, text, l->text, MPP_LEFT, ink);
  }
}

static void draw_axes(mpp_canvas *c, const mpp_plot_source *s, const layout *l)
{
  char low[32], high[32];
  const long height = 7 * l->text, gap = 4 * l->text;
  const long bottom = l->top + (long)(s->nrows - 1) * l->step_y + l->height + gap;
  snprintf(low, sizeof low, "%.3g", s->x[0]);
  snprintf(high, sizeof high, "%.3g", s->x[1]);
  for (size_t k = 0; k < s->ncols; k++) {
    const long x0 = l->left + (long)k * l->step_x;
    mpp_canvas_text(c, x0, bottom, low, l->text, MPP_LEFT, faint);
    mpp_canvas_text(c, x0 + l->width / 2, bottom, s->x_name, l->text, MPP_CENTRE, faint);
    mpp_canvas_text(c, x0 + l->width, bottom, high, l->text, MPP_RIGHT, faint);
    mpp_canvas_text(c, x0 + l->width / 2, l->top - height - gap, s->column[k], l->text, MPP_CENTRE,
                    ink);
    mpp_canvas_text(c, x0 + l->width / 2, bottom + 12 * l->text, s->note[k], l->text, MPP_CENTRE,
                    ink);
  }
  snprintf(low, sizeof low, "%.3g", s->y[0]);
  snprintf(high, sizeof high, "%.3g", s->y[1]);
  for (size_t r = 0; r < s->nrows; r++) {
    const long y0 = l->top + (long)r * l->step_y, x = l->left - gap;
    mpp_canvas_text(c, x, y0, high, l->text, MPP_RIGHT, faint);
    mpp_canvas_text(c, x, y0 + (l->height - height) / 2, s->y_name, l->text, MPP_RIGHT, faint);
    mpp_canvas_text(c, x, y0 + l->height - height, low, l->text, MPP_RIGHT, faint);
    mpp_canvas_text_up(c, 6 * l->text, y0 + l->height / 2, s->row[r], l->text, ink);
  }
}

static mpp_status draw(mpp_canvas *c, const mpp_plot_source *s, long size)
{
  mpp_status st = MPP_OK;
  const layout l = arrange(s, size);
  const long line = 12 * l.text;
  const long width = l.bar_x + l.bar_width + 4 * l.text + 66 * l.text; /* eleven letters */
  const long title = line + mpp_canvas_text_width(s->title, l.text);
  const bool notes = s->note[0][0] != '\0';
  MPP_TRY(mpp_canvas_create(c, width > title ? width : title,
                            l.top + (long)s->nrows * l.step_y + (notes ? line : 0) + line / 2));
  for (long bold = 0; bold < l.text; bold++) {
    mpp_canvas_text(c, 6 * l.text + bold, 6 * l.text, s->title, l.text, MPP_LEFT, ink);
  }
  for (size_t r = 0; r < s->nrows; r++) {
    const scale colours = choose_scale(s, r);
    for (size_t k = 0; k < s->ncols; k++) { draw_panel(c, s, &l, r, k, &colours); }
    draw_bar(c, &l, r, &colours);
  }
  draw_axes(c, s, &l);
done:
  return st;
}

/* A path that exists may be a forecast; anything else is for the dataset's own grammar. */
static mpp_status read_source(mpp_plot_source *s, const mpp_plot_options *o)
{
  mpp_status st = MPP_OK;
  mpp_file_kind kind = MPP_FILE_DATASET;
  if (access(o->input, F_OK) == 0 && mpp_check_input(o->input) == MPP_OK) {
    MPP_TRY(mpp_identify(&kind, o->input));
  }
  MPP_REQUIRE(kind != MPP_FILE_MODEL && kind != MPP_FILE_ADAPTER, MPP_ERR_DATA,
              "%s: is a model, expected a forecast or a dataset", o->input);
  MPP_TRY(kind == MPP_FILE_FORECAST ? mpp_plot_read_forecast(s, o) : mpp_plot_read_dataset(s, o));
done:
  return st;
}

mpp_status mpp_plot(const mpp_plot_options *options)
{
  mpp_status st = MPP_OK;
  mpp_plot_source source;
  mpp_canvas canvas = {0, 0, NULL};
  memset(&source, 0, sizeof source);
  MPP_REQUIRE(options->input[0] != '\0', MPP_ERR_USAGE, "plot: the file to draw is missing");
  MPP_REQUIRE(options->output[0] != '\0', MPP_ERR_USAGE, "plot: --output is missing");
  MPP_REQUIRE(options->size >= 32 && options->size <= 4096, MPP_ERR_USAGE,
              "plot: size %ld, expected 32 to 4096 pixels", options->size);
  MPP_TRY(mpp_check_output(options->output, options->overwrite));
  MPP_TRY(read_source(&source, options));
  MPP_TRY(draw(&canvas, &source, options->size));
  MPP_TRY(mpp_image_write(options->output, canvas.rgb, (size_t)canvas.width, (size_t)canvas.height,
                          options->overwrite));
done:
  mpp_canvas_destroy(&canvas);
  mpp_plot_source_free(&source);
  return st;
}
