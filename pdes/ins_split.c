/* ins_split.c - the time stepping of PDEBench's incompressible flow, for data like the released
 * ones: every quantity is carried along first-order characteristics and interpolated bilinearly,
 * and the parts of a step follow one another. The projection is exact here, where the released data
 * stop at a relative residual of 1e-3. */
#include <math.h>

#include "ins_scheme.h"

/* w at a distance of (-x, -y) cells from point k, |x|, |y| <= 1. */
static inline double behind(const double *w, size_t k, size_t row, double x, double y)
{
  const size_t side_x = x > 0.0 ? k - row : k + row;
  const size_t side_y = y > 0.0 ? k - 1 : k + 1;
  const size_t corner = side_x + side_y - k;
  const double a = fabs(x), b = fabs(y);
  return (1.0 - a) * ((1.0 - b) * w[k] + b * w[side_y]) +
         a * ((1.0 - b) * w[side_x] + b * w[corner]);
}

static inline double mean4(const double *w, size_t a, size_t b, size_t c, size_t d)
{
  return 0.25 * ((w[a] + w[b]) + (w[c] + w[d]));
}

/* u_next, v_next = u, v carried by themselves. */
static void carry_velocity(mpp_ins *s, double dt)
{
  const size_t row = s->stride, nx = s->n[0], ny = s->n[1];
  const double x = dt / s->dx[0], y = dt / s->dx[1], *u = s->u, *v = s->v;
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < nx; i++) {
    const size_t first = mpp_ins_at(s, i, 0), end = mpp_ins_at(s, i, ny);
    for (size_t k = first; i > 0 && k < end; k++) {
      s->u_next[k] = behind(u, k, row, x * u[k], y * mean4(v, k, k - row, k + 1, k + 1 - row));
    }
    for (size_t k = first + 1; k < end; k++) {
      s->v_next[k] = behind(v, k, row, x * mean4(u, k, k - 1, k + row, k + row - 1), y * v[k]);
    }
  }
}

/* u, v = u_next, v_next after a step of viscosity and force. */
static void diffuse_and_push(mpp_ins *s, double dt)
{
  const size_t row = s->stride, nx = s->n[0], ny = s->n[1];
  const double x = dt * s->nu / (s->dx[0] * s->dx[0]), y = dt * s->nu / (s->dx[1] * s->dx[1]);
  const double *u = s->u_next, *v = s->v_next, *c = s->c;
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < nx; i++) {
    const size_t first = mpp_ins_at(s, i, 0), end = mpp_ins_at(s, i, ny);
    for (size_t k = first; i > 0 && k < end; k++) {
      s->u[k] = u[k] + x * (u[k - row] + u[k + row] - 2.0 * u[k]) +
                y * (u[k - 1] + u[k + 1] - 2.0 * u[k]) + dt * 0.5 * (c[k - row] + c[k]) * s->fx[k];
    }
    for (size_t k = first + 1; k < end; k++) {
      s->v[k] = v[k] + x * (v[k - row] + v[k + row] - 2.0 * v[k]) +
                y * (v[k - 1] + v[k + 1] - 2.0 * v[k]) + dt * 0.5 * (c[k - 1] + c[k]) * s->fy[k];
    }
  }
}

/* c carried by u, v. */
static void carry_particles(mpp_ins *s, double dt)
{
  const size_t row = s->stride, ny = s->n[1];
  const double x = 0.5 * dt / s->dx[0], y = 0.5 * dt / s->dx[1], *u = s->u, *v = s->v;
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t k = mpp_ins_at(s, i, 0); k < mpp_ins_at(s, i, ny); k++) {
      s->stage[k] = behind(s->c, k, row, x * (u[k] + u[k + row]), y * (v[k] + v[k + 1]));
    }
  }
}

/* Corners beyond the walls of the particles' grid, which interpolation may ask for. */
static void set_corners(const mpp_ins *s, double *c)
{
  for (size_t i = 0; i < 2; i++) {
    for (size_t j = 0; j < 2; j++) {
      const size_t k = mpp_ins_at(s, i * (s->n[0] - 1), j * (s->n[1] - 1));
      const size_t beyond = (i == 0 ? k - s->stride : k + s->stride);
      c[j == 0 ? beyond - 1 : beyond + 1] = c[k];
    }
  }
}

static void split_step(mpp_ins *s, double dt)
{
  double *kept = s->c;
  carry_velocity(s, dt);
  mpp_ins_walls(s, s->u_next, s->v_next, 0.0);
  diffuse_and_push(s, dt);
  mpp_ins_walls(s, s->u, s->v, 0.0);
  mpp_ins_project(s, s->u, s->v);
  mpp_ins_walls(s, s->u, s->v, 0.0);
  mpp_ins_walls_of_cells(s, s->c);
  set_corners(s, s->c);
  carry_particles(s, dt);
  s->c = s->stage;
  s->stage = kept;
}

bool mpp_ins_advance_split(mpp_ins *s, double t, double dt)
{
  const double start = s->t, count = fmax(ceil((t - start) / dt * (1.0 - 1e-9)), 1.0);
  const double step = (t - start) / count;
  mpp_ins_set_threads(s);
  for (double k = 1.0; s->t < t; k += 1.0) {
    double divergence = 0.0;
    if (!(step * s->rate <= 1.0)) {
      return false;
    }
    split_step(s, step);
    s->rate = mpp_ins_courant_rate(s, s->u, s->v, &divergence);
    s->divergence = fmax(s->divergence, divergence);
    s->t = k < count ? start + k * step : t;
    s->dt = step;
    s->steps++;
  }
  return true;
}
