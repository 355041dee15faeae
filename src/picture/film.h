/* film.h - the steps of a film, one at a time, with colours that serve all of them. */
#ifndef MPP_FILM_H
#define MPP_FILM_H

#include "panels.h"

typedef struct mpp_film {
  const mpp_plot_options *options;
  long count;       /* of frames */
  long first, last; /* steps that the file has */
  mpp_color_scale scale[MPP_PLOT_ROWS];
} mpp_film;

/* The steps that `options` ask for, or else all, evenly spread where they are more than `most`
 * (0: any number). Reads every one for its range. `options` is borrowed. Errors as of reading. */
MPP_MUST_CHECK mpp_status mpp_film_open(mpp_film *f, const mpp_plot_options *options, long most);

/* Frame `index`, a source of one column; *s is zeroed first, the caller frees it in any case. */
MPP_MUST_CHECK mpp_status mpp_film_read(mpp_plot_source *s, const mpp_film *f, long index);

#endif
