/* kuramoto_sivashinsky.c - the Kuramoto-Sivashinsky equation on a periodic square,
 *   u_t + lap u + lap lap u + 1/2 |grad u|^2 = mean of 1/2 |grad u|^2,
 * the height of a front in the frame that moves with its mean: u has no mean (the integral form;
 * its gradient obeys the same equation without the right-hand side). Long waves grow, short ones
 * are damped, the nonlinear term carries energy between them: chaos in space and time from about
 * length = 20 on (Y. Kuramoto, Prog. Theor. Phys. 55 (1976) 356; G. I. Sivashinsky, Acta Astronaut.
 * 4 (1977) 1177; in two dimensions A. Kalogirou, E. E. Keaveny and D. T. Papageorgiou, Proc. R.
 * Soc. A 471 (2015) 20140932). Fourier modes with the 2/3 rule, exponential Runge-Kutta in time.
 *
 * It starts from all modes with wavelengths above 2 pi, those that grow, with random coefficients,
 * the same on any grid. Without the modes that damp there is no solution to follow: a grid that
 * cannot carry wave numbers up to 1.8 is computed on one that is 3, 5, 7, ... times finer, on which
 * its cell centres are points too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "ks_exact.h"
#include "num_etdrk.h"
#include "num_modes.h"
#include "num_spectral.h"
#include "pde_system.h"

enum { LENGTH, AMPLITUDE, DT };

static const mpp_pde_param params[] = {
    [LENGTH] = MPP_NUMBER("length", "1", 64.0, 1.0, 1000.0, "side of the square"),
    [AMPLITUDE] =
        MPP_NUMBER("amplitude", "1", 0.1, 0.0, 10.0, "root mean square of the initial field"),
    [DT] = MPP_NUMBER("dt", "1", 0.1, 1e-6, 1.0, "longest time step"),
    MPP_PARAMS_END};

static void domain(double low[3], double high[3], const mpp_pde_setup *s)
{
  for (int a = 1; a < 3; a++) {
    low[a] = 0.0;
    high[a] = s->param[LENGTH];
  }
}

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  mpp_modes *m = NULL;
  const double growing = floor(s->param[LENGTH] / (2.0 * M_PI));
  MPP_TRY(MPP_ALLOC(&m, 1));
  mpp_modes_draw(m, (int)fmin(fmax(growing, 1.0), MPP_MODES_MAX), 0.0, s->seed, sample, 0);
  MPP_TRY(mpp_modes_sum(u, s->grid.n[1], s->grid.n[2], m, s->param[AMPLITUDE], 0.0));
done:
  mpp_free(m);
  return st;
}

/* Waves of this wave number are damped at a rate of 7. With waves up to 1.5 alone no solution stays
 * bounded, with 1.7 all do. */
static const double shortest = 1.8;

/* The grid that is computed on, `finer` times as many points along each axis. */
static mpp_grid finer_grid(size_t *finer, const mpp_grid *cells)
{
  mpp_grid g = *cells;
  const double first = 2.0 * M_PI / (cells->dx[1] * (double)cells->n[1]);
  const size_t modes = (size_t)ceil(shortest / first); /* of the 2/3 rule, on either side of 0 */
  *finer = 1;
  while ((*finer * cells->n[1] - 1) / 3 < modes) { *finer += 2; }
  for (int a = 1; a < 3; a++) {
    g.n[a] *= *finer;
    g.dx[a] /= (double)*finer;
  }
  return g;
}

/* The mean, of which single points of a finer grid do not tell. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  size_t finer = 1;
  finer_grid(&finer, &s->grid);
  value[0] = mpp_pde_integral(&size[0], u, &s->grid);
  return finer == 1 ? 1 : 0;
}

/* ---- run ---- */

typedef struct ks_run {
  mpp_pde_run base; /* first */
  mpp_spectral spectral;
  size_t finer;        /* points for each cell along an axis, odd */
  mpp_spectral coarse; /* of the cells; only where finer > 1 */
  double *points;      /* [finer nx, finer ny], owned; likewise */
  mpp_etdrk *etdrk;
  double longest, interval;
} ks_run;

typedef struct term {
  const mpp_spectral *s;
  const double *v;
  double *n;
} term;

/* i kx v and i ky v */
static void spread(double *const *row, size_t r, const void *context)
{
  const term *t = context;
  const size_t columns = t->s->columns;
  const double kx = t->s->k[0][r];
  const double *restrict ky = t->s->k[1], *restrict v = t->v + 2 * r * columns;
  double *restrict ux = row[0], *restrict uy = row[1];
#pragma omp simd
  for (size_t c = 0; c < columns; c++) {
    ux[2 * c] = -kx * v[2 * c + 1];
    ux[2 * c + 1] = kx * v[2 * c];
    uy[2 * c] = -ky[c] * v[2 * c + 1];
    uy[2 * c + 1] = ky[c] * v[2 * c];
  }
}

static void points(double *const *u, size_t from, size_t to, const void *context)
{
  (void)context;
  double *restrict ux = u[0];
  const double *restrict uy = u[1];
#pragma omp simd
  for (size_t i = from; i < to; i++) { ux[i] = ux[i] * ux[i] + uy[i] * uy[i]; }
}

static void gather(double *const *row, size_t r, const void *context)
{
  const term *t = context;
  const size_t length = 2 * t->s->columns;
  const double factor = -0.5 * t->s->scale;
  double *n = t->n + r * length;
  for (size_t i = 0; i < length; i++) { n[i] = factor * row[0][i]; }
  if (r == 0) {
    n[0] = n[1] = 0.0; /* the mean */
  }
}

static void nonlinear(double *n, const double *v, void *context)
{
  static const mpp_spectral_terms terms = {
      .in = 2, .out = 1, .spread = spread, .points = points, .gather = gather};
  mpp_spectral *s = context;
  const term t = {.s = s, .v = v, .n = n};
  mpp_spectral_evaluate(s, &terms, &t);
}

static void close_run(mpp_pde_run *run)
{
  ks_run *r = (ks_run *)run;
  if (r != NULL) {
    mpp_etdrk_destroy(r->etdrk);
    mpp_spectral_free(&r->spectral);
    mpp_spectral_free(&r->coarse);
    mpp_free(r->points);
    mpp_free(r);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *setup)
{
  mpp_status st = MPP_OK;
  ks_run *run = NULL;
  double *linear = NULL;
  MPP_TRY(MPP_ALLOC(&run, 1));
  const mpp_grid grid = finer_grid(&run->finer, &setup->grid);
  MPP_TRY(mpp_spectral_create(&run->spectral, &grid, 2, 2));
  const mpp_spectral *s = &run->spectral;
  if (run->finer > 1) {
    MPP_TRY(mpp_spectral_create(&run->coarse, &setup->grid, 1, 1));
    MPP_TRY(MPP_ALLOC(&run->points, s->n[0] * s->n[1]));
  }
  MPP_TRY(MPP_ALLOC(&linear, s->modes));
  for (size_t i = 0; i < s->modes; i++) {
    const double kx = s->k[0][i / s->columns], ky = s->k[1][i % s->columns];
    const double square = kx * kx + ky * ky;
    linear[i] = square - square * square;
  }
  const mpp_etdrk_problem problem = {.fields = 1,
                                     .modes = s->modes,
                                     .linear = {linear},
                                     .terms = 1,
                                     .nonlinear = nonlinear,
                                     .context = &run->spectral};
  MPP_TRY(mpp_etdrk_create(&run->etdrk, &problem));
  run->longest = setup->param[DT];
  run->interval = setup->interval;
  *out = &run->base;
  run = NULL;
done:
  mpp_free(linear);
  close_run(run != NULL ? &run->base : NULL);
  return st;
}

/* The modes of the field that interpolates the cells, as modes of the finer grid, whose origin lies
 * nearer to the edge. */
static void refine(ks_run *r, double *v, const double *u)
{
  const mpp_spectral *fine = &r->spectral, *coarse = &r->coarse;
  const double part = M_PI * (1.0 / (double)r->finer - 1.0);
  double *from = r->points; /* there is room for the modes of the cells */
  mpp_spectral_from_grid(&r->coarse, from, u, 1);
  memset(v, 0, 2 * fine->modes * sizeof *v);
  for (size_t i = 0; i < coarse->rows; i++) {
    const bool positive = i <= coarse->rows / 2;
    const size_t row = positive ? i : fine->rows - (coarse->rows - i);
    const double kx = (positive ? (double)i : (double)i - (double)coarse->rows);
    for (size_t j = 0; j < coarse->columns; j++) {
      const double phase = part * (kx / (double)coarse->n[0] + (double)j / (double)coarse->n[1]);
      const double *c = from + 2 * (i * coarse->columns + j);
      double *to = v + 2 * (row * fine->columns + j);
      to[0] = c[0] * cos(phase) - c[1] * sin(phase);
      to[1] = c[0] * sin(phase) + c[1] * cos(phase);
    }
  }
}

static void start(mpp_pde_run *run, const double *u)
{
  ks_run *r = (ks_run *)run;
  double *v = mpp_etdrk_state(r->etdrk);
  mpp_pde_run_reset(run);
  if (r->finer > 1) {
    refine(r, v, u);
  } else {
    mpp_spectral_from_grid(&r->spectral, v, u, 1);
  }
  v[0] = v[1] = 0.0;
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  ks_run *r = (ks_run *)run;
  const size_t finer = r->finer, nx = r->spectral.n[0] / finer, ny = r->spectral.n[1] / finer;
  const bool good = mpp_etdrk_advance(r->etdrk, &run->t, &run->steps, t, r->longest, r->interval);
  mpp_spectral_to_grid(&r->spectral, finer > 1 ? r->points : u, mpp_etdrk_state(r->etdrk), 1);
  for (size_t i = 0; finer > 1 && i < nx; i++) {
    const double *row = r->points + (i * finer + finer / 2) * r->spectral.n[1] + finer / 2;
    for (size_t j = 0; j < ny; j++) { u[i * ny + j] = row[j * finer]; }
  }
  if (!good) {
    mpp_pde_run_blame(run, u, nx * ny, 0);
  }
  return good;
}

/* ---- exact solution ---- */

/* A wave along the direction (1, 2). */
static void plane_wave(double *u, double t, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  const double k = 2.0 * M_PI / s->param[LENGTH];
  double c[MPP_KS_HARMONICS + 1];
  mpp_ks_plane_wave(c, 0.3, 5.0 * k * k, t);
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const double theta =
          2.0 * M_PI * (((double)i + 0.5) / (double)nx + 2.0 * ((double)j + 0.5) / (double)ny);
      double sum = 0.0;
      for (int m = 1; m <= MPP_KS_HARMONICS; m++) { sum += c[m] * cos(m * theta); }
      u[i * ny + j] = sum;
    }
  }
}

static const mpp_pde_problem problems[] = {{.name = "plane wave",
                                            .set = "length=20,dt=0.1",
                                            .horizon = 2.0,
                                            .order = 4.0,
                                            .cells = 64,
                                            .refine = "dt",
                                            .exact = plane_wave},
                                           {.name = NULL}};

const mpp_pde mpp_pde_kuramoto_sivashinsky = {
    .name = "kuramoto-sivashinsky",
    .alias = "ks",
    .label = "ks",
    .summary = "2D Kuramoto-Sivashinsky, chaos of a front in a periodic square",
    .scheme = "Fourier, 2/3 rule; ETDRK4",
    .reference =
        "Kuramoto, Prog. Theor. Phys. 55 (1976) 356; Sivashinsky, Acta Astronaut. 4 (1977) "
        "1177; Cox and Matthews, J. Comput. Phys. 176 (2002) 430",
    .unreleased = true,
    .nfields = 1,
    .nstored = 1,
    .field = {"u"},
    .layout = "pdebench-array",
    .axis = {"", "x", "y"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 64.0, 64.0},
    .params = params,
    .resolution = 128,
    .frames = 201,
    .horizon = 200.0,
    .order = 4,
    .conserved = {"mean"},
    /* No mirror symmetry is claimed: chaos doubles rounding errors every few units of time. */
    .problems = problems,
    .domain = domain,
    .init = init,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
