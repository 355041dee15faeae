/* cns_scheme_grid.h - fields of the compressible Navier-Stokes solvers with two cells beyond each
 * edge. u is [fields, D, H, W] as the generator sees it; q holds the same cells with a margin. */
#ifndef MPP_CNS_SCHEME_GRID_H
#define MPP_CNS_SCHEME_GRID_H

#include "pde_system.h"

typedef struct mpp_cns_grid {
  int dims;         /* 1 to 3; the last dims axes of (D, H, W) have more than one cell */
  size_t n[3];      /* cells inside */
  double dx[3];     /* [m] */
  mpp_edge edge[3]; /* of both ends of each axis */
  size_t stride[3]; /* from a cell to the next one along an axis */
  size_t origin;    /* of the first cell inside a field */
  size_t field;     /* from a field to the next, a multiple of 8 */
} mpp_cns_grid;

/* MPP_ERR_NOMEM if `fields` of them are more than can be counted. */
MPP_MUST_CHECK mpp_status mpp_cns_grid_make(mpp_cns_grid *g, const mpp_pde_setup *setup,
                                            size_t fields);

/* Index of cell (d, h, 0) in a field. */
static inline size_t mpp_cns_row(const mpp_cns_grid *g, size_t d, size_t h)
{
  return g->origin + d * g->stride[0] + h * g->stride[1];
}

/* Field of the velocity along an axis. */
static inline int mpp_cns_velocity(const mpp_cns_grid *g, int axis) { return axis - 3 + g->dims; }

void mpp_cns_grid_load(const mpp_cns_grid *g, double *q, const double *u, size_t fields);
void mpp_cns_grid_store(const mpp_cns_grid *g, double *u, const double *q, size_t fields);

/* Sets the cells beyond the edges of the first `fields` fields, of which the first dims are
 * velocities: the other end's cells, the edge cell, or the mirror image with the normal velocity
 * negated. */
void mpp_cns_grid_fill(const mpp_cns_grid *g, double *q, size_t fields);

/* The same for one field that has the same sign in a mirror. */
void mpp_cns_grid_fill_scalar(const mpp_cns_grid *g, double *field);

/* Threads that a pass over the grid is worth: none inside a parallel region, and below some tenths
 * of a millisecond each starting them costs more. */
int mpp_cns_threads(const mpp_cns_grid *g);

#endif
