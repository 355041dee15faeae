/* cns_problems.c - exact solutions put on the grid of a case. Smooth ones are taken at the centres
 * of the cells, which differs from averages by less than the scheme's error; tubes are averaged. */
#include <math.h>

#include "cns.h"
#include "cns_exact.h"

static size_t cells_of(const mpp_pde_setup *s)
{
  return s->grid.n[0] * s->grid.n[1] * s->grid.n[2];
}

/* Centre of a cell, from the middle of the domain, along x, y, z. */
static void centre(double x[3], const mpp_pde_setup *s, size_t cell)
{
  const int dims = mpp_cns_dims(s);
  for (int d = dims - 1; d >= 0; d--) {
    const int a = 3 - dims + d;
    const size_t n = s->grid.n[a];
    x[d] = ((double)(cell % n) + 0.5 - 0.5 * (double)n) * s->grid.dx[a];
    cell /= n;
  }
}

static void put(double *u, const mpp_pde_setup *s, size_t cell, const double v[3], double density,
                double pressure)
{
  const size_t cells = cells_of(s);
  const int dims = mpp_cns_dims(s);
  for (int d = 0; d < dims; d++) { u[(size_t)d * cells + cell] = v[d]; }
  u[(size_t)dims * cells + cell] = density;
  u[(size_t)(dims + 1) * cells + cell] = pressure;
}

/* ---- waves along the diagonal ---- */

typedef mpp_gas_point (*wave)(double x, double t, const mpp_pde_setup *s, double length);

static void along_diagonal(double *u, double t, const mpp_pde_setup *s, wave at)
{
  const int dims = mpp_cns_dims(s);
  const double scale = 1.0 / sqrt((double)dims);
  const double length = scale * (double)s->grid.n[2] * s->grid.dx[2];
  for (size_t cell = 0; cell < cells_of(s); cell++) {
    double x[3] = {0.0}, sum = 0.0, v[3] = {0.0};
    centre(x, s, cell);
    for (int d = 0; d < dims; d++) { sum += x[d]; }
    const mpp_gas_point q = at(scale * sum, t, s, length);
    for (int d = 0; d < dims; d++) { v[d] = scale * q.u; }
    put(u, s, cell, v, q.density, q.pressure);
  }
}

static mpp_gas_point steepening(double x, double t, const mpp_pde_setup *s, double length)
{
  return mpp_gas_simple_wave(x, t, s->param[MPP_CNS_GAMMA], 0.1, length);
}

/* Squares of the amplitude are below the error. */
static mpp_gas_point damped(double x, double t, const mpp_pde_setup *s, double length)
{
  const double nu = 4.0 / 3.0 * s->param[MPP_CNS_ETA] + s->param[MPP_CNS_ZETA];
  return mpp_gas_damped_wave(x, t, s->param[MPP_CNS_GAMMA], 1e-6, length, nu);
}

static void simple_wave(double *u, double t, const mpp_pde_setup *s)
{
  along_diagonal(u, t, s, steepening);
}

static void damped_wave(double *u, double t, const mpp_pde_setup *s)
{
  along_diagonal(u, t, s, damped);
}

/* ---- tubes along one axis ---- */

enum { PARTS = 16 }; /* of a cell, whose states are averaged */

/* Average over the part [x - dx/2, x + dx/2]. */
static mpp_gas_point tube_average(double x, double t, double dx, const mpp_gas_point side[2],
                                  double gamma)
{
  double mass = 0.0, momentum = 0.0, energy = 0.0;
  for (int k = 0; k < PARTS; k++) {
    const double at = x + ((k + 0.5) / PARTS - 0.5) * dx;
    const mpp_gas_point q =
        t > 0.0 ? mpp_gas_riemann(side[0], side[1], gamma, at / t) : side[at > 0.0];
    mass += q.density / PARTS;
    momentum += q.density * q.u / PARTS;
    energy += (q.pressure / (gamma - 1.0) + 0.5 * q.density * q.u * q.u) / PARTS;
  }
  const double u = momentum / mass;
  return (mpp_gas_point){mass, u, (gamma - 1.0) * (energy - 0.5 * momentum * u)};
}

/* Along x_d, from the middle of the domain. */
static void tube(double *u, double t, const mpp_pde_setup *s, int d, const mpp_gas_point side[2])
{
  const size_t *n = s->grid.n, cells = cells_of(s);
  const int axis = 3 - mpp_cns_dims(s) + d;
  const size_t stride = axis == 2 ? 1 : axis == 1 ? n[2] : n[1] * n[2];
  for (size_t cell = 0; cell < cells; cell++) {
    const size_t first = cell / stride % n[axis] * stride; /* of the cells at the same place */
    double x[3] = {0.0}, v[3] = {0.0};
    if (cell == first) {
      centre(x, s, cell);
      const mpp_gas_point q =
          tube_average(x[d], t, s->grid.dx[axis], side, s->param[MPP_CNS_GAMMA]);
      v[d] = q.u;
      put(u, s, cell, v, q.density, q.pressure);
    } else {
      for (size_t f = 0; f < (size_t)mpp_cns_dims(s) + 2; f++) {
        u[f * cells + cell] = u[f * cells + first];
      }
    }
  }
}

static const mpp_gas_point sod[2] = {{1.0, 0.0, 1.0}, {0.125, 0.0, 0.1}};
static const mpp_gas_point strong[2] = {{1.0, 0.0, 1000.0}, {1.0, 0.0, 0.01}};

static void sod_x(double *u, double t, const mpp_pde_setup *s) { tube(u, t, s, 0, sod); }
static void sod_z(double *u, double t, const mpp_pde_setup *s) { tube(u, t, s, 2, sod); }
static void strong_x(double *u, double t, const mpp_pde_setup *s) { tube(u, t, s, 0, strong); }
static void strong_y(double *u, double t, const mpp_pde_setup *s) { tube(u, t, s, 1, strong); }

/* ---- planar flows ---- */

/* Isentropic vortex of strength 5 carried along the diagonal (H. C. Yee, N. D. Sandham and M. J.
 * Djomehri, J. Comput. Phys. 150 (1999) 199), periodic. */
static void vortex(double *u, double t, const mpp_pde_setup *s)
{
  const double gamma = s->param[MPP_CNS_GAMMA], strength = 5.0;
  const double length = (double)s->grid.n[2] * s->grid.dx[2];
  for (size_t cell = 0; cell < cells_of(s); cell++) {
    double x[3] = {0.0};
    centre(x, s, cell);
    for (int d = 0; d < 2; d++) { x[d] = remainder(x[d] - t, length); }
    const double e = exp(0.5 * (1.0 - x[0] * x[0] - x[1] * x[1]));
    const double heat =
        1.0 - (gamma - 1.0) * strength * strength * e * e / (8.0 * gamma * M_PI * M_PI);
    const double turn = 0.5 * strength * e / M_PI, density = pow(heat, 1.0 / (gamma - 1.0));
    put(u, s, cell, (const double[]){1.0 - turn * x[1], 1.0 + turn * x[0], 0.0}, density,
        density * heat);
  }
}

/* A shear wave, so weak that its heat does not matter. */
static void shear(double *u, double t, const mpp_pde_setup *s)
{
  const double k = 2.0 * M_PI / ((double)s->grid.n[1] * s->grid.dx[1]);
  const double size = 1e-5 * exp(-s->param[MPP_CNS_ETA] * k * k * t);
  for (size_t cell = 0; cell < cells_of(s); cell++) {
    double x[3] = {0.0};
    centre(x, s, cell);
    put(u, s, cell, (const double[]){0.0, size * sin(k * x[0]), 0.0}, 1.0, 1.0);
  }
}

#define SIMPLE_WAVE                                                                   \
  .name = "simple wave", .set = "eta=0,zeta=0", .boundary = "periodic", .order = 2.0, \
  .exact = simple_wave
#define DAMPED_WAVE                                                                               \
  .name = "damped sound wave", .set = "eta=0.02,zeta=0.01", .boundary = "periodic", .order = 2.0, \
  .horizon = 0.5, .exact = damped_wave
#define TUBE         .set = "gamma=1.4,eta=0,zeta=0", .boundary = "open", .order = 0.9
#define SOD          TUBE, .horizon = 0.2
#define STRONG_SHOCK TUBE, .horizon = 0.012

/* A contact is smeared over more cells the longer it runs, so the L1 error of tubes is somewhat
 * below first order. */
const mpp_pde_problem mpp_cns_problems_1d[] = {
    {SIMPLE_WAVE, .horizon = 0.5},
    {DAMPED_WAVE},
    {SOD, .name = "Sod's tube", .low = 0.0, .high = 1.0, .exact = sod_x},
    {STRONG_SHOCK, .name = "strong shock", .low = 0.0, .high = 1.0, .exact = strong_x},
    {.name = NULL}};

const mpp_pde_problem mpp_cns_problems_2d[] = {
    {SIMPLE_WAVE, .horizon = 0.25},
    {DAMPED_WAVE, .doublings = 2},
    {.name = "isentropic vortex",
     .set = "gamma=1.4,eta=0,zeta=0",
     .boundary = "periodic",
     .low = 0.0,
     .high = 10.0,
     .horizon = 1.0,
     .order = 2.0,
     .doublings = 2,
     .exact = vortex},
    {.name = "shear wave",
     .set = "eta=0.05,zeta=0",
     .boundary = "periodic",
     .horizon = 0.2,
     .order = 2.0,
     .doublings = 2,
     .exact = shear},
    {SOD, .name = "Sod's tube along x", .exact = sod_x},
    {STRONG_SHOCK, .name = "strong shock along y", .exact = strong_y},
    {.name = NULL}};

const mpp_pde_problem mpp_cns_problems_3d[] = {
    {SIMPLE_WAVE, .horizon = 0.1, .cells = 16, .doublings = 1},
    {DAMPED_WAVE, .cells = 8, .doublings = 2},
    {SOD, .name = "Sod's tube along x", .cells = 16, .doublings = 1, .exact = sod_x},
    {SOD, .name = "Sod's tube along z", .cells = 16, .doublings = 1, .exact = sod_z},
    {.name = NULL}};
