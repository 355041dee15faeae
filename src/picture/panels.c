/* panels.c - fields as colours. */
#include "panels.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "alloc.h"
#include "check.h"
#include "colormap.h"

static const unsigned char ink[3] = {40, 40, 46}, faint[3] = {120, 120, 128};

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

static mpp_color_scale colours_of(const mpp_plot_source *s, size_t row)
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
    return (mpp_color_scale){-end, end, true};
  }
  if (!(range[1] - range[0] > 1e-6 * far)) { /* constant to rounding: the middle of the colours */
    const double half = far > 0.0 ? 1e-3 * far : 1.0;
    return (mpp_color_scale){range[0] - half, range[1] + half, false};
  }
  return (mpp_color_scale){range[0], range[1], false};
}

mpp_color_scale mpp_panels_scale(const mpp_plot_source *s, size_t row)
{
  mpp_color_scale c = colours_of(s, row);
  double range[2];
  if (s->ny == 1 && s->nrows == 3 && row < 2 && row_range(range, s, 1)) {
    const double size = c.high - c.low;
    c.low = fmax(fmin(c.low, range[0]), c.low - size);
    c.high = fmin(fmax(c.high, range[1]), c.high + size);
  }
  return c;
}

/* ---- layout ---- */

mpp_panels mpp_panels_arrange(const mpp_plot_source *s, long size, bool beside)
{
  mpp_panels p;
  p.beside = beside;
  const long longest = s->nx > s->ny ? (long)s->nx : (long)s->ny; /* >= 1 */
  assert(longest > 0);
  p.cell = size / longest > 1 ? (size + longest / 2) / longest : 1;
  p.skip = longest > size ? (longest + size - 1) / size : 1;
  p.width = ((long)s->nx * p.cell + p.skip - 1) / p.skip;
  p.height = ((long)s->ny * p.cell + p.skip - 1) / p.skip;
  p.text = fmax(9.0, (double)size / 18.0);
  const long line = lround(1.5 * p.text);
  p.left = 2 * line + lround(4.0 * p.text);
  p.top = 3 * line + line / 2;
  p.bar_width = line;
  const long bar = line / 2 + p.bar_width + lround(5.0 * p.text); /* with its numbers */
  p.step_x = p.width + 2 * line + (beside ? bar : 0);
  p.step_y = p.height + line + line / 2;
  const bool notes = s->note[0][0] != '\0';
  const long title = lround(mpp_drawing_text_width(s->title, 1.1 * p.text)) + line;
  p.all_width = p.left + (long)(beside ? s->nrows : s->ncols) * p.step_x + (beside ? 0 : bar);
  p.all_width = p.all_width > title ? p.all_width : title;
  p.all_height = p.top + (beside ? 1 : (long)s->nrows) * p.step_y + (notes ? line : 0) + line / 2;
  return p;
}

void mpp_panels_place(long at[2], const mpp_panels *p, size_t row, size_t column)
{
  at[0] = p->left + (long)(p->beside ? row : column) * p->step_x;
  at[1] = p->top + (p->beside ? 0 : (long)row * p->step_y);
}

/* ---- drawing ---- */

/* A pixel is the mean of the cells that it covers; missing if all of them are. */
static double pixel_value(const float *value, const mpp_plot_source *s, const mpp_panels *p,
                          long px, long py)
{
  double sum = 0.0;
  long count = 0;
  for (long j = 0; j < p->skip; j++) {
    for (long i = 0; i < p->skip; i++) {
      const long x = px / p->cell * p->skip + i, y = py / p->cell * p->skip + j;
      if (x < (long)s->nx && y < (long)s->ny && isfinite(value[y * (long)s->nx + x])) {
        sum += value[y * (long)s->nx + x];
        count++;
      }
    }
  }
  return count > 0 ? sum / (double)count : NAN;
}

static void draw_panel(mpp_drawing *d, unsigned char *pixels, const mpp_plot_source *s,
                       const mpp_panels *p, size_t row, size_t column, const mpp_color_scale *c)
{
  const float *value = s->value + (row * s->ncols + column) * s->ny * s->nx;
  long at[2];
  mpp_panels_place(at, p, row, column);
  for (long y = 0; y < p->height; y++) {
    for (long x = 0; x < p->width; x++) {
      mpp_color(pixels + 3 * (y * p->width + x), pixel_value(value, s, p, x, p->height - 1 - y),
                c->low, c->high, c->diverging);
    }
  }
  const double x0 = (double)at[0], y0 = (double)at[1];
  mpp_drawing_image(d, x0, y0, pixels, (int)p->width, (int)p->height);
  mpp_drawing_frame(d, x0, y0, (double)p->width, (double)p->height, faint);
}

/* Three of the range: as many more as it is smaller than the values. */
static int digits_of(const mpp_color_scale *c)
{
  const double ratio = fmax(fabs(c->low), fabs(c->high)) / (c->high - c->low);
  return 3 + (ratio > 1.0 ? (int)fmin(ceil(log10(ratio)), 6.0) : 0);
}

/* A triangle at an end of a colour bar: there are values beyond it. `up` points away from the
 * bar. */
static void draw_beyond(mpp_drawing *d, double x, double y, double width, bool up,
                        const mpp_color_scale *c)
{
  unsigned char rgb[3];
  const long rows = lround(0.5 * width);
  mpp_color(rgb, up ? c->high : c->low, c->low, c->high, c->diverging);
  for (long k = 0; k < rows; k++) {
    const double half = 0.5 * width * (1.0 - ((double)k + 0.5) / (double)rows);
    mpp_drawing_fill(d, x + 0.5 * width - half, y + (double)(up ? -k - 2 : k + 1), 2.0 * half, 1.0,
                     rgb);
  }
}

/* Right of the last panel of a row. */
static void draw_bar(mpp_drawing *d, const mpp_plot_source *s, const mpp_panels *p, size_t row,
                     const mpp_color_scale *c)
{
  long at[2];
  double range[2];
  mpp_panels_place(at, p, row, s->ncols - 1);
  const bool any = row_range(range, s, row);
  const double y0 = (double)at[1], height = (double)p->height, width = (double)p->bar_width;
  const double x0 = (double)at[0] + (double)p->width + 0.75 * p->text;
  for (long y = 0; y < p->height; y++) {
    unsigned char rgb[3];
    const double t = 1.0 - ((double)y + 0.5) / height;
    mpp_color(rgb, c->low + t * (c->high - c->low), c->low, c->high, c->diverging);
    mpp_drawing_fill(d, x0, y0 + (double)y, width, 1.0, rgb);
  }
  mpp_drawing_frame(d, x0, y0, width, height, faint);
  if (any && range[1] > c->high) {
    draw_beyond(d, x0, y0, width, true, c);
  }
  if (any && range[0] < c->low) {
    draw_beyond(d, x0, y0 + height, width, false, c);
  }
  const int digits = digits_of(c);
  for (int k = 0; k <= 2; k++) {
    char text[32];
    snprintf(text, sizeof text, "%.*g", digits, c->low + 0.5 * k * (c->high - c->low));
    const double y = y0 + 0.75 * p->text + (height - 0.75 * p->text) * (2 - k) / 2.0;
    mpp_drawing_text(d, x0 + width + 0.4 * p->text, y, text, p->text, MPP_LEFT, ink);
  }
}

static void draw_axes(mpp_drawing *d, const mpp_plot_source *s, const mpp_panels *p)
{
  char low[32], high[32];
  const double text = p->text, width = (double)p->width, height = (double)p->height;
  long last[2];
  mpp_panels_place(last, p, s->nrows - 1, 0);
  const double bottom = (double)last[1] + height + 1.2 * text;
  snprintf(low, sizeof low, "%.3g", s->x[0]);
  snprintf(high, sizeof high, "%.3g", s->x[1]);
  const size_t across = p->beside ? s->nrows : s->ncols;
  for (size_t k = 0; k < across; k++) {
    const double x0 = (double)(p->left + (long)k * p->step_x);
    const size_t column = p->beside ? 0 : k;
    mpp_drawing_text(d, x0, bottom, low, text, MPP_LEFT, faint);
    mpp_drawing_text(d, x0 + 0.5 * width, bottom, s->x_name, text, MPP_CENTRE, faint);
    mpp_drawing_text(d, x0 + width, bottom, high, text, MPP_RIGHT, faint);
    mpp_drawing_text(d, x0 + 0.5 * width, (double)p->top - 0.5 * text,
                     p->beside ? s->row[k] : s->column[k], text, MPP_CENTRE, ink);
    if (!p->beside || k == across / 2) {
      mpp_drawing_text(d, x0 + 0.5 * width, bottom + 1.4 * text, s->note[column], text, MPP_CENTRE,
                       ink);
    }
  }
  snprintf(low, sizeof low, "%.3g", s->y[0]);
  snprintf(high, sizeof high, "%.3g", s->y[1]);
  if (p->beside) {
    mpp_drawing_text(d, (double)p->left, (double)p->top - 2.0 * text, s->column[0], text, MPP_LEFT,
                     ink);
  }
  for (size_t r = 0; r < (p->beside ? 1 : s->nrows); r++) {
    const double y0 = (double)(p->top + (long)r * p->step_y), x = (double)p->left - 0.5 * text;
    mpp_drawing_text(d, x, y0 + 0.75 * text, high, text, MPP_RIGHT, faint);
    mpp_drawing_text_up(d, x, y0 + 0.5 * height, s->y_name, text, faint);
    mpp_drawing_text(d, x, y0 + height, low, text, MPP_RIGHT, faint);
    if (!p->beside) {
      mpp_drawing_text_up(d, 1.5 * text, y0 + 0.5 * height, s->row[r], text, ink);
    }
  }
}

mpp_status mpp_panels_draw(mpp_drawing *d, const mpp_plot_source *s, const mpp_panels *p,
                           const mpp_color_scale *scale)
{
  mpp_status st = MPP_OK;
  unsigned char *pixels = NULL;
  MPP_TRY(MPP_ALLOC(&pixels, 3 * (size_t)p->width * (size_t)p->height));
  mpp_drawing_text(d, 0.5 * p->text, 1.6 * p->text, s->title, 1.1 * p->text, MPP_LEFT, ink);
  for (size_t r = 0; r < s->nrows; r++) {
    for (size_t k = 0; k < s->ncols; k++) { draw_panel(d, pixels, s, p, r, k, &scale[r]); }
    draw_bar(d, s, p, r, &scale[r]);
  }
  draw_axes(d, s, p);
done:
  mpp_free(pixels);
  return st;
}
