/* darcy_march.h - the way of a pressure towards the steady one,
 *   area u_t = b - (sum over the faces of a cell of g (u - u_beyond)),  u = 0 beyond the walls,
 * with the conductances and sources of num_multigrid.h. */
#ifndef MPP_DARCY_MARCH_H
#define MPP_DARCY_MARCH_H

#include <stddef.h>

#include "mpp/status.h"

typedef struct mpp_darcy_march mpp_darcy_march;

/* For nx x ny cells of the given area. The caller owns *out. */
MPP_MUST_CHECK mpp_status mpp_darcy_march_create(mpp_darcy_march **out, size_t nx, size_t ny,
                                                 double area);
void mpp_darcy_march_destroy(mpp_darcy_march *m); /* takes NULL */

/* u [nx, ny] after `duration`, from u as it is; gx [nx + 1, ny], gy [nx, ny + 1], b [nx, ny].
 * Returns how many times the right-hand side was evaluated. The same bits for any number of
 * threads. */
size_t mpp_darcy_march_run(mpp_darcy_march *m, double *u, const double *gx, const double *gy,
                           const double *b, double duration);

#endif
