/* cns_scheme_viscous.h - viscous stress of a gas by super-time-stepping: density stays, velocities
 * diffuse, what they lose becomes heat.
 *   rho v_t = div sigma,  E_t = div (sigma v),
 *   sigma = eta (grad v + grad v^T - 2/3 div v) + zeta div v. */
#ifndef MPP_CNS_SCHEME_VISCOUS_H
#define MPP_CNS_SCHEME_VISCOUS_H

#include "cns_scheme_grid.h"

typedef struct mpp_cns_viscous {
  double eta, zeta, gamma;
  bool kinematic;   /* eta and zeta are [m2 s-1], times the density at a face; else [Pa s] */
  double *stage[2]; /* velocities and gained energy [dims + 1 fields], owned */
  double *first;    /* their rates of change at the start, owned */
  size_t passes;    /* over the grid, since `start` */
} mpp_cns_viscous;

/* Fills eta .. kinematic and the arrays. */
MPP_MUST_CHECK mpp_status mpp_cns_viscous_create(mpp_cns_viscous *v, const mpp_cns_grid *g,
                                                 double gamma, double eta, double zeta,
                                                 bool kinematic);
void mpp_cns_viscous_free(mpp_cns_viscous *v); /* takes a zeroed struct */

/* Inside of `to` = inside of `from` after dt; primitive fields, margins of `from` filled. Returns
 * the least pressure of `to`, NaN if one is NaN. */
double mpp_cns_viscous_step(mpp_cns_viscous *v, const mpp_cns_grid *g, double *to,
                            const double *from, double dt);

#endif
