/* darcy.c - 2D Darcy flow: the steady pressure of a fluid in a porous square,
 *   -div(a grad u) = beta on (0, 1)^2,  u = 0 on the walls,
 * with a permeability a of two values. Where five bumps exp(-r^2 / s), drawn with centres uniform
 * in the square and s uniform in (0, 1/2), sum up to more than a threshold, a is the higher one.
 * System and numbers of PDEBench (Takamoto et al., NeurIPS 2022).
 *
 * Finite volumes; a is constant in each cell, so that the flux through a face has the harmonic mean
 * of its two sides, and through a wall, half a cell away, the cell's own a. PDEBench's threshold is
 * the mean of the sum over a batch of 200 samples and all cells; by default it is the expected
 * value of that mean, so that a sample depends on no other one. Its released solutions are
 * transients at t = 1.75 of a march in pseudo-time; by default u is the steady solution. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "darcy_march.h"
#include "darcy_medium.h"
#include "ins_noise.h"
#include "num_multigrid.h"
#include "pde_system.h"
#include "rng.h"

enum { BETA, NU_LOW, NU_HIGH, SOURCE, TOLERANCE };
enum { CONSTANT, MANUFACTURED };
enum { MOST_ITERATIONS = 200, DRAW_SIZE = 32 };

static const mpp_pde_param params[] = {
    [BETA] = MPP_NUMBER("beta", "s-1", 1.0, 1e-6, 1e6, "constant source of fluid"),
    [NU_LOW] = MPP_NUMBER("nu_low", "m2 Pa-1 s-1", 0.1, 1e-3, 1e3, "permeability outside bumps"),
    [NU_HIGH] = MPP_NUMBER("nu_high", "m2 Pa-1 s-1", 1.0, 1e-3, 1e3, "permeability in bumps"),
    [SOURCE] = MPP_CHOICE("source", "constant|manufactured",
                          "beta, or the source of a solution that is known, on (0, 1)^2"),
    [TOLERANCE] =
        MPP_NUMBER("tolerance", "1", 1e-12, 1e-14, 1e-3, "relative residual of the solution"),
    MPP_PARAMS_END};

#define PRESET(beta)                                                        \
  {                                                                         \
    "2D_DarcyFlow_beta" beta, "beta=" beta, NULL, 10000, 128, 1, 1.75, 2020 \
  }
static const mpp_pde_preset presets[] = {PRESET("0.01"), PRESET("0.1"),   PRESET("1.0"),
                                         PRESET("10.0"), PRESET("100.0"), {.name = NULL}};

/* ---- initial condition ---- */

/* What the march of PDEBench starts from: noise between 0 and 1 times a number from 0.1 to 10. The
 * noise is given as waves of up to 4 periods whose amplitudes go with k^(-1/2), as in its other
 * two-dimensional systems. */
static mpp_status initial_pressure(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  const double size = 0.1 + 9.9 * mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, DRAW_SIZE);
  const mpp_ins_noise noise = {
      .modes = 4, .scale = 1.0, .smoothness = 0.25, .seed = s->seed, .sample = sample};
  const mpp_ins_points points = {
      .n = {nx, ny},
      .low = {mpp_darcy_centre(&s->grid, 1, 0), mpp_darcy_centre(&s->grid, 2, 0)},
      .step = {s->grid.dx[1], s->grid.dx[2]}};
  double low = HUGE_VAL, high = -HUGE_VAL;
  MPP_TRY(mpp_ins_noise_fill(u, ny, &points, &noise));
  for (size_t k = 0; k < nx * ny; k++) {
    low = fmin(low, u[k]);
    high = fmax(high, u[k]);
  }
  for (size_t k = 0; k < nx * ny; k++) { u[k] = size * (u[k] - low) / (high - low); }
done:
  return st;
}

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  const size_t cells = s->grid.n[1] * s->grid.n[2];
  const double threshold =
      s->compat ? mpp_darcy_batch_mean(&s->grid, s->seed, sample) : MPP_DARCY_EXPECTED_MEAN;
  mpp_darcy_bump b[MPP_DARCY_BUMPS];
  mpp_darcy_draw_bumps(b, s->seed, sample);
  mpp_darcy_permeability(u + cells, &s->grid, b, threshold, s->param[NU_LOW], s->param[NU_HIGH]);
  for (size_t i = 0; i < cells; i++) { u[i] = 0.0; }
  if (s->compat) {
    MPP_TRY(initial_pressure(u, s, sample));
  }
done:
  return st;
}

/* ---- exact solutions ---- */

/* a = 1 + sin(2 pi x) sin(2 pi y) / 2, u = sin(pi x) sin(pi y). */
static double smooth_permeability(double x, double y)
{
  return 1.0 + 0.5 * sin(2.0 * M_PI * x) * sin(2.0 * M_PI * y);
}

/* -div(a grad u) of these. */
static double smooth_source(double x, double y)
{
  const double ax = M_PI * cos(2.0 * M_PI * x) * sin(2.0 * M_PI * y);
  const double ay = M_PI * sin(2.0 * M_PI * x) * cos(2.0 * M_PI * y);
  const double ux = M_PI * cos(M_PI * x) * sin(M_PI * y);
  const double uy = M_PI * sin(M_PI * x) * cos(M_PI * y);
  return 2.0 * M_PI * M_PI * smooth_permeability(x, y) * sin(M_PI * x) * sin(M_PI * y) -
         (ax * ux + ay * uy);
}

static void smooth(double *u, double t, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const double x = mpp_darcy_centre(&s->grid, 1, i), y = mpp_darcy_centre(&s->grid, 2, j);
      u[i * ny + j] = t > 0.0 ? sin(M_PI * x) * sin(M_PI * y) : 0.0;
      u[(nx + i) * ny + j] = smooth_permeability(x, y);
    }
  }
}

/* Constant a = 1: the double sine series, summed over one of its indices,
 *   u = beta (x (1 - x) / 2 - sum over odd m of 4 sin(m pi x) / (m pi)^3 cosh(m pi (y - 1/2)) /
 *   cosh(m pi / 2)). */
static double uniform_solution(double x, double y)
{
  double u = 0.5 * x * (1.0 - x);
  for (int m = 1; m < 200; m += 2) {
    const double k = m * M_PI, d = 0.5 - fabs(y - 0.5); /* from the nearer wall */
    const double ratio = exp(-k * d) * (1.0 + exp(-2.0 * k * (0.5 - d))) / (1.0 + exp(-k));
    u -= 4.0 * sin(k * x) / (k * k * k) * ratio;
  }
  return u;
}

static void uniform(double *u, double t, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const double x = mpp_darcy_centre(&s->grid, 1, i), y = mpp_darcy_centre(&s->grid, 2, j);
      u[i * ny + j] = t > 0.0 ? s->param[BETA] * uniform_solution(x, y) : 0.0;
      u[(nx + i) * ny + j] = 1.0;
    }
  }
}

static const mpp_pde_problem problems[] = {{.name = "smooth permeability",
                                            .set = "source=manufactured",
                                            .horizon = 1.0,
                                            .order = 2.0,
                                            .exact = smooth},
                                           {.name = "uniform permeability",
                                            .set = "beta=3",
                                            .horizon = 1.0,
                                            .order = 2.0,
                                            .exact = uniform},
                                           {.name = NULL}};

/* ---- run ---- */

typedef struct darcy_run {
  mpp_pde_run base; /* first */
  mpp_pde_setup setup;
  mpp_multigrid *solver;
  mpp_darcy_march *march; /* NULL but with compat */
  double *u;              /* pressure and permeability as they started, [2, nx, ny], owned */
  double *gx, *gy;        /* conductances of the faces, [nx + 1, ny] and [nx, ny + 1], owned */
  double *b;              /* source times the area of a cell, [nx, ny], owned */
} darcy_run;

static void close_run(mpp_pde_run *run)
{
  darcy_run *r = (darcy_run *)run;
  if (r != NULL) {
    mpp_multigrid_destroy(r->solver);
    mpp_darcy_march_destroy(r->march);
    mpp_free(r->u);
    mpp_free(r->gx);
    mpp_free(r->gy);
    mpp_free(r->b);
    mpp_free(r);
  }
}

static void set_source(double *b, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  const double area = s->grid.dx[1] * s->grid.dx[2];
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const double x = mpp_darcy_centre(&s->grid, 1, i), y = mpp_darcy_centre(&s->grid, 2, j);
      b[i * ny + j] =
          area * (s->param[SOURCE] == MANUFACTURED ? smooth_source(x, y) : s->param[BETA]);
    }
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  darcy_run *run = NULL;
  MPP_TRY(MPP_ALLOC(&run, 1));
  run->setup = *s;
  if (s->compat) {
    MPP_TRY(mpp_darcy_march_create(&run->march, nx, ny, s->grid.dx[1] * s->grid.dx[2]));
  } else {
    MPP_TRY(mpp_multigrid_create(&run->solver, nx, ny));
  }
  MPP_TRY(MPP_ALLOC(&run->u, 2 * nx * ny));
  MPP_TRY(MPP_ALLOC(&run->gx, (nx + 1) * ny));
  MPP_TRY(MPP_ALLOC(&run->gy, nx * (ny + 1)));
  MPP_TRY(MPP_ALLOC(&run->b, nx * ny));
  set_source(run->b, s);
  *out = &run->base;
  run = NULL;
done:
  close_run(run != NULL ? &run->base : NULL);
  return st;
}

/* Mean permeability of a face between two cells. */
static double face_mean(double a, double b, bool arithmetic)
{
  return arithmetic ? 0.5 * (a + b) : 2.0 * a * b / (a + b);
}

/* Flux through a face = conductance times difference: length of the face over the distance between
 * centres times the mean permeability; to a wall it is half a cell (compat: a whole one). */
static void set_conductances(darcy_run *r, const double *a)
{
  const size_t nx = r->setup.grid.n[1], ny = r->setup.grid.n[2];
  const double ratio = r->setup.grid.dx[2] / r->setup.grid.dx[1];
  const bool compat = r->setup.compat;
  const double wall = compat ? 1.0 : 2.0;
  for (size_t i = 0; i <= nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      const double before = a[(i > 0 ? i - 1 : 0) * ny + j],
                   after = a[(i < nx ? i : i - 1) * ny + j];
      const double mean = face_mean(before, after, compat);
      r->gx[i * ny + j] = ratio * (i > 0 && i < nx ? mean : wall * before);
    }
  }
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j <= ny; j++) {
      const double before = a[i * ny + (j > 0 ? j - 1 : 0)],
                   after = a[i * ny + (j < ny ? j : j - 1)];
      const double mean = face_mean(before, after, compat);
      r->gy[i * (ny + 1) + j] = (j > 0 && j < ny ? mean : wall * before) / ratio;
    }
  }
}

static void start(mpp_pde_run *run, const double *u)
{
  darcy_run *r = (darcy_run *)run;
  const size_t count = 2 * r->setup.grid.n[1] * r->setup.grid.n[2];
  mpp_pde_run_reset(run);
  for (size_t i = 0; i < count; i++) { r->u[i] = u[i]; }
}

/* u = the steady solution, or with compat what the march reaches at t. */
static bool solve(darcy_run *r, double *u, double t)
{
  const size_t cells = r->setup.grid.n[1] * r->setup.grid.n[2];
  if (r->setup.compat) {
    for (size_t i = 0; i < cells; i++) { u[i] = r->u[i]; }
    r->base.steps = mpp_darcy_march_run(r->march, u, r->gx, r->gy, r->b, t);
    return true;
  }
  mpp_multigrid_set(r->solver, r->gx, r->gy);
  const mpp_multigrid_result result =
      mpp_multigrid_solve(r->solver, u, r->b, r->setup.param[TOLERANCE], MOST_ITERATIONS);
  r->base.steps = result.iterations;
  return result.converged;
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  darcy_run *r = (darcy_run *)run;
  const size_t cells = r->setup.grid.n[1] * r->setup.grid.n[2];
  const double *a = r->u + cells;
  set_conductances(r, a);
  const bool good = solve(r, u, t);
  for (size_t i = 0; i < cells; i++) {
    u[cells + i] = a[i];
    run->least[0] = fmin(run->least[0], u[i]);
  }
  run->t = t;
  if (!good) {
    mpp_pde_run_blame(run, u, 2 * cells, 0);
  }
  return good;
}

const mpp_pde mpp_pde_darcy = {
    .name = "darcy",
    .label = "darcy",
    .summary = "2D Darcy flow, steady, through a medium of two permeabilities",
    .scheme = "finite volumes, harmonic face means, multigrid conjugate gradients",
    .reference = "Takamoto et al., NeurIPS 2022; PDEBench 2D_DarcyFlow",
    .released_scheme = "arithmetic face means, march in pseudo-time to t = 1.75",
    .nfields = 2,
    .nstored = 1,
    .nonce = 1,
    .field = {"u", "nu"},
    .layout = "pdebench-array",
    .dataset = {"tensor", "nu"},
    .axis = {"", "x", "y"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_WALL, MPP_EDGE_WALL, MPP_EDGE_WALL}, /* held at u = 0 */
    .params = params,
    .presets = presets,
    .resolution = 128,
    .frames = 1,
    .horizon = 1.75,
    .steady = true,
    .order = 2,
    .positive = {"u"},
    .mirror = {{1.0, 1.0}, {1.0, 1.0}, {1.0, 1.0}},
    .mirror_tolerance = 1e-9, /* what the tolerance of the solver leaves */
    .problems = problems,
    .init = init,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
