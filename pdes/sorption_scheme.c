/* sorption_scheme.c - source of the time scheme: E. Hairer and G. Wanner, Solving Ordinary
 * Differential Equations II, table IV.6.5, and its section IV.8 for the error estimate. Newton's
 * method solves for u; steps are carried out in w, so that what leaves one cell enters its
 * neighbour to rounding. */
#include "sorption_scheme.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "num_power.h"
#include "num_tridiagonal.h"

enum { STAGES = 5, NEWTON = 10 };

static const double shift = 1e-6; /* keeps R finite at u = 0; PDEBench's */
static const double gamma_s = 0.25;
static const double a[STAGES][STAGES] = {
    {0.25},
    {0.5, 0.25},
    {17.0 / 50.0, -1.0 / 25.0, 0.25},
    {371.0 / 1360.0, -137.0 / 2720.0, 15.0 / 544.0, 0.25},
    {25.0 / 24.0, -49.0 / 48.0, 125.0 / 16.0, -85.0 / 12.0, 0.25}};
/* Fourth-order minus third-order weights; the former are the last row of a. */
static const double error_weight[STAGES] = {-3.0 / 16.0, -27.0 / 32.0, 25.0 / 32.0, 0.0, 0.25};

void mpp_sorption_total(double *restrict w, double *restrict retardation, const double *restrict u,
                        size_t n, const mpp_sorption_medium *medium)
{
  const double c = medium->capacity, e = medium->exponent;
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const double inside = u[i] > 0.0 ? u[i] : 0.0, x = inside + shift;
    const double slope = c * e * mpp_power(x, e - 1.0), r = 1.0 + slope;
    retardation[i] = r;
    w[i] = inside + slope * x / e + r * (u[i] - inside);
  }
}

mpp_status mpp_sorption_create(mpp_sorption *s, const mpp_sorption_medium *medium, size_t n,
                               double dx, bool closed, double rtol, double atol)
{
  mpp_status st = MPP_OK;
  mpp_sorption made = {
      .medium = *medium, .n = n, .dx = dx, .closed = closed, .rtol = rtol, .atol = atol};
  double **const arrays[] = {&made.u,       &made.w,       &made.trial,       &made.base,
                             &made.rate[0], &made.rate[1], &made.rate[2],     &made.rate[3],
                             &made.rate[4], &made.total,   &made.retardation, &made.diagonal,
                             &made.change,  &made.work};
  const size_t count = sizeof arrays / sizeof arrays[0];
  size_t total = 0;
  MPP_REQUIRE(n > 1 && dx > 0.0, MPP_ERR_INTERNAL, "sorption on %zu cells", n);
  MPP_REQUIRE(mpp_mul(&total, n, count), MPP_ERR_NOMEM, "a grid of %zu cells is too large", n);
  MPP_TRY(MPP_ALLOC(&made.memory, total));
  for (size_t i = 0; i < count; i++) { *arrays[i] = made.memory + i * n; }
  *s = made;
done:
  return st;
}

void mpp_sorption_free(mpp_sorption *s)
{
  mpp_free(s->memory);
  *s = (mpp_sorption){.n = 0};
}

static double smallest(const double *u, size_t n)
{
  double least = HUGE_VAL;
  for (size_t i = 0; i < n; i++) { least = u[i] < least ? u[i] : least; }
  return least;
}

void mpp_sorption_start(mpp_sorption *s, const double *u)
{
  memcpy(s->u, u, s->n * sizeof *u);
  mpp_sorption_total(s->w, s->retardation, s->u, s->n, &s->medium);
  s->t = 0.0;
  s->h = 0.01 * s->dx * s->dx / s->medium.diffusivity; /* of the thinnest layer there can be */
  s->steps = s->rejected = 0;
  s->least = smallest(u, s->n);
  s->positive = s->least > s->atol;
}

/* ---- right-hand side ---- */

/* Part of the last cell's u that stands at the open end: u_f = -2 D (u_f - u) / dx. */
static double end_share(const mpp_sorption *s)
{
  const double q = 2.0 * s->medium.diffusivity / s->dx;
  return q / (1.0 + q);
}

/* rate = D u_xx by the differences of fluxes. */
static void diffusion(const mpp_sorption *s, double *restrict rate, const double *restrict u)
{
  const size_t last = s->n - 1;
  const double q = s->medium.diffusivity / (s->dx * s->dx);
  const double in = s->closed ? 0.0 : 2.0 * q * (1.0 - u[0]);
  const double out = s->closed ? 0.0 : end_share(s) * u[last] / s->dx;
  for (size_t i = 1; i < last; i++) { rate[i] = q * (u[i - 1] - u[i]) - q * (u[i] - u[i + 1]); }
  rate[0] = in - q * (u[0] - u[1]);
  rate[last] = q * (u[last - 1] - u[last]) - out;
}

/* Diagonal of R - gamma h D d^2/dx^2. */
static void set_diagonal(mpp_sorption *s, double h)
{
  const size_t last = s->n - 1;
  const double q = gamma_s * h * s->medium.diffusivity / (s->dx * s->dx);
  for (size_t i = 0; i < s->n; i++) { s->diagonal[i] = s->retardation[i] + 2.0 * q; }
  s->diagonal[0] += s->closed ? -q : q;
  s->diagonal[last] += s->closed ? -q : gamma_s * h * end_share(s) / s->dx - q;
}

static void solve(mpp_sorption *s, double *x, double h)
{
  const double off = gamma_s * h * s->medium.diffusivity / (s->dx * s->dx);
  mpp_tridiagonal_solve(x, s->diagonal, off, s->work, s->n);
}

/* Largest of |x| against the tolerance at u; not a number if an x is not. */
static double scaled(const mpp_sorption *s, const double *x, const double *u)
{
  double largest = 0.0, broken = 0.0;
  for (size_t i = 0; i < s->n; i++) {
    const double size = fabs(x[i]) / (s->atol + s->rtol * fabs(u[i]));
    largest = size > largest ? size : largest;
    broken += 0.0 * size;
  }
  return largest + broken;
}

/* ---- steps ---- */

/* trial = U with w(U) = base + gamma h D U_xx, from the trial there is; rate = D U_xx. */
static bool solve_stage(mpp_sorption *s, double *rate, double h)
{
  const size_t n = s->n;
  const double *base = s->base, *total = s->total, factor = gamma_s * h;
  double *change = s->change, *trial = s->trial;
  for (int i = 0; i < NEWTON; i++) {
    mpp_sorption_total(s->total, s->retardation, trial, n, &s->medium);
    diffusion(s, rate, trial);
#pragma omp simd
    for (size_t k = 0; k < n; k++) { change[k] = base[k] + factor * rate[k] - total[k]; }
    set_diagonal(s, h);
    solve(s, change, h);
#pragma omp simd
    for (size_t k = 0; k < n; k++) { trial[k] += change[k]; }
    const double size = scaled(s, s->change, s->trial);
    if (size < 0.01) { /* its square is left */
      diffusion(s, rate, s->trial);
      return true;
    }
    if (!(size < 1e12)) {
      return false;
    }
  }
  return false;
}

/* base = w + h sum_j<stage a_j rate_j */
static void set_base(mpp_sorption *s, int stage, double h)
{
  const size_t n = s->n;
  double *base = s->base;
  memcpy(base, s->w, n * sizeof *base);
  for (int j = 0; j < stage; j++) {
    const double weight = h * a[stage][j], *rate = s->rate[j];
#pragma omp simd
    for (size_t k = 0; k < n; k++) { base[k] += weight * rate[k]; }
  }
}

/* A step of length h to `trial`, whose total goes to `base`. Returns its error against the
 * tolerance, infinite where Newton's method fails. */
static double try_step(mpp_sorption *s, double h)
{
  const size_t n = s->n;
  memcpy(s->trial, s->u, n * sizeof *s->trial);
  for (int stage = 0; stage < STAGES; stage++) {
    set_base(s, stage, h);
    if (!solve_stage(s, s->rate[stage], h)) {
      return HUGE_VAL;
    }
  }
  /* The error passes through the matrix of the last stage, or it would be that of the stiff
   * part. */
  for (size_t k = 0; k < n; k++) {
    double sum = 0.0;
    for (int j = 0; j < STAGES; j++) { sum += error_weight[j] * s->rate[j][k]; }
    s->change[k] = h * sum;
    s->base[k] += h * gamma_s * s->rate[STAGES - 1][k];
  }
  solve(s, s->change, h);
  const double error = scaled(s, s->change, s->trial);
  mpp_sorption_total(s->total, s->retardation, s->trial, n, &s->medium);
  for (size_t k = 0; k < n; k++) { s->trial[k] += (s->base[k] - s->total[k]) / s->retardation[k]; }
  return error;
}

static void swap(double **x, double **y)
{
  double *const kept = *x;
  *x = *y;
  *y = kept;
}

bool mpp_sorption_advance(mpp_sorption *s, double t)
{
  while (s->t < t) {
    const double left = t - s->t, least_step = 1e-14 * t;
    const bool last = s->h >= left;
    const double h = last ? left : s->h > 0.5 * left ? 0.5 * left : s->h;
    const double error = try_step(s, h), least = smallest(s->trial, s->n);
    const bool good = error < 1.0 && least > (s->positive ? 0.0 : -s->atol);
    /* The embedded scheme is of third order; infinite where the error is 0. */
    const double factor = fmin(fmax(0.9 * pow(error, -0.25), 0.2), 5.0);
    if (!good) {
      s->h = h * (error < 1.0 ? 0.5 : fmin(factor, 0.9));
      s->rejected++;
      if (!(s->h > least_step)) {
        return false;
      }
      continue;
    }
    swap(&s->u, &s->trial);
    swap(&s->w, &s->base);
    s->t = last ? t : s->t + h;
    /* A step that was cut to end at t says little about longer ones. */
    s->h = fmax(h * factor, h < s->h ? s->h : 0.0);
    s->least = least < s->least ? least : s->least;
    s->steps++;
  }
  return true;
}
