/* cns.c - the compressible Navier-Stokes equations of an ideal gas in one, two and three
 * dimensions: rho_t + div(rho v) = 0,  (rho v)_t + div(rho v v + p - sigma) = 0, E_t + div((E + p)
 * v - sigma v) = 0,  E = p / (gamma - 1) + rho v^2 / 2, sigma = eta (grad v + grad v^T - 2/3 div v)
 * + zeta div v, without heat conduction; systems, numbers and files of PDEBench (Takamoto et al.,
 * NeurIPS 2022).
 *
 * By default the equations are these, as PDEBench publishes them, eta and zeta being dynamic
 * viscosities [Pa s]. What PDEBench's program solves differs: eta and zeta are kinematic (times the
 * density at each face) and the mixed derivatives of sigma are missing, so that each velocity
 * diffuses by itself, along its own axis by 4/3 eta + zeta. --set viscosity=kinematic takes the
 * former alone; --pdebench-compat takes all of that program's scheme (cns_scheme_compat.h). */
#include "cns.h"

#include <math.h>

#include "alloc.h"
#include "check.h"
#include "cns_exact.h"
#include "cns_init.h"
#include "cns_scheme.h"
#include "num_sines.h"

static const double own_cfl = 0.5, released_cfl = 0.3;

#define COMMON(initial, modes, most)                                                               \
  [MPP_CNS_GAMMA] = MPP_NUMBER("gamma", "1", 5.0 / 3.0, 1.01, 3.0, "ratio of the specific heats"), \
  [MPP_CNS_ETA] = MPP_NUMBER("eta", "Pa s", 1e-8, 0.0, 10.0, "shear viscosity"),                   \
  [MPP_CNS_ZETA] = MPP_NUMBER("zeta", "Pa s", 1e-8, 0.0, 10.0, "bulk viscosity"),                  \
  [MPP_CNS_INITIAL] = MPP_CHOICE("initial", initial, "initial condition"),                         \
  [MPP_CNS_VISCOSITY] = MPP_CHOICE("viscosity", "dynamic|kinematic",                               \
                                   "eta and zeta as they are, or times the density (m2 s-1)"),     \
  [MPP_CNS_CFL] = MPP_NUMBER("cfl", "1", 0.0, 0.0, 0.9, "Courant number; 0: 0.5, compat: 0.3"),    \
  [MPP_CNS_MODES] =                                                                                \
      MPP_WHOLE("modes", modes, 1.0, most, "random, turbulent: largest wave number of an axis"),   \
  [MPP_CNS_WINDOW] = MPP_NUMBER("window", "1", 0.5, 0.0, 1.0, "random: probability of a window")

#define SPATIAL(slope)                                                                        \
  [MPP_CNS_M] = MPP_NUMBER("M", "1", 0.1, 1e-3, 10.0, "Mach number of the initial velocity"), \
  [MPP_CNS_SLOPE] =                                                                           \
      MPP_NUMBER("slope", "1", slope, -4.0, 8.0, "random, turbulent: mode k has size k^-slope")

static const mpp_pde_param params_1d[] = {
    COMMON("random|shock|riemann", 3.0, MPP_SINES_MAX_MODES),
    [MPP_CNS_TEST] = MPP_WHOLE("test", 1.0, 1.0, 7.0, "riemann: number of the test, as Toro's"),
    MPP_PARAMS_END};

static const mpp_pde_param params_2d[] = {
    COMMON("random|turbulent|shock|kelvin-helmholtz|orszag-tang", 4.0, 16.0), SPATIAL(0.5),
    [MPP_CNS_KH_DK] = MPP_NUMBER("dk", "1", 2.0, 0.01, 100.0,
                                 "kelvin-helmholtz: density of the lower over the upper gas"),
    [MPP_CNS_KH_K] = MPP_WHOLE("k", 4.0, 1.0, 64.0, "kelvin-helmholtz: waves of the interface"),
    MPP_PARAMS_END};

static const mpp_pde_param params_3d[] = {
    COMMON("random|turbulent|blast", 4.0, 16.0), SPATIAL(1.0),
    [MPP_CNS_BLAST_RADIUS] = MPP_NUMBER("blast_radius", "1", 0.05, 0.001, 0.5,
                                        "blast: radius over the length of the domain"),
    [MPP_CNS_BLAST_PRESSURE] =
        MPP_NUMBER("blast_pressure", "Pa", 100.0, 1e-3, 1e6, "blast: pressure inside; 0.1 outside"),
    MPP_PARAMS_END};

/* ---- domains ---- */

static void domain_1d(double low[3], double high[3], const mpp_pde_setup *s)
{
  (void)high;
  low[2] = s->param[MPP_CNS_INITIAL] == MPP_CNS_1D_RIEMANN ? 0.0 : -1.0;
}

static void domain_3d(double low[3], double high[3], const mpp_pde_setup *s)
{
  for (int a = 0; a < 3 && s->param[MPP_CNS_INITIAL] == MPP_CNS_3D_BLAST; a++) {
    low[a] = -1.0;
    high[a] = 1.0;
  }
}

/* ---- conservation ---- */

/* Sums as mpp_pde_integral, of several quantities at once. */
enum { QUANTITIES = MPP_PDE_MAX_CONSERVED };

/* Mass, energy and momenta of a cell; sizes of the momenta are those of what sound carries. */
static void quantities(double value[QUANTITIES], double size[QUANTITIES], const double *u,
                       size_t cells, int dims, double gamma)
{
  const double density = u[(size_t)dims * cells], pressure = u[(size_t)(dims + 1) * cells];
  const double c = sqrt(gamma * pressure / density);
  double square = 0.0;
  for (int d = 0; d < dims; d++) {
    const double v = u[(size_t)d * cells];
    square += v * v;
    value[2 + d] = density * v;
    size[2 + d] = density * (fabs(v) + c);
  }
  value[0] = size[0] = density;
  value[1] = size[1] = pressure / (gamma - 1.0) + 0.5 * density * square;
}

/* Mass and energy without open edges; momenta up to the first axis with walls. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  const mpp_grid *g = &s->grid;
  const size_t cells = g->n[0] * g->n[1] * g->n[2];
  const int dims = mpp_cns_dims(s);
  const double cell = g->dx[0] * g->dx[1] * g->dx[2];
  size_t count = 2;
  for (int a = 3 - dims; a < 3; a++) {
    if (s->edge[a] == MPP_EDGE_OPEN) {
      return 0;
    }
    const size_t before = 2 + (size_t)a - (3 - (size_t)dims);
    count += count == before && s->edge[a] == MPP_EDGE_PERIODIC;
  }
  for (size_t k = 0; k < count; k++) { value[k] = size[k] = 0.0; }
  for (size_t row = 0; row < cells; row += g->n[2]) {
    double line[QUANTITIES] = {0.0}, line_size[QUANTITIES] = {0.0};
    for (size_t i = row; i < row + g->n[2]; i++) {
      double one[QUANTITIES], one_size[QUANTITIES];
      quantities(one, one_size, u + i, cells, dims, s->param[MPP_CNS_GAMMA]);
      for (size_t k = 0; k < count; k++) {
        line[k] += one[k];
        line_size[k] += one_size[k];
      }
    }
    for (size_t k = 0; k < count; k++) {
      value[k] += line[k] * cell;
      size[k] += line_size[k] * cell;
    }
  }
  return count;
}

/* ---- run ---- */

typedef struct cns_run {
  mpp_pde_run base; /* first */
  mpp_cns_scheme scheme;
} cns_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    mpp_cns_scheme_free(&((cns_run *)run)->scheme);
    mpp_free(run);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  cns_run *run = NULL;
  const double given = s->param[MPP_CNS_CFL], cfl = s->compat ? released_cfl : own_cfl;
  MPP_TRY(MPP_ALLOC(&run, 1));
  MPP_TRY(mpp_cns_scheme_create(&run->scheme, s, given > 0.0 ? given : cfl));
  *out = &run->base;
  run = NULL;
done:
  mpp_free(run);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  mpp_pde_run_reset(run);
  mpp_cns_scheme_start(&((cns_run *)run)->scheme, u);
}

/* Blames a density or pressure that is not positive, or what is not finite. */
static void blame(mpp_pde_run *run, const double *u, const mpp_cns_grid *g)
{
  const size_t cells = g->n[0] * g->n[1] * g->n[2], velocities = (size_t)g->dims * cells;
  mpp_pde_run_blame(run, u + velocities, 2 * cells, 2 * cells);
  run->bad += velocities;
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  mpp_cns_scheme *scheme = &((cns_run *)run)->scheme;
  const bool good = mpp_cns_scheme_advance(scheme, u, t);
  run->t = scheme->t;
  run->steps = scheme->steps;
  run->rejected = scheme->rejected;
  run->repaired = scheme->repaired;
  run->least[0] = scheme->least[0];
  run->least[1] = scheme->least[1];
  if (!good) {
    blame(run, u, &scheme->grid);
  }
  return good;
}

/* ---- systems ---- */

#define SHARED                                                                                    \
  .scheme = "MUSCL on primitive variables (MC limiter), HLLC, SSP-RK2, RKL2 for viscosity",       \
  .released_scheme = "MUSCL (MC limiter), HLLC, midpoint rule, viscosity by axis in sub-steps",   \
  .reference = "Toro, Spruce and Speares, Shock Waves 4 (1994) 25; Meyer, Balsara and Aslam, J. " \
               "Comput. Phys. 257 (2014) 594; PDEBench CFD",                                      \
  .layout = "pdebench-array", .positive = {"density", "pressure"}, .mirror_tolerance = 0.0,       \
  .order = 2, .horizon = 1.0,                                                                     \
  .edges = 1u << MPP_EDGE_PERIODIC | 1u << MPP_EDGE_OPEN | 1u << MPP_EDGE_WALL,                   \
  .edge = {MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC}, .init = mpp_cns_init,        \
  .details = mpp_cns_details, .conserve = conserve, .open = open_run, .close = close_run,         \
  .start = start, .advance = advance

const mpp_pde mpp_pde_cns_1d = {
    SHARED,
    .name = "cns-1d",
    .alias = "compNS1d",
    .label = "compNS1d",
    .summary = "1D compressible Navier-Stokes, random fields and shock tubes",
    .nfields = 3,
    .nstored = 3,
    .field = {"Vx", "density", "pressure"},
    .axis = {"", "", "x"},
    .low = {0.0, 0.0, -1.0},
    .high = {1.0, 1.0, 1.0},
    .params = params_1d,
    .presets = mpp_cns_presets_1d,
    .resolution = 1024,
    .frames = 101,
    .conserved = {"mass", "energy", "momentum_x"},
    .mirror = {{1.0, 1.0, 1.0}, {1.0, 1.0, 1.0}, {-1.0, 1.0, 1.0}},
    .problems = mpp_cns_problems_1d,
    .domain = domain_1d,
};

const mpp_pde mpp_pde_cns_2d = {
    SHARED,
    .name = "cns-2d",
    .alias = "compNS",
    .label = "compNS",
    .summary = "2D compressible Navier-Stokes, random fields, turbulence and tests",
    .nfields = 4,
    .nstored = 4,
    .field = {"Vx", "Vy", "density", "pressure"},
    .axis = {"", "x", "y"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 1.0, 1.0},
    .params = params_2d,
    .presets = mpp_cns_presets_2d,
    .resolution = 128,
    .frames = 21,
    .conserved = {"mass", "energy", "momentum_x", "momentum_y"},
    .mirror = {{1.0, 1.0, 1.0, 1.0}, {-1.0, 1.0, 1.0, 1.0}, {1.0, -1.0, 1.0, 1.0}},
    .problems = mpp_cns_problems_2d,
};

const mpp_pde mpp_pde_cns_3d = {
    SHARED,
    .name = "cns-3d",
    .alias = "compNS3d",
    .label = "compNS3d",
    .summary = "3D compressible Navier-Stokes, random fields, turbulence and a blast wave",
    .nfields = 5,
    .nstored = 5,
    .field = {"Vx", "Vy", "Vz", "density", "pressure"},
    .axis = {"x", "y", "z"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 1.0, 1.0},
    .params = params_3d,
    .presets = mpp_cns_presets_3d,
    .resolution = 128,
    .frames = 21,
    .conserved = {"mass", "energy", "momentum_x", "momentum_y", "momentum_z"},
    .mirror = {{-1.0, 1.0, 1.0, 1.0, 1.0}, {1.0, -1.0, 1.0, 1.0, 1.0}, {1.0, 1.0, -1.0, 1.0, 1.0}},
    .problems = mpp_cns_problems_3d,
    .domain = domain_3d,
};
