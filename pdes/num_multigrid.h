/* num_multigrid.h - potentials on a network of cells: for every cell of an nx x ny grid
 *   sum over its four faces of g (u - u_beyond) = b,   g > 0, u = 0 beyond the walls,
 * which is -div(a grad u) = f by finite volumes, by conjugate gradients with a multigrid cycle as
 * preconditioner. */
#ifndef MPP_NUM_MULTIGRID_H
#define MPP_NUM_MULTIGRID_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_multigrid mpp_multigrid;

/* The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_multigrid_create(mpp_multigrid **out, size_t nx, size_t ny);
void mpp_multigrid_destroy(mpp_multigrid *m); /* takes NULL */

/* Conductances of all faces, walls included, copied: gx [nx + 1, ny] between the cells i - 1 and i,
 * gy [nx, ny + 1] between the cells j - 1 and j. */
void mpp_multigrid_set(mpp_multigrid *m, const double *gx, const double *gy);

typedef struct mpp_multigrid_result {
  bool converged;
  size_t iterations;
  double residual; /* |b - A u| / |b|, as computed anew from u */
} mpp_multigrid_result;

/* u [nx, ny] = solution for b [nx, ny] to a relative residual of `tolerance`, or to the rounding of
 * A u where that is larger. The same bits for any number of threads. */
mpp_multigrid_result mpp_multigrid_solve(mpp_multigrid *m, double *u, const double *b,
                                         double tolerance, size_t most_iterations);

#endif
