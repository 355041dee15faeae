/* ins_periodic_exact.h - exact solutions of periodic incompressible flow with driving particles. */
#ifndef MPP_INS_PERIODIC_EXACT_H
#define MPP_INS_PERIODIC_EXACT_H

#include "pde_system.h"

enum { MPP_INS_VX, MPP_INS_VY, MPP_INS_PARTICLES, MPP_INS_FX, MPP_INS_FY, MPP_INS_FIELDS };

/* The first parameters of the system. */
enum { MPP_INS_PERIODIC_NU, MPP_INS_PERIODIC_DIFFUSIVITY, MPP_INS_PERIODIC_PARAMS };

/* Taylor-Green vortices of the unit square, carried along by a mean velocity, with particles in a
 * pattern that they keep; no force. */
void mpp_ins_periodic_carried(double *u, double t, const mpp_pde_setup *s);

/* The same vortices in a mean velocity that a uniform force on uniform particles changes. */
void mpp_ins_periodic_driven(double *u, double t, const mpp_pde_setup *s);

#endif
