/* swe.c - 2D shallow water: a radial dam break on [-2.5, 2.5]^2 with open boundaries.
 *   h_t + (hu)_x + (hv)_y = 0,  (hu)_t + (hu^2 + g h^2/2)_x + (huv)_y = 0,  (hv)_t likewise.
 * A column of water of random radius and another height collapses. The system, its numbers and the
 * layout are those of PDEBench (Takamoto et al., NeurIPS 2022). Files of that layout are read as
 * [t, y, x]; the solver sweeps the slower axis first and calls it x, as Clawpack does, which is the
 * same with names exchanged: "x" below is the slower axis.
 *
 * By default a cell starts with the exact average of the column over it, so that every radius gives
 * a trajectory of its own. The released data take the value at the cell's centre: their 1000
 * samples hold 81 different trajectories; --pdebench-compat reproduces that, with numpy's legacy
 * generator seeded by seed + sample. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "num_disc.h"
#include "num_mt19937.h"
#include "pde_system.h"
#include "rng.h"
#include "swe_exact.h"
#include "swe_momentum.h"
#include "swe_scheme.h"

enum { GRAVITY, INNER_HEIGHT, OUTER_HEIGHT, RADIUS_MIN, RADIUS_MAX };

static const mpp_pde_param params[] = {
    [GRAVITY] = MPP_NUMBER("gravity", "m s-2", 1.0, 1e-3, 100.0, "acceleration of gravity"),
    [INNER_HEIGHT] = MPP_NUMBER("inner_height", "m", 2.0, 1e-3, 100.0, "depth inside the column"),
    [OUTER_HEIGHT] = MPP_NUMBER("outer_height", "m", 1.0, 1e-3, 100.0, "depth around it"),
    [RADIUS_MIN] = MPP_NUMBER("radius_min", "m", 0.3, 0.05, 2.5, "smallest radius of the column"),
    [RADIUS_MAX] = MPP_NUMBER("radius_max", "m", 0.7, 0.05, 2.5, "largest radius of the column"),
    MPP_PARAMS_END};

static const mpp_pde_preset presets[] = {{"2D_rdb_NA_NA", "", NULL, 1000, 128, 101, 1.0, 0},
                                         {.name = NULL}};

static mpp_status check(const mpp_pde_setup *s)
{
  const double low = s->param[RADIUS_MIN], high = s->param[RADIUS_MAX];
  return low <= high
             ? MPP_OK
             : mpp_fail(MPP_ERR_USAGE, "radius_min: found %g, expected at most radius_max = %g",
                        low, high);
}

/* ---- initial condition ---- */

static double radius_of(const mpp_pde_setup *s, uint64_t sample)
{
  const double low = s->param[RADIUS_MIN], high = s->param[RADIUS_MAX];
  if (s->compat) {
    mpp_mt19937 generator;
    mpp_mt19937_seed(&generator, (uint32_t)(s->seed + sample));
    return mpp_mt19937_uniform(&generator, low, high);
  }
  return low + (high - low) * mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, 0);
}

/* Edge i of n cells, mirrored exactly about 0 (the domain is symmetric). */
static double edge(size_t i, size_t n, double dx) { return ((double)i - 0.5 * (double)n) * dx; }

static double covered(const mpp_grid *g, size_t i, size_t j, double r, bool centres)
{
  const double x0 = edge(i, g->n[1], g->dx[1]), x1 = edge(i + 1, g->n[1], g->dx[1]);
  const double y0 = edge(j, g->n[2], g->dx[2]), y1 = edge(j + 1, g->n[2], g->dx[2]);
  if (centres) {
    const double x = 0.5 * (x0 + x1), y = 0.5 * (y0 + y1);
    return sqrt(x * x + y * y) <= r ? 1.0 : 0.0;
  }
  return mpp_disc_area(x0, x1, y0, y1, r) / (g->dx[1] * g->dx[2]);
}

static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  const double r = radius_of(s, sample);
  const double inner = s->param[INNER_HEIGHT], outer = s->param[OUTER_HEIGHT];
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) {
      u[i * ny + j] = outer + (inner - outer) * covered(&s->grid, i, j, r, s->compat);
    }
  }
  for (size_t i = nx * ny; i < 3 * nx * ny; i++) { u[i] = 0.0; }
  return MPP_OK;
}

static size_t details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  notes[0] = (mpp_note){.key = "radius", .value = radius_of(s, sample)};
  return 1;
}

/* Mass, the integral of h: constant until a wave leaves through the edge. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  value[0] = mpp_pde_integral(&size[0], u, &s->grid);
  return 1;
}

/* ---- exact solutions ---- */

typedef mpp_swe_point (*profile)(double x, double t, double gravity);

static mpp_swe_point dam(double x, double t, double g)
{
  return mpp_swe_dam_break(x, t, 2.0, 1.0, g);
}

/* Cell averages of a flow along one axis, by Gauss points: exact to O(dx^8) where smooth. */
static void along_axis(double *u, double t, const mpp_pde_setup *s, int axis, profile at)
{
  static const double point[4] = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                  0.8611363115940526};
  static const double weight[4] = {0.1739274225687269, 0.3260725774312731, 0.3260725774312731,
                                   0.1739274225687269};
  const size_t nx = s->grid.n[1], ny = s->grid.n[2], size = nx * ny;
  for (size_t c = 0; c < (axis == 0 ? nx : ny); c++) {
    const double dx = s->grid.dx[axis + 1];
    const double centre = edge(c, axis == 0 ? nx : ny, dx) + 0.5 * dx;
    double h = 0.0, momentum = 0.0;
    for (int q = 0; q < 4; q++) {
      const mpp_swe_point p = at(centre + 0.5 * dx * point[q], t, s->param[GRAVITY]);
      h += weight[q] * p.h;
      momentum += weight[q] * p.h * p.u;
    }
    for (size_t k = 0; k < (axis == 0 ? ny : nx); k++) {
      const size_t cell = axis == 0 ? c * ny + k : k * ny + c;
      u[cell] = h;
      u[size + cell] = axis == 0 ? momentum : 0.0;
      u[2 * size + cell] = axis == 0 ? 0.0 : momentum;
    }
  }
}

static void dam_x(double *u, double t, const mpp_pde_setup *s) { along_axis(u, t, s, 0, dam); }
static void dam_y(double *u, double t, const mpp_pde_setup *s) { along_axis(u, t, s, 1, dam); }
static void wave_x(double *u, double t, const mpp_pde_setup *s)
{
  along_axis(u, t, s, 0, mpp_swe_simple_wave);
}
static void wave_y(double *u, double t, const mpp_pde_setup *s)
{
  along_axis(u, t, s, 1, mpp_swe_simple_wave);
}

/* A shock is captured over a fixed number of cells, so its L1 error is of first order. */
static const mpp_pde_problem problems[] = {
    {.name = "simple wave along x", .horizon = 0.5, .order = 2.0, .exact = wave_x},
    {.name = "simple wave along y", .horizon = 0.5, .order = 2.0, .exact = wave_y},
    {.name = "dam break along x", .horizon = 0.5, .order = 1.0, .exact = dam_x},
    {.name = "dam break along y", .horizon = 0.5, .order = 1.0, .exact = dam_y},
    {.name = NULL}};

/* ---- run ---- */

typedef struct swe_run {
  mpp_pde_run base; /* first */
  mpp_swe scheme;
} swe_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    mpp_swe_free(&((swe_run *)run)->scheme);
    mpp_free(run);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  swe_run *run = NULL;
  MPP_TRY(MPP_ALLOC(&run, 1));
  MPP_TRY(mpp_swe_create(&run->scheme, &s->grid.n[1], &s->grid.dx[1], s->param[GRAVITY]));
  for (int a = 0; a < 2; a++) {
    run->scheme.wall[a][0] = run->scheme.wall[a][1] = s->edge[1 + a] == MPP_EDGE_WALL;
  }
  *out = &run->base;
  run = NULL;
done:
  mpp_free(run);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  mpp_pde_run_reset(run);
  mpp_swe_start(&((swe_run *)run)->scheme, u);
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  mpp_swe *scheme = &((swe_run *)run)->scheme;
  const size_t count = 3 * scheme->n[0] * scheme->n[1];
  const bool good = mpp_swe_advance(scheme, t);
  for (size_t i = 0; i < count; i++) { u[i] = scheme->q[i]; }
  run->t = scheme->t;
  run->steps = scheme->steps;
  run->rejected = scheme->rejected;
  run->least[0] = scheme->least_depth;
  if (!good) {
    mpp_pde_run_blame(run, u, count, count / 3);
  }
  return good;
}

const mpp_pde mpp_pde_swe = {
    .name = "swe",
    .label = "swe",
    .summary = "2D shallow water, radial dam break",
    .scheme = "wave propagation, Roe with entropy fix, MC limiter, Godunov splitting",
    .reference = "LeVeque, J. Comput. Phys. 131 (1997) 327; PDEBench 2D_rdb",
    .nfields = 3,
    .nstored = 1,
    .field = {"h", "hv", "hu"},
    .axis = {"", "y", "x"},
    .low = {0.0, -2.5, -2.5},
    .high = {1.0, 2.5, 2.5},
    .edge = {MPP_EDGE_OPEN, MPP_EDGE_OPEN, MPP_EDGE_OPEN},
    .edges = 1u << MPP_EDGE_OPEN | 1u << MPP_EDGE_WALL,
    .params = params,
    .presets = presets,
    .resolution = 128,
    .frames = 101,
    .horizon = 1.0,
    .order = 2,
    .conserved = {"mass"},
    .positive = {"h"},
    .mirror = {{1.0, 1.0, 1.0}, {1.0, -1.0, 1.0}, {1.0, 1.0, -1.0}},
    .mirror_tolerance = 0.0,
    .problems = problems,
    .check = check,
    .init = init,
    .details = details,
    .complete = mpp_swe_momentum,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
