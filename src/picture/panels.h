/* panels.h - panels of one field: a column a step, a row of truth, prediction and error. */
#ifndef MPP_PANELS_H
#define MPP_PANELS_H

#include "drawing.h"
#include "plot_source.h"

/* Where things lie, in pixels. */
typedef struct mpp_panels {
  double text;         /* height of letters */
  long cell, skip;     /* pixels a cell, or cells a pixel; the other one is 1 */
  long width, height;  /* of a panel */
  long left, top;      /* of the first panel */
  long step_x, step_y; /* from panel to panel */
  long bar_width;      /* of colour bars */
  bool beside;         /* the rows lie beside each other; for one column */
  long all_width, all_height;
} mpp_panels;

/* Panels whose longest side has about `size` pixels; cells are square blocks of whole pixels. */
mpp_panels mpp_panels_arrange(const mpp_plot_source *s, long size, bool beside);
/* Upper left corner of a panel. */
void mpp_panels_place(long at[2], const mpp_panels *p, size_t row, size_t column);

/* Range of the colours of a row. */
typedef struct mpp_color_scale {
  double low, high;
  bool diverging;
} mpp_color_scale;

/* Truth and prediction have the range of the truth, or of the prediction if no truth is shown;
 * lines (ny 1) that of both, as far as it goes beyond the truth's by no more than that itself on
 * each side. Errors, and fields with values of both signs, are symmetric about zero. */
mpp_color_scale mpp_panels_scale(const mpp_plot_source *s, size_t row);

/* Draws all; scale [nrows]. x points right, y up; each row has its colour bar, with a triangle at
 * an end that values lie beyond. */
MPP_MUST_CHECK mpp_status mpp_panels_draw(mpp_drawing *d, const mpp_plot_source *s,
                                          const mpp_panels *at, const mpp_color_scale *scale);

#endif
