/* cns_scheme_euler.h - the Euler equations of an ideal gas: one explicit stage over the grid. */
#ifndef MPP_CNS_SCHEME_EULER_H
#define MPP_CNS_SCHEME_EULER_H

#include "cns_scheme_grid.h"

enum { MPP_CNS_MAX_FIELDS = 5 };

/* q: primitive fields (velocities, density, pressure) with margins filled. `to` gets the inside. */
typedef struct mpp_cns_stage {
  double *to;
  const double *from; /* where fluxes are taken: L(from) */
  const double *base; /* NULL: to = from + dt L(from);
                         else to = weight[0] base + weight[1] from + dt L(from) */
  double weight[2];
  const double *flat; /* [field] factors of the slopes, 0 or 1, margins filled; NULL: 1 */
  double gamma, dt;
  bool released; /* fluxes and floor of the pressure of PDEBench's released data */
} mpp_cns_stage;

typedef struct mpp_cns_stage_result {
  double speed[3]; /* of the fastest wave of any face, by axis */
  double least[2]; /* density, pressure of `to` */
  bool sound;      /* density and pressure of `to` are positive and finite */
} mpp_cns_stage_result;

/* The same bits for any number of threads. */
mpp_cns_stage_result mpp_cns_euler_stage(const mpp_cns_grid *g, const mpp_cns_stage *s);

#endif
