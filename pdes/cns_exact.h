/* cns_exact.h - exact solutions of the compressible Navier-Stokes equations, to hold schemes
 * against. */
#ifndef MPP_CNS_EXACT_H
#define MPP_CNS_EXACT_H

#include "pde_system.h"

/* A state of a gas in one dimension: density, velocity, pressure. */
typedef struct mpp_gas_point {
  double density, u, pressure;
} mpp_gas_point;

/* What lies between the outer waves of a Riemann problem. */
typedef struct mpp_gas_star {
  double pressure, u, density_left, density_right;
} mpp_gas_star;

/* The exact solution of the Riemann problem of two gases, at x / t = xi from where they meet.
 * Without vacuum alone: 2 (c_left + c_right) / (gamma - 1) > u_right - u_left. */
mpp_gas_star mpp_gas_riemann_star(mpp_gas_point left, mpp_gas_point right, double gamma);
mpp_gas_point mpp_gas_riemann(mpp_gas_point left, mpp_gas_point right, double gamma, double xi);

/* A wave of period `length` that runs to the right through gas of density and sound speed 1 and
 * steepens: u(x, 0) = amplitude sin(2 pi x / length); until it breaks, at
 * t = length / (pi (gamma + 1) amplitude). */
mpp_gas_point mpp_gas_simple_wave(double x, double t, double gamma, double amplitude,
                                  double length);

/* The same wave with a small amplitude (solution of the linear equations), damped by the viscosity
 * nu = (4/3 eta + zeta) / density. */
mpp_gas_point mpp_gas_damped_wave(double x, double t, double gamma, double amplitude, double length,
                                  double nu);

/* Problems for pde_system.h, ended by a NULL name. */
extern const mpp_pde_problem mpp_cns_problems_1d[], mpp_cns_problems_2d[], mpp_cns_problems_3d[];

#endif
