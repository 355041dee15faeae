/* wave.c - the wave equation with a speed that varies in space, on a periodic square:
 *   u_t = v,   v_t = c(x, y)^2 lap u,
 * pressure waves in a medium of one density and varying stiffness. Fourier in space; in time the
 * fourth-order symplectic splitting PEFRL (I. P. Omelyan, I. M. Mryglod and R. Folk, Comput. Phys.
 * Commun. 146 (2002) 188), four Laplacians a step. The discrete Laplacian is symmetric, so that the
 * energy 1/2 integral of v^2 / c^2 + |grad u|^2 is that of a Hamiltonian system: its error stays
 * bounded, of the fourth order in the step, and the integral of v / c^2 stays to rounding.
 *
 * c = speed exp(contrast g) with a Gaussian field g of variance 1 and wavelengths from a third of
 * the side up; u starts from one to five Gaussian pulses at rest. */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"
#include "num_modes.h"
#include "pde_system.h"
#include "rng.h"
#include "threads.h"

enum { SPEED, CONTRAST, COURANT };

static const mpp_pde_param params[] = {
    [SPEED] = MPP_NUMBER("speed", "m s-1", 1.0, 1e-3, 1e3, "geometric mean of the speed of waves"),
    [CONTRAST] = MPP_NUMBER("contrast", "1", 0.2, 0.0, 1.0,
                            "standard deviation of the logarithm of the speed"),
    [COURANT] = MPP_NUMBER("courant", "1", 0.6, 1e-4, 0.9,
                           "step times largest speed / cell width, times sqrt(2)"),
    MPP_PARAMS_END};

/* ---- initial condition ---- */

enum { MEDIUM_MODES = 3, PULSES_MOST = 5, DRAWS = 4, DRAWS_BEGIN = MPP_MODES_DRAWS };

/* exp(-d^2 / 2 w^2) summed over the periodic images that count; d and w in shares of the side. */
static double bump(double d, double width)
{
  double sum = 0.0;
  for (int image = -2; image <= 2; image++) {
    const double z = (d + image) / width;
    sum += exp(-0.5 * z * z);
  }
  return sum;
}

static void add_pulse(double *u, const size_t n[2], const double at[2], double width, double height)
{
  for (size_t i = 0; i < n[0]; i++) {
    const double along = height * bump(((double)i + 0.5) / (double)n[0] - at[0], width);
    for (size_t j = 0; fabs(along) > 1e-20 && j < n[1]; j++) {
      u[i * n[1] + j] += along * bump(((double)j + 0.5) / (double)n[1] - at[1], width);
    }
  }
}

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  mpp_modes *m = NULL;
  const size_t n[2] = {s->grid.n[1], s->grid.n[2]}, count = n[0] * n[1];
  double *c = u + 2 * count;
  MPP_TRY(MPP_ALLOC(&m, 1));
  mpp_modes_draw(m, MEDIUM_MODES, 0.0, s->seed, sample, 0);
  MPP_TRY(mpp_modes_sum(c, n[0], n[1], m, s->param[CONTRAST], 0.0));
  for (size_t i = 0; i < count; i++) {
    u[i] = u[count + i] = 0.0;
    c[i] = s->param[SPEED] * exp(c[i]);
  }
  const uint64_t pulses =
      1 + mpp_rng_below(s->seed, MPP_STREAM_PDE, sample, DRAWS_BEGIN, PULSES_MOST);
  for (uint32_t p = 0; p < pulses; p++) {
    double r[DRAWS];
    for (uint32_t i = 0; i < DRAWS; i++) {
      r[i] = mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, DRAWS_BEGIN + 1 + DRAWS * p + i);
    }
    const double height = r[3] < 0.5 ? -1.0 + r[3] : r[3]; /* -1 to -1/2, 1/2 to 1 */
    add_pulse(u, n, r, 0.04 + 0.04 * r[2], height);
  }
done:
  mpp_free(m);
  return st;
}

/* The integral of v / c^2, relative to those of |v| / c^2 and of |u| / (c length). */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2], count = nx * ny;
  const double length = s->grid.dx[1] * (double)nx;
  double sum = 0.0, absolute = 0.0;
  for (size_t i = 0; i < nx; i++) {
    double row = 0.0, row_size = 0.0;
    for (size_t k = i * ny; k < (i + 1) * ny; k++) {
      const double c = u[2 * count + k];
      row += u[count + k] / (c * c);
      row_size += fabs(u[count + k]) / (c * c) + fabs(u[k]) / (c * length);
    }
    sum += row;
    absolute += row_size;
  }
  value[0] = sum * s->grid.dx[1] * s->grid.dx[2];
  size[0] = absolute * s->grid.dx[1] * s->grid.dx[2];
  return 1;
}

/* ---- run ---- */

typedef struct wave_run {
  mpp_pde_run base;               /* first */
  size_t count;                   /* points */
  double interval, unit, courant; /* unit: 1 / sqrt(1/dx^2 + 1/dy^2) */
  double longest;                 /* step, from the largest speed */
  mpp_fft *fft;
  mpp_fft_shape shape;
  double *u, *v, *square, *laplacian; /* at the points; square: c^2; owned */
  double *spectrum;
  double *factor; /* -k^2 / points of each mode, owned */
  double *speed;  /* c [count], as it came; owned */
} wave_run;

static void close_run(mpp_pde_run *run)
{
  wave_run *r = (wave_run *)run;
  if (r != NULL) {
    mpp_fft_destroy(r->fft);
    mpp_free(r->u);
    mpp_free(r->spectrum);
    mpp_free(r->factor);
    mpp_free(r->speed);
    mpp_free(r);
  }
}

static void fill_factor(wave_run *r, const mpp_grid *g)
{
  const size_t m = r->shape.m[2];
  double first[2];
  for (int a = 0; a < 2; a++) { first[a] = 2.0 * M_PI / (g->dx[1 + a] * (double)g->n[1 + a]); }
  for (size_t i = 0; i < r->shape.m[1]; i++) {
    for (size_t j = 0; j < m; j++) {
      const double kx = first[0] * mpp_fft_mode(r->fft, 1, i);
      const double ky = first[1] * mpp_fft_mode(r->fft, 2, j);
      r->factor[i * m + j] = -(kx * kx + ky * ky) * r->shape.scale;
    }
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *setup)
{
  mpp_status st = MPP_OK;
  wave_run *run = NULL;
  const mpp_grid *g = &setup->grid;
  const mpp_fft_layout layout = {.n = {1, g->n[1], g->n[2]}};
  MPP_TRY(MPP_ALLOC(&run, 1));
  MPP_TRY(mpp_fft_create(&run->fft, &layout));
  run->shape = mpp_fft_get_shape(run->fft);
  run->count = g->n[1] * g->n[2];
  run->unit = 1.0 / sqrt(1.0 / (g->dx[1] * g->dx[1]) + 1.0 / (g->dx[2] * g->dx[2]));
  run->courant = setup->param[COURANT];
  run->interval = setup->interval;
  MPP_TRY(MPP_ALLOC(&run->u, 4 * run->shape.values));
  run->v = run->u + run->shape.values;
  run->square = run->v + run->shape.values;
  run->laplacian = run->square + run->shape.values;
  MPP_TRY(MPP_ALLOC(&run->spectrum, run->shape.spectrum));
  MPP_TRY(MPP_ALLOC(&run->factor, run->shape.m[1] * run->shape.m[2]));
  MPP_TRY(MPP_ALLOC(&run->speed, run->count));
  fill_factor(run, g);
  *out = &run->base;
  run = NULL;
done:
  close_run(run != NULL ? &run->base : NULL);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  wave_run *r = (wave_run *)run;
  const size_t count = r->count;
  double largest = 0.0;
  mpp_pde_run_reset(run);
  memcpy(r->u, u, count * sizeof *u);
  memcpy(r->v, u + count, count * sizeof *u);
  memcpy(r->speed, u + 2 * count, count * sizeof *u);
  for (size_t i = 0; i < count; i++) {
    r->square[i] = r->speed[i] * r->speed[i];
    largest = fmax(largest, fabs(r->speed[i]));
  }
  r->longest = largest > 0.0 ? r->courant * r->unit / largest : HUGE_VAL;
}

/* ---- steps ---- */

enum { VALUES_PER_THREAD = 32768 };

static int threads_for(size_t count)
{
  const size_t useful = count / VALUES_PER_THREAD;
  const int most = omp_in_parallel() ? 1 : mpp_threads();
  return useful < 1 ? 1 : useful < (size_t)most ? (int)useful : most;
}

/* laplacian = lap u */
static void find_laplacian(wave_run *r)
{
  const size_t modes = r->shape.m[1] * r->shape.m[2];
  const double *restrict factor = r->factor;
  double *restrict c = r->spectrum;
  mpp_fft_forward(r->fft, c, r->u, 1);
  const int threads = threads_for(modes);
#pragma omp parallel for simd num_threads(threads) schedule(static) if (parallel : threads > 1)
  for (size_t i = 0; i < modes; i++) {
    c[2 * i] *= factor[i];
    c[2 * i + 1] *= factor[i];
  }
  mpp_fft_inverse(r->fft, r->laplacian, c, 1);
}

/* v += kick c^2 laplacian, then u += drift v. */
static void kick_and_drift(wave_run *r, double kick, double drift)
{
  double *restrict u = r->u, *restrict v = r->v;
  const double *restrict square = r->square, *restrict laplacian = r->laplacian;
  const int threads = threads_for(r->count);
#pragma omp parallel for simd num_threads(threads) schedule(static) if (parallel : threads > 1)
  for (size_t i = 0; i < r->count; i++) {
    v[i] += kick * (square[i] * laplacian[i]);
    u[i] += drift * v[i];
  }
}

/* `count` steps of length h; the drift that ends a step and the one that begins the next are
 * one. */
static void take_steps(wave_run *r, double h, size_t count)
{
  static const double xi = 0.1786178958448091, lambda = -0.2123418310626054;
  static const double chi = -0.06626458266981849;
  const double kick[4] = {0.5 - lambda, lambda, lambda, 0.5 - lambda};
  const double drift[4] = {chi, 1.0 - 2.0 * (chi + xi), chi, 2.0 * xi};
  for (size_t i = 0; i < r->count; i++) { r->u[i] += xi * h * r->v[i]; }
  for (size_t k = 0; k < 4 * count; k++) {
    find_laplacian(r);
    kick_and_drift(r, h * kick[k % 4], h * (k + 1 == 4 * count ? xi : drift[k % 4]));
  }
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  wave_run *r = (wave_run *)run;
  const size_t count = r->count;
  const double distance = t - run->t;
  const double span = fabs(distance - r->interval) <= 1e-9 * r->interval ? r->interval : distance;
  if (span > 0.0) {
    const size_t steps = (size_t)fmax(1.0, ceil(span / r->longest * (1.0 - 1e-9)));
    take_steps(r, span / (double)steps, steps);
    run->steps += steps;
    run->t = t;
  }
  memcpy(u, r->u, count * sizeof *u);
  memcpy(u + count, r->v, count * sizeof *u);
  memcpy(u + 2 * count, r->speed, count * sizeof *u);
  /* The transforms spread a value that is not finite to all points. */
  if (!isfinite(u[0]) || !isfinite(u[count])) {
    mpp_pde_run_blame(run, u, 2 * count, 0);
    return false;
  }
  return true;
}

/* ---- exact solution ---- */

/* cos(omega t + 1) cos(2 pi (2 x + y) / length + 1/2) with a uniform speed. */
static void standing(double *u, double t, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2], count = nx * ny;
  const double omega = s->param[SPEED] * 2.0 * M_PI * sqrt(5.0) / (s->grid.dx[1] * (double)nx);
  for (size_t k = 0; k < count; k++) {
    const size_t i = k / ny, j = k % ny;
    const double x = ((double)i + 0.5) / (double)nx, y = ((double)j + 0.5) / (double)ny;
    const double shape = cos(2.0 * M_PI * (2.0 * x + y) + 0.5);
    u[k] = cos(omega * t + 1.0) * shape;
    u[count + k] = -omega * sin(omega * t + 1.0) * shape;
    u[2 * count + k] = s->param[SPEED];
  }
}

static const mpp_pde_problem problems[] = {{.name = "standing wave",
                                            .set = "contrast=0,courant=0.5",
                                            .horizon = 1.0,
                                            .order = 4.0,
                                            .cells = 16,
                                            .refine = "courant",
                                            .exact = standing},
                                           {.name = NULL}};

const mpp_pde mpp_pde_wave = {
    .name = "wave",
    .label = "wave",
    .summary = "2D wave equation with a random smooth speed, from Gaussian pulses",
    .scheme = "Fourier; symplectic splitting PEFRL of fourth order",
    .reference = "Omelyan, Mryglod and Folk, Comput. Phys. Commun. 146 (2002) 188",
    .unreleased = true,
    .nfields = 3,
    .nstored = 2,
    .nonce = 1,
    .field = {"u", "v", "c"},
    .layout = "pdebench-array",
    .axis = {"", "x", "y"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 1.0, 1.0},
    .params = params,
    .resolution = 128,
    .frames = 101,
    .horizon = 2.0,
    .order = 4,
    .conserved = {"momentum"},
    .mirror = {{1.0, 1.0, 1.0}, {1.0, 1.0, 1.0}, {1.0, 1.0, 1.0}},
    .mirror_tolerance = 1e-10, /* transforms round mirror images differently */
    .problems = problems,
    .init = init,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
