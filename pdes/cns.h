/* cns.h - what the compressible Navier-Stokes systems cns-1d, cns-2d and cns-3d share: the order of
 * their parameters and of their fields.
 *
 * u is primitive, as stored: velocities Vx[, Vy[, Vz]] [m s-1], density [kg m-3], pressure [Pa],
 * each [D, H, W]; dims + 2 fields. The last grid axis is that of the last velocity: x = W in 1D,
 * (x, y) = (H, W) in 2D, (x, y, z) = (D, H, W) in 3D. Domains: [-1, 1] in 1D, [0, 1]^dims in 2D and
 * 3D, except riemann ([0, 1]) and blast ([-1, 1]^3); read them from setup->grid. */
#ifndef MPP_CNS_H
#define MPP_CNS_H

#include "pde_system.h"

/* Indices of mpp_pde_setup.param. */
enum {
  /* in all tables */
  MPP_CNS_GAMMA,     /* ratio of specific heats, 5/3 */
  MPP_CNS_ETA,       /* shear viscosity */
  MPP_CNS_ZETA,      /* bulk viscosity */
  MPP_CNS_INITIAL,   /* mpp_cns_initial_1d, _2d, _3d */
  MPP_CNS_VISCOSITY, /* eta and zeta are 0: dynamic (those of the paper), 1: kinematic */
  MPP_CNS_CFL,       /* Courant number */
  MPP_CNS_MODES,     /* random, turbulent: largest |wave number| along each axis; 3 in 1D, else 4 */
  MPP_CNS_WINDOW,    /* random: probability of a window, 0.5 */
  MPP_CNS_COMMON,

  /* 1D alone */
  MPP_CNS_TEST = MPP_CNS_COMMON, /* riemann: number of the test, 1 to 7 */

  /* 2D and 3D */
  MPP_CNS_M = MPP_CNS_COMMON, /* Mach number of random, turbulent and kelvin-helmholtz */
  MPP_CNS_SLOPE,              /* amplitude of mode k is |k|^-slope: 0.5 in 2D, 1 in 3D */
  MPP_CNS_SPATIAL,

  /* 2D alone */
  MPP_CNS_KH_DK = MPP_CNS_SPATIAL, /* kelvin-helmholtz: density ratio, below to above */
  MPP_CNS_KH_K,                    /* kelvin-helmholtz: waves of the disturbed interface, 4 */

  /* 3D alone */
  MPP_CNS_BLAST_RADIUS = MPP_CNS_SPATIAL, /* blast: radius over the length of the domain, 0.05 */
  MPP_CNS_BLAST_PRESSURE                  /* blast: inside, 100 Pa; 0.1 Pa outside */
};

/* "random|shock|riemann" */
typedef enum { MPP_CNS_1D_RANDOM, MPP_CNS_1D_SHOCK, MPP_CNS_1D_RIEMANN } mpp_cns_initial_1d;

/* "random|turbulent|shock|kelvin-helmholtz|orszag-tang" */
typedef enum {
  MPP_CNS_2D_RANDOM,
  MPP_CNS_2D_TURBULENT,
  MPP_CNS_2D_SHOCK,
  MPP_CNS_2D_KELVIN_HELMHOLTZ,
  MPP_CNS_2D_ORSZAG_TANG
} mpp_cns_initial_2d;

/* "random|turbulent|blast" */
typedef enum { MPP_CNS_3D_RANDOM, MPP_CNS_3D_TURBULENT, MPP_CNS_3D_BLAST } mpp_cns_initial_3d;

/* Number of axes: those with more than one cell. */
static inline int mpp_cns_dims(const mpp_pde_setup *setup)
{
  const size_t *n = setup->grid.n;
  return (n[0] > 1) + (n[1] > 1) + (n[2] > 1);
}

#endif
