/* ins_transport.c - particles carried by the flow: fluxes of limited linear reconstructions (B. van
 * Leer, J. Comput. Phys. 32 (1979) 101; MC limiter) from the upwind side, two-stage
 * strong-stability preserving Runge-Kutta. As the flow is free of divergence on the very cells, a
 * step with dt (max |u| / dx + max |v| / dy) <= 1/2  in every cell makes each new value a mean of
 * old ones beside it, with weights that are not negative: constants stay, and no value leaves the
 * range of the old ones. */
#include <math.h>

#include "ins_scheme.h"

void mpp_ins_walls_of_cells(const mpp_ins *s, double *c)
{
  const size_t nx = s->n[0], ny = s->n[1];
  for (size_t i = 0; i < nx; i++) {
    const size_t low = mpp_ins_at(s, i, 0), high = mpp_ins_at(s, i, ny - 1);
    c[low - 1] = c[low];
    c[high + 1] = c[high];
  }
  for (size_t j = 0; j < ny; j++) {
    const size_t low = mpp_ins_at(s, 0, j), high = mpp_ins_at(s, nx - 1, j);
    c[low - s->stride] = c[low];
    c[high + s->stride] = c[high];
  }
}

/* Half the limited difference over a cell, from the differences to both sides. */
static inline double half_slope(double a, double b)
{
  const double size_a = fabs(a), size_b = fabs(b), centred = 0.25 * fabs(a + b);
  const double least = size_a < size_b ? size_a : size_b;
  const double capped = centred < least ? centred : least;
  const double signed_size = a + b > 0.0 ? capped : -capped;
  return a * b > 0.0 ? signed_size : 0.0;
}

static void set_slopes(const mpp_ins *s, const double *restrict c)
{
  const size_t row = s->stride;
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < s->n[0]; i++) {
#pragma omp simd
    for (size_t k = mpp_ins_at(s, i, 0); k < mpp_ins_at(s, i, s->n[1]); k++) {
      s->slope_x[k] = half_slope(c[k] - c[k - row], c[k + row] - c[k]);
      s->slope_y[k] = half_slope(c[k] - c[k - 1], c[k + 1] - c[k]);
    }
  }
}

/* Flux through the face on the low side of cell k. */
static inline double flux(double velocity, const double *c, const double *slope, size_t k,
                          size_t step)
{
  const double below = c[k - step] + slope[k - step], above = c[k] - slope[k];
  return velocity * (velocity > 0.0 ? below : above);
}

/* to = keep base + (1 - keep) (c - dt div(v c)); `to` may be `base`, but not c. */
static void euler(const mpp_ins *s, double *to, const double *base, double keep, const double *c,
                  const double *u, const double *v, double dt)
{
  const size_t row = s->stride;
  const double x = dt / s->dx[0], y = dt / s->dx[1];
  set_slopes(s, c);
#pragma omp parallel for num_threads(s->threads) schedule(static)
  for (size_t i = 0; i < s->n[0]; i++) {
#pragma omp simd
    for (size_t k = mpp_ins_at(s, i, 0); k < mpp_ins_at(s, i, s->n[1]); k++) {
      const double out_x =
          flux(u[k + row], c, s->slope_x, k + row, row) - flux(u[k], c, s->slope_x, k, row);
      const double out_y =
          flux(v[k + 1], c, s->slope_y, k + 1, 1) - flux(v[k], c, s->slope_y, k, 1);
      to[k] = keep * base[k] + (1.0 - keep) * (c[k] - (x * out_x + y * out_y));
    }
  }
}

void mpp_ins_transport(mpp_ins *s, double dt)
{
  mpp_ins_walls_of_cells(s, s->c);
  euler(s, s->stage, s->c, 0.0, s->c, s->u, s->v, dt);
  mpp_ins_walls_of_cells(s, s->stage);
  euler(s, s->c, s->c, 0.5, s->stage, s->u_next, s->v_next, dt);
}

static inline double larger(double a, double b) { return a > b ? a : b; }

double mpp_ins_courant_rate(const mpp_ins *s, const double *u, const double *v, double *divergence)
{
  const size_t row = s->stride;
  const double x = 1.0 / s->dx[0], y = 1.0 / s->dx[1];
  double largest = 0.0, leak = 0.0, sum = 0.0;
#pragma omp parallel for num_threads(s->threads) schedule(static) \
    reduction(max : largest, leak) reduction(+ : sum)
  for (size_t i = 0; i < s->n[0]; i++) {
#pragma omp simd reduction(max : largest, leak) reduction(+ : sum)
    for (size_t k = mpp_ins_at(s, i, 0); k < mpp_ins_at(s, i, s->n[1]); k++) {
      const double rate =
          larger(fabs(u[k]), fabs(u[k + row])) * x + larger(fabs(v[k]), fabs(v[k + 1])) * y;
      const double out = fabs((u[k + row] - u[k]) * x + (v[k + 1] - v[k]) * y);
      largest = larger(rate, largest);
      leak = larger(out, leak);
      sum += rate;
    }
  }
  *divergence = leak;
  return isfinite(sum) ? largest : HUGE_VAL; /* comparisons pass over NaN */
}
