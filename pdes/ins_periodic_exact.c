/* ins_periodic_exact.c - vortices whose nonlinear term is a gradient, seen from a frame that
 * moves. */
#include "ins_periodic_exact.h"

#include <math.h>

/* Taylor-Green vortices, particles in the same pattern, carried along by a velocity (0.7, 0.4) that
 * grows as a uniform force on uniform particles has it: with force[] either not 0 or pattern not
 * 0. */
static void moving_vortices(double *u, double t, const mpp_pde_setup *s, const double force[2],
                            double pattern)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2], count = nx * ny;
  const double k = 2.0 * M_PI, start_velocity[2] = {0.7, 0.4};
  double velocity[2], moved[2];
  for (int a = 0; a < 2; a++) {
    velocity[a] = start_velocity[a] + force[a] * t;
    moved[a] = start_velocity[a] * t + 0.5 * force[a] * t * t;
  }
  const double flow = exp(-2.0 * k * k * s->param[MPP_INS_PERIODIC_NU] * t);
  const double spots = pattern * exp(-2.0 * k * k * s->param[MPP_INS_PERIODIC_DIFFUSIVITY] * t);
  for (size_t i = 0; i < count; i++) {
    const size_t row = i / ny, column = i % ny;
    const double x = k * (((double)row + 0.5) / (double)nx - moved[0]);
    const double y = k * (((double)column + 0.5) / (double)ny - moved[1]);
    u[MPP_INS_VX * count + i] = velocity[0] + flow * sin(x) * cos(y);
    u[MPP_INS_VY * count + i] = velocity[1] - flow * cos(x) * sin(y);
    u[MPP_INS_PARTICLES * count + i] = 1.0 + spots * sin(x) * sin(y);
    u[MPP_INS_FX * count + i] = force[0];
    u[MPP_INS_FY * count + i] = force[1];
  }
}

void mpp_ins_periodic_carried(double *u, double t, const mpp_pde_setup *s)
{
  moving_vortices(u, t, s, (const double[2]){0.0, 0.0}, 0.5);
}

void mpp_ins_periodic_driven(double *u, double t, const mpp_pde_setup *s)
{
  moving_vortices(u, t, s, (const double[2]){1.5, -0.8}, 0.0);
}
