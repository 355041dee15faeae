/* advection.c - 1D advection, u_t + beta u_x = 0 on a periodic interval (PDEBench, Takamoto et al.,
 * NeurIPS 2022).
 *
 * Characteristics are straight, so that the averages at any time follow from the initial ones in
 * one step: each cell takes what lies over it after a shift by beta t, integrated exactly over the
 * fifth-order polynomials of WENO-AO (a conservative semi-Lagrangian scheme; J.-M. Qiu and C.-W.
 * Shu, J. Comput. Phys. 230 (2011) 863). Errors do not add up over the frames.
 *
 * --pdebench-compat: the released profiles and scheme (upwind, MC limiter, midpoint rule, float32),
 * at speed beta as in the files made since August 2023; older copies moved at 2 beta. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "num_weno.h"
#include "scalar_released.h"
#include "scalar_start.h"

enum { BETA };

static const mpp_pde_param params[] = {
    [BETA] = MPP_NUMBER("beta", "m s-1", 1.0, -100.0, 100.0, "speed"), MPP_PARAMS_END};

#define PRESET(beta)                                                               \
  {                                                                                \
    "1D_Advection_Sols_beta" beta, "beta=" beta, NULL, 10000, 1024, 201, 2.0, 2022 \
  }
static const mpp_pde_preset presets[] = {PRESET("0.1"), PRESET("0.2"), PRESET("0.4"),
                                         PRESET("0.7"), PRESET("1.0"), PRESET("2.0"),
                                         PRESET("4.0"), PRESET("7.0"), {.name = NULL}};

static mpp_status check(const mpp_pde_setup *s)
{
  return !s->compat || s->param[BETA] > 0.0
             ? MPP_OK
             : mpp_fail(MPP_ERR_USAGE,
                        "beta: found %g, expected more than 0 with --pdebench-compat",
                        s->param[BETA]);
}

/* ---- exact solution ---- */

static void smooth(double *u, double t, const mpp_pde_setup *s)
{
  const mpp_sines profile = {
      .modes = 2, .waves = {1.0, 2.0}, .amplitude = {0.8, 0.5}, .phase = {0.3, 2.0}, .sign = 1.0};
  const mpp_sines_axis axis = {.n = s->grid.n[2], .low = s->grid.low[2], .dx = s->grid.dx[2]};
  mpp_sines_averages(u, &profile, &axis, s->param[BETA] * t);
}

/* By 115/96 = (38 + 1/3) / 32: a third of a cell from the nearest face on every grid. The order is
 * one more than that of the polynomials, since the error of an average is the difference of those
 * of its two faces and only one step is taken. */
static const mpp_pde_problem problems[] = {{.name = "shift",
                                            .set = "beta=1",
                                            .horizon = 115.0 / 96.0,
                                            .order = 6.0,
                                            .cells = 64,
                                            .exact = smooth},
                                           {.name = NULL}};

/* ---- run ---- */

typedef struct advection_run {
  mpp_pde_run base; /* first */
  size_t n;
  double dx, beta, floor; /* floor: of differences that count as smooth, num_weno.h */
  double *u;              /* initial averages [n] between two ghosts on each side */
  double *out;            /* what leaves through the upper face of each cell [n] */
  double *memory;         /* of both, owned */
  bool compat;
  mpp_scalar_released released; /* with compat */
} advection_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    advection_run *r = (advection_run *)run;
    mpp_scalar_released_free(&r->released);
    mpp_free(r->memory);
    mpp_free(r);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  advection_run *r = NULL;
  MPP_TRY(MPP_ALLOC(&r, 1));
  r->n = s->grid.n[2];
  r->dx = s->grid.dx[2];
  r->beta = s->param[BETA];
  r->compat = s->compat;
  if (s->compat) {
    const mpp_scalar_numbers numbers = {.dx = (float)r->dx, .speed = (float)r->beta};
    MPP_TRY(mpp_scalar_released_create(&r->released, MPP_RELEASED_ADVECTION, &numbers, s));
  } else {
    MPP_TRY(MPP_ALLOC(&r->memory, 2 * r->n + 4));
    r->out = r->memory;
    r->u = r->memory + r->n + 2;
  }
  *out = &r->base;
  r = NULL;
done:
  close_run((mpp_pde_run *)r);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  advection_run *r = (advection_run *)run;
  double largest = 0.0;
  mpp_pde_run_reset(run);
  if (r->compat) {
    mpp_scalar_released_start(&r->released, u);
    return;
  }
  for (size_t i = 0; i < r->n + 4; i++) { r->u[(ptrdiff_t)i - 2] = u[(i + r->n - 2) % r->n]; }
  for (size_t i = 0; i < r->n; i++) { largest = fmax(largest, fabs(u[i])); }
  /* (u'' dx^2)^2 of one wave is 1.6e3 times this. */
  r->floor = largest * largest / pow((double)r->n, 4.0) + 1e-300;
}

/* u [n] = averages over what lay over the cells before a shift by `cells` cells. */
static void carry(const advection_run *r, double *restrict u, double cells)
{
  const double whole = floor(cells), part = cells - whole, n = (double)r->n;
  const double *from = r->u, floor_of = r->floor;
  double *restrict out = r->out;
#pragma omp simd
  for (size_t i = 0; i < r->n; i++) {
    const mpp_weno_poly p = mpp_weno_ao(from + i, floor_of);
    out[i] = mpp_weno_outflow(&p, part);
  }
  const size_t offset = (size_t)(n - 1.0 - (whole - n * floor(whole / n))); /* of cell 0 */
  for (size_t i = 0; i < r->n; i++) {
    const size_t at = (i + offset + 1) % r->n, before = (i + offset) % r->n;
    u[i] = (from[at] - out[at]) + out[before];
  }
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  advection_run *r = (advection_run *)run;
  bool good = true;
  if (r->compat) {
    good = mpp_scalar_released_advance(&r->released, run, u, t);
  } else {
    carry(r, u, r->beta * t / r->dx);
    run->t = t;
    run->steps++;
    for (size_t i = 0; i < r->n; i++) { good = good && isfinite(u[i]); }
  }
  if (!good) {
    mpp_pde_run_blame(run, u, r->n, 0);
  }
  return good;
}

const mpp_pde mpp_pde_advection = {
    .name = "advection",
    .label = "advection",
    .summary = "1D advection of random waves",
    .scheme = "conservative semi-Lagrangian, WENO-AO(5,3)",
    .reference = "Qiu and Shu, J. Comput. Phys. 230 (2011) 863; PDEBench 1D_Advection",
    .released_scheme = "upwind, MC limiter, midpoint rule, float32",
    .nfields = 1,
    .nstored = 1,
    .field = {"u"},
    .layout = "pdebench-array",
    .dataset = {"tensor"},
    .axis = {"", "", "x"},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC},
    .params = params,
    .presets = presets,
    .resolution = 1024,
    .frames = 201,
    .horizon = 2.0,
    .order = 6,
    .conserved = {"u"},
    .problems = problems,
    .check = check,
    .init = mpp_scalar_init,
    .details = mpp_scalar_details,
    .conserve = mpp_scalar_integral,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
