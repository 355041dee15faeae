/* lines.c - fields of one axis: values over x, truth and prediction together, below them the
 * error. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "chart.h"
#include "check.h"
#include "pictures.h"

static const unsigned char ink[3] = {40, 40, 46}, faint[3] = {120, 120, 128};

typedef struct layout {
  double text, left, top, width, height, step_x, step_y;
} layout;

/* A row of the source as a line in the rectangle; what lies outside is cut off. */
static void draw_row(mpp_drawing *d, double (*point)[2], const mpp_plot_source *s, size_t row,
                     size_t column, const double at[2], const layout *p, const mpp_color_scale *c,
                     const unsigned char rgb[3])
{
  const float *value = s->value + (row * s->ncols + column) * s->nx;
  const double margin = 0.05 * (c->high - c->low), low = c->low - margin;
  const double range = c->high + margin - low;
  for (size_t i = 0; i < s->nx; i++) {
    point[i][0] = at[0] + p->width * ((double)i + 0.5) / (double)s->nx;
    point[i][1] = at[1] + p->height * (1.0 - ((double)value[i] - low) / range);
  }
  mpp_drawing_clip(d, at[0], at[1], p->width, p->height);
  mpp_drawing_line(d, (const double(*)[2])point, s->nx, 2.0, 0.0, rgb);
  mpp_drawing_clip(d, 0.0, 0.0, 0.0, 0.0);
}

/* Frame, ends of both axes and names of a panel; `row` 1 is that of errors. */
static void draw_frame(mpp_drawing *d, const mpp_plot_source *s, size_t row, size_t column,
                       const double at[2], const layout *p, const mpp_color_scale *c)
{
  char low[32], high[32];
  const double bottom = at[1] + p->height, margin = 0.05 * (c->high - c->low);
  mpp_drawing_frame(d, at[0], at[1], p->width, p->height, faint);
  snprintf(low, sizeof low, "%.3g", c->low - margin);
  snprintf(high, sizeof high, "%.3g", c->high + margin);
  if (column == 0) {
    mpp_drawing_text(d, at[0] - 0.4 * p->text, at[1] + 0.75 * p->text, high, p->text, MPP_RIGHT,
                     faint);
    mpp_drawing_text(d, at[0] - 0.4 * p->text, bottom, low, p->text, MPP_RIGHT, faint);
  }
  if (row == 0) {
    mpp_drawing_text(d, at[0] + 0.5 * p->width, at[1] - 0.5 * p->text, s->column[column], p->text,
                     MPP_CENTRE, ink);
  }
  if (row == (s->nrows == 3 ? 1 : 0)) {
    snprintf(low, sizeof low, "%.3g", s->x[0]);
    snprintf(high, sizeof high, "%.3g", s->x[1]);
    mpp_drawing_text(d, at[0], bottom + 1.2 * p->text, low, p->text, MPP_LEFT, faint);
    mpp_drawing_text(d, at[0] + 0.5 * p->width, bottom + 1.2 * p->text, s->x_name, p->text,
                     MPP_CENTRE, faint);
    mpp_drawing_text(d, at[0] + p->width, bottom + 1.2 * p->text, high, p->text, MPP_RIGHT, faint);
    mpp_drawing_text(d, at[0] + 0.5 * p->width, bottom + 2.6 * p->text, s->note[column], p->text,
                     MPP_CENTRE, ink);
  }
}

static layout arrange(double all[2], const mpp_plot_source *s, long size)
{
  layout p = {.text = fmax(9.0, (double)size / 18.0), .width = (double)size};
  const double line = 1.5 * p.text, rows = s->nrows == 3 ? 2.0 : 1.0;
  p.left = 6.0 * p.text;
  p.top = 5.0 * p.text;
  p.height = floor(0.62 * p.width);
  p.step_x = p.width + 2.0 * line;
  p.step_y = p.height + line;
  all[0] = ceil(fmax(p.left + (double)s->ncols * p.step_x,
                     mpp_drawing_text_width(s->title, 1.1 * p.text) + line));
  all[1] = ceil(p.top + rows * p.step_y + 2.5 * p.text);
  return p;
}

mpp_status mpp_picture_lines(mpp_drawing **out, mpp_draw_kind kind, const mpp_plot_source *s,
                             long size, const mpp_color_scale *scale)
{
  mpp_status st = MPP_OK;
  mpp_drawing *d = NULL;
  double(*point)[2] = NULL, all[2];
  const layout p = arrange(all, s, size);
  const bool errors = s->nrows == 3;
  MPP_TRY(MPP_ALLOC(&point, s->nx));
  MPP_TRY(mpp_drawing_create(&d, kind, all[0], all[1]));
  mpp_drawing_text(d, 0.5 * p.text, 1.6 * p.text, s->title, 1.1 * p.text, MPP_LEFT, ink);
  for (size_t r = 0; errors && r < 3; r++) { /* the legend, in the lines' colours */
    mpp_drawing_text(d, p.left + 6.0 * (double)r * p.text, 3.2 * p.text, s->row[r], p.text,
                     MPP_LEFT, r == 0 ? ink : mpp_chart_colour(r == 1 ? 0 : 1));
  }
  for (size_t k = 0; k < s->ncols; k++) {
    double at[2] = {p.left + (double)k * p.step_x, p.top};
    draw_frame(d, s, 0, k, at, &p, &scale[0]);
    draw_row(d, point, s, 0, k, at, &p, &scale[0], errors ? ink : mpp_chart_colour(0));
    if (errors) {
      draw_row(d, point, s, 1, k, at, &p, &scale[0], mpp_chart_colour(0));
      at[1] += p.step_y;
      draw_frame(d, s, 1, k, at, &p, &scale[2]);
      draw_row(d, point, s, 2, k, at, &p, &scale[2], mpp_chart_colour(1));
    }
  }
  *out = d;
  d = NULL;
done:
  mpp_drawing_destroy(d);
  mpp_free(point);
  return st;
}
