/* ins_velocity.c - momentum on the staggered grid (F. H. Harlow and J. E. Welch, Phys. Fluids 8
 * (1965) 2182): central differences in divergence form, which neither make nor destroy kinetic
 * energy; viscosity implicit and factored by axis (J. Kim and P. Moin, J. Comput. Phys. 59 (1985)
 * 308); pressure by cosine transforms, exactly. */
#include <math.h>
#include <string.h>

#include "ins_scheme.h"

/* One velocity component: `along` is the stride across its faces, `across` the other one. */
typedef struct component {
  int axis;
  const double *w, *q; /* itself and the other one */
  const double *force;
  double *rate;
  size_t along, across;
  size_t first[2], end[2]; /* of inner faces */
  double inverse_along, inverse_across;
} component;

static component component_of(const mpp_ins *s, int axis)
{
  const size_t row = s->stride;
  return (component){.axis = axis,
                     .w = axis == 0 ? s->u : s->v,
                     .q = axis == 0 ? s->v : s->u,
                     .force = axis == 0 ? s->fx : s->fy,
                     .rate = axis == 0 ? s->u_rate : s->v_rate,
                     .along = axis == 0 ? row : 1,
                     .across = axis == 0 ? 1 : row,
                     .first = {axis == 0 ? 1 : 0, axis == 1 ? 1 : 0},
                     .end = {s->n[0], s->n[1]},
                     .inverse_along = 1.0 / s->dx[axis],
                     .inverse_across = 1.0 / s->dx[1 - axis]};
}

void mpp_ins_walls(const mpp_ins *s, double *u, double *v, double beyond)
{
  const size_t nx = s->n[0], ny = s->n[1], row = s->stride;
  for (size_t i = 0; i <= nx; i++) {
    const size_t low = mpp_ins_at(s, i, 0), high = mpp_ins_at(s, i, ny);
    u[low - 1] = beyond * u[low];
    u[high] = beyond * u[high - 1];
    v[low] = v[high] = 0.0;
  }
  for (size_t j = 0; j <= ny; j++) {
    const size_t low = mpp_ins_at(s, 0, j), high = mpp_ins_at(s, nx, j);
    v[low - row] = beyond * v[low];
    v[high] = beyond * v[high - row];
    u[low] = u[high] = 0.0;
  }
}

/* ---- explicit terms ---- */

static inline double square(double x) { return x * x; }

static double rates_of_row(const mpp_ins *s, const component *o, size_t i)
{
  const double *restrict w = o->w, *restrict q = o->q, *restrict c = s->c;
  const size_t a = o->along, b = o->across;
  const double per_along = 0.25 * o->inverse_along, per_across = 0.25 * o->inverse_across;
  const size_t first = mpp_ins_at(s, i, o->first[1]), end = mpp_ins_at(s, i, o->end[1]);
  double largest = 0.0;
#pragma omp simd reduction(max : largest)
  for (size_t k = first; k < end; k++) {
    const double normal = square(w[k] + w[k + a]) - square(w[k - a] + w[k]);
    const double tangential =
        (w[k] + w[k + b]) * (q[k + b - a] + q[k + b]) - (w[k - b] + w[k]) * (q[k - a] + q[k]);
    const double rate =
        0.5 * (c[k - a] + c[k]) * o->force[k] - (normal * per_along + tangential * per_across);
    const double size = fabs(rate);
    o->rate[k] = rate;
    largest = size > largest ? size : largest;
  }
  return largest;
}

double mpp_ins_rates(const mpp_ins *s)
{
  double largest = 0.0;
  for (int axis = 0; axis < 2; axis++) {
    const component o = component_of(s, axis);
#pragma omp parallel for num_threads(s->threads) schedule(static) reduction(max : largest)
    for (size_t i = o.first[0]; i < o.end[0]; i++) {
      const double of_row = rates_of_row(s, &o, i);
      largest = of_row > largest ? of_row : largest;
    }
  }
  return largest;
}

/* ---- implicit viscosity ---- */

/* Values at the walls, 0, are no unknowns (node), or lie half a cell beyond them with opposite sign
 * (half). */
static void set_line(mpp_ins_line *l, double beta, bool half)
{
  const double end = half ? 1.0 : 0.0;
  l->beta = beta;
  for (size_t k = 0; k < l->n; k++) {
    const double ends = (k == 0 ? end : 0.0) + (k + 1 == l->n ? end : 0.0);
    const double before = k > 0 ? beta * beta * l->inverse[k - 1] : 0.0;
    l->inverse[k] = 1.0 / (1.0 + (2.0 + ends) * beta - before);
  }
}

enum { BUNDLE = 8, STRIP = 64 };

/* Up to BUNDLE lines side by side, element k of line r at d[k step + r]. */
static inline void solve(const mpp_ins_line *l, double *d, size_t step, size_t apart, size_t lines)
{
  for (size_t k = 0; k < l->n; k++) {
    const double inverse = l->inverse[k], beta = k > 0 ? l->beta : 0.0;
    double *at = d + k * step;
    const double *before = k > 0 ? at - step : at;
    for (size_t r = 0; r < lines; r++) {
      at[r * apart] = (at[r * apart] + beta * before[r * apart]) * inverse;
    }
  }
  for (size_t k = l->n - 1; k-- > 0;) {
    const double factor = l->beta * l->inverse[k];
    double *at = d + k * step;
    for (size_t r = 0; r < lines; r++) { at[r * apart] += factor * at[step + r * apart]; }
  }
}

/* Lines along x in strips of columns, then lines along y in bundles of rows. */
static void solve_both(const mpp_ins *s, double *d, const component *o)
{
  const mpp_ins_line *x = o->axis == 0 ? &s->node[0] : &s->half[0];
  const mpp_ins_line *y = o->axis == 1 ? &s->node[1] : &s->half[1];
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t j = o->first[1]; j < o->end[1]; j += STRIP) {
    const size_t left = o->end[1] - j;
    solve(x, d + mpp_ins_at(s, o->first[0], j), s->stride, 1, left < STRIP ? left : STRIP);
  }
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = o->first[0]; i < o->end[0]; i += BUNDLE) {
    const size_t left = o->end[0] - i;
    solve(y, d + mpp_ins_at(s, i, o->first[1]), 1, s->stride, left < BUNDLE ? left : BUNDLE);
  }
}

/* ---- prediction ---- */

/* What a step multiplies its terms with. */
typedef struct weights {
  double all;         /* of the sum: dt / a0 */
  double change;      /* of the last change of the velocity */
  double now, before; /* of the explicit accelerations */
  double nu_along, nu_across;
} weights;

static void predict_row(const mpp_ins *s, const component *o, const weights *c, double time,
                        size_t i)
{
  const double *restrict w = o->w, *restrict p = s->p;
  const double *restrict old = o->axis == 0 ? s->u_old : s->v_old;
  const double *restrict rate_old = o->axis == 0 ? s->u_rate_old : s->v_rate_old;
  double *restrict next = o->axis == 0 ? s->u_next : s->v_next;
  const size_t a = o->along, b = o->across;
  const size_t first = mpp_ins_at(s, i, o->first[1]), end = mpp_ins_at(s, i, o->end[1]);
#pragma omp simd
  for (size_t k = first; k < end; k++) {
    const double viscous = c->nu_along * ((w[k - a] + w[k + a]) - 2.0 * w[k]) +
                           c->nu_across * ((w[k - b] + w[k + b]) - 2.0 * w[k]);
    const double explicit_part = c->now * o->rate[k] - c->before * rate_old[k];
    const double pressure = (p[k] - p[k - a]) * o->inverse_along;
    next[k] = c->all * (((viscous - pressure) + explicit_part) + c->change * (w[k] - old[k]));
  }
  if (s->body != NULL) {
    const size_t at_x = 2 * i + (o->axis == 0 ? 0 : 1);
    const size_t at_y = 2 * o->first[1] + (o->axis == 1 ? 0 : 1);
    s->body(next + first, c->all, end - first, o->axis, s->wave[0][at_x], s->wave[1] + at_y, time,
            s->nu);
  }
}

/* Second-order backward differences for steps of any ratio r to the last one, in terms of the
 * change d = v* - v of the step: (a0 / dt - nu lap) d = r^2 / (1 + r) (v - v_old) / dt + (1 + r) N
 * - r N_old + g(t + dt) - grad p
 *                          + nu lap v,      a0 = (1 + 2 r) / (1 + r),
 * the operator on the left being factored, an error of order dt^2 d. r = 0 is the Euler step. */
void mpp_ins_predict(mpp_ins *s, double dt, double r, double a0)
{
  const double time = s->t + dt;
  for (int axis = 0; axis < 2; axis++) {
    const double beta = s->nu * dt / (a0 * s->dx[axis] * s->dx[axis]);
    set_line(&s->node[axis], beta, false);
    set_line(&s->half[axis], beta, true);
  }
  for (int axis = 0; axis < 2; axis++) {
    const component o = component_of(s, axis);
    const weights c = {.all = dt / a0,
                       .change = r * r / ((1.0 + r) * dt),
                       .now = 1.0 + r,
                       .before = r,
                       .nu_along = s->nu * o.inverse_along * o.inverse_along,
                       .nu_across = s->nu * o.inverse_across * o.inverse_across};
    double *next = axis == 0 ? s->u_next : s->v_next;
#pragma omp parallel for num_threads(s->threads) schedule(static)
    for (size_t i = o.first[0]; i < o.end[0]; i++) { predict_row(s, &o, &c, time, i); }
    solve_both(s, next, &o);
#pragma omp parallel for num_threads(s->threads) schedule(static)
    for (size_t i = o.first[0]; i < o.end[0]; i++) {
      for (size_t k = mpp_ins_at(s, i, o.first[1]); k < mpp_ins_at(s, i, o.end[1]); k++) {
        next[k] += o.w[k];
      }
    }
  }
}

/* ---- projection ---- */

static double divergence_at(const mpp_ins *s, const double *u, const double *v, size_t k)
{
  return (u[k + s->stride] - u[k]) / s->dx[0] + (v[k + 1] - v[k]) / s->dx[1];
}

void mpp_ins_project(mpp_ins *s, double *u, double *v)
{
  const size_t nx = s->n[0], ny = s->n[1];
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const size_t k = mpp_ins_at(s, i, j);
      s->stage[k] = s->cells[i * ny + j] = divergence_at(s, u, v, k);
    }
  }
  mpp_fft_forward(s->fft, s->spectrum, s->cells, 1);
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = i == 0 ? 1 : 0; j < ny; j++) {
      s->spectrum[i * ny + j] /= s->line_x[i] + s->line_y[j];
    }
  }
  s->spectrum[0] = 0.0;
  mpp_fft_inverse(s->fft, s->cells, s->spectrum, 1);
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < nx; i++) {
    const double *f = s->cells + i * ny;
    for (size_t j = 0; i > 0 && j < ny; j++) {
      u[mpp_ins_at(s, i, j)] -= (f[j] - f[j - ny]) / s->dx[0];
    }
    for (size_t j = 1; j < ny; j++) { v[mpp_ins_at(s, i, j)] -= (f[j] - f[j - 1]) / s->dx[1]; }
  }
}
