/* num_spectral.h - pseudo-spectral evaluation on periodic grids in two dimensions: fields are kept
 * by the modes that products do not alias onto, nonlinear terms are formed at the grid points (S.
 * A. Orszag, J. Atmos. Sci. 28 (1971) 1074). x runs along grid axis 1, y along axis 2. */
#ifndef MPP_NUM_SPECTRAL_H
#define MPP_NUM_SPECTRAL_H

#include <stddef.h>

#include "fft.h"
#include "mpp/pde.h"
#include "mpp/status.h"

/* Modes of a field: [rows, columns] pairs (re, im); row r has wave number k[0][r] along x, column c
 * k[1][c] >= 0 along y. A mode is a mean over the points: u_j = sum modes exp(i k x_j), with the
 * origin at the first cell centre. */
typedef struct mpp_spectral {
  size_t n[2];                 /* points along x and y */
  size_t rows, columns, modes; /* modes = rows columns */
  double *k[2];                /* [rows], [columns] wave numbers, owned */
  double scale;                /* of a forward transform: the mean over the points */
  mpp_fft *fft;                /* owned */
  mpp_fft_shape shape;
  double *values, *spectrum; /* work of `slots` fields, owned */
  size_t slots;
} mpp_spectral;

/* Keeps the modes that products of `degree` factors do not alias onto: |k| < n / (degree + 1) along
 * each axis, 2/3 of all for two factors; degree 1: all but the unpaired one of an even n. */
MPP_MUST_CHECK mpp_status mpp_spectral_create(mpp_spectral *s, const mpp_grid *grid, int degree,
                                              size_t slots);
void mpp_spectral_free(mpp_spectral *s); /* takes a zeroed struct */

/* How nonlinear terms are formed. Functions are called from several threads. */
typedef struct mpp_spectral_terms {
  size_t in, out; /* fields taken to the grid, and back; at most `slots` */
  /* row[i] [columns] = modes of row r of what becomes field i on the grid. */
  void (*spread)(double *const *row, size_t r, const void *context);
  /* Points [from, to) of the fields u[i]: the first `out` ones become what is taken back. */
  void (*points)(double *const *u, size_t from, size_t to, const void *context);
  /* Takes row[i] [columns], row r of the modes of result i; times `scale` still. */
  void (*gather)(double *const *row, size_t r, const void *context);
} mpp_spectral_terms;

void mpp_spectral_evaluate(mpp_spectral *s, const mpp_spectral_terms *terms, const void *context);

/* u [fields, nx, ny] from v [fields, modes], and back. fields <= slots. */
void mpp_spectral_to_grid(mpp_spectral *s, double *u, const double *v, size_t fields);
void mpp_spectral_from_grid(mpp_spectral *s, double *v, const double *u, size_t fields);

#endif
