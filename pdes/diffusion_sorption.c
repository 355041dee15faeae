/* diffusion_sorption.c - 1D diffusion of a solute that the medium sorbs (PDEBench, Takamoto et al.,
 * NeurIPS 2022):
 *   u_t = D / R(u) u_xx,   R(u) = 1 + c n_f (u + 1e-6)^(n_f - 1),   c = (1 - por) / por rho_s k_f,
 * which is w(u)_t = D u_xx with the solute w = u + c (u + 1e-6)^n_f in water and medium together.
 * u is uniform at first, at a random level; at x = 0 it is held at 1.
 *
 * By default in conservation form, implicit, fourth order in time (sorption_scheme.h), both
 * conditions at the ends themselves. At x = 1 the published condition is u = D u_x, whose sign
 * makes a source that grows without bound; the flow that takes away what arrives, u = -D u_x, is
 * solved.
 *
 * --pdebench-compat: the released numbers, numpy's legacy generator seeded by seed + sample,
 * scipy's RK45 in 8e5 evaluations, and its ends: 1 half a cell outside at x = 0, and at x = 1 half
 * a cell outside D (u_(N-2) - u_(N-1)) / dx, which is u = -D u_x too but for half a cell. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "num_mt19937.h"
#include "num_power.h"
#include "num_rk45.h"
#include "pde_system.h"
#include "rng.h"
#include "sorption_scheme.h"

enum { D, POR, RHO_S, K_F, N_F, RTOL, ATOL };

static const mpp_pde_param params[] = {
    [D] = MPP_NUMBER("D", "m2 s-1", 5e-4, 1e-8, 1.0, "effective diffusivity"),
    [POR] = MPP_NUMBER("por", "1", 0.29, 0.01, 1.0, "porosity"),
    [RHO_S] = MPP_NUMBER("rho_s", "kg m-3", 2880.0, 0.0, 1e5, "density of the medium"),
    [K_F] = MPP_NUMBER("k_f", "m3 kg-1", 3.5e-4, 0.0, 10.0, "Freundlich's coefficient"),
    [N_F] = MPP_NUMBER("n_f", "1", 0.874, 0.1, 1.0, "Freundlich's exponent"),
    [RTOL] = MPP_NUMBER("rtol", "1", 1e-6, 1e-12, 0.1,
                        "relative tolerance of a step; 1e-3 with --pdebench-compat"),
    [ATOL] = MPP_NUMBER("atol", "1", 1e-9, 1e-15, 0.1,
                        "absolute tolerance of a step; 1e-6 with --pdebench-compat"),
    MPP_PARAMS_END};

static const mpp_pde_preset presets[] = {
    {"1D_diff-sorp_NA_NA", "", NULL, 10000, 1024, 101, 500.0, 0}, {.name = NULL}};

static mpp_sorption_medium medium_of(const mpp_pde_setup *s)
{
  const double por = s->param[POR];
  return (mpp_sorption_medium){.diffusivity = s->param[D],
                               .capacity = (1.0 - por) / por * s->param[RHO_S] * s->param[K_F],
                               .exponent = s->param[N_F]};
}

static mpp_status check(const mpp_pde_setup *s)
{
  return !s->compat || s->edge[2] == MPP_EDGE_OPEN
             ? MPP_OK
             : mpp_fail(MPP_ERR_USAGE,
                        "--boundary: found x=wall, expected x=open with --pdebench-compat");
}

static double level_of(const mpp_pde_setup *s, uint64_t sample)
{
  const double most = 0.2;
  if (s->compat) {
    mpp_mt19937 generator;
    mpp_mt19937_seed(&generator, (uint32_t)(s->seed + sample));
    return most * mpp_mt19937_double(&generator);
  }
  return most * mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, 0);
}

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const double level = level_of(s, sample);
  for (size_t i = 0; i < s->grid.n[2]; i++) { u[i] = level; }
  return MPP_OK;
}

static size_t details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  notes[0] = (mpp_note){.key = "initial_level", .value = level_of(s, sample)};
  return 1;
}

/* Between walls the solute in water and medium. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  const mpp_sorption_medium medium = medium_of(s);
  double sum = 0.0;
  if (s->edge[2] != MPP_EDGE_WALL) {
    return 0;
  }
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    double w = 0.0, retardation = 0.0;
    mpp_sorption_total(&w, &retardation, u + i, 1, &medium);
    sum += w;
  }
  value[0] = size[0] = sum * s->grid.dx[2];
  return 1;
}

/* ---- exact solutions, where n_f = 1 makes R constant ---- */

static double integral_of_erfc(double z) { return z * erfc(z) - exp(-z * z) / sqrt(M_PI); }

/* erfc(x / (2 sqrt(D t / R))), begun when the layer was 0.1 thick. */
static void layer(double *u, double t, const mpp_pde_setup *s)
{
  const mpp_sorption_medium medium = medium_of(s);
  const double slowed = medium.diffusivity / (1.0 + medium.capacity), dx = s->grid.dx[2];
  const double scale = 2.0 * sqrt(0.0025 + slowed * t);
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    const double low = (double)i * dx / scale, high = (double)(i + 1) * dx / scale;
    u[i] = (integral_of_erfc(high) - integral_of_erfc(low)) * scale / dx;
  }
}

static void decay(double *u, double t, const mpp_pde_setup *s)
{
  const mpp_sorption_medium medium = medium_of(s);
  const double slowed = medium.diffusivity / (1.0 + medium.capacity), dx = s->grid.dx[2];
  const double size = 0.4 * exp(-slowed * M_PI * M_PI * t);
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    const double low = M_PI * (double)i * dx, high = low + M_PI * dx;
    u[i] = 0.5 + size * (sin(high) - sin(low)) / (M_PI * dx);
  }
}

static const mpp_pde_problem problems[] = {{.name = "layer of constant retardation",
                                            .set = "n_f=1,rtol=1e-8,atol=1e-11",
                                            .horizon = 20.0,
                                            .order = 2.0,
                                            .exact = layer},
                                           {.name = "decay between walls",
                                            .set = "n_f=1,rtol=1e-8,atol=1e-11",
                                            .boundary = "wall",
                                            .horizon = 500.0,
                                            .order = 2.0,
                                            .exact = decay},
                                           {.name = NULL}};

/* ---- the released right-hand side ---- */

typedef struct released {
  mpp_sorption_medium medium;
  double inverse; /* 1 / dx^2 */
  double dx;
} released;

/* A trial step that goes below u = -1e-6 is not a number, and has to be rejected for that: it is
 * part of the step control of the released data. */
static inline double rate_of(double left, double u, double right, const released *r)
{
  const double x = u + 1e-6, e = r->medium.exponent;
  const double power = mpp_power(x, e - 1.0), known = x > 0.0 ? power : NAN;
  const double retardation = 1.0 + r->medium.capacity * e * known;
  return r->medium.diffusivity / retardation * ((left + right) - 2.0 * u) * r->inverse;
}

static void rows(double *const *rate, const double *const *above, const double *const *row,
                 const double *const *below, size_t nx, const void *context)
{
  const released r = *(const released *)context;
  const double *u = row[0];
  double *restrict out = rate[0];
  const size_t last = nx - 1;
  (void)above;
  (void)below;
#pragma omp simd
  for (size_t i = 1; i < last; i++) { out[i] = rate_of(u[i - 1], u[i], u[i + 1], &r); }
  out[0] = rate_of(1.0, u[0], u[1], &r);
  out[last] =
      rate_of(u[last - 1], u[last], r.medium.diffusivity * (u[last - 1] - u[last]) / r.dx, &r);
}

/* ---- run ---- */

typedef struct sorption_run {
  mpp_pde_run base; /* first */
  size_t n;
  mpp_sorption scheme;
  mpp_rk45 *rk; /* with compat, else NULL */
  released released;
  double horizon;
} sorption_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    sorption_run *r = (sorption_run *)run;
    mpp_rk45_destroy(r->rk);
    mpp_sorption_free(&r->scheme);
    mpp_free(r);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  sorption_run *r = NULL;
  const mpp_sorption_medium medium = medium_of(s);
  const double dx = s->grid.dx[2];
  MPP_TRY(MPP_ALLOC(&r, 1));
  r->n = s->grid.n[2];
  r->horizon = s->horizon;
  if (s->compat) {
    r->released = (released){.medium = medium, .inverse = 1.0 / (dx * dx), .dx = dx};
    const mpp_rk45_problem problem = {.nfields = 1,
                                      .ny = 1,
                                      .nx = r->n,
                                      .rows = rows,
                                      .context = &r->released,
                                      .rtol = 1e-3,
                                      .atol = 1e-6};
    MPP_TRY(mpp_rk45_create(&r->rk, &problem));
  } else {
    MPP_TRY(mpp_sorption_create(&r->scheme, &medium, r->n, dx, s->edge[2] == MPP_EDGE_WALL,
                                s->param[RTOL], s->param[ATOL]));
  }
  *out = &r->base;
  r = NULL;
done:
  close_run((mpp_pde_run *)r);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  sorption_run *r = (sorption_run *)run;
  mpp_pde_run_reset(run);
  if (r->rk != NULL) {
    mpp_rk45_start(r->rk, u, r->horizon);
  } else {
    mpp_sorption_start(&r->scheme, u);
  }
}

static bool advance_released(sorption_run *r, double *u, double t)
{
  const bool good = mpp_rk45_advance(r->rk, u, t);
  const mpp_rk45_state s = mpp_rk45_get_state(r->rk);
  r->base.t = s.t;
  r->base.steps = s.steps;
  r->base.rejected = s.rejected;
  if (!good) {
    mpp_pde_run_blame(&r->base, s.trial, r->n, 0);
  }
  for (size_t i = 0; i < r->n; i++) { r->base.least[0] = fmin(r->base.least[0], u[i]); }
  return good;
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  sorption_run *r = (sorption_run *)run;
  if (r->rk != NULL) {
    return advance_released(r, u, t);
  }
  const bool good = mpp_sorption_advance(&r->scheme, t);
  for (size_t i = 0; i < r->n; i++) { u[i] = r->scheme.u[i]; }
  run->t = r->scheme.t;
  run->steps = r->scheme.steps;
  run->rejected = r->scheme.rejected;
  run->least[0] = r->scheme.least;
  if (!good) {
    mpp_pde_run_blame(run, r->scheme.trial, r->n, r->scheme.positive ? r->n : 0);
  }
  return good;
}

const mpp_pde mpp_pde_diffusion_sorption = {
    .name = "diffusion-sorption",
    .alias = "diffsorb",
    .label = "diffsorb",
    .summary = "1D diffusion with sorption after Freundlich",
    .scheme = "conservative finite volumes, SDIRK of fourth order with step control",
    .reference = "Hairer and Wanner, Solving ODEs II, IV.6; PDEBench 1D_diff-sorp",
    .released_scheme = "central differences, Dormand-Prince 5(4)",
    .nfields = 1,
    .nstored = 1,
    .field = {"u"},
    .axis = {"", "", "x"},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_OPEN, MPP_EDGE_OPEN, MPP_EDGE_OPEN},
    .edges = 1u << MPP_EDGE_OPEN | 1u << MPP_EDGE_WALL,
    .params = params,
    .presets = presets,
    .resolution = 1024,
    .frames = 101,
    .horizon = 500.0,
    .order = 2,
    .conserved = {"solute"},
    .positive = {"u"},
    .problems = problems,
    .check = check,
    .init = init,
    .details = details,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
