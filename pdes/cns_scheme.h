/* cns_scheme.h - the compressible Navier-Stokes equations of an ideal gas without heat conduction,
 * in one to three dimensions. u [dims + 2, D, H, W] is primitive: velocities, density, pressure. */
#ifndef MPP_CNS_SCHEME_H
#define MPP_CNS_SCHEME_H

#include "cns_scheme_euler.h"
#include "cns_scheme_viscous.h"

typedef struct mpp_cns_scheme {
  mpp_cns_grid grid;
  mpp_cns_viscous viscous; /* without viscosity or with `released` its arrays are NULL */
  double gamma, cfl;
  double *q[4]; /* [dims + 2 fields]: the state, and room for the next ones; owned */
  double *flat; /* factors of the slopes in a repair, owned */
  double t;     /* reached */
  double rate;  /* fastest wave over cell width, summed over the axes [s-1] */
  bool viscous_first;
  bool released;         /* the scheme of PDEBench's released data, cns_scheme_compat.h */
  const double *unsound; /* what stopped a run; borrowed from q */
  size_t steps, rejected;
  double repaired; /* cells times stages that were computed with flat slopes */
  double least[2]; /* density, pressure in any stage */
} mpp_cns_scheme;

/* `cfl` bounds dt times the sum over the axes of fastest wave / cell width. */
MPP_MUST_CHECK mpp_status mpp_cns_scheme_create(mpp_cns_scheme *s, const mpp_pde_setup *setup,
                                                double cfl);
void mpp_cns_scheme_free(mpp_cns_scheme *s); /* takes a zeroed struct */

void mpp_cns_scheme_start(mpp_cns_scheme *s, const double *u);

/* u = state at t. False: u is what stopped it (density or pressure not positive although slopes
 * were flattened, not finite, or no step was short enough). */
bool mpp_cns_scheme_advance(mpp_cns_scheme *s, double *u, double t);

#endif
