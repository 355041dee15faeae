/* reaction_diffusion.c - 1D reaction-diffusion, Fisher's equation on a periodic interval:
 *   u_t = Nu u_xx + rho u (1 - u)
 * from a random profile scaled to [0, 1] (PDEBench, Takamoto et al., NeurIPS 2022).
 *
 * By default Strang splitting of two flows that are both solved exactly, diffusion in Fourier (at
 * walls: cosine) space and the logistic equation in each cell: second order in time, all orders in
 * space. Values are those at the cell centres.
 *
 * The released data are not a solution of the equation: explicit diffusion in float32 took 4e6 and
 * more steps, in each of which the reaction changes u by about half its last digit, and most of it
 * is lost to rounding. --pdebench-compat runs that scheme. It reproduces samples of the released
 * file for Nu = 0.5, rho = 1 whose profile is one of two waves to 1e-5; where the others come to
 * rest (by up to 0.1 elsewhere) depends on the last digit of the divisions of the machine used. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"
#include "scalar_released.h"
#include "scalar_start.h"

enum { NU, RHO, STEP };

static const mpp_pde_param params[] = {
    [NU] = MPP_NUMBER("Nu", "m2 s-1", 0.5, 0.0, 1000.0, "diffusivity"),
    [RHO] = MPP_NUMBER("rho", "s-1", 1.0, 0.0, 1000.0, "growth rate of the reaction"),
    [STEP] = MPP_NUMBER("step", "s", 5e-4, 1e-7, 1.0, "longest time step, taken from 0.02 s on"),
    MPP_PARAMS_END};

#define PRESET(nu, rho)                                                                  \
  {                                                                                      \
    "ReacDiff_Nu" nu "_Rho" rho, "Nu=" nu ",rho=" rho, NULL, 10000, 1024, 101, 1.0, 2022 \
  }
#define PRESETS(nu) PRESET(nu, "1.0"), PRESET(nu, "2.0"), PRESET(nu, "5.0"), PRESET(nu, "10.0")
static const mpp_pde_preset presets[] = {
    PRESETS("0.5"), PRESETS("1.0"), PRESETS("2.0"), PRESETS("5.0"), {.name = NULL}};

static mpp_status check(const mpp_pde_setup *s)
{
  return s->compat ? mpp_scalar_released_check(s, s->param[NU], "Nu", s->param[NU]) : MPP_OK;
}

/* ---- initial condition ---- */

/* Scaled by the range on a grid of its own, so that it does not depend on the one it is put on. */
static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  enum { POINTS = 8192 };
  const mpp_grid *g = &s->grid;
  const mpp_sines_axis axis = {.n = g->n[2], .low = g->low[2], .dx = g->dx[2]};
  const mpp_sines profile = mpp_scalar_profile(s, sample);
  if (s->compat) {
    const mpp_status st = mpp_scalar_init(u, s, sample);
    if (st == MPP_OK) {
      mpp_sines_normalise(u, axis.n);
    }
    return st;
  }
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (int i = 0; i < POINTS; i++) {
    const double x = axis.low + (double)axis.n * axis.dx * i / POINTS;
    const double value = mpp_sines_at(&profile, &axis, x);
    low = fmin(low, value);
    high = fmax(high, value);
  }
  for (size_t i = 0; i < axis.n; i++) {
    const double value = mpp_sines_at(&profile, &axis, axis.low + ((double)i + 0.5) * axis.dx);
    u[i] = high > low ? fmin(fmax((value - low) / (high - low), 0.0), 1.0) : 0.0;
  }
  return MPP_OK;
}

/* Without reaction the integral of u stays. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  return s->param[RHO] == 0.0 ? mpp_scalar_integral(value, size, u, s) : 0;
}

/* ---- exact solutions ---- */

/* M. J. Ablowitz and A. Zeppetella, Bull. Math. Biol. 41 (1979) 835: a front that moves at
 * 5 sqrt(rho nu / 6). */
static void front(double *u, double t, const mpp_pde_setup *s)
{
  const double nu = s->param[NU], rho = s->param[RHO];
  const double steepness = sqrt(rho / (6.0 * nu)), speed = 5.0 * sqrt(rho * nu / 6.0);
  for (size_t i = 0; i < s->grid.n[2]; i++) {
    const double x = s->grid.low[2] + ((double)i + 0.5) * s->grid.dx[2];
    const double z = 1.0 + exp(steepness * (x - speed * t));
    u[i] = 1.0 / (z * z);
  }
}

static const mpp_pde_problem problems[] = {{.name = "travelling front",
                                            .set = "Nu=1,rho=6,step=0.02",
                                            .boundary = "wall",
                                            .low = -25.0,
                                            .high = 35.0,
                                            .horizon = 1.0,
                                            .order = 2.0,
                                            .cells = 256,
                                            .refine = "step",
                                            .exact = front},
                                           {.name = NULL}};

/* ---- run ---- */

typedef struct fisher_run {
  mpp_pde_run base; /* first */
  size_t n;
  double nu, rho, longest; /* longest: step [s] */
  mpp_fft *fft;            /* owned */
  mpp_fft_shape shape;
  double length;
  double *u;           /* [n] */
  double *spectrum;    /* of u */
  double *half, *full; /* exp(-nu k^2 h / 2) and its square, times what scales transforms [modes] */
  double *memory;      /* of these four, owned */
  double factor_step;  /* step h that half and full are of */
  bool compat;
  mpp_scalar_released released; /* with compat */
} fisher_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    fisher_run *r = (fisher_run *)run;
    mpp_scalar_released_free(&r->released);
    mpp_fft_destroy(r->fft);
    mpp_free(r->memory);
    mpp_free(r);
  }
}

static mpp_status open_spectral(fisher_run *r, mpp_edge edge)
{
  mpp_status st = MPP_OK;
  const mpp_fft_kind kind = edge == MPP_EDGE_WALL ? MPP_FFT_COSINE : MPP_FFT_PERIODIC;
  const mpp_fft_layout layout = {.n = {1, 1, r->n}, .kind = {kind, kind, kind}};
  MPP_TRY(mpp_fft_create(&r->fft, &layout));
  r->shape = mpp_fft_get_shape(r->fft);
  /* Every array starts on 64 bytes. */
  const size_t values = (r->shape.values + 7) / 8 * 8, spectrum = (r->shape.spectrum + 7) / 8 * 8;
  const size_t modes = (r->shape.m[2] + 7) / 8 * 8;
  MPP_TRY(MPP_ALLOC(&r->memory, values + spectrum + 2 * modes));
  r->u = r->memory;
  r->spectrum = r->u + values;
  r->half = r->spectrum + spectrum;
  r->full = r->half + modes;
done:
  return st;
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  fisher_run *r = NULL;
  const double dx = s->grid.dx[2];
  MPP_TRY(MPP_ALLOC(&r, 1));
  r->n = s->grid.n[2];
  r->nu = s->param[NU];
  r->rho = s->param[RHO];
  r->longest = s->param[STEP];
  r->length = (double)r->n * dx;
  r->compat = s->compat;
  if (s->compat) {
    const mpp_scalar_numbers numbers = {
        .dx = (float)dx, .diffusivity = (float)r->nu, .growth = (float)r->rho};
    MPP_TRY(mpp_scalar_released_create(&r->released, MPP_RELEASED_FISHER, &numbers, s));
  } else {
    MPP_TRY(open_spectral(r, s->edge[2]));
  }
  *out = &r->base;
  r = NULL;
done:
  close_run((mpp_pde_run *)r);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  fisher_run *r = (fisher_run *)run;
  mpp_pde_run_reset(run);
  if (r->compat) {
    mpp_scalar_released_start(&r->released, u);
  } else {
    memcpy(r->u, u, r->n * sizeof *u);
    r->factor_step = -1.0;
  }
}

static void set_factors(fisher_run *r, double h)
{
  const double least = 1e-30; /* less than rounding; products stay normal numbers */
  const double wave = (r->shape.halved >= 0 ? 2.0 : 1.0) * M_PI / r->length;
  if (h == r->factor_step) {
    return;
  }
  for (size_t k = 0; k < r->shape.m[2]; k++) {
    const double q = wave * mpp_fft_mode(r->fft, 2, k), factor = exp(-0.5 * r->nu * q * q * h);
    r->half[k] = factor > least ? factor * r->shape.scale : 0.0;
    r->full[k] = factor > least ? factor * factor * r->shape.scale : 0.0;
  }
  r->factor_step = h;
}

static void diffuse(fisher_run *r, const double *factor)
{
  double *restrict spectrum = r->spectrum;
  const size_t modes = r->shape.m[2];
  mpp_fft_forward(r->fft, spectrum, r->u, 1);
  if (r->shape.halved >= 0) {
    for (size_t i = 0; i < 2 * modes; i++) { spectrum[i] *= factor[i / 2]; }
  } else {
    for (size_t i = 0; i < modes; i++) { spectrum[i] *= factor[i]; }
  }
  mpp_fft_inverse(r->fft, r->u, spectrum, 1);
}

static void react(fisher_run *r, double h)
{
  const double decay = exp(-r->rho * h);
  double *restrict u = r->u;
#pragma omp simd
  for (size_t i = 0; i < r->n; i++) { u[i] = u[i] / (u[i] + (1.0 - u[i]) * decay); }
}

/* Random profiles lose their short waves at once: with a splitting, only steps that resolve this
 * are accurate. Steps are `longest` from 0.02 s on and half as long before 0.01 s, a quarter before
 * 0.005 s, down to 1/32. Also returns when that changes. */
static double step_at(const fisher_run *r, double t, double *until)
{
  double step = r->longest, begin = 0.02;
  *until = HUGE_VAL;
  for (int i = 0; i < 5 && t < begin; i++) {
    step *= 0.5;
    *until = begin;
    begin *= 0.5;
  }
  return step;
}

/* To `end` in steps of one length: half a step of diffusion, reaction and diffusion in turn, half a
 * step. */
static void split_steps(fisher_run *r, double end, double longest)
{
  const double span = end - r->base.t;
  const size_t count = span > longest ? (size_t)ceil(span / longest) : 1;
  const double h = span / (double)count;
  set_factors(r, h);
  diffuse(r, r->half);
  for (size_t s = 1; s < count; s++) {
    react(r, h);
    diffuse(r, r->full);
  }
  react(r, h);
  diffuse(r, r->half);
  r->base.t = end;
  r->base.steps += count;
}

static bool advance_spectral(fisher_run *r, double *u, double t)
{
  bool good = true;
  while (r->base.t < t) {
    double until = 0.0;
    const double longest = step_at(r, r->base.t, &until);
    split_steps(r, until < t ? until : t, longest);
  }
  for (size_t i = 0; i < r->n; i++) {
    u[i] = r->u[i];
    good = good && isfinite(u[i]);
  }
  return good;
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  fisher_run *r = (fisher_run *)run;
  bool good = true;
  if (r->compat) {
    good = mpp_scalar_released_advance(&r->released, run, u, t);
  } else {
    good = advance_spectral(r, u, t);
  }
  if (!good) {
    mpp_pde_run_blame(run, u, r->n, 0);
  }
  return good;
}

const mpp_pde mpp_pde_reaction_diffusion = {
    .name = "reaction-diffusion",
    .alias = "reacdiff",
    .label = "reacdiff",
    .summary = "1D reaction-diffusion, Fisher's equation from random waves",
    .scheme = "Strang splitting, exact diffusion in Fourier space, exact logistic growth",
    .reference = "Fisher, Ann. Eugenics 7 (1937) 355; Strang, SIAM J. Numer. Anal. 5 (1968) 506; "
                 "PDEBench ReacDiff",
    .released_scheme = "explicit diffusion, logistic growth in each step, midpoint rule, float32",
    .nfields = 1,
    .nstored = 1,
    .field = {"u"},
    .layout = "pdebench-array",
    .dataset = {"tensor"},
    .axis = {"", "", "x"},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC, MPP_EDGE_PERIODIC},
    .edges = 1u << MPP_EDGE_PERIODIC | 1u << MPP_EDGE_WALL,
    .params = params,
    .presets = presets,
    .resolution = 1024,
    .frames = 101,
    .horizon = 1.0,
    .order = 2,
    .conserved = {"u"},
    .mirror = {{0.0}, {0.0}, {1.0}},
    .mirror_tolerance = 1e-12, /* transforms do not run in both directions alike */
    .problems = problems,
    .check = check,
    .init = init,
    .details = mpp_scalar_details,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
