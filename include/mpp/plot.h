/* plot.h - pictures of forecasts and datasets as PNG files. */
#ifndef MPP_PLOT_H
#define MPP_PLOT_H

#include <stdbool.h>

#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mpp_plot_options {
  char input[MPP_TEXT_MAX];  /* a forecast of mpp_rollout, or a dataset PATH[:SYSTEM] */
  char output[MPP_TEXT_MAX]; /* PNG file */
  char field[MPP_TEXT_MAX];  /* "h" or "swe:h"; empty: the first field */
  mpp_int_list steps;        /* forecast: 1 is the first predicted frame; dataset: frames from 0;
                                empty: four, evenly spread */
  long sample;               /* trajectory of a dataset */
  long size;                 /* longest side of a panel [pixels]; cells stay square blocks */
  bool overwrite;
} mpp_plot_options;
MPP_API extern const mpp_option mpp_plot_table[];

/* Draws one field: a column a step; rows truth, prediction and error of a forecast (the prediction
 * alone where the file has no truth), one row of a dataset. x points right, y up; each row has its
 * colour bar; truth and prediction share the colours of the truth's range.
 * MPP_ERR_USAGE: no such field or step. MPP_ERR_DATA: no forecast and no dataset, or not two axes.
 * MPP_ERR_EXISTS: the picture exists and overwrite is off. */
MPP_API MPP_MUST_CHECK mpp_status mpp_plot(const mpp_plot_options *options);

#ifdef __cplusplus
}
#endif
#endif
