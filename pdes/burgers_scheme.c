/* burgers_scheme.c - sources: L. Isherwood, Z. J. Grant and S. Gottlieb, SIAM J. Numer. Anal. 56
 * (2018) 3276, eSSPRK+(3,3) with integrating factor: its abscissas do not decrease, so that no
 * factor grows; num_weno.h. */
#include "burgers_scheme.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "num_weno.h"

enum { PAD = 8, GHOSTS = 2 };

static const double courant = 0.4;
static const double least_factor = 1e-30; /* less than rounding; its powers stay normal numbers */

mpp_status mpp_burgers_create(mpp_burgers *b, size_t n, double dx, double nu)
{
  mpp_status st = MPP_OK;
  mpp_burgers made = {.n = n, .dx = dx, .nu = nu};
  const mpp_fft_layout layout = {.n = {1, 1, n}};
  mpp_fft_shape shape;
  size_t row = 0, spectrum = 0, total = 0;
  MPP_REQUIRE(n > GHOSTS && dx > 0.0 && nu >= 0.0, MPP_ERR_INTERNAL, "Burgers on %zu cells", n);
  MPP_TRY(mpp_fft_create(&made.fft, &layout));
  shape = mpp_fft_get_shape(made.fft);
  made.scale = shape.scale;
  made.modes = shape.m[2];
  /* Every array starts on 64 bytes. */
  row = (shape.values + 1 + (size_t)2 * PAD + 7) / 8 * 8;
  spectrum = (shape.spectrum + 7) / 8 * 8;
  total = 5 * row + 6 * spectrum;
  MPP_TRY(MPP_ALLOC(&made.memory, total));
  double **const rows[] = {&made.u, &made.rate, &made.lower, &made.upper, &made.flux};
  double **const spectra[] = {&made.third, &made.now,   &made.stage,
                              &made.sum,   &made.rates, &made.work};
  for (size_t i = 0; i < 5; i++) { *rows[i] = made.memory + i * row + PAD; }
  for (size_t i = 0; i < 6; i++) { *spectra[i] = made.memory + 5 * row + i * spectrum; }
  *b = made;
  made.fft = NULL;
done:
  mpp_fft_destroy(made.fft);
  return st;
}

void mpp_burgers_free(mpp_burgers *b)
{
  mpp_fft_destroy(b->fft);
  mpp_free(b->memory);
  *b = (mpp_burgers){.n = 0};
}

void mpp_burgers_start(mpp_burgers *b, const double *u)
{
  memcpy(b->u, u, b->n * sizeof *u);
  b->t = b->dt = 0.0;
  b->factor_dt = -1.0;
  b->steps = 0;
  mpp_fft_forward(b->fft, b->now, b->u, 1);
}

/* ---- waves ---- */

static void fill_ghosts(double *u, size_t n)
{
  for (size_t g = 1; g <= GHOSTS; g++) {
    u[-(ptrdiff_t)g] = u[n - g];
    u[n + g - 1] = u[g - 1];
  }
}

/* Largest |u|; not a number if a value is not finite. In lanes, since a maximum is not
 * vectorised. */
static double fastest(const double *u, size_t n)
{
  enum { LANES = 8 };
  double most[LANES] = {0.0}, broken[LANES] = {0.0}, result = 0.0;
  for (size_t i = 0; i < n; i += LANES) {
    const size_t count = n - i < LANES ? n - i : LANES;
    for (size_t l = 0; l < count; l++) {
      const double size = fabs(u[i + l]);
      most[l] = size > most[l] ? size : most[l];
      broken[l] += 0.0 * size;
    }
  }
  for (size_t l = 0; l < LANES; l++) {
    result = most[l] > result ? most[l] : result;
    broken[0] += l > 0 ? broken[l] : 0.0;
  }
  return result + broken[0];
}

/* Godunov's flux of u^2 / 2: that of the stronger one of the waves that move into the face. */
static inline double godunov(double lower, double upper)
{
  const double l = lower > 0.0 ? lower : 0.0, u = upper < 0.0 ? -upper : 0.0;
  const double speed = l > u ? l : u;
  return 0.5 * speed * speed;
}

/* rate = -(u^2 / 2)_x of the state in u, whose ghosts are filled here. */
static void wave_rate(mpp_burgers *b, double largest)
{
  const size_t n = b->n;
  const double per_cell = (double)n;
  /* (u'' dx^2)^2 of one wave is 1.6e3 times this. */
  const double floor_of = largest * largest / (per_cell * per_cell * per_cell * per_cell) + 1e-300;
  const double *u = b->u, inverse = 1.0 / b->dx;
  double *restrict lower = b->lower, *restrict upper = b->upper;
  double *restrict flux = b->flux, *restrict rate = b->rate;
  fill_ghosts(b->u, n);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const mpp_weno_poly p = mpp_weno_ao(u + i, floor_of);
    lower[i + 1] = mpp_weno_face(&p, 1.0);
    upper[i] = mpp_weno_face(&p, -1.0);
  }
  lower[0] = lower[n];
  upper[n] = upper[0];
#pragma omp simd
  for (size_t i = 0; i <= n; i++) { flux[i] = godunov(lower[i], upper[i]); }
#pragma omp simd
  for (size_t i = 0; i < n; i++) { rate[i] = (flux[i] - flux[i + 1]) * inverse; }
}

/* Spectrum of the rate; its mean, 0 but for rounding, does not change that of u. */
static void wave_spectrum(mpp_burgers *b, double largest)
{
  wave_rate(b, largest);
  mpp_fft_forward(b->fft, b->rates, b->rate, 1);
  b->rates[0] = b->rates[1] = 0.0;
}

/* ---- steps ---- */

static void set_factors(mpp_burgers *b, double dt)
{
  const double wave = 2.0 * M_PI / ((double)b->n * b->dx);
  if (dt == b->factor_dt) {
    return;
  }
  for (size_t k = 0; k < b->modes; k++) {
    const double q = wave * (double)k, factor = exp(-b->nu * q * q * dt / 3.0);
    b->third[k] = factor > least_factor ? factor : 0.0;
  }
  b->factor_dt = dt;
}

/* u = values of the spectrum `from`, which is kept. */
static void to_values(mpp_burgers *b, const double *from)
{
  for (size_t i = 0; i < 2 * b->modes; i++) { b->work[i] = b->scale * from[i]; }
  mpp_fft_inverse(b->fft, b->u, b->work, 1);
}

static void step(mpp_burgers *b, double dt, double largest)
{
  double *restrict now = b->now, *restrict stage = b->stage, *restrict sum = b->sum;
  const double *restrict rates = b->rates, *restrict third = b->third;
  set_factors(b, dt);
  wave_spectrum(b, largest);
  for (size_t i = 0; i < 2 * b->modes; i++) {
    const double e = third[i / 2], e2 = e * e, before = now[i];
    stage[i] = e2 * (before + 2.0 / 3.0 * dt * rates[i]);
    sum[i] = e2 * e * (74.0 / 128.0 * before + 20.0 / 128.0 * dt * rates[i]);
    now[i] = e2 * before; /* all that the second stage needs of it */
  }
  to_values(b, stage);
  wave_spectrum(b, largest);
  for (size_t i = 0; i < 2 * b->modes; i++) {
    stage[i] = 2.0 / 3.0 * now[i] + 1.0 / 3.0 * (stage[i] + 4.0 / 3.0 * dt * rates[i]);
  }
  to_values(b, stage);
  wave_spectrum(b, largest);
  for (size_t i = 0; i < 2 * b->modes; i++) {
    now[i] = sum[i] + 27.0 / 64.0 * third[i / 2] * (stage[i] + 4.0 / 3.0 * dt * rates[i]);
  }
  to_values(b, now);
  b->dt = dt;
  b->steps++;
}

/* The largest |u| does not grow, so that all steps of an interval can have one length. */
bool mpp_burgers_advance(mpp_burgers *b, double t)
{
  if (t <= b->t) {
    return true;
  }
  const double largest = fastest(b->u, b->n);
  const double wanted = largest * (t - b->t) / (courant * b->dx);
  if (!(wanted < 1e15)) {
    return false; /* not a number, or too large */
  }
  const size_t count = wanted > 1.0 ? (size_t)ceil(wanted) : 1;
  const double dt = (t - b->t) / (double)count;
  for (size_t s = 0; s < count; s++) { step(b, dt, largest); }
  b->t = t;
  return isfinite(fastest(b->u, b->n));
}
