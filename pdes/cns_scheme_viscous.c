/* cns_scheme_viscous.c - the Runge-Kutta-Legendre method of second order, RKL2: s passes reach
 * (s^2 + s - 2) / 4 explicit steps. C. D. Meyer, D. S. Balsara and T. D. Aslam, J. Comput. Phys.
 * 257 (2014) 594. Fluxes of momentum and of the energy sigma v at the faces, second-order central
 * differences: momentum and energy stay. A step that an explicit one follows to far below its own
 * error takes one pass. */
#include "cns_scheme_viscous.h"

#include <math.h>

#include "alloc.h"
#include "check.h"
#include "num_hllc.h"

enum { ROWS = 16, WIDE = 512, MAX_PARTS = 4, LANES = 16 }; /* of a tile; velocities and energy */

/* Share of the explicit limit below which one explicit pass is taken: its error, half that share of
 * what viscosity does at the scale of a cell and less above it, is below that of the
 * differences. */
static const double explicit_share = 1e-3;
static const double safety = 0.95;

mpp_status mpp_cns_viscous_create(mpp_cns_viscous *v, const mpp_cns_grid *g, double gamma,
                                  double eta, double zeta, bool kinematic)
{
  mpp_status st = MPP_OK;
  mpp_cns_viscous made = {.eta = eta, .zeta = zeta, .gamma = gamma, .kinematic = kinematic};
  const size_t parts = (size_t)g->dims + 1;
  MPP_TRY(MPP_ALLOC(&made.stage[0], parts * g->field));
  MPP_TRY(MPP_ALLOC(&made.stage[1], parts * g->field));
  MPP_TRY(MPP_ALLOC(&made.first, parts * g->field));
  *v = made;
  made = (mpp_cns_viscous){.eta = 0.0};
done:
  mpp_cns_viscous_free(&made);
  return st;
}

void mpp_cns_viscous_free(mpp_cns_viscous *v)
{
  mpp_free(v->stage[0]);
  mpp_free(v->stage[1]);
  mpp_free(v->first);
  v->stage[0] = v->stage[1] = v->first = NULL;
}

/* ---- fluxes ---- */

/* One pass: y = a y1 + b y2 + c y0 + m L(y1) + k L(y0), of the velocities and the gained energy,
 * which is 0 in y0. */
typedef struct pass {
  const mpp_cns_grid *g;
  const mpp_cns_viscous *v;
  const double *start; /* primitive fields at the start: velocities y0, densities */
  const double *y1;    /* margins filled */
  double *y2;          /* y overwrites it */
  double *rate;        /* L(y0): written by the first pass, read by the others */
  double a, b, c, m, k;
} pass;

/* d/dt of momentum (by component) and energy that enter through the faces of a row. */
typedef struct stress_row {
  double f[MAX_PARTS][WIDE + 1];
} stress_row;

/* Derivative along an axis of stride t, at the face between q[-s] and q[0]; `scale` = 1/(4 dx). */
static inline double across(const double *q, ptrdiff_t s, ptrdiff_t t, double scale)
{
  return ((q[t] + q[t - s]) - (q[-t] + q[-t - s])) * scale;
}

/* Stresses on n faces along `axis`, face i between the cells i - s and i from offset `at`. */
static inline __attribute__((always_inline)) void stresses(stress_row *to, const pass *p, int axis,
                                                           size_t at, ptrdiff_t n, int dims)
{
  const mpp_cns_grid *g = p->g;
  const ptrdiff_t s = (ptrdiff_t)g->stride[axis];
  const int normal = axis - 3 + dims, first = normal == 0 ? 1 : 0, second = normal == 2 ? 1 : 2;
  const int axis1 = first + 3 - dims, axis2 = second + 3 - dims;
  const ptrdiff_t t1 = dims > 1 ? (ptrdiff_t)g->stride[axis1] : 0;
  const ptrdiff_t t2 = dims > 2 ? (ptrdiff_t)g->stride[axis2] : 0;
  const double *u = p->y1 + at + (size_t)normal * g->field;
  const double *v = p->y1 + at + (size_t)(dims > 1 ? first : 0) * g->field;
  const double *w = p->y1 + at + (size_t)(dims > 2 ? second : 0) * g->field;
  const double *density = p->start + at + (size_t)dims * g->field;
  const double eta = p->v->eta, zeta = p->v->zeta;
  const double along = 4.0 / 3.0 * eta + zeta, beside = zeta - 2.0 / 3.0 * eta;
  const double inverse = 1.0 / g->dx[axis];
  const double scale1 = dims > 1 ? 0.25 / g->dx[axis1] : 0.0;
  const double scale2 = dims > 2 ? 0.25 / g->dx[axis2] : 0.0;
  double *fu = to->f[normal], *fv = to->f[dims > 1 ? first : 0], *fw = to->f[dims > 2 ? second : 0];
  double *energy = to->f[dims];
  const double one = p->v->kinematic ? 0.0 : 1.0, half = p->v->kinematic ? 0.5 : 0.0;
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; i++) {
    const double weight = one + half * (density[i - s] + density[i]);
    double sides = 0.0, work = 0.0;
    if (dims > 1) {
      sides = across(v + i, s, t1, scale1);
      const double shear =
          weight * eta * ((v[i] - v[i - s]) * inverse + across(u + i, s, t1, scale1));
      fv[i] = shear;
      work = shear * (0.5 * (v[i - s] + v[i]));
    }
    if (dims > 2) {
      sides += across(w + i, s, t2, scale2);
      const double shear =
          weight * eta * ((w[i] - w[i - s]) * inverse + across(u + i, s, t2, scale2));
      fw[i] = shear;
      work += shear * (0.5 * (w[i - s] + w[i]));
    }
    const double normal_stress = weight * (along * ((u[i] - u[i - s]) * inverse) + beside * sides);
    fu[i] = normal_stress;
    energy[i] = normal_stress * (0.5 * (u[i - s] + u[i])) + work;
  }
}

/* The rate of field f of cell i: x along W, y below and above along H, z along D. */
static inline double inflow(const double inverse[3], const stress_row *x,
                            const stress_row *const *y, const stress_row *z, int f, ptrdiff_t i,
                            int dims)
{
  double sum = inverse[2] * (x->f[f][i + 1] - x->f[f][i]);
  if (dims > 1) {
    sum += inverse[1] * (y[1]->f[f][i] - y[0]->f[f][i]);
  }
  if (dims > 2) {
    sum += inverse[0] * (z[1].f[f][i] - z[0].f[f][i]);
  }
  return sum;
}

/* New stage of n cells of a row. */
static inline __attribute__((always_inline)) void combine(const pass *p, size_t at, ptrdiff_t n,
                                                          const stress_row *x,
                                                          const stress_row *const *y,
                                                          const stress_row *z, int dims, bool first)
{
  const mpp_cns_grid *g = p->g;
  const double inverse[3] = {1.0 / g->dx[0], 1.0 / g->dx[1], 1.0 / g->dx[2]};
  const double *density = p->start + at + (size_t)dims * g->field;
  const double a = p->a, b = p->b, c = p->c, m = p->m, k = p->k;
  for (int f = 0; f <= dims; f++) {
    const size_t offset = at + (size_t)f * g->field;
    const bool velocity = f < dims;
    const double *y0 = p->start + offset, *y1 = p->y1 + offset;
    double *y2 = p->y2 + offset, *rate = p->rate + offset;
#pragma omp simd
    for (ptrdiff_t i = 0; i < n; i++) {
      const double gain = inflow(inverse, x, y, z, f, i, dims);
      const double l = velocity ? gain / density[i] : gain;
      const double origin = velocity ? y0[i] : 0.0;
      if (first) {
        rate[i] = l;
        y2[i] = origin + m * l;
      } else {
        y2[i] = ((a * y1[i] + b * y2[i]) + c * origin) + (m * l + k * rate[i]);
      }
    }
  }
}

/* Rows of one tile: cells w .. w + n - 1 of the rows h0 .. h1 - 1 of plane d. */
static inline __attribute__((always_inline)) void
work(const pass *p, size_t d, size_t h0, size_t h1, size_t w, size_t n, int dims, bool first)
{
  const mpp_cns_grid *g = p->g;
  const ptrdiff_t count = (ptrdiff_t)n;
  stress_row x, ring[2], z[2];
  const stress_row *y[2] = {&ring[0], &ring[1]};
  for (size_t h = h0; h < h1; h++) {
    const size_t at = mpp_cns_row(g, d, h) + w;
    stresses(&x, p, 2, at, count + 1, dims);
    if (dims > 1) {
      if (h == h0) {
        stresses(&ring[h & 1], p, 1, at, count, dims);
      }
      stresses(&ring[(h + 1) & 1], p, 1, at + g->stride[1], count, dims);
      y[0] = &ring[h & 1];
      y[1] = &ring[(h + 1) & 1];
    }
    if (dims > 2) {
      stresses(&z[0], p, 0, at, count, dims);
      stresses(&z[1], p, 0, at + g->stride[0], count, dims);
    }
    combine(p, at, count, &x, y, z, dims, first);
  }
}

#define KERNEL(dims, first, name)                                                           \
  static __attribute__((noinline)) void name(const pass *p, size_t d, size_t h0, size_t h1, \
                                             size_t w, size_t n)                            \
  {                                                                                         \
    work(p, d, h0, h1, w, n, dims, first);                                                  \
  }
KERNEL(1, true, first_1)
KERNEL(2, true, first_2)
KERNEL(3, true, first_3)
KERNEL(1, false, next_1)
KERNEL(2, false, next_2)
KERNEL(3, false, next_3)

static void run_pass(const pass *p, bool first)
{
  static void (*const kernel[3][2])(const pass *, size_t, size_t, size_t, size_t, size_t) = {
      {next_1, first_1}, {next_2, first_2}, {next_3, first_3}};
  const mpp_cns_grid *g = p->g;
  const size_t blocks = (g->n[1] + ROWS - 1) / ROWS;
#pragma omp parallel for num_threads(mpp_cns_threads(g)) schedule(static)
  for (size_t k = 0; k < g->n[0] * blocks; k++) {
    const size_t d = k / blocks, h = k % blocks * ROWS;
    for (size_t w = 0; w < g->n[2]; w += WIDE) {
      kernel[g->dims - 1][first](p, d, h, h + ROWS < g->n[1] ? h + ROWS : g->n[1], w,
                                 g->n[2] - w < WIDE ? g->n[2] - w : WIDE);
    }
  }
}

/* ---- steps ---- */

/* Least of a row, NaN if one is NaN; lane by lane, since compilers vectorise that. */
static double row_least(const double *x, size_t n)
{
  double least[LANES], sum[LANES], whole = HUGE_VAL, check = 0.0;
  size_t i = 0;
  for (size_t k = 0; k < LANES; k++) {
    least[k] = HUGE_VAL;
    sum[k] = 0.0;
  }
  for (; i + LANES <= n; i += LANES) {
#pragma omp simd
    for (size_t k = 0; k < LANES; k++) {
      least[k] = mpp_least(x[i + k], least[k]);
      sum[k] += x[i + k];
    }
  }
  for (; i < n; i++) {
    whole = mpp_least(x[i], whole);
    check += x[i];
  }
  for (size_t k = 0; k < LANES; k++) {
    whole = mpp_least(least[k], whole);
    check += sum[k];
  }
  return isnan(check) ? check : whole;
}

/* Sum over the axes of 1 / dx^2 times what multiplies it at cell i of a row, by rows of the matrix:
 * 1 / density, times the mean of the densities at both faces if the viscosity is kinematic. */
static inline double stiffness(const mpp_cns_viscous *v, const mpp_cns_grid *g, const double *row,
                               ptrdiff_t i)
{
  double sum = 0.0;
  for (int a = 3 - g->dims; a < 3; a++) {
    const ptrdiff_t s = (ptrdiff_t)g->stride[a];
    const double weight = v->kinematic ? 0.25 * ((row[i - s] + row[i + s]) + 2.0 * row[i]) : 1.0;
    sum += weight / (g->dx[a] * g->dx[a]);
  }
  return sum / row[i];
}

/* Longest stable explicit step: 2 over a bound of the largest eigenvalue. */
static double explicit_limit(const mpp_cns_viscous *v, const mpp_cns_grid *g, const double *density)
{
  double largest = 0.0, least = HUGE_VAL, sum = 0.0;
  const size_t rows = g->n[0] * g->n[1];
#pragma omp parallel for num_threads(mpp_cns_threads(g)) schedule(static) reduction(max        \
                                                                                    : largest) \
    reduction(min                                                                              \
              : least)
  for (size_t r = 0; r < rows; r++) {
    const double *row = density + mpp_cns_row(g, r / g->n[1], r % g->n[1]);
    if (v->kinematic) {
      for (size_t i = 0; i < g->n[2]; i++) {
        largest = mpp_most(largest, stiffness(v, g, row, (ptrdiff_t)i));
      }
    } else {
      least = mpp_least(row_least(row, g->n[2]), least);
    }
  }
  for (int a = 3 - g->dims; a < 3; a++) { sum += 1.0 / (g->dx[a] * g->dx[a]); }
  largest = v->kinematic ? largest : sum / least;
  return 0.5 / ((4.0 / 3.0 * v->eta + v->zeta) * largest);
}

/* Velocities, density and pressure of n cells at offset `at` from the last stage `y`. */
static inline __attribute__((always_inline)) void finish_row(const mpp_cns_viscous *v,
                                                             const mpp_cns_grid *g, double *to,
                                                             const double *from, const double *y,
                                                             size_t at, int dims)
{
  const size_t field = g->field, d = (size_t)dims;
  const double *gained = y + d * field + at, *q = from + at, *now = y + at;
  const double gain = v->gamma - 1.0;
  double *out = to + at;
#pragma omp simd
  for (size_t i = 0; i < g->n[2]; i++) {
    const double density = q[d * field + i];
    double kinetic = (now[i] - q[i]) * (now[i] + q[i]);
    out[i] = now[i];
    if (dims > 1) {
      kinetic += (now[field + i] - q[field + i]) * (now[field + i] + q[field + i]);
      out[field + i] = now[field + i];
    }
    if (dims > 2) {
      const size_t k = 2 * field + i;
      kinetic += (now[k] - q[k]) * (now[k] + q[k]);
      out[k] = now[k];
    }
    out[d * field + i] = density;
    out[(d + 1) * field + i] =
        q[(d + 1) * field + i] + gain * (gained[i] - 0.5 * density * kinetic);
  }
}

/* The new state; returns its least pressure, NaN if one is NaN. */
static double finish(const mpp_cns_viscous *v, const mpp_cns_grid *g, double *to,
                     const double *from, const double *y)
{
  double least = HUGE_VAL;
  int poor = 0;
#pragma omp parallel for num_threads(mpp_cns_threads(g)) schedule(static) reduction(min      \
                                                                                    : least) \
    reduction(|                                                                              \
              : poor)
  for (size_t r = 0; r < g->n[0] * g->n[1]; r++) {
    const size_t at = mpp_cns_row(g, r / g->n[1], r % g->n[1]);
    if (g->dims == 1) {
      finish_row(v, g, to, from, y, at, 1);
    } else if (g->dims == 2) {
      finish_row(v, g, to, from, y, at, 2);
    } else {
      finish_row(v, g, to, from, y, at, 3);
    }
    const double row = row_least(to + ((size_t)g->dims + 1) * g->field + at, g->n[2]);
    poor |= isnan(row);
    least = mpp_least(row, least);
  }
  return poor != 0 ? (double)NAN : least;
}

/* b_j of the method. */
static double weight(double j)
{
  return j < 2.0 ? 1.0 / 3.0 : (j * j + j - 2.0) / (2.0 * j * (j + 1.0));
}

double mpp_cns_viscous_step(mpp_cns_viscous *v, const mpp_cns_grid *g, double *to,
                            const double *from, double dt)
{
  const size_t dims = (size_t)g->dims;
  const double limit = safety * explicit_limit(v, g, from + dims * g->field);
  pass p = {.g = g, .v = v, .start = from, .y1 = from, .y2 = v->stage[0], .rate = v->first};
  double *last = v->stage[0], *other = v->stage[1];
  size_t s = 1;
  if (dt > explicit_share * limit) {
    s = (size_t)ceil(0.5 * (sqrt(9.0 + 16.0 * dt / limit) - 1.0));
    s = s < 2 ? 2 : s;
  }
  const double order = (double)s, w = s < 2 ? 3.0 : 4.0 / (order * order + order - 2.0);
  p.m = w / 3.0 * dt;
  run_pass(&p, true);
  for (size_t k = 2; k <= s; k++) {
    const double j = (double)k, scale = weight(j) / weight(j - 1.0);
    mpp_cns_grid_fill(g, last, dims);
    p.y1 = last;
    p.y2 = other;
    p.a = (2.0 * j - 1.0) / j * scale;
    p.b = -(j - 1.0) / j * weight(j) / weight(j - 2.0);
    p.c = 1.0 - p.a - p.b;
    p.m = p.a * w * dt;
    p.k = -(1.0 - weight(j - 1.0)) * p.m;
    if (k == 2) { /* y2 is the start, whose gained energy is 0 */
      p.c += p.b;
      p.b = 0.0;
    }
    run_pass(&p, false);
    other = last;
    last = p.y2;
  }
  v->passes += s;
  return finish(v, g, to, from, last);
}
