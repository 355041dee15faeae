/* gray_scott.c - the Gray-Scott model of an autocatalytic reaction on a periodic square:
 *   A_t = dA lap A - A B^2 + F (1 - A),   B_t = dB lap B + A B^2 - (F + k) B.
 * P. Gray and S. K. Scott, Chem. Eng. Sci. 39 (1984) 1087; its patterns: J. E. Pearson, Science 261
 * (1993) 189. Domain, diffusivities, feed and kill rates of the six regimes, 128 x 128 points and
 * ETDRK4 as in the set gray_scott_reaction_diffusion of The Well (Ohana et al., NeurIPS 2024),
 * whose files the presets name; so are initial clusters of Gaussians, whose numbers and sizes it
 * does not publish. By default a trajectory has every fifth of its frames until half its end, 5000
 * s, by when most regimes have filled the square.
 *
 * No modes are left out but the unpaired ones: at 128 points fronts fill the spectrum, diffusion
 * damps what products alias there, and with the modes of the 2/3 rule alone the error after 400 s
 * (against 384 points) is 3 to 20 times larger.
 *
 * With a = 1 - A both equations get the same nonlinear term, a_t = dA lap a - F a + A B^2: three
 * transforms an evaluation. */
#include <math.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "num_etdrk.h"
#include "num_spectral.h"
#include "pde_system.h"
#include "rng.h"

enum { REGIME, FEED, KILL, DA, DB, DT };
typedef enum { GLIDERS, BUBBLES, MAZE, WORMS, SPIRALS, SPOTS } regime; /* as `choices` */

static const mpp_pde_param params[] = {
    [REGIME] = MPP_CHOICE("regime", "gliders|bubbles|maze|worms|spirals|spots",
                          "kind of pattern: sets F and k"),
    [FEED] = MPP_NUMBER("F", "s-1", -1.0, -1.0, 1.0, "feed rate; -1: that of the regime"),
    [KILL] = MPP_NUMBER("k", "s-1", -1.0, -1.0, 1.0, "kill rate; -1: that of the regime"),
    [DA] = MPP_NUMBER("delta_A", "m2 s-1", 2e-5, 0.0, 1.0, "diffusivity of A"),
    [DB] = MPP_NUMBER("delta_B", "m2 s-1", 1e-5, 0.0, 1.0, "diffusivity of B"),
    [DT] = MPP_NUMBER("dt", "s", 1.0, 1e-6, 4.0, "longest time step"),
    MPP_PARAMS_END};

typedef struct rates {
  double feed, kill; /* [s-1] */
} rates;

static rates rates_of(const mpp_pde_setup *s)
{
  static const rates of[] = {{0.014, 0.054}, {0.098, 0.057}, {0.029, 0.057},
                             {0.058, 0.065}, {0.018, 0.051}, {0.03, 0.062}};
  const rates r = of[(size_t)s->param[REGIME]];
  return (rates){.feed = s->param[FEED] < 0.0 ? r.feed : s->param[FEED],
                 .kill = s->param[KILL] < 0.0 ? r.kill : s->param[KILL]};
}

#define WELL(name, rates, settings)                                                           \
  {                                                                                           \
    "gray_scott_reaction_diffusion_" name "_" rates, "regime=" name settings, NULL, 200, 128, \
        1001, 10000.0, 0                                                                      \
  }
static const mpp_pde_preset presets[] = {WELL("gliders", "F_0.014_k_0.054", ""),
                                         WELL("bubbles", "F_0.098_k_0.057", ""),
                                         WELL("maze", "F_0.029_k_0.057", ""),
                                         WELL("worms", "F_0.058_k_0.065", ""),
                                         WELL("spirals", "F_0.018_k_0.051", ""),
                                         WELL("spots", "F_0.03_k_0.062", ""),
                                         {.name = NULL}};

/* ---- initial condition ---- */

enum { CLUSTERS_LEAST = 10, CLUSTERS_MOST = 30, DRAWS = 5 };

/* exp(-d^2 / 2 w^2) summed over the periodic images that count. */
static double bump(double d, double period, double width)
{
  double sum = 0.0;
  for (int image = -2; image <= 2; image++) {
    const double z = (d + image * period) / width;
    sum += exp(-0.5 * z * z);
  }
  return sum;
}

/* Adds height exp(-r^2 / 2 width^2), r the distance from (x, y), shares of the sides. */
static void add_cluster(double *g, const mpp_pde_setup *s, double x, double y, double width,
                        double height)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2];
  const double lx = s->grid.dx[1] * (double)nx, ly = s->grid.dx[2] * (double)ny;
  for (size_t i = 0; i < nx; i++) {
    const double along = height * bump(lx * (((double)i + 0.5) / (double)nx - x), lx, width);
    for (size_t j = 0; along > 1e-20 && j < ny; j++) {
      g[i * ny + j] += along * bump(ly * (((double)j + 0.5) / (double)ny - y), ly, width);
    }
  }
}

typedef struct mixture {
  double a, b;
} mixture;

/* The uniform state with B that stays, where bubbles without B grow; {0, 0} in other regimes:
 * F (1 - A) = A B^2 and A B = F + k. */
static mixture rich(const mpp_pde_setup *s)
{
  const rates r = rates_of(s);
  const double sum = r.feed + r.kill, square = 1.0 - 4.0 * sum * sum / r.feed;
  if ((regime)s->param[REGIME] != BUBBLES || !(square >= 0.0)) {
    return (mixture){0.0, 0.0};
  }
  const double a = 0.5 * (1.0 - sqrt(square));
  return (mixture){.a = a, .b = sum / a};
}

/* B = 1 - exp(-g), A = exp(-h): between 0 and 1 however clusters overlap. A cluster of h lies one
 * width beside that of g; without that asymmetry gliders run into rings that leave nothing. Bubbles
 * start as clusters without B. */
static mpp_status init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const size_t count = s->grid.n[1] * s->grid.n[2];
  const double lx = s->grid.dx[1] * (double)s->grid.n[1];
  const double ly = s->grid.dx[2] * (double)s->grid.n[2];
  double *h = u, *g = u + count;
  const uint64_t clusters = CLUSTERS_LEAST + mpp_rng_below(s->seed, MPP_STREAM_PDE, sample, 0,
                                                           CLUSTERS_MOST - CLUSTERS_LEAST + 1);
  for (size_t i = 0; i < 2 * count; i++) { u[i] = 0.0; }
  for (uint32_t c = 0; c < clusters; c++) {
    double r[DRAWS];
    for (uint32_t i = 0; i < DRAWS; i++) {
      r[i] = mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, 1 + DRAWS * c + i);
    }
    const double width = 0.03 + 0.05 * r[2], height = 0.5 + 1.5 * r[3], angle = 2.0 * M_PI * r[4];
    const double x = r[0] + width / lx * cos(angle), y = r[1] + width / ly * sin(angle);
    add_cluster(g, s, r[0], r[1], width, height);
    add_cluster(h, s, x, y, width, height);
  }
  const mixture full = rich(s);
  for (size_t i = 0; i < count; i++) {
    h[i] = full.a + (1.0 - full.a) * (full.b > 0.0 ? 1.0 - exp(-h[i]) : exp(-h[i]));
    g[i] = full.b > 0.0 ? full.b * exp(-g[i]) : 1.0 - exp(-g[i]);
  }
  return MPP_OK;
}

/* Without feed and kill the reaction only turns A into B. */
static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  const rates r = rates_of(s);
  double size_b = 0.0;
  if (r.feed != 0.0 || r.kill != 0.0) {
    return 0;
  }
  value[0] = mpp_pde_integral(&size[0], u, &s->grid);
  value[0] += mpp_pde_integral(&size_b, u + s->grid.n[1] * s->grid.n[2], &s->grid);
  size[0] += size_b;
  return 1;
}

/* ---- run ---- */

typedef struct gs_run {
  mpp_pde_run base; /* first */
  mpp_spectral spectral;
  mpp_etdrk *etdrk;
  double longest, interval;
} gs_run;

typedef struct term {
  const mpp_spectral *s;
  const double *v;
  double *n;
} term;

static void spread(double *const *row, size_t r, const void *context)
{
  const term *t = context;
  const size_t length = 2 * t->s->columns;
  for (size_t f = 0; f < 2; f++) {
    const double *v = t->v + 2 * f * t->s->modes + r * length;
    for (size_t i = 0; i < length; i++) { row[f][i] = v[i]; }
  }
}

static void points(double *const *u, size_t from, size_t to, const void *context)
{
  (void)context;
  double *restrict a = u[0];
  const double *restrict b = u[1];
#pragma omp simd
  for (size_t i = from; i < to; i++) { a[i] = (1.0 - a[i]) * (b[i] * b[i]); }
}

static void gather(double *const *row, size_t r, const void *context)
{
  const term *t = context;
  const size_t length = 2 * t->s->columns;
  double *n = t->n + r * length;
  for (size_t i = 0; i < length; i++) { n[i] = t->s->scale * row[0][i]; }
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
  gs_run *r = (gs_run *)run;
  if (r != NULL) {
    mpp_etdrk_destroy(r->etdrk);
    mpp_spectral_free(&r->spectral);
    mpp_free(r);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *setup)
{
  mpp_status st = MPP_OK;
  gs_run *run = NULL;
  double *linear = NULL;
  const rates rate = rates_of(setup);
  MPP_TRY(MPP_ALLOC(&run, 1));
  MPP_TRY(mpp_spectral_create(&run->spectral, &setup->grid, 1, 2));
  const mpp_spectral *s = &run->spectral;
  MPP_TRY(MPP_ALLOC(&linear, 2 * s->modes));
  for (size_t i = 0; i < s->modes; i++) {
    const double kx = s->k[0][i / s->columns], ky = s->k[1][i % s->columns];
    const double square = kx * kx + ky * ky;
    linear[i] = -setup->param[DA] * square - rate.feed;
    linear[s->modes + i] = -setup->param[DB] * square - (rate.feed + rate.kill);
  }
  const mpp_etdrk_problem problem = {.fields = 2,
                                     .modes = s->modes,
                                     .linear = {linear, linear + s->modes},
                                     .terms = 1,
                                     .term = {0, 0},
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

/* Between A and 1 - A, whose modes differ by their sign but for the mean. */
static void flip(double *v, size_t modes)
{
  for (size_t i = 0; i < 2 * modes; i++) { v[i] = -v[i]; }
  v[0] += 1.0;
}

static void start(mpp_pde_run *run, const double *u)
{
  gs_run *r = (gs_run *)run;
  mpp_pde_run_reset(run);
  double *v = mpp_etdrk_state(r->etdrk);
  mpp_spectral_from_grid(&r->spectral, v, u, 2);
  flip(v, r->spectral.modes);
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  gs_run *r = (gs_run *)run;
  const size_t count = r->spectral.n[0] * r->spectral.n[1];
  const bool good = mpp_etdrk_advance(r->etdrk, &run->t, &run->steps, t, r->longest, r->interval);
  mpp_spectral_to_grid(&r->spectral, u, mpp_etdrk_state(r->etdrk), 2);
  for (size_t i = 0; i < count; i++) { u[i] = 1.0 - u[i]; }
  if (!good) {
    mpp_pde_run_blame(run, u, 2 * count, 0);
  }
  return good;
}

/* ---- exact solutions ---- */

/* Two uniform fields react as two numbers: the classical Runge-Kutta method in steps of 1/200 s has
 * an error of 1e-14 with rates below 1 s-1. */
static void uniform(double *u, double t, const mpp_pde_setup *s)
{
  const rates r = rates_of(s);
  const size_t count = s->grid.n[1] * s->grid.n[2];
  const int steps = 1 + (int)(200.0 * t);
  const double h = t / steps;
  static const double weight[4] = {1.0, 2.0, 2.0, 1.0}, at[4] = {0.0, 0.5, 0.5, 1.0};
  double y[2] = {0.6, 0.3};
  for (int k = 0; k < steps; k++) {
    double rate[2] = {0.0, 0.0}, sum[2] = {0.0, 0.0};
    for (int i = 0; i < 4; i++) {
      const double a = y[0] + at[i] * h * rate[0], b = y[1] + at[i] * h * rate[1];
      rate[0] = -a * b * b + r.feed * (1.0 - a);
      rate[1] = a * b * b - (r.feed + r.kill) * b;
      sum[0] += weight[i] * rate[0];
      sum[1] += weight[i] * rate[1];
    }
    y[0] += h / 6.0 * sum[0];
    y[1] += h / 6.0 * sum[1];
  }
  for (size_t i = 0; i < 2 * count; i++) { u[i] = y[i / count]; }
}

static const mpp_pde_problem problems[] = {{.name = "uniform reaction",
                                            .set = "F=0.1,k=0.05,dt=4",
                                            .horizon = 16.0,
                                            .order = 4.0,
                                            .cells = 16,
                                            .refine = "dt",
                                            .exact = uniform},
                                           {.name = NULL}};

const mpp_pde mpp_pde_gray_scott = {
    .name = "gray-scott",
    .label = "grayscott",
    .summary = "2D Gray-Scott reaction and diffusion, patterns from random clusters",
    .scheme = "Fourier, dealiased for cubic products; ETDRK4",
    .reference = "Pearson, Science 261 (1993) 189; The Well gray_scott_reaction_diffusion; Cox and "
                 "Matthews, J. Comput. Phys. 176 (2002) 430",
    .unreleased = true,
    .nfields = 2,
    .nstored = 2,
    .field = {"A", "B"},
    .layout = "pdebench-array",
    .axis = {"", "x", "y"},
    .low = {0.0, -1.0, -1.0},
    .high = {1.0, 1.0, 1.0},
    .params = params,
    .presets = presets,
    .resolution = 128,
    .frames = 101,
    .horizon = 5000.0,
    .order = 4,
    .conserved = {"A_plus_B"},
    .problems = problems,
    .init = init,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
