/* pictures.h - whole pictures, as drawings that the caller encodes and destroys. */
#ifndef MPP_PICTURES_H
#define MPP_PICTURES_H

#include "drawing.h"
#include "panels.h"
#include "run_history.h"

/* Panels of all steps of the source; `beside`: of its only column, rows beside each other. `scale`
 * [nrows] are the colours; NULL: those of the source. */
MPP_MUST_CHECK mpp_status mpp_picture_panels(mpp_drawing **out, mpp_draw_kind kind,
                                             const mpp_plot_source *source, long size, bool beside,
                                             const mpp_color_scale *scale);

/* The same of a source of one axis (ny 1): values over x, truth and prediction together, and below
 * them the error; scale [nrows] has the ranges. */
MPP_MUST_CHECK mpp_status mpp_picture_lines(mpp_drawing **out, mpp_draw_kind kind,
                                            const mpp_plot_source *source, long size,
                                            const mpp_color_scale *scale);

/* Loss, loss and NRMSE of each dataset in training (running means), learning rate, speed, and for
 * each dataset that was validated NRMSE against steps: the model at each horizon, dashed the best
 * of the other predictors. What the run has no record of has no chart. */
MPP_MUST_CHECK mpp_status mpp_picture_history(mpp_drawing **out, mpp_draw_kind kind,
                                              const mpp_run_history *history);

/* NRMSE of all fields of a forecast over its steps, or spectra of one field of a forecast or
 * dataset at the steps asked for, dashed the truth, as options->show says. MPP_ERR_DATA: no truth
 * to have an error. */
MPP_MUST_CHECK mpp_status mpp_picture_scores(mpp_drawing **out, mpp_draw_kind kind,
                                             const mpp_plot_options *options);

/* Whether the folder is one of a training. */
bool mpp_is_run_folder(const char *path);

/* ---- animation.c ---- */

/* Draws the steps that `options` ask for (none: all) one after the other into the file
 * options->output, an animated WebP or, by the program ffmpeg, an MP4. */
MPP_MUST_CHECK mpp_status mpp_animation_write(const mpp_plot_options *options);

#endif
