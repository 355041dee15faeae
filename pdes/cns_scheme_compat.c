/* cns_scheme_compat.c - PDEBench's scheme from its description: midpoint rule in time on the stages
 * of cns_scheme_euler.c, time and step in float32, then viscosity in explicit sub-steps, one axis
 * after the other. Along axis n, v_n and the other velocities v_t diffuse by momentum fluxes rho_f
 * (4/3 eta + zeta) d_n v_n and rho_f eta d_n v_t, energy flux 1/2 rho_f ((4/3 eta + zeta) d_n v_n^2
 * + eta d_n v_t^2), rho_f the mean density at the face: eta and zeta are kinematic, mixed
 * derivatives are missing. A pressure that is not above 1e-8 becomes 1e-4, which makes energy. */
#include "cns_scheme_compat.h"

#include <math.h>

#include "num_hllc.h"

static const double floor_below = 1e-8, floor_value = 1e-4;
static const float least_step = 1e-8F; /* a shorter one lets the time go on and nothing else */

/* Smallest dx / (|v| + c) over cells and axes. */
static double crossing_time(const mpp_cns_scheme *s, const double *q)
{
  const mpp_cns_grid *g = &s->grid;
  const size_t dims = (size_t)g->dims;
  double least = HUGE_VAL;
#pragma omp parallel for num_threads(mpp_cns_threads(g)) schedule(static) reduction(min : least)
  for (size_t r = 0; r < g->n[0] * g->n[1]; r++) {
    const double *row = q + mpp_cns_row(g, r / g->n[1], r % g->n[1]);
    for (size_t i = 0; i < g->n[2]; i++) {
      const double c = sqrt(s->gamma * row[(dims + 1) * g->field + i] / row[dims * g->field + i]);
      for (size_t f = 0; f < dims; f++) {
        least = mpp_least(g->dx[3 - dims + f] / (fabs(row[f * g->field + i]) + c), least);
      }
    }
  }
  return least;
}

/* ---- viscosity ---- */

/* One sub-step along an axis: `to` = inside of `from` after dt. */
typedef struct sweep {
  const mpp_cns_grid *g;
  const double *from;
  double *to;
  int axis;
  double gamma, eta, zeta, dt;
} sweep;

/* What enters cell i of a row: momenta and energy per volume; s is the stride along the axis. */
static void cell_change(double change[4], const double *q, const sweep *w, ptrdiff_t s)
{
  const mpp_cns_grid *g = w->g;
  const int normal = mpp_cns_velocity(g, w->axis);
  const double *density = q + (size_t)g->dims * g->field;
  const double above = 0.5 * (density[0] + density[s]), below = 0.5 * (density[-s] + density[0]);
  const double scale = w->dt / (g->dx[w->axis] * g->dx[w->axis]);
  double energy = 0.0;
  for (int f = 0; f < g->dims; f++) {
    const double *v = q + (size_t)f * g->field;
    const double nu = scale * (f == normal ? 4.0 / 3.0 * w->eta + w->zeta : w->eta);
    const double up = above * (v[s] - v[0]), down = below * (v[0] - v[-s]);
    change[f] = nu * (up - down);
    energy += nu * (0.5 * up * (v[s] + v[0]) - 0.5 * down * (v[0] + v[-s]));
  }
  change[3] = energy;
}

static void sweep_row(const sweep *w, size_t at)
{
  const mpp_cns_grid *g = w->g;
  const size_t dims = (size_t)g->dims;
  for (size_t i = at; i < at + g->n[2]; i++) {
    const double density = w->from[dims * g->field + i];
    double change[4], before = 0.0, after = 0.0;
    cell_change(change, w->from + i, w, (ptrdiff_t)g->stride[w->axis]);
    for (size_t f = 0; f < dims; f++) {
      const double old = w->from[f * g->field + i], v = old + change[f] / density;
      before += old * old;
      after += v * v;
      w->to[f * g->field + i] = v;
    }
    const double pressure = w->from[(dims + 1) * g->field + i] +
                            (w->gamma - 1.0) * (change[3] - 0.5 * density * (after - before));
    w->to[dims * g->field + i] = density;
    w->to[(dims + 1) * g->field + i] = pressure <= floor_below ? floor_value : pressure;
  }
}

/* Viscosity over dt from q[0] to q[0], by way of q[1]. */
static void diffuse(mpp_cns_scheme *s, double dt)
{
  const mpp_cns_grid *g = &s->grid;
  const double nu = 4.0 / 3.0 * s->viscous.eta + s->viscous.zeta;
  double least = HUGE_VAL, left = dt;
  for (int a = 3 - g->dims; a < 3; a++) { least = mpp_least(g->dx[a] * g->dx[a], least); }
  const double longest = 0.5 * s->cfl * least / nu;
  while (left > 0.0) {
    const double part = mpp_least(left, longest);
    for (int a = 3 - g->dims; a < 3; a++) {
      const sweep w = {.g = g,
                       .from = s->q[0],
                       .to = s->q[1],
                       .axis = a,
                       .gamma = s->gamma,
                       .eta = s->viscous.eta,
                       .zeta = s->viscous.zeta,
                       .dt = part};
      mpp_cns_grid_fill(g, s->q[0], (size_t)g->dims + 2);
#pragma omp parallel for num_threads(mpp_cns_threads(g)) schedule(static)
      for (size_t r = 0; r < g->n[0] * g->n[1]; r++) {
        sweep_row(&w, mpp_cns_row(g, r / g->n[1], r % g->n[1]));
      }
      double *kept = s->q[0];
      s->q[0] = s->q[1];
      s->q[1] = kept;
    }
    left = part < left ? left - part : 0.0;
  }
}

/* ---- steps ---- */

/* One stage; false if it is not sound. */
static bool stage(mpp_cns_scheme *s, const double *from, double *to, double dt)
{
  const mpp_cns_stage now = {.to = to,
                             .from = from,
                             .base = from == s->q[0] ? NULL : s->q[0],
                             .weight = {1.0, 0.0},
                             .gamma = s->gamma,
                             .dt = dt,
                             .released = true};
  const mpp_cns_stage_result result = mpp_cns_euler_stage(&s->grid, &now);
  for (int k = 0; k < 2; k++) { s->least[k] = mpp_least(result.least[k], s->least[k]); }
  if (!result.sound) {
    s->unsound = to;
  }
  return result.sound;
}

static void step(mpp_cns_scheme *s, double dt)
{
  const size_t fields = (size_t)s->grid.dims + 2;
  mpp_cns_grid_fill(&s->grid, s->q[0], fields);
  if (!stage(s, s->q[0], s->q[1], 0.5 * dt)) {
    return;
  }
  mpp_cns_grid_fill(&s->grid, s->q[1], fields);
  if (!stage(s, s->q[1], s->q[2], dt)) {
    return;
  }
  double *kept = s->q[0];
  s->q[0] = s->q[2];
  s->q[2] = kept;
  if (s->viscous.eta > 0.0 || s->viscous.zeta > 0.0) {
    diffuse(s, dt);
  }
}

void mpp_cns_released_run(mpp_cns_scheme *s, double t)
{
  const float end = (float)t;
  float now = (float)s->t;
  while (s->unsound == NULL && now < end) {
    const float longest = (float)(s->cfl * crossing_time(s, s->q[0]));
    const float dt = longest < end - now ? longest : end - now;
    const float next = now + dt;
    if (!(next > now)) {
      s->unsound = s->q[0];
      return;
    }
    if (dt > least_step) {
      step(s, (double)dt);
      s->steps++;
    }
    now = next;
    s->t = (double)now;
  }
}
