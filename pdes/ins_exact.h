/* ins_exact.h - a flow in the unit square that is known, to hold the incompressible solver against:
 * stream function g(t) sin^2(pi x) sin^2(pi y) / pi, which leaves no velocity on the walls,
 *   u = g sin^2(pi x) sin(2 pi y),  v = -g sin(2 pi x) sin^2(pi y),  p = g cos(pi x) cos(pi y) / 4,
 *   g = 1 + sin(3 t) / 2,  c = 1 + sin^2(pi x) sin^2(pi y): constant on streamlines. */
#ifndef MPP_INS_EXACT_H
#define MPP_INS_EXACT_H

#include "ins_scheme.h"

double mpp_ins_exact_velocity(int axis, double x, double y, double t);
double mpp_ins_exact_particles(double x, double y);

/* The body force that this flow needs: an mpp_ins_body. */
void mpp_ins_exact_force(double *to, double factor, size_t n, int axis, mpp_ins_wave x,
                         const mpp_ins_wave *y, double t, double nu);

#endif
