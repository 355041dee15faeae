/* cns_scheme_euler.c - MUSCL on primitive variables with the monotonised central limiter (van Leer,
 * J. Comput. Phys. 23 (1977) 276), HLLC fluxes, unsplit. A stage reads primitive fields and writes
 * primitive fields: conserved ones live in registers alone, so that a state goes through memory
 * once a stage.
 *
 * The grid is cut into tiles; within one, rows follow each other and the fluxes between a row and
 * the next are kept for it. Each flux is the same expression wherever tiles end. */
#include "cns_scheme_euler.h"

#include <math.h>

#include "num_hllc.h"

/* A pressure of the released data that is not above the first becomes the second. */
static const double floor_below = 1e-8, floor_value = 1e-4;

enum {
  VECTOR = 8,
  WIDE = 512, /* cells of a tile along W in 1D and 2D */
  ROWS = 16,  /* rows of a tile in 2D */
  NARROW = 128,
  LOW = 8,
  DEEP = 32,                          /* tile in 3D: W, H, D */
  LINES = 2 * MPP_CNS_MAX_FIELDS + 6, /* of sides and of what is gathered */
  BUFFER = (NARROW + VECTOR) * (LINES + 5 * (3 + 2 * LOW))
};
_Static_assert(BUFFER >= (WIDE + VECTOR) * (LINES + 4 * 3), "the buffer holds a tile in 2D");

/* Half the limited slope between the jumps to the two neighbours: a value beside a cell lies
 * between it and the neighbour's, hence positive where they are. */
static inline double half_slope(double before, double after)
{
  const double centred = 0.25 * (before + after);
  const double up = mpp_least(mpp_least(before, after), centred);
  const double down = mpp_most(mpp_most(before, after), centred);
  return mpp_most(up, 0.0) + mpp_least(down, 0.0);
}

/* Rows of fluxes in the order of an axis: normal velocity, transverse ones, mass, energy. */
typedef struct fluxes {
  double *u, *v, *w, *mass, *energy;
} fluxes;

/* Values of one field on both sides of the faces of a row. */
typedef struct sides {
  double *left, *right;
} sides;

/* Both sides of n faces, face i between the cells i - s and i. */
static inline __attribute__((always_inline)) void
reconstruct(sides to, const double *q, const double *flat, ptrdiff_t s, ptrdiff_t n, bool limited)
{
  double *left = to.left, *right = to.right;
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; i++) {
    const double jump = q[i] - q[i - s];
    const double l = half_slope(q[i - s] - q[i - 2 * s], jump);
    const double r = half_slope(jump, q[i + s] - q[i]);
    left[i] = q[i - s] + (limited ? flat[i - s] * l : l);
    right[i] = q[i] - (limited ? flat[i] * r : r);
  }
}

/* Fluxes through n faces from the states beside them, in the order of an axis: normal velocity,
 * transverse ones, density, pressure. `fastest` [n] grows to the speed of the fastest wave. */
static inline __attribute__((always_inline)) void riemann(fluxes to, double *fastest,
                                                          const sides q[MPP_CNS_MAX_FIELDS],
                                                          ptrdiff_t n, double gamma, int dims,
                                                          bool released)
{
  const double heat = 1.0 / (gamma - 1.0);
  const sides u = q[0], v = q[1], w = q[2], density = q[3], pressure = q[4];
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; i++) {
    const mpp_gas_state l = {u.left[i], dims > 1 ? v.left[i] : 0.0, dims > 2 ? w.left[i] : 0.0,
                             density.left[i], pressure.left[i]};
    const mpp_gas_state r = {u.right[i], dims > 1 ? v.right[i] : 0.0, dims > 2 ? w.right[i] : 0.0,
                             density.right[i], pressure.right[i]};
    const mpp_gas_flux f =
        released ? mpp_hllc_released(&l, &r, gamma, heat) : mpp_hllc(&l, &r, gamma, heat);
    to.mass[i] = f.mass;
    to.u[i] = f.u;
    if (dims > 1) {
      to.v[i] = f.v;
    }
    if (dims > 2) {
      to.w[i] = f.w;
    }
    to.energy[i] = f.energy;
    fastest[i] = mpp_most(fastest[i], f.speed);
  }
}

/* ---- tiles ---- */

/* Work of one tile: cells low[a] .. high[a] - 1 along axis a. */
typedef struct tile {
  const mpp_cns_grid *g;
  const mpp_cns_stage *s;
  size_t low[3], high[3];
  double *buffer;                     /* [BUFFER] */
  sides side[MPP_CNS_MAX_FIELDS];     /* of the row at hand, in it */
  double *speed[3], *least[2], *poor; /* of each column, in it: fastest wave by axis, least density
                                         and pressure, number of cells that are not sound */
} tile;

/* Fluxes of all fields through the faces of a row, in the order of the fields of u. */
typedef struct flux_row {
  double *f[MPP_CNS_MAX_FIELDS];
} flux_row;

static inline flux_row carve(double **next, int dims, size_t length)
{
  flux_row row = {{NULL}};
  for (int f = 0; f < dims + 2; f++) {
    row.f[f] = *next;
    *next += length;
  }
  return row;
}

/* Fluxes along `axis` through n faces from the one below the cell at offset `at`. */
static inline __attribute__((always_inline)) void
faces(tile *t, const flux_row *to, int axis, size_t at, size_t n, int dims, bool released)
{
  const mpp_cns_grid *g = t->g;
  const int normal = axis - 3 + dims, v = normal == 0 ? 1 : 0, w = normal == 2 ? 1 : 2;
  const int from[MPP_CNS_MAX_FIELDS] = {normal, v, w, dims, dims + 1};
  const ptrdiff_t stride = (ptrdiff_t)g->stride[axis], count = (ptrdiff_t)n;
  for (int f = 0; f < MPP_CNS_MAX_FIELDS; f++) {
    const double *q = t->s->from + at + (size_t)from[f] * g->field;
    if ((f == 1 && dims < 2) || (f == 2 && dims < 3)) {
      continue;
    }
    if (t->s->flat == NULL) {
      reconstruct(t->side[f], q, NULL, stride, count, false);
    } else {
      reconstruct(t->side[f], q, t->s->flat + at, stride, count, true);
    }
  }
  const fluxes out = {.u = to->f[normal],
                      .v = to->f[v],
                      .w = to->f[w],
                      .mass = to->f[dims],
                      .energy = to->f[dims + 1]};
  riemann(out, t->speed[axis], t->side, count, t->s->gamma, dims, released);
}

/* Conserved fields of a cell: momenta, density, energy. */
typedef struct conserved {
  double m[3], density, energy;
} conserved;

static inline conserved conserved_of(const double *q, size_t field, int dims, double heat)
{
  const double density = q[(size_t)dims * field];
  const mpp_gas_state k = {.u = q[0],
                           .v = dims > 1 ? q[field] : 0.0,
                           .w = dims > 2 ? q[2 * field] : 0.0,
                           .density = density,
                           .pressure = q[(size_t)(dims + 1) * field]};
  return (conserved){.m = {density * k.u, density * k.v, density * k.w},
                     .density = density,
                     .energy = mpp_gas_energy(&k, heat)};
}

/* What flows out of cell i of a row, times dt / volume: x + y + z. */
static inline double outflow(const double lambda[3], const flux_row *x, const flux_row *y,
                             const flux_row *z, int f, ptrdiff_t i, int dims)
{
  double sum = lambda[2] * (x->f[f][i + 1] - x->f[f][i]);
  if (dims > 1) {
    sum += lambda[1] * (y[1].f[f][i] - y[0].f[f][i]);
  }
  if (dims > 2) {
    sum += lambda[0] * (z[1].f[f][i] - z[0].f[f][i]);
  }
  return sum;
}

/* New state of n cells of a row from the fluxes through their faces: x [n + 1] along W, y below and
 * above along H, z along D. */
static inline __attribute__((always_inline)) void update_row(tile *t, size_t at, ptrdiff_t n,
                                                             const flux_row *x, const flux_row y[2],
                                                             const flux_row z[2], int dims,
                                                             bool second, bool released)
{
  const size_t field = t->g->field;
  const double gain = t->s->gamma - 1.0, heat = 1.0 / gain;
  const double lambda[3] = {t->s->dt / t->g->dx[0], t->s->dt / t->g->dx[1], t->s->dt / t->g->dx[2]};
  const double *from = t->s->from + at, *base = second ? t->s->base + at : NULL;
  double *to = t->s->to + at, *least_density = t->least[0], *least_pressure = t->least[1];
  double *poor = t->poor;
  const double wb = t->s->weight[0], wf = t->s->weight[1];
#pragma omp simd
  for (ptrdiff_t i = 0; i < n; i++) {
    conserved c = conserved_of(from + i, field, dims, heat);
    if (second) {
      c.m[0] *= wf;
      c.m[1] *= wf;
      c.m[2] *= wf;
      c.density *= wf;
      c.energy *= wf;
    }
    c.m[0] -= outflow(lambda, x, y, z, 0, i, dims);
    c.m[1] -= dims > 1 ? outflow(lambda, x, y, z, 1, i, dims) : 0.0;
    c.m[2] -= dims > 2 ? outflow(lambda, x, y, z, 2, i, dims) : 0.0;
    c.density -= outflow(lambda, x, y, z, dims, i, dims);
    c.energy -= outflow(lambda, x, y, z, dims + 1, i, dims);
    if (second) {
      const conserved b = conserved_of(base + i, field, dims, heat);
      c.m[0] += wb * b.m[0];
      c.m[1] += wb * b.m[1];
      c.m[2] += wb * b.m[2];
      c.density += wb * b.density;
      c.energy += wb * b.energy;
    }
    const double inverse = 1.0 / c.density;
    const double kinetic = 0.5 * inverse * ((c.m[0] * c.m[0] + c.m[1] * c.m[1]) + c.m[2] * c.m[2]);
    const double computed = gain * (c.energy - kinetic);
    const double pressure = released && computed <= floor_below ? floor_value : computed;
    to[i] = c.m[0] * inverse;
    if (dims > 1) {
      to[field + (size_t)i] = c.m[1] * inverse;
    }
    if (dims > 2) {
      to[2 * field + (size_t)i] = c.m[2] * inverse;
    }
    to[(size_t)dims * field + (size_t)i] = c.density;
    to[(size_t)(dims + 1) * field + (size_t)i] = pressure;
    least_density[i] = mpp_least(c.density, least_density[i]);
    least_pressure[i] = mpp_least(pressure, least_pressure[i]);
    poor[i] += ((c.density > 0.0) & (pressure > 0.0) & (pressure < HUGE_VAL)) != 0 ? 0.0 : 1.0;
  }
}

/* Takes arrays of a tile from its buffer; what is gathered by column starts at its neutral value.
 * Sums over columns are left to the end of a tile: compilers vectorise what stays in its lane. */
static inline double *take(double **next, size_t length, double value)
{
  double *array = *next;
  *next += length;
  for (size_t i = 0; i < length; i++) { array[i] = value; }
  return array;
}

static inline __attribute__((always_inline)) void work(tile *t, int dims, bool second,
                                                       bool released)
{
  const mpp_cns_grid *g = t->g;
  const size_t n = t->high[2] - t->low[2], length = (n + 1 + VECTOR - 1) / VECTOR * VECTOR;
  double *next = t->buffer;
  for (int f = 0; f < MPP_CNS_MAX_FIELDS; f++) {
    t->side[f] = (sides){next, next + length};
    next += 2 * length;
  }
  for (int a = 0; a < 3; a++) { t->speed[a] = take(&next, length, 0.0); }
  for (int k = 0; k < 2; k++) { t->least[k] = take(&next, length, HUGE_VAL); }
  t->poor = take(&next, length, 0.0);
  const flux_row x = carve(&next, dims, length);
  flux_row y[2] = {{{NULL}}}, z[LOW][2] = {{{{NULL}}}}, none[2] = {{{NULL}}};
  for (int k = 0; k < 2 && dims > 1; k++) { y[k] = carve(&next, dims, length); }
  for (int k = 0; k < 2 * LOW && dims > 2; k++) { z[k / 2][k % 2] = carve(&next, dims, length); }
  for (size_t d = t->low[0]; d < t->high[0]; d++) {
    for (size_t h = t->low[1]; h < t->high[1]; h++) {
      const size_t at = mpp_cns_row(g, d, h) + t->low[2];
      flux_row *deep = dims > 2 ? z[h - t->low[1]] : none;
      faces(t, &x, 2, at, n + 1, dims, released);
      if (dims > 1) {
        if (h == t->low[1]) {
          faces(t, &y[0], 1, at, n, dims, released);
        }
        faces(t, &y[1], 1, at + g->stride[1], n, dims, released);
      }
      if (dims > 2) {
        if (d == t->low[0]) {
          faces(t, &deep[0], 0, at, n, dims, released);
        }
        faces(t, &deep[1], 0, at + g->stride[0], n, dims, released);
      }
      update_row(t, at, (ptrdiff_t)n, &x, y, deep, dims, second, released);
      const flux_row below = y[0], under = deep[0];
      y[0] = y[1];
      y[1] = below;
      deep[0] = deep[1];
      deep[1] = under;
    }
  }
}

/* One copy of the kernels for each number of axes, kind of stage and flux. */
#define KERNEL(dims, second, released, name) \
  static __attribute__((noinline)) void name(tile *t) { work(t, dims, second, released); }
KERNEL(1, false, false, first_1)
KERNEL(2, false, false, first_2)
KERNEL(3, false, false, first_3)
KERNEL(1, true, false, second_1)
KERNEL(2, true, false, second_2)
KERNEL(3, true, false, second_3)
KERNEL(1, false, true, released_first_1)
KERNEL(2, false, true, released_first_2)
KERNEL(3, false, true, released_first_3)
KERNEL(1, true, true, released_second_1)
KERNEL(2, true, true, released_second_2)
KERNEL(3, true, true, released_second_3)

static void compute(tile *t)
{
  static void (*const kernel[2][2][3])(tile *) = {
      {{first_1, first_2, first_3}, {second_1, second_2, second_3}},
      {{released_first_1, released_first_2, released_first_3},
       {released_second_1, released_second_2, released_second_3}}};
  kernel[t->s->released][t->s->base != NULL][t->g->dims - 1](t);
}

static size_t pieces(size_t n, size_t size) { return (n + size - 1) / size; }

/* What the columns of a tile found. */
static void gather(mpp_cns_stage_result *r, const tile *t)
{
  for (size_t i = 0; i < t->high[2] - t->low[2] + 1; i++) {
    for (int a = 0; a < 3; a++) { r->speed[a] = mpp_most(t->speed[a][i], r->speed[a]); }
    for (int k = 0; k < 2; k++) { r->least[k] = mpp_least(t->least[k][i], r->least[k]); }
    r->sound = r->sound && t->poor[i] == 0.0;
  }
}

static void merge(mpp_cns_stage_result *r, const mpp_cns_stage_result *part)
{
  for (int a = 0; a < 3; a++) { r->speed[a] = mpp_most(part->speed[a], r->speed[a]); }
  for (int k = 0; k < 2; k++) { r->least[k] = mpp_least(part->least[k], r->least[k]); }
  r->sound = r->sound && part->sound;
}

mpp_cns_stage_result mpp_cns_euler_stage(const mpp_cns_grid *g, const mpp_cns_stage *s)
{
  const size_t size[3] = {g->dims > 2 ? DEEP : 1, g->dims > 2 ? LOW : ROWS,
                          g->dims > 2 ? NARROW : WIDE};
  const size_t count[3] = {pieces(g->n[0], size[0]), pieces(g->n[1], size[1]),
                           pieces(g->n[2], size[2])};
  const mpp_cns_stage_result none = {.least = {HUGE_VAL, HUGE_VAL}, .sound = true};
  mpp_cns_stage_result result = none;
#pragma omp parallel num_threads(mpp_cns_threads(g))
  {
    double buffer[BUFFER] __attribute__((aligned(64)));
    mpp_cns_stage_result part = none;
#pragma omp for schedule(static)
    for (size_t k = 0; k < count[0] * count[1] * count[2]; k++) {
      const size_t at[3] = {k / count[2] / count[1], k / count[2] % count[1], k % count[2]};
      tile t = {.g = g, .s = s, .buffer = buffer};
      for (int a = 0; a < 3; a++) {
        t.low[a] = at[a] * size[a];
        t.high[a] = t.low[a] + size[a] < g->n[a] ? t.low[a] + size[a] : g->n[a];
      }
      compute(&t);
      gather(&part, &t);
    }
#pragma omp critical
    merge(&result, &part);
  }
  return result;
}
