/* cns_init_tests.c - initial conditions without random numbers. Tests of the shock tube: E. F.
 * Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, with the numbers of PDEBench. The
 * others: PDEBench (Takamoto et al., NeurIPS 2022); S. A. Orszag and C.-M. Tang, J. Fluid Mech. 90
 * (1979) 129, without the magnetic field.
 *
 * Where a jump cuts a cell, the released generators take the state at its centre. By default the
 * cell has the averages of density and energy instead, so that the jump lies at the same place, and
 * a blast has the same energy, on any grid. */
#include <math.h>

#include "cns_init.h"

/* Centre of a cell along axis x, y or z (0, 1, 2), and its index there. */
static size_t index_of(const mpp_pde_setup *s, int axis, size_t cell)
{
  const size_t *n = s->grid.n;
  const int at = 3 - mpp_cns_dims(s) + axis;
  return at == 2 ? cell % n[2] : at == 1 ? cell / n[2] % n[1] : cell / n[2] / n[1];
}

static double width(const mpp_pde_setup *s, int axis)
{
  return s->grid.dx[3 - mpp_cns_dims(s) + axis];
}

static double centre(const mpp_pde_setup *s, int axis, size_t cell)
{
  return s->grid.low[3 - mpp_cns_dims(s) + axis] +
         ((double)index_of(s, axis, cell) + 0.5) * width(s, axis);
}

static size_t cells_of(const mpp_pde_setup *s)
{
  return s->grid.n[0] * s->grid.n[1] * s->grid.n[2];
}

static double at_middle(const mpp_pde_setup *s, int axis)
{
  const int a = 3 - mpp_cns_dims(s) + axis;
  return s->grid.low[a] + 0.5 * s->grid.dx[a] * (double)s->grid.n[a];
}

/* Averages of density, momentum and energy over a cell of which `part` has state a, the rest b. */
static mpp_cns_state mix(const mpp_cns_state *a, const mpp_cns_state *b, double part,
                         const mpp_pde_setup *s)
{
  const double gamma1 = s->param[MPP_CNS_GAMMA] - 1.0, rest = 1.0 - part;
  mpp_cns_state m = {.rho = part * a->rho + rest * b->rho};
  double energy = (part * a->p + rest * b->p) / gamma1;
  for (int c = 0; c < 3; c++) {
    m.v[c] = (part * a->rho * a->v[c] + rest * b->rho * b->v[c]) / m.rho;
    energy += 0.5 * (part * a->rho * a->v[c] * a->v[c] + rest * b->rho * b->v[c] * b->v[c] -
                     m.rho * m.v[c] * m.v[c]);
  }
  m.p = gamma1 * energy;
  return m;
}

/* How much of (centre - width / 2, centre + width / 2) lies below `jump`. */
static double part_below(double middle, double size, double jump, bool compat)
{
  if (compat) {
    return middle < jump ? 1.0 : 0.0;
  }
  return fmin(fmax((jump - middle) / size + 0.5, 0.0), 1.0);
}

static void set_mixed(double *u, const mpp_pde_setup *s, size_t cell, const mpp_cns_state *a,
                      const mpp_cns_state *b, double part)
{
  const mpp_cns_state m = part > 0.0 && part < 1.0 ? mix(a, b, part, s) : part > 0.0 ? *a : *b;
  mpp_cns_set(u, s, cell, &m);
}

/* ---- 1D ---- */

mpp_cns_tube mpp_cns_tube_of(int test)
{
  static const mpp_cns_tube tubes[] = {
      {{{0.75}, 1.0, 1.0}, {{0.0}, 0.125, 0.1}, 0.3, 0.4},
      {{{-2.0}, 1.0, 0.4}, {{2.0}, 1.0, 0.4}, 0.5, 0.15},
      {{{0.0}, 1.0, 1000.0}, {{0.0}, 1.0, 0.01}, 0.5, 0.012},
      {{{19.5975}, 5.99924, 460.894}, {{-6.19633}, 5.99242, 46.095}, 0.4, 0.035},
      {{{-19.59745}, 1.0, 1000.0}, {{-19.59745}, 1.0, 0.01}, 0.8, 0.012},
      {{{0.0}, 1.4, 1.0}, {{0.0}, 1.0, 1.0}, 0.5, 2.0},
      {{{0.1}, 1.4, 1.0}, {{0.1}, 1.0, 1.0}, 0.5, 2.0}};
  enum { TESTS = sizeof tubes / sizeof tubes[0] };
  return tubes[test >= 1 && test <= TESTS ? test - 1 : 0];
}

void mpp_cns_riemann(double *u, const mpp_pde_setup *s)
{
  const mpp_cns_tube tube = mpp_cns_tube_of((int)s->param[MPP_CNS_TEST]);
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    const double part = part_below(centre(s, 0, i), width(s, 0), tube.jump, s->compat);
    set_mixed(u, s, i, &tube.left, &tube.right, part);
  }
}

/* ---- 2D ---- */

/* Four states that meet in the middle of the domain. */
void mpp_cns_quadrants(double *u, const mpp_pde_setup *s)
{
  /* [x above the middle][y above the middle] */
  static const mpp_cns_state quadrant[2][2] = {{{{0.0, 0.0}, 0.5, 0.1}, {{1.0, 0.0}, 0.1, 1.0}},
                                               {{{0.0, 1.0}, 0.1, 1.0}, {{0.0, 0.0}, 0.1, 0.01}}};
  for (size_t i = 0; i < cells_of(s); i++) {
    double below[2];
    mpp_cns_state edge[2];
    for (int a = 0; a < 2; a++) {
      below[a] = part_below(centre(s, a, i), width(s, a), at_middle(s, a), s->compat);
    }
    for (int x = 0; x < 2; x++) { edge[x] = mix(&quadrant[x][0], &quadrant[x][1], below[1], s); }
    set_mixed(u, s, i, &edge[0], &edge[1], below[0]);
  }
}

/* Two streams that pass each other along a wavy interface. */
void mpp_cns_kelvin_helmholtz(double *u, const mpp_pde_setup *s)
{
  const double dk = s->param[MPP_CNS_KH_DK], waves = s->param[MPP_CNS_KH_K];
  const double sound = 1.0 / s->param[MPP_CNS_M];
  const double pressure = sound * sound / s->param[MPP_CNS_GAMMA]; /* the mean density is 1 */
  const mpp_cns_state above = {{1.0, 0.0}, 2.0 / (dk + 1.0), pressure};
  const mpp_cns_state below = {{-1.0, 0.0}, 2.0 * dk / (dk + 1.0), pressure};
  const double length = s->grid.dx[1] * (double)s->grid.n[1];
  for (size_t i = 0; i < cells_of(s); i++) {
    const double x = (centre(s, 0, i) - s->grid.low[1]) / length;
    const double interface = at_middle(s, 1) + 0.005 * sin(2.0 * M_PI * waves * x);
    const double part = part_below(centre(s, 1, i), width(s, 1), interface, s->compat);
    set_mixed(u, s, i, &below, &above, part);
  }
}

void mpp_cns_orszag_tang(double *u, const mpp_pde_setup *s)
{
  const double gamma = s->param[MPP_CNS_GAMMA];
  for (size_t i = 0; i < cells_of(s); i++) {
    double angle[2];
    for (int a = 0; a < 2; a++) {
      const double turn = ((double)index_of(s, a, i) + 0.5) / (double)s->grid.n[1 + a];
      angle[a] = 2.0 * M_PI * turn;
    }
    mpp_cns_set(u, s, i, &(mpp_cns_state){{-sin(angle[1]), sin(angle[0])}, gamma * gamma, gamma});
  }
}

/* ---- 3D ---- */

/* Part of a cell inside the sphere about the middle of the domain, by points inside the cell. */
static double part_inside(const mpp_pde_setup *s, size_t cell, double radius)
{
  enum { POINTS = 8 };
  double offset[3], reach = 0.0, distance = 0.0;
  for (int a = 0; a < 3; a++) {
    offset[a] = fabs(centre(s, a, cell) - at_middle(s, a));
    distance += offset[a] * offset[a];
    reach += 0.25 * width(s, a) * width(s, a);
  }
  if (s->compat || fabs(sqrt(distance) - radius) > sqrt(reach)) {
    return distance < radius * radius ? 1.0 : 0.0;
  }
  int inside = 0;
  for (int i = 0; i < POINTS * POINTS * POINTS; i++) {
    const int at[3] = {i / (POINTS * POINTS), i / POINTS % POINTS, i % POINTS};
    double square = 0.0;
    for (int a = 0; a < 3; a++) {
      const double x = offset[a] + (((double)at[a] + 0.5) / POINTS - 0.5) * width(s, a);
      square += x * x;
    }
    inside += square < radius * radius;
  }
  return (double)inside / (POINTS * POINTS * POINTS);
}

void mpp_cns_blast(double *u, const mpp_pde_setup *s)
{
  const double length = width(s, 0) * (double)s->grid.n[0];
  const double radius = s->param[MPP_CNS_BLAST_RADIUS] * length;
  const mpp_cns_state inside = {{0.0}, 1.0, s->param[MPP_CNS_BLAST_PRESSURE]};
  const mpp_cns_state outside = {{0.0}, 1.0, 0.1};
  for (size_t i = 0; i < cells_of(s); i++) {
    set_mixed(u, s, i, &inside, &outside, part_inside(s, i, radius));
  }
}
