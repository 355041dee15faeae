/* plot_source.h - what a picture shows, read from a forecast or a dataset. */
#ifndef MPP_PLOT_SOURCE_H
#define MPP_PLOT_SOURCE_H

#include "mpp/field.h"
#include "mpp/plot.h"

enum { MPP_PLOT_ROWS = 3, MPP_PLOT_TEXT = 256 };

typedef struct mpp_plot_source {
  char title[MPP_PLOT_TEXT];
  size_t nx, ny;               /* ny 1: data of one axis, drawn as lines */
  double x[2], y[2];           /* edges of the domain */
  char x_name[48], y_name[48]; /* with units where they are known */
  mpp_name units;              /* of the field; "": not known */
  size_t nrows, ncols;
  const char *row[MPP_PLOT_ROWS]; /* "truth", "prediction", "error" */
  char column[MPP_LIST_MAX][48];  /* "step 5, t = 0.1" */
  char note[MPP_LIST_MAX][32];    /* under the last row; "" for none */
  long first, last;               /* steps that the file has */
  float *value;                   /* [nrows, ncols, ny, nx], y upwards, NaN: missing; owned */
} mpp_plot_source;

/* A forecast or a dataset. MPP_ERR_DATA: neither. */
MPP_MUST_CHECK mpp_status mpp_plot_read(mpp_plot_source *s, const mpp_plot_options *o);

/* Start from a zeroed struct; free it in any case. */
MPP_MUST_CHECK mpp_status mpp_plot_read_forecast(mpp_plot_source *s, const mpp_plot_options *o);
MPP_MUST_CHECK mpp_status mpp_plot_read_dataset(mpp_plot_source *s, const mpp_plot_options *o);
void mpp_plot_source_free(mpp_plot_source *s);

/* NRMSE of a forecast. */
typedef struct mpp_plot_errors {
  size_t nfields, nsteps;
  mpp_name field[MPP_MAX_FIELDS]; /* names of the variables */
  double *nrmse;                  /* [nfields, nsteps], NaN where there is no truth; owned */
} mpp_plot_errors;

/* Start from a zeroed struct; free it in any case. MPP_ERR_DATA: no truth at any step. */
MPP_MUST_CHECK mpp_status mpp_plot_read_errors(mpp_plot_errors *e, const char *path);
void mpp_plot_errors_free(mpp_plot_errors *e);

/* Steps first .. last that a picture shows: those asked for, or four, evenly spread; s has the
 * range. MPP_ERR_USAGE: a step outside. */
MPP_MUST_CHECK mpp_status mpp_plot_steps(mpp_int_list *steps, mpp_plot_source *s,
                                         const mpp_plot_options *o, long first, long last);
/* Sizes and the array. MPP_ERR_DATA: too large. */
MPP_MUST_CHECK mpp_status mpp_plot_source_allocate(mpp_plot_source *s, const char *path);
/* The axis, of `count` names, that --slice AXIS=WHERE cuts and its coordinate; NAN and the first
 * axis where `slice` is "". MPP_ERR_USAGE. */
MPP_MUST_CHECK mpp_status mpp_plot_cut_axis(size_t *axis, double *where, const char *slice,
                                            const char *const name[3], size_t count,
                                            const char *path);
/* The cell nearest to `where`, NAN: the middle one. MPP_ERR_USAGE: outside. */
MPP_MUST_CHECK mpp_status mpp_plot_cut_cell(size_t *cell, double where, const double *centre,
                                            size_t n, const char *path);
/* The edges of a row of n cell centres. */
void mpp_plot_edges(double edge[2], const double *centre, size_t n);

#endif
