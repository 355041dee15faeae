/* chart.c - charts of lines. Colours: M. Okabe and K. Ito, "Color Universal Design" (2002). */
#include "chart.h"

#include <math.h>
#include <stdio.h>

static const unsigned char ink[3] = {40, 40, 46}, faint[3] = {120, 120, 128};
static const unsigned char grid[3] = {228, 228, 232};
/* Thin lines are paler, so that many of them side by side leave others visible. */
static const double paleness = 0.55;
static const unsigned char palette[][3] = {{0, 114, 178},   {213, 94, 0},  {0, 158, 115},
                                           {204, 121, 167}, {230, 159, 0}, {86, 180, 233},
                                           {0, 0, 0}};
enum { NCOLOURS = sizeof palette / sizeof palette[0], SEGMENT = 1024 };

const unsigned char *mpp_chart_colour(int index) { return palette[index % NCOLOURS]; }

static void colour_of(unsigned char rgb[3], const mpp_series *s)
{
  const unsigned char *full = mpp_chart_colour(s->colour);
  for (int c = 0; c < 3; c++) {
    const double pale = s->thin ? paleness : 0.0;
    rgb[c] = (unsigned char)lround((1.0 - pale) * full[c] + pale * 255.0);
  }
}

/* ---- ticks ---- */

static size_t linear_ticks(double *tick, double low, double high, size_t most)
{
  static const double round[] = {1.0, 2.0, 5.0, 10.0};
  const double rough = (high - low) / (double)most, power = pow(10.0, floor(log10(rough)));
  double step = 10.0 * power;
  for (size_t i = 4; i-- > 0;) { step = round[i] * power >= rough ? round[i] * power : step; }
  size_t n = 0;
  const double last = floor(high / step + 1e-9), first = ceil(low / step - 1e-9);
  for (; n < MPP_CHART_TICKS && first + (double)n <= last; n++) {
    tick[n] = (first + (double)n) * step + 0.0; /* never -0 */
  }
  return n;
}

static size_t logarithmic_ticks(double *tick, double low, double high, size_t most)
{
  static const double between[] = {1.0, 2.0, 5.0};
  const long first = lround(floor(log10(low))), last = lround(ceil(log10(high)));
  const long decades = lround(floor(log10(high) + 1e-9) - ceil(log10(low) - 1e-9)) + 1;
  const long step = decades > (long)most ? (decades + (long)most - 1) / (long)most : 1;
  size_t n = 0;
  for (long e = first; e <= last; e += step) {
    for (size_t i = 0; i < (decades < 3 ? 3U : 1U); i++) {
      const double value = between[i] * pow(10.0, (double)e);
      if (value >= low * (1.0 - 1e-9) && value <= high * (1.0 + 1e-9) && n < MPP_CHART_TICKS) {
        tick[n++] = value;
      }
    }
  }
  return n < 3 ? linear_ticks(tick, low, high, most) : n; /* an axis that spans no decade */
}

size_t mpp_chart_ticks(double tick[MPP_CHART_TICKS], double low, double high, size_t most,
                       bool logarithmic)
{
  return logarithmic ? logarithmic_ticks(tick, low, high, most)
                     : linear_ticks(tick, low, high, most);
}

void mpp_chart_label(char label[32], double tick)
{
  const double size = fabs(tick);
  if (size == 0.0 || (size > 1.5e-4 && size < 1e6)) {
    snprintf(label, 32, "%.6g", tick);
    return;
  }
  const int exponent = (int)floor(log10(size) + 1e-9);
  snprintf(label, 32, "%.4ge%d", tick / pow(10.0, exponent), exponent);
}

/* ---- axes ---- */

/* One axis: values low to high lie at pixels from to to. */
typedef struct axis {
  double low, high, from, to;
  bool logarithmic;
} axis;

static bool drawable(double value, bool logarithmic)
{
  return isfinite(value) && (!logarithmic || value > 0.0);
}

static double place(const axis *a, double value)
{
  if (!drawable(value, a->logarithmic)) {
    return NAN;
  }
  const double t = a->logarithmic ? log(value / a->low) / log(a->high / a->low)
                                  : (value - a->low) / (a->high - a->low);
  return a->from + t * (a->to - a->from);
}

/* The range of all points, widened where it is empty and by a twentieth on axes of values. */
static void fit(axis *a, const mpp_chart *chart, bool vertical)
{
  const bool other_log = vertical ? chart->log_x : chart->log_y;
  a->low = HUGE_VAL;
  a->high = -HUGE_VAL;
  for (size_t s = 0; s < chart->nseries; s++) {
    const mpp_series *line = &chart->series[s];
    for (size_t i = 0; i < line->count; i++) {
      const double value = vertical ? line->y[i] : line->x[i];
      const double other = vertical ? line->x[i] : line->y[i];
      if (drawable(value, a->logarithmic) && drawable(other, other_log)) {
        a->low = fmin(a->low, value);
        a->high = fmax(a->high, value);
      }
    }
  }
  if (!(a->low <= a->high)) { /* nothing to draw */
    a->low = a->logarithmic ? 0.1 : 0.0;
    a->high = 1.0;
  }
  if (a->logarithmic) {
    const double wider = fmax(pow(a->high / a->low, vertical ? 0.05 : 0.0), 1.0 + 1e-3);
    a->low /= wider;
    a->high *= wider;
  } else {
    const double size = fmax(fabs(a->low), fabs(a->high));
    const double wider = fmax(vertical ? 0.05 * (a->high - a->low) : 0.0,
                              a->high > a->low ? 0.0 : fmax(1e-3 * size, 1e-12));
    a->low -= wider;
    a->high += wider;
  }
}

static void draw_ticks(mpp_drawing *d, const axis *x, const axis *y, double text)
{
  double tick[MPP_CHART_TICKS];
  char label[32];
  size_t n = mpp_chart_ticks(tick, x->low, x->high, 7, x->logarithmic);
  for (size_t i = 0; i < n; i++) {
    const double at = place(x, tick[i]);
    const double line[2][2] = {{at, y->from}, {at, y->to}};
    mpp_drawing_line(d, line, 2, 1.0, 0.0, grid);
    mpp_chart_label(label, tick[i]);
    mpp_drawing_text(d, at, y->from + 1.4 * text, label, text, MPP_CENTRE, faint);
  }
  n = mpp_chart_ticks(tick, y->low, y->high, 6, y->logarithmic);
  for (size_t i = 0; i < n; i++) {
    const double at = place(y, tick[i]);
    const double line[2][2] = {{x->from, at}, {x->to, at}};
    mpp_drawing_line(d, line, 2, 1.0, 0.0, grid);
    mpp_chart_label(label, tick[i]);
    mpp_drawing_text(d, x->from - 0.5 * text, at + 0.35 * text, label, text, MPP_RIGHT, faint);
  }
}

/* Long lines are drawn piece by piece; pieces share a point. */
static void draw_series(mpp_drawing *d, const mpp_series *s, const axis *x, const axis *y)
{
  double point[SEGMENT][2];
  unsigned char rgb[3];
  colour_of(rgb, s);
  if (s->count == 1) { /* a line of one point cannot be seen */
    const double at[2] = {place(x, s->x[0]), place(y, s->y[0])};
    if (isfinite(at[0]) && isfinite(at[1])) {
      mpp_drawing_fill(d, at[0] - 2.5, at[1] - 2.5, 5.0, 5.0, rgb);
    }
  }
  for (size_t first = 0; first < s->count; first += SEGMENT - 1) {
    const size_t n = s->count - first < SEGMENT ? s->count - first : SEGMENT;
    for (size_t i = 0; i < n; i++) {
      point[i][0] = place(x, s->x[first + i]);
      point[i][1] = place(y, s->y[first + i]);
    }
    mpp_drawing_line(d, (const double(*)[2])point, n, s->thin ? 0.8 : 1.8, s->dashed ? 5.0 : 0.0,
                     rgb);
  }
}

static double legend_width(const mpp_chart *chart, double text)
{
  double widest = 0.0;
  for (size_t s = 0; s < chart->nseries; s++) {
    widest = fmax(widest, mpp_drawing_text_width(chart->series[s].label, text));
  }
  return widest > 0.0 ? widest + 3.5 * text : 0.0;
}

static void draw_legend(mpp_drawing *d, double x, double y, double text, const mpp_chart *chart)
{
  for (size_t s = 0; s < chart->nseries; s++) {
    const mpp_series *line = &chart->series[s];
    if (line->label[0] != '\0') {
      unsigned char rgb[3];
      colour_of(rgb, line);
      const double sample[2][2] = {{x, y}, {x + 2.0 * text, y}};
      mpp_drawing_line(d, sample, 2, line->thin ? 0.8 : 1.8, line->dashed ? 5.0 : 0.0, rgb);
      mpp_drawing_text(d, x + 2.5 * text, y + 0.35 * text, line->label, text, MPP_LEFT, ink);
      y += 1.5 * text;
    }
  }
}

void mpp_chart_draw(mpp_drawing *d, double x, double y, double width, double height, double text,
                    const mpp_chart *chart)
{
  const double right = legend_width(chart, text) + text;
  axis h = {.from = x + 6.5 * text, .to = x + width - right, .logarithmic = chart->log_x};
  axis v = {.from = y + height - 3.4 * text, .to = y + 2.4 * text, .logarithmic = chart->log_y};
  fit(&h, chart, false);
  fit(&v, chart, true);
  draw_ticks(d, &h, &v, text);
  mpp_drawing_frame(d, h.from, v.to, h.to - h.from, v.from - v.to, faint);
  mpp_drawing_clip(d, h.from, v.to - 1.0, h.to - h.from, v.from - v.to + 2.0);
  for (size_t s = 0; s < chart->nseries; s++) { draw_series(d, &chart->series[s], &h, &v); }
  mpp_drawing_clip(d, 0.0, 0.0, 0.0, 0.0);
  mpp_drawing_text(d, h.from, y + 1.4 * text, chart->title, 1.1 * text, MPP_LEFT, ink);
  mpp_drawing_text(d, 0.5 * (h.from + h.to), y + height - 0.5 * text, chart->x_label, text,
                   MPP_CENTRE, ink);
  mpp_drawing_text_up(d, x + 1.2 * text, 0.5 * (v.from + v.to), chart->y_label, text, ink);
  draw_legend(d, h.to + text, v.to + text, text, chart);
}
