/* cns_setup.h - settings of compressible flow as PDEBench has them, without a system around
 * them. */
#ifndef MPP_CNS_SETUP_H
#define MPP_CNS_SETUP_H

#include "cns_init.h"

static inline mpp_pde_setup cns_setup(int dims, size_t cells, int initial, bool compat,
                                      uint64_t seed)
{
  mpp_pde_setup s = {.compat = compat, .seed = seed, .horizon = 1.0, .interval = 0.05};
  for (int a = 0; a < 3; a++) {
    const bool used = a >= 3 - dims;
    s.grid.n[a] = used ? cells : 1;
    s.grid.low[a] = used && dims == 1 ? -1.0 : 0.0;
    s.grid.dx[a] = used ? (dims == 1 ? 2.0 : 1.0) / (double)cells : 1.0;
  }
  s.param[MPP_CNS_GAMMA] = 5.0 / 3.0;
  s.param[MPP_CNS_INITIAL] = initial;
  s.param[MPP_CNS_MODES] = dims == 1 ? 3.0 : 4.0;
  s.param[MPP_CNS_WINDOW] = 0.5;
  if (dims > 1) {
    s.param[MPP_CNS_M] = 0.1;
    s.param[MPP_CNS_SLOPE] = dims == 2 ? 0.5 : 1.0;
  }
  return s;
}

static inline size_t cns_cells(const mpp_pde_setup *s)
{
  return s->grid.n[0] * s->grid.n[1] * s->grid.n[2];
}

/* Mean of n values. */
static inline double cns_mean(const double *u, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) { sum += u[i]; }
  return sum / (double)n;
}

#endif
