/* chart.h - lines over one axis: ticks, grid, labels and a legend. */
#ifndef MPP_CHART_H
#define MPP_CHART_H

#include <stdbool.h>
#include <stddef.h>

#include "drawing.h"

enum { MPP_CHART_LABEL = 80 };

/* A line; points that are not finite, or not positive on a logarithmic axis, break it. */
typedef struct mpp_series {
  char label[MPP_CHART_LABEL]; /* "": not in the legend */
  const double *x, *y;         /* [count], borrowed */
  size_t count;
  int colour; /* of the palette, any whole number from 0 */
  bool dashed, thin;
} mpp_series;

typedef struct mpp_chart {
  char title[2 * MPP_CHART_LABEL], x_label[MPP_CHART_LABEL], y_label[MPP_CHART_LABEL];
  bool log_x, log_y;
  const mpp_series *series; /* borrowed */
  size_t nseries;
} mpp_chart;

/* Draws the chart into the rectangle, legend included; `text` is the height of its letters. */
void mpp_chart_draw(mpp_drawing *d, double x, double y, double width, double height, double text,
                    const mpp_chart *chart);

/* Colour `index` of the palette. */
const unsigned char *mpp_chart_colour(int index);

/* Ticks of an axis: at round numbers from low to high, at most `most`. Logarithmic: at powers of
 * ten, or at 1, 2, 5 times them where they would be fewer than three, or as on a linear axis where
 * even these are. Returns their number. */
enum { MPP_CHART_TICKS = 16 };
size_t mpp_chart_ticks(double tick[MPP_CHART_TICKS], double low, double high, size_t most,
                       bool logarithmic);
/* "20000", "0.05", "2e-7". */
void mpp_chart_label(char label[32], double tick);

#endif
