/* diffusion_reaction.c - 2D diffusion-reaction, FitzHugh-Nagumo, on (-1, 1)^2 without flux at the
 * edges:
 *   u_t = Du lap u + u - u^3 - k - v   (activator),   v_t = Dv lap v + u - v   (inhibitor).
 * Five-point Laplacian, Dormand-Prince in time; system and numbers of PDEBench (Takamoto et al.,
 * NeurIPS 2022; G. A. Klaasen and W. C. Troy, SIAM J. Appl. Math. 44 (1984) 96).
 *
 * PDEBench starts from white noise on the cells, whose meaning depends on the grid: its released
 * data were computed on 512 x 512 cells, every fourth one stored, and differ in distribution from
 * the same program at 128 x 128. By default noise is a Gaussian field of fixed cosine modes with
 * the amplitude that the modes of the released noise have (1/512 each), so that later frames have
 * the released statistics on any grid. --pdebench-compat draws numpy's legacy normals, seeded by
 * seed + sample, on `subsample` times the resolution and stores every subsample-th cell from the
 * second on: 4 gives the released data, 1 PDEBench's program at the resolution itself. */
#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "num_mt19937.h"
#include "num_noise.h"
#include "num_rk45.h"
#include "pde_system.h"

enum { DU, DV, K, REACTION, RTOL, ATOL, MODES, AMPLITUDE, SUBSAMPLE };

static const mpp_pde_param params[] = {
    [DU] = MPP_NUMBER("Du", "m2 s-1", 1e-3, 0.0, 1.0, "diffusivity of the activator"),
    [DV] = MPP_NUMBER("Dv", "m2 s-1", 5e-3, 0.0, 1.0, "diffusivity of the inhibitor"),
    [K] = MPP_NUMBER("k", "s-1", 5e-3, -10.0, 10.0, "constant sink of the activator"),
    [REACTION] =
        MPP_NUMBER("reaction", "1", 1.0, 0.0, 10.0, "factor of all reaction terms; 0: diffusion"),
    [RTOL] = MPP_NUMBER("rtol", "1", 1e-3, 1e-12, 0.1, "relative tolerance of the time integrator"),
    [ATOL] = MPP_NUMBER("atol", "1", 1e-6, 1e-15, 0.1, "absolute tolerance of the time integrator"),
    [MODES] = MPP_WHOLE("modes", 128.0, 1.0, MPP_NOISE_MAX_MODES,
                        "cosine modes of the initial noise along each axis"),
    [AMPLITUDE] =
        MPP_NUMBER("amplitude", "1", 1.0 / 512, 0.0, 1.0, "standard deviation of each mode"),
    [SUBSAMPLE] =
        MPP_WHOLE("subsample", 4.0, 1.0, 16.0,
                  "with --pdebench-compat: computed cells per stored one, along each axis"),
    MPP_PARAMS_END};

static const mpp_pde_preset presets[] = {{"2D_diff-react_NA_NA", "", NULL, 1000, 128, 101, 5.0, 0},
                                         {.name = NULL}};

static size_t stride(const mpp_pde_setup *s) { return s->compat ? (size_t)s->param[SUBSAMPLE] : 1; }

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const size_t ny = s->grid.n[1], nx = s->grid.n[2];
  if (s->compat) {
    mpp_mt19937 generator;
    mpp_mt19937_seed(&generator, (uint32_t)(s->seed + sample));
    for (size_t i = 0; i < 2 * ny * nx; i++) { u[i] = mpp_mt19937_normal(&generator); }
    return MPP_OK;
  }
  mpp_status st = MPP_OK;
  for (uint32_t f = 0; f < 2; f++) {
    MPP_TRY(mpp_noise_cosine(u + f * ny * nx, ny, nx, (size_t)s->param[MODES], s->param[AMPLITUDE],
                             s->seed, sample, f));
  }
done:
  return st;
}

/* Without reaction the mean of each field stays; its drift is relative to the mean size. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  const size_t ny = s->grid.n[1], nx = s->grid.n[2];
  if (s->param[REACTION] != 0.0) {
    return 0;
  }
  for (size_t f = 0; f < 2; f++) {
    value[f] = mpp_pde_integral(&size[f], u + f * ny * nx, &s->grid);
  }
  return 2;
}

/* ---- right-hand side ---- */

typedef struct coefficients {
  double du, dv; /* diffusivity / dx^2; cells are square */
  double k, reaction;
} coefficients;

/* One cell from the cells around it. Neighbours add up in pairs, so that mirror images have the
 * same bits. */
static inline double activator_rate(double left, double u, double right, double above, double below,
                                    double v, const coefficients *c)
{
  const double laplacian = (left + right) + (above + below) - 4.0 * u;
  return c->du * laplacian + c->reaction * (u - u * u * u - c->k - v);
}

static inline double inhibitor_rate(double left, double v, double right, double above, double below,
                                    double u, const coefficients *c)
{
  const double laplacian = (left + right) + (above + below) - 4.0 * v;
  return c->dv * laplacian + c->reaction * (u - v);
}

static void rows(double *const *rate, const double *const *above, const double *const *row,
                 const double *const *below, size_t nx, const void *context)
{
  const coefficients c = *(const coefficients *)context;
  double *restrict ur = rate[0], *restrict vr = rate[1];
  const double *ua = above[0], *va = above[1], *u = row[0], *v = row[1];
  const double *ub = below[0], *vb = below[1];
  const size_t last = nx - 1;
#pragma omp simd
  for (size_t i = 1; i < last; i++) {
    ur[i] = activator_rate(u[i - 1], u[i], u[i + 1], ua[i], ub[i], v[i], &c);
    vr[i] = inhibitor_rate(v[i - 1], v[i], v[i + 1], va[i], vb[i], u[i], &c);
  }
  const size_t right = nx > 1 ? 1 : 0, left = nx > 1 ? last - 1 : 0; /* beside the edge cells */
  ur[0] = activator_rate(u[0], u[0], u[right], ua[0], ub[0], v[0], &c);
  vr[0] = inhibitor_rate(v[0], v[0], v[right], va[0], vb[0], u[0], &c);
  ur[last] = activator_rate(u[left], u[last], u[last], ua[last], ub[last], v[last], &c);
  vr[last] = inhibitor_rate(v[left], v[last], v[last], va[last], vb[last], u[last], &c);
}

/* ---- exact solution ---- */

/* Average over cell j of n of cos(mode pi s), s in (0, 1). */
static double cosine_average(size_t j, size_t n, int mode)
{
  const double z = 0.5 * M_PI * mode / (double)n;
  return cos(M_PI * mode * ((double)j + 0.5) / (double)n) * sin(z) / z;
}

/* Pure diffusion of the modes (2, 3) of u and (1, 4) of v: exp(-D (k^2 + l^2) pi^2 t / 4). */
static void decay(double *u, double t, const mpp_pde_setup *s)
{
  static const int mode[2][2] = {{2, 3}, {1, 4}};
  const size_t ny = s->grid.n[1], nx = s->grid.n[2];
  for (size_t f = 0; f < 2; f++) {
    const int k = mode[f][0], l = mode[f][1];
    const double size = exp(-s->param[f == 0 ? DU : DV] * (k * k + l * l) * M_PI * M_PI * t / 4.0);
    for (size_t j = 0; j < ny; j++) {
      for (size_t i = 0; i < nx; i++) {
        u[(f * ny + j) * nx + i] = size * cosine_average(j, ny, k) * cosine_average(i, nx, l);
      }
    }
  }
}

/* Growth of a small mode 4 along x, u^3 being below rounding: w' = A w, A = [[r - Du kk, -r],
 * [r, -r - Dv kk]] with kk = (2 pi)^2 and r the factor of the reaction, from w = (e, 0). With
 * h = trace / 2 and q^2 = h^2 - det, exp(A t) = exp(h t) (cosh(q t) I + sinh(q t) / q (A - h
 * I)). */
static void growth(double *u, double t, const mpp_pde_setup *s)
{
  const double small = 1e-5, kk = 4.0 * M_PI * M_PI, r = s->param[REACTION];
  const double a = r - s->param[DU] * kk, d = -r - s->param[DV] * kk;
  const double h = 0.5 * (a + d), q = sqrt(h * h - (a * d + r * r));
  const double size = small * exp(h * t), ratio = sinh(q * t) / q;
  const double amplitude[2] = {size * (cosh(q * t) + ratio * (a - h)), size * ratio * r};
  const size_t ny = s->grid.n[1], nx = s->grid.n[2];
  for (size_t f = 0; f < 2; f++) {
    for (size_t i = 0; i < ny * nx; i++) {
      u[f * ny * nx + i] = amplitude[f] * cosine_average(i % nx, nx, 4);
    }
  }
}

static const mpp_pde_problem problems[] = {{.name = "pure diffusion",
                                            .set = "reaction=0,rtol=1e-9,atol=1e-12",
                                            .horizon = 5.0,
                                            .order = 2.0,
                                            .exact = decay},
                                           {.name = "growth of a small mode",
                                            .set = "k=0,rtol=1e-9,atol=1e-15",
                                            .horizon = 2.0,
                                            .order = 2.0,
                                            .exact = growth},
                                           {.name = NULL}};

/* ---- run ---- */

typedef struct fhn_run {
  mpp_pde_run base; /* first */
  mpp_rk45 *rk;
  coefficients c;
  double horizon;
  size_t count; /* values of a state */
} fhn_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    mpp_rk45_destroy(((fhn_run *)run)->rk);
    mpp_free(run);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  fhn_run *run = NULL;
  const double inverse = 1.0 / (s->grid.dx[1] * s->grid.dx[1]);
  MPP_TRY(MPP_ALLOC(&run, 1));
  run->c = (coefficients){.du = s->param[DU] * inverse,
                          .dv = s->param[DV] * inverse,
                          .k = s->param[K],
                          .reaction = s->param[REACTION]};
  run->horizon = s->horizon;
  run->count = 2 * s->grid.n[1] * s->grid.n[2];
  const mpp_rk45_problem problem = {.nfields = 2,
                                    .ny = s->grid.n[1],
                                    .nx = s->grid.n[2],
                                    .rows = rows,
                                    .context = &run->c,
                                    .rtol = s->param[RTOL],
                                    .atol = s->param[ATOL]};
  MPP_TRY(mpp_rk45_create(&run->rk, &problem));
  *out = &run->base;
  run = NULL;
done:
  mpp_free(run);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  fhn_run *r = (fhn_run *)run;
  mpp_pde_run_reset(run);
  mpp_rk45_start(r->rk, u, r->horizon);
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  fhn_run *r = (fhn_run *)run;
  const bool good = mpp_rk45_advance(r->rk, u, t);
  const mpp_rk45_state s = mpp_rk45_get_state(r->rk);
  run->t = s.t;
  run->steps = s.steps;
  run->rejected = s.rejected;
  if (!good) {
    mpp_pde_run_blame(run, s.trial, r->count, 0);
  }
  return good;
}

const mpp_pde mpp_pde_diffusion_reaction = {
    .name = "diffusion-reaction",
    .alias = "diffre2d",
    .label = "diffre2d",
    .summary = "2D diffusion-reaction, FitzHugh-Nagumo from noise",
    .scheme = "five-point Laplacian, Dormand-Prince 5(4) with dense output",
    .reference = "Klaasen and Troy, SIAM J. Appl. Math. 44 (1984) 96; PDEBench 2D_diff-react",
    .nfields = 2,
    .nstored = 2,
    .field = {"activator", "inhibitor"},
    .axis = {"", "y", "x"},
    .low = {0.0, -1.0, -1.0},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_WALL, MPP_EDGE_WALL, MPP_EDGE_WALL},
    .params = params,
    .presets = presets,
    .resolution = 128,
    .frames = 101,
    .horizon = 5.0,
    .noisy = true,
    .order = 2,
    .conserved = {"activator", "inhibitor"},
    .mirror = {{1.0, 1.0}, {1.0, 1.0}, {1.0, 1.0}},
    .mirror_tolerance = 1e-9, /* the sum of the step control runs in one direction */
    .problems = problems,
    .stride = stride,
    .init = init,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
