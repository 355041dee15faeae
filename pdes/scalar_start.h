/* scalar_start.h - where the trajectories of advection, Burgers and reaction-diffusion start: the
 * three share PDEBench's random sums of sines (num_sines.h), four modes on the unit interval.
 * By default the cell averages, exactly periodic. With setup.compat the values of the released
 * sets: 10 000 profiles a key, in float32; sample i has key seed + i / 10000. */
#ifndef MPP_SCALAR_START_H
#define MPP_SCALAR_START_H

#include "num_sines.h"
#include "pde_system.h"

mpp_sines mpp_scalar_profile(const mpp_pde_setup *setup, uint64_t sample);

/* As mpp_pde.init and mpp_pde.details. */
mpp_status mpp_scalar_init(double *u, const mpp_pde_setup *setup, uint64_t sample);
size_t mpp_scalar_details(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);

/* As mpp_pde.conserve: the integral of u. */
size_t mpp_scalar_integral(double *value, double *size, const double *u,
                           const mpp_pde_setup *setup);

#endif
