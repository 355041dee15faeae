/* swe_momentum.h - the momentum of shallow water of which only depths were stored. */
#ifndef MPP_SWE_MOMENTUM_H
#define MPP_SWE_MOMENTUM_H

#include "pde_system.h"

/* mpp_pde.complete: u [h, hv, hu] has h; frames are depths. */
MPP_MUST_CHECK mpp_status mpp_swe_momentum(double *u, const mpp_pde_setup *setup,
                                           const double *frames, size_t count);

#endif
