/* solver_run.h - the solver that made the data, on the grids of a break-even. */
#ifndef MPP_SOLVER_RUN_H
#define MPP_SOLVER_RUN_H

#include "mpp/metrics.h"
#include "mpp/pde.h"

/* The solver on one grid, from the initial condition or from a context. */
typedef struct mpp_solver_run {
  mpp_pde_stream *stream; /* NULL: not to be had on this grid */
  size_t grid[3];
  double *up[3], *down[3]; /* weights from and to this grid; down for runs from a context */
} mpp_solver_run;

/* The data that runs are held against. All is borrowed; `options` has its resolution changed. */
typedef struct mpp_solver_case {
  const mpp_pde *pde;
  mpp_generate_options *options;
  const mpp_dataset_info *info;
  const double *coordinate[3];
  double interval; /* between frames of the forecast */
} mpp_solver_case;

/* 1, 3/4, 1/2, 3/8, ... of the data's cells, as far as they are even; each once from the start and,
 * but for the finest, once from the context. */
void mpp_solver_run_grids(mpp_break_even *b);

/* A zeroed run on `cells` cells an axis; without a stream where the solver does not take that grid.
 * Close it in any case. */
MPP_MUST_CHECK mpp_status mpp_solver_run_open(mpp_solver_run *r, const mpp_solver_case *c,
                                              size_t cells, bool from_context);
void mpp_solver_run_close(mpp_solver_run *r);

#endif
