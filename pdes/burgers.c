/* burgers.c - 1D Burgers' equation on a periodic interval, u_t + (u^2 / 2)_x = (Nu / pi) u_xx
 * (PDEBench, Takamoto et al., NeurIPS 2022; its viscosity is Nu / pi).
 *
 * By default WENO with exact diffusion in float64 (burgers_scheme.h): some 5000 steps for the
 * published sets at any Nu. --pdebench-compat: the released profiles and scheme (Roe's flux, MC
 * limiter, explicit diffusion, midpoint rule, float32), whose steps shrink as 1 / Nu: 2e7 of them
 * at Nu = 4. At large Nu that solution freezes with ripples, where steps change less than the last
 * digit: 5e-4 high at Nu = 1. */
#include <math.h>

#include "alloc.h"
#include "burgers_scheme.h"
#include "check.h"
#include "scalar_released.h"
#include "scalar_start.h"

enum { NU };

static const mpp_pde_param params[] = {
    [NU] = MPP_NUMBER("Nu", "m2 s-1", 0.01, 0.0, 100.0, "pi times the kinematic viscosity"),
    MPP_PARAMS_END};

#define PRESET(nu)                                                       \
  {                                                                      \
    "1D_Burgers_Sols_Nu" nu, "Nu=" nu, NULL, 10000, 1024, 201, 2.0, 2022 \
  }
static const mpp_pde_preset presets[] = {
    PRESET("0.001"), PRESET("0.002"), PRESET("0.004"), PRESET("0.01"), PRESET("0.02"),
    PRESET("0.04"),  PRESET("0.1"),   PRESET("0.2"),   PRESET("0.4"),  PRESET("1.0"),
    PRESET("2.0"),   PRESET("4.0"),   {.name = NULL}};

static mpp_status check(const mpp_pde_setup *s)
{
  return s->compat ? mpp_scalar_released_check(s, s->param[NU] / M_PI, "Nu", s->param[NU]) : MPP_OK;
}

/* ---- exact solutions, by the transformation of Cole and Hopf: u = -2 nu (log phi)_x, so that the
 * average over a cell is the difference of log phi at its faces ---- */

typedef double (*potential)(double x, double t, double nu, double length);

/* Averages of c - 2 nu (log phi)_x (x - c t, t). */
static void averages(double *u, double t, const mpp_pde_setup *s, potential log_phi, double c)
{
  const double nu = s->param[NU] / M_PI, dx = s->grid.dx[2];
  const double length = (double)s->grid.n[2] * dx;
  double below = log_phi(-c * t, t, nu, length);
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    const double above = log_phi((double)(i + 1) * dx - c * t, t, nu, length);
    u[i] = c - 2.0 * nu * (above - below) / dx;
    below = above;
  }
}

/* One wave that steepens and decays: phi = 1 + a exp(-nu k^2 t) cos k x. */
static double log_wave(double x, double t, double nu, double length)
{
  const double k = 2.0 * M_PI / length;
  return log1p(0.9 * exp(-nu * k * k * t) * cos(k * x));
}

/* A sawtooth of slope 1 / (t + 1/2) and jump length / (t + 1/2): phi is a sum of heat kernels, one
 * a period, of which the nearest ones count. */
static double log_sawtooth(double x, double t, double nu, double length)
{
  const double width = 4.0 * nu * (t + 0.5), nearest = length * round(x / length);
  const double y = x - nearest;
  double sum = 0.0;
  for (int n = -4; n <= 4; n++) {
    const double z = y - n * length;
    sum += exp((y * y - z * z) / width);
  }
  return -y * y / width + log(sum);
}

static void wave(double *u, double t, const mpp_pde_setup *s) { averages(u, t, s, log_wave, 0.0); }

static void sawtooth(double *u, double t, const mpp_pde_setup *s)
{
  averages(u, t, s, log_sawtooth, 0.7);
}

static const mpp_pde_problem problems[] = {
    {.name = "moving viscous shock",
     .set = "Nu=0.1",
     .horizon = 0.5,
     .order = 3.0,
     .cells = 128,
     .exact = sawtooth},
    {.name = "decaying wave",
     .set = "Nu=0.1",
     .horizon = 0.5,
     .order = 3.0,
     .doublings = 3,
     .exact = wave},
    /* Within a cell: the error is that of the shock's place there. */
    {.name = "moving shock", .set = "Nu=0.001", .horizon = 0.5, .order = 1.0, .exact = sawtooth},
    {.name = NULL}};

/* ---- run ---- */

typedef struct burgers_run {
  mpp_pde_run base; /* first */
  size_t n;
  bool compat;
  mpp_burgers scheme;
  mpp_scalar_released released; /* with compat */
} burgers_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    burgers_run *r = (burgers_run *)run;
    mpp_scalar_released_free(&r->released);
    mpp_burgers_free(&r->scheme);
    mpp_free(r);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  burgers_run *r = NULL;
  const double nu = s->param[NU] / M_PI, dx = s->grid.dx[2];
  MPP_TRY(MPP_ALLOC(&r, 1));
  r->n = s->grid.n[2];
  r->compat = s->compat;
  if (s->compat) {
    const mpp_scalar_numbers numbers = {.dx = (float)dx, .diffusivity = (float)nu};
    MPP_TRY(mpp_scalar_released_create(&r->released, MPP_RELEASED_BURGERS, &numbers, s));
  } else {
    MPP_TRY(mpp_burgers_create(&r->scheme, s->grid.n[2], dx, nu));
  }
  *out = &r->base;
  r = NULL;
done:
  close_run((mpp_pde_run *)r);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  burgers_run *r = (burgers_run *)run;
  mpp_pde_run_reset(run);
  if (r->compat) {
    mpp_scalar_released_start(&r->released, u);
  } else {
    mpp_burgers_start(&r->scheme, u);
  }
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  burgers_run *r = (burgers_run *)run;
  bool good = true;
  if (r->compat) {
    good = mpp_scalar_released_advance(&r->released, run, u, t);
  } else {
    good = mpp_burgers_advance(&r->scheme, t);
    run->t = r->scheme.t;
    run->steps = r->scheme.steps;
    for (size_t i = 0; i < r->n; i++) { u[i] = r->scheme.u[i]; }
  }
  if (!good) {
    mpp_pde_run_blame(run, u, r->n, 0);
  }
  return good;
}

const mpp_pde mpp_pde_burgers = {
    .name = "burgers",
    .label = "burgers",
    .summary = "1D Burgers' equation from random waves",
    .scheme =
        "finite volumes, WENO-AO(5,3), Godunov's flux, exact diffusion as integrating factor of "
        "eSSPRK+(3,3)",
    .reference = "Isherwood, Grant and Gottlieb, SIAM J. Numer. Anal. 56 (2018) 3276; PDEBench "
                 "1D_Burgers",
    .released_scheme = "Roe's flux, MC limiter, explicit diffusion, midpoint rule, float32",
    .nfields = 1,
    .nstored = 1,
    .field = {"Vx"},
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
    .order = 3,
    .conserved = {"Vx"},
    .mirror = {{0.0}, {0.0}, {-1.0}},
    .mirror_tolerance = 1e-9, /* transforms do not run in both directions alike */
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
