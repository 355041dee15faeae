/* cns_init.h - initial conditions of the compressible Navier-Stokes systems, as PDEBench has them:
 * random fields, turbulence, shock tubes and the single tests; names and options of its files.
 *
 * By default each number is drawn by itself from (seed, sample), waves by their wave number, so
 * that a finer grid holds the same field. With setup->compat the numbers are those of the released
 * generators (JAX, float32), drawn in batches: sample i is row i % N of the batch with the key
 * seed + i / N, N = 1000 in 1D; 100, or 20 on grids of 512 cells and for turbulence, in 2D; 10, or
 * 20 for turbulence, in 3D. `sample` counts simulations. The released files drop simulations that
 * failed: in 2D_CFD_Rand_M0.1_Eta1e-08_Zeta1e-08_periodic_512 simulation 76 (key 2034, index 16) is
 * missing, so that row r of that file is simulation r below 76 and r + 1 from there on. */
#ifndef MPP_CNS_INIT_H
#define MPP_CNS_INIT_H

#include "cns.h"

/* pde_system.h's `init` and `details`: all choices of the parameter `initial`. */
MPP_MUST_CHECK mpp_status mpp_cns_init(double *u, const mpp_pde_setup *setup, uint64_t sample);
size_t mpp_cns_details(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);

/* Ended by a NULL name. */
extern const mpp_pde_preset mpp_cns_presets_1d[], mpp_cns_presets_2d[], mpp_cns_presets_3d[];

/* ---- the parts; u as in cns.h ---- */

/* A state of the gas; v has the components that there are. */
typedef struct mpp_cns_state {
  double v[3], rho, p;
} mpp_cns_state;

/* Puts a state into one cell. */
void mpp_cns_set(double *u, const mpp_pde_setup *setup, size_t cell, const mpp_cns_state *state);

/* random and turbulent, 2D and 3D (cns_init_random.c, cns_init_turbulent.c) */
MPP_MUST_CHECK mpp_status mpp_cns_random(double *u, const mpp_pde_setup *setup, uint64_t sample);
size_t mpp_cns_random_details(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);
MPP_MUST_CHECK mpp_status mpp_cns_turbulent(double *u, const mpp_pde_setup *setup, uint64_t sample);

/* random and shock, 1D (cns_init_1d.c) */
MPP_MUST_CHECK mpp_status mpp_cns_random_1d(double *u, const mpp_pde_setup *setup, uint64_t sample);
void mpp_cns_shock_1d(double *u, const mpp_pde_setup *setup, uint64_t sample);
size_t mpp_cns_shock_details(mpp_note *notes, const mpp_pde_setup *setup, uint64_t sample);

/* Cases without random numbers (cns_init_tests.c). */
void mpp_cns_riemann(double *u, const mpp_pde_setup *setup);
void mpp_cns_quadrants(double *u, const mpp_pde_setup *setup);
void mpp_cns_kelvin_helmholtz(double *u, const mpp_pde_setup *setup);
void mpp_cns_orszag_tang(double *u, const mpp_pde_setup *setup);
void mpp_cns_blast(double *u, const mpp_pde_setup *setup);

/* The left and the right state of a test of `riemann`, 1 to 7, and where they meet. */
typedef struct mpp_cns_tube {
  mpp_cns_state left, right;
  double jump, horizon;
} mpp_cns_tube;
mpp_cns_tube mpp_cns_tube_of(int test);

#endif
