/* halo.h - fields of one frame with ghost cells around them, so that a stencil needs no cases at
 * the edges. Arrays are [C][cells of the padded grid], D slowest; an axis of length 1 has no
 * ghosts. */
#ifndef MPP_HALO_H
#define MPP_HALO_H

#include <stddef.h>

#include "mpp/dataset.h"

/* What lies past an edge: the value at the edge again (zero gradient), the other end, or the mirror
 * image. For stencils of 3 cells copy and mirror are the same. */
typedef enum { MPP_EDGE_COPY, MPP_EDGE_WRAP, MPP_EDGE_MIRROR } mpp_edge;

/* For a dataset's boundary. Outflow and walls are not told apart there. Open ones are mirrors: the
 * errors of 5-cell stencils on diffusion-reaction 64^2, whose walls let nothing through, are a
 * third to a fifth of those with copies, and those on shallow water with outflow the same. */
mpp_edge mpp_edge_of(mpp_boundary boundary);

typedef struct mpp_halo {
  size_t grid[3], width[3]; /* cells; ghosts on each side of an axis, not more than cells */
  size_t padded[3];         /* grid + 2 width */
  size_t cells, size;       /* of the grid, of the padded grid */
  size_t radius;            /* ghosts asked for */
  size_t origin;            /* index of cell (0, 0, 0) in the padded grid */
  mpp_edge edge[3];
} mpp_halo;

/* Ghosts of `radius` cells, or as many as an axis of more than one cell has. */
mpp_halo mpp_halo_make(const size_t grid[3], const mpp_edge edge[3], size_t radius);

/* The same step between cells in the padded grid of `to`, whose ghosts are as wide as those of
 * `from`; it is not longer than them. */
ptrdiff_t mpp_halo_offset(const mpp_halo *to, const mpp_halo *from, ptrdiff_t offset);

/* Where row (z, y) begins in the padded grid. */
static inline size_t mpp_halo_row(const mpp_halo *h, size_t z, size_t y)
{
  return h->origin + (z * h->padded[1] + y) * h->padded[2];
}

/* Ends of axes at which a field's mirror image has the other sign, as the velocity normal to a
 * wall: bit 2 a for the lower end of axis a, bit 2 a + 1 for the upper one. */
typedef unsigned char mpp_odd_ends;

/* Sets the ghosts of p [size] from its cells. */
void mpp_halo_fill(const mpp_halo *h, double *p, mpp_odd_ends odd);

/* The cells of p from x [cells], and its ghosts. */
void mpp_halo_load(const mpp_halo *h, double *p, const float *x, mpp_odd_ends odd);

#endif
