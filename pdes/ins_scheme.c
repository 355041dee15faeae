/* ins_scheme.c - steps of the incompressible flow: backward differences of second order with
 * extrapolated convection and forcing, implicit viscosity, and incremental pressure correction in
 * rotational form (J. L. Guermond, P. Minev and J. Shen, Comput. Methods Appl. Mech. Engrg. 195
 * (2006) 6011):
 *   v* as in mpp_ins_predict with the last pressure;  v = v* - grad psi,  lap psi = div v*;
 *   p += (a0 / dt) psi - nu div v*,
 * then particles with both velocities. Steps are limited by what keeps particles in bounds, and by
 * how far the acceleration may carry. */
#include "ins_scheme.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum { ARRAYS = 18, WORTH = 8192 }; /* cells that make a thread worth its start */

/* Courant numbers that a step aims at, and that it must keep; growth from step to step. */
static const double courant_target = 0.45, courant_most = 0.5, growth_most = 2.0;
/* Share of the largest eddy that viscosity may take in a step: implicit steps are stable beyond,
 * but not accurate. */
static const double decay_most = 0.1;

/* ---- memory ---- */

static void set_eigenvalues(double *line, size_t n, double dx)
{
  for (size_t k = 0; k < n; k++) {
    const double sine = sin(0.5 * M_PI * (double)k / (double)n);
    line[k] = -4.0 * sine * sine / (dx * dx);
  }
}

static mpp_status create_lines(mpp_ins *s)
{
  mpp_status st = MPP_OK;
  for (int a = 0; a < 2; a++) {
    s->node[a].n = s->n[a] - 1;
    s->half[a].n = s->n[a];
    MPP_TRY(MPP_ALLOC(&s->node[a].inverse, s->n[a]));
    MPP_TRY(MPP_ALLOC(&s->half[a].inverse, s->n[a]));
    MPP_TRY(MPP_ALLOC(&s->wave[a], 2 * s->n[a] + 1));
    for (size_t k = 0; k <= 2 * s->n[a]; k++) {
      const double angle = M_PI * (s->low[a] + 0.5 * (double)k * s->dx[a]);
      s->wave[a][k] = (mpp_ins_wave){sin(angle), cos(angle)};
    }
  }
  MPP_TRY(MPP_ALLOC(&s->line_x, s->n[0]));
  MPP_TRY(MPP_ALLOC(&s->line_y, s->n[1]));
  set_eigenvalues(s->line_x, s->n[0], s->dx[0]);
  set_eigenvalues(s->line_y, s->n[1], s->dx[1]);
done:
  return st;
}

mpp_status mpp_ins_create(mpp_ins *s, const size_t n[2], const double low[2], const double dx[2],
                          double nu)
{
  mpp_status st = MPP_OK;
  mpp_ins made = {.n = {n[0], n[1]},
                  .stride = n[1] + 4,
                  .low = {low[0], low[1]},
                  .dx = {dx[0], dx[1]},
                  .nu = nu,
                  .threads = 1};
  const mpp_fft_layout layout = {.n = {1, n[0], n[1]},
                                 .kind = {MPP_FFT_COSINE, MPP_FFT_COSINE, MPP_FFT_COSINE}};
  double **const array[ARRAYS] = {
      &made.u,      &made.v,          &made.c,          &made.fx,    &made.fy,      &made.p,
      &made.u_next, &made.v_next,     &made.u_old,      &made.v_old, &made.p_next,  &made.u_rate,
      &made.v_rate, &made.u_rate_old, &made.v_rate_old, &made.stage, &made.slope_x, &made.slope_y};
  MPP_REQUIRE(n[0] >= 2 && n[1] >= 2 && n[0] < UINT32_MAX && n[1] < UINT32_MAX &&
                  mpp_mul(&made.count, n[0] + 4, n[1] + 4) && made.count < SIZE_MAX / 1024,
              MPP_ERR_INTERNAL, "grid of %zu x %zu, expected 2 x 2 or more", n[0], n[1]);
  MPP_TRY(mpp_fft_create(&made.fft, &layout));
  MPP_TRY(MPP_ALLOC(&made.memory, ARRAYS * made.count));
  for (size_t a = 0; a < ARRAYS; a++) { *array[a] = made.memory + a * made.count; }
  MPP_TRY(MPP_ALLOC(&made.cells, mpp_fft_get_shape(made.fft).values));
  MPP_TRY(MPP_ALLOC(&made.spectrum, mpp_fft_get_shape(made.fft).spectrum));
  MPP_TRY(create_lines(&made));
  made.slowest = -(made.line_x[1] + made.line_y[1]);
  for (size_t k = 0; k < n[0]; k++) { made.line_x[k] /= mpp_fft_get_shape(made.fft).scale; }
  for (size_t k = 0; k < n[1]; k++) { made.line_y[k] /= mpp_fft_get_shape(made.fft).scale; }
  *s = made;
  made = (mpp_ins){.n = {0, 0}};
done:
  mpp_ins_free(&made);
  return st;
}

void mpp_ins_free(mpp_ins *s)
{
  for (int a = 0; a < 2; a++) {
    mpp_free(s->node[a].inverse);
    mpp_free(s->half[a].inverse);
    mpp_free(s->wave[a]);
  }
  mpp_free(s->line_x);
  mpp_free(s->line_y);
  mpp_free(s->cells);
  mpp_free(s->spectrum);
  mpp_free(s->memory);
  mpp_fft_destroy(s->fft);
  *s = (mpp_ins){.n = {0, 0}};
}

/* ---- start ---- */

void mpp_ins_set_threads(mpp_ins *s)
{
  const size_t worth = s->n[0] * s->n[1] / WORTH + 1;
  const size_t there = omp_in_parallel() ? 1 : (size_t)mpp_threads();
  s->threads = (int)(worth < there ? worth : there);
}

/* The pressure that takes the divergence out of the accelerations at t = 0, viscosity left out:
 * where the initial velocity does not vanish along walls, that has no bounds there. */
static void set_pressure(mpp_ins *s)
{
  const size_t nx = s->n[0], ny = s->n[1];
  mpp_ins_rates(s);
  memcpy(s->u_next, s->u_rate, s->count * sizeof *s->u);
  memcpy(s->v_next, s->v_rate, s->count * sizeof *s->v);
  for (size_t i = 0; s->body != NULL && i < nx; i++) {
    const size_t k = mpp_ins_at(s, i, 0);
    s->body(s->u_next + k, 1.0, ny, 0, s->wave[0][2 * i], s->wave[1] + 1, 0.0, s->nu);
    s->body(s->v_next + k, 1.0, ny, 1, s->wave[0][2 * i + 1], s->wave[1], 0.0, s->nu);
  }
  mpp_ins_walls(s, s->u_next, s->v_next, 0.0);
  mpp_ins_project(s, s->u_next, s->v_next);
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) { s->p[mpp_ins_at(s, i, j)] = s->cells[i * ny + j]; }
  }
}

void mpp_ins_start(mpp_ins *s)
{
  double *const cleared[] = {s->u_next,     s->v_next,     s->u_old,  s->v_old, s->u_rate,
                             s->v_rate,     s->u_rate_old, s->stage,  s->p,     s->p_next,
                             s->v_rate_old, s->slope_x,    s->slope_y};
  mpp_ins_set_threads(s);
  for (size_t a = 0; a < sizeof cleared / sizeof cleared[0]; a++) {
    memset(cleared[a], 0, s->count * sizeof(double));
  }
  mpp_ins_walls(s, s->u, s->v, -1.0);
  mpp_ins_walls(s, s->fx, s->fy, 0.0);
  mpp_ins_walls_of_cells(s, s->c);
  mpp_ins_project(s, s->u, s->v);
  mpp_ins_walls(s, s->u, s->v, -1.0);
  set_pressure(s);
  s->t = s->dt = 0.0;
  s->steps = s->rejected = 0;
  s->rate = mpp_ins_courant_rate(s, s->u, s->v, &s->divergence);
}

/* ---- steps ---- */

static void swap(double **a, double **b)
{
  double *kept = *a;
  *a = *b;
  *b = kept;
}

static void correct_pressure(mpp_ins *s, double factor)
{
  const size_t ny = s->n[1];
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t j = 0; j < ny; j++) {
      const size_t k = mpp_ins_at(s, i, j);
      s->p_next[k] = s->p[k] + (factor * s->cells[i * ny + j] - s->nu * s->stage[k]);
    }
  }
}

/* Computes the next time level; false if its velocity is too large for the step. */
static bool try_step(mpp_ins *s, double dt)
{
  const double ratio = s->steps > 0 ? dt / s->dt : 0.0, a0 = (1.0 + 2.0 * ratio) / (1.0 + ratio);
  double divergence = 0.0;
  mpp_ins_predict(s, dt, ratio, a0);
  mpp_ins_walls(s, s->u_next, s->v_next, -1.0);
  mpp_ins_project(s, s->u_next, s->v_next);
  mpp_ins_walls(s, s->u_next, s->v_next, -1.0);
  correct_pressure(s, a0 / dt);
  const double rate = mpp_ins_courant_rate(s, s->u_next, s->v_next, &divergence);
  if (!(dt * rate <= courant_most)) {
    return false;
  }
  s->rate = rate;
  s->divergence = fmax(s->divergence, divergence);
  return true;
}

/* The next time level becomes the present one. */
static void accept(mpp_ins *s)
{
  double **const cycle[2][3] = {{&s->u, &s->u_old, &s->u_next}, {&s->v, &s->v_old, &s->v_next}};
  for (int a = 0; a < 2; a++) {
    swap(cycle[a][0], cycle[a][1]);
    swap(cycle[a][0], cycle[a][2]);
  }
  swap(&s->u_rate, &s->u_rate_old);
  swap(&s->v_rate, &s->v_rate_old);
  swap(&s->p, &s->p_next);
}

/* Longest step from what stands now. */
static double longest_step(const mpp_ins *s)
{
  const double push = mpp_ins_rates(s), width = fmin(s->dx[0], s->dx[1]);
  const double by_speed = s->rate > 0.0 ? courant_target / s->rate : HUGE_VAL;
  const double by_push = push > 0.0 ? sqrt(courant_target * width / push) : HUGE_VAL;
  const double by_growth = s->steps > 0 ? growth_most * s->dt : HUGE_VAL;
  const double by_decay = decay_most / (s->nu * s->slowest);
  return fmin(fmin(by_growth, by_decay), fmin(by_speed, by_push));
}

bool mpp_ins_advance(mpp_ins *s, double t)
{
  mpp_ins_set_threads(s);
  while (s->t < t) {
    double limit = longest_step(s), dt = 0.0;
    for (bool good = false; !good; limit *= 0.5) {
      const double parts = ceil((t - s->t) / limit * (1.0 - 1e-12));
      dt = (t - s->t) / fmax(parts, 1.0);
      if (!(dt > 1e-12 * t)) { /* or NaN */
        return false;
      }
      good = try_step(s, dt);
      s->rejected += good ? 0 : 1;
    }
    mpp_ins_transport(s, dt);
    accept(s);
    s->t = t - s->t - dt < 1e-9 * dt ? t : s->t + dt;
    s->dt = dt;
    s->steps++;
  }
  return true;
}
