/* plot.h - pictures of forecasts, datasets and trainings, and reports that hold them. */
#ifndef MPP_PLOT_H
#define MPP_PLOT_H

#include <stdbool.h>

#include "mpp/dataset.h"
#include "mpp/options.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What of a forecast is drawn. */
typedef enum { MPP_SHOW_FIELDS, MPP_SHOW_ERRORS, MPP_SHOW_SPECTRA } mpp_plot_show;
#define MPP_PLOT_SHOW_CHOICES "fields|errors|spectra"

typedef struct mpp_plot_options {
  char input[MPP_TEXT_MAX];  /* a forecast, a dataset PATH[:SYSTEM], or the folder of a training */
  char output[MPP_TEXT_MAX]; /* .png, .svg, .pdf; .webp, .mp4: an animation */
  char field[MPP_TEXT_MAX];  /* "h" or "swe:h"; empty: the first field */
  int show;                  /* mpp_plot_show */
  mpp_int_list steps;        /* forecast: 1 is the first predicted frame; dataset: frames from 0;
                                empty: four, evenly spread; of an animation all */
  long sample;               /* trajectory of a dataset */
  char slice[MPP_TEXT_MAX];  /* "z=0.5": the plane of data with three axes; empty: the middle one */
  long size;                 /* longest side of a panel [pixels]; cells stay square blocks */
  long rate;                 /* frames a second of an animation */
  bool overwrite;
  mpp_data_flags flags; /* of a dataset: what it is, where the file does not say */
} mpp_plot_options;
MPP_API extern const mpp_option mpp_plot_table[];

/* Draws one field: a column a step; rows truth, prediction and error of a forecast (the prediction
 * alone where the file has no truth), one row of a dataset. x points right, y up; each row has its
 * colour bar; truth and prediction share the colours of the truth's range. Of a forecast the error
 * of all fields over the steps, or spectra, where `show` asks for them; of a training loss,
 * learning rate and the NRMSE of each dataset. The ending of the output chooses the format; .webp
 * and .mp4 (which needs the program ffmpeg, and a caller that ignores SIGPIPE) take one step after
 * the other, with the colours of all. Data of one axis are lines, truth and prediction together; of
 * three axes one plane is drawn. MPP_ERR_USAGE: no such field, step or plane, no known ending, no
 * ffmpeg. MPP_ERR_DATA: none of the three. MPP_ERR_EXISTS: the picture exists and overwrite is
 * off. */
MPP_API MPP_MUST_CHECK mpp_status mpp_plot(const mpp_plot_options *options);

typedef struct mpp_report_options {
  mpp_text_list input;       /* folders of trainings, forecasts, datasets */
  char output[MPP_TEXT_MAX]; /* HTML file */
  char title[MPP_TEXT_MAX];
  long frames; /* at most so many of each forecast, evenly spread */
  long size;   /* longest side of a panel [pixels] */
  bool overwrite;
  mpp_data_flags flags; /* of datasets: what they are, where the files do not say */
} mpp_report_options;
MPP_API extern const mpp_option mpp_report_table[];

/* One HTML file without any other: of each training configuration, curves and scores; of each
 * forecast what it is, errors, spectra, and the panels of each field with a slider through time; of
 * each dataset its panels. Errors as of mpp_plot. */
MPP_API MPP_MUST_CHECK mpp_status mpp_report(const mpp_report_options *options);

#ifdef __cplusplus
}
#endif
#endif
