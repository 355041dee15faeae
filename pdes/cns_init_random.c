/* cns_init_random.c - random initial conditions in two and three dimensions (PDEBench): density and
 * pressure are a background plus waves, the velocity is waves scaled to the mean Mach number M; in
 * half of the samples all of it is put into a box of gas at rest (a window).
 *
 * The waves are those of cns_waves.h with the slope of the released generators, 0.5 in 2D and 1 in
 * 3D. Against those generators, by default
 * - the window's flag and its edges are drawn independently: there one key gives the flag and both
 *   edges of x, so that a window starts at 0.1 to 0.275, and all are 0.45 wide;
 * - where waves would take density or pressure below LEAST of the background, they are damped. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "cns_init.h"
#include "cns_waves.h"

static const double LEAST = 0.1; /* of the background, where waves are damped */

/* Numbers of our own draws, each of LOW and HIGH one for each axis. */
enum { DRAW_RHO, DRAW_DELTA_RHO, DRAW_T, DRAW_DELTA_P, DRAW_WINDOW, DRAW_LOW, DRAW_HIGH = 8 };

/* ---- numbers ---- */

typedef struct background {
  double rho, temperature;   /* p = rho T */
  double delta_rho, delta_p; /* mean size of the waves, relative */
  bool window;
  double low[3], high[3]; /* of the window, along x, y, z */
} background;

static double released(const mpp_cns_batch *b, unsigned splits, float low, float high)
{
  return (double)mpp_threefry_uniform(mpp_threefry_next(b->key, splits), b->i, b->n, low, high);
}

static background released_background(const mpp_pde_setup *s, uint64_t sample)
{
  const mpp_cns_batch b = mpp_cns_batch_at(s, sample);
  const float window = (float)s->param[MPP_CNS_WINDOW], odds[2] = {1.0F - window, window};
  background g = {.rho = released(&b, 0, 0.1F, 10.0F),
                  .delta_rho = released(&b, 1, 0.01F, 0.2F),
                  .temperature = released(&b, 2, 0.1F, 10.0F),
                  .delta_p = released(&b, 3, 0.01F, 0.2F)};
  g.window = mpp_threefry_choice(mpp_threefry_next(b.key, 5), b.i, b.n, odds, 2) == 1;
  for (unsigned a = 0; a < 3; a++) {
    g.low[a] = released(&b, 5 + a, 0.1F, 0.45F);
    g.high[a] = released(&b, 5 + a, 0.55F, 0.9F);
  }
  return g;
}

static background background_of(const mpp_pde_setup *s, uint64_t sample)
{
  if (s->compat) {
    return released_background(s, sample);
  }
  background g = {.rho = mpp_cns_own(s, sample, DRAW_RHO, 0.1, 10.0),
                  .delta_rho = mpp_cns_own(s, sample, DRAW_DELTA_RHO, 0.01, 0.2),
                  .temperature = mpp_cns_own(s, sample, DRAW_T, 0.1, 10.0),
                  .delta_p = mpp_cns_own(s, sample, DRAW_DELTA_P, 0.01, 0.2)};
  g.window = mpp_cns_own(s, sample, DRAW_WINDOW, 0.0, 1.0) < s->param[MPP_CNS_WINDOW];
  for (uint32_t a = 0; a < 3; a++) {
    g.low[a] = mpp_cns_own(s, sample, DRAW_LOW + a, 0.1, 0.45);
    g.high[a] = mpp_cns_own(s, sample, DRAW_HIGH + a, 0.55, 0.9);
  }
  return g;
}

size_t mpp_cns_random_details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  const background g = background_of(s, sample);
  notes[0] = (mpp_note){.key = "density", .value = g.rho};
  notes[1] = (mpp_note){.key = "temperature", .value = g.temperature};
  notes[2] = (mpp_note){.key = "density_waves", .value = g.delta_rho};
  notes[3] = (mpp_note){.key = "pressure_waves", .value = g.delta_p};
  notes[4] = (mpp_note){.key = "window", .value = g.window ? 1.0 : 0.0};
  return 5;
}

/* ---- fields ---- */

static size_t cells_of(const mpp_pde_setup *s)
{
  return s->grid.n[0] * s->grid.n[1] * s->grid.n[2];
}

/* f -> base (1 + delta f / mean |f|). */
static void perturb(double *f, double base, double delta, const mpp_pde_setup *s)
{
  const size_t cells = cells_of(s);
  const mpp_grid unit = {.n = {s->grid.n[0], s->grid.n[1], s->grid.n[2]}, .dx = {1.0, 1.0, 1.0}};
  double size = 0.0, least = 0.0;
  (void)mpp_pde_integral(&size, f, &unit);
  for (size_t i = 0; i < cells; i++) { least = fmin(least, f[i]); }
  double factor = delta * (double)cells / size;
  if (!s->compat && 1.0 + factor * least < LEAST) {
    factor = (LEAST - 1.0) / least;
  }
  for (size_t i = 0; i < cells; i++) { f[i] = base * (1.0 + factor * f[i]); }
}

/* Weight of the window along each axis, one array [D + H + W]. */
static mpp_status window_tables(double **out, const background *g, const mpp_pde_setup *s)
{
  const double edge = 0.01;
  const int dims = mpp_cns_dims(s);
  double *table = NULL;
  mpp_status st = MPP_ALLOC(&table, s->grid.n[0] + s->grid.n[1] + s->grid.n[2]);
  if (st != MPP_OK) {
    return st;
  }
  *out = table;
  for (int a = 0; a < 3; a++) {
    const int component = a - (3 - dims);
    for (size_t i = 0; i < s->grid.n[a]; i++) {
      const double x = s->grid.low[a] + ((double)i + 0.5) * s->grid.dx[a];
      *table++ = component < 0 ? 1.0
                               : 0.5 * (tanh((x - g->low[component]) / edge) -
                                        tanh((x - g->high[component]) / edge));
    }
  }
  return MPP_OK;
}

/* Outside of the window the gas is at rest, density and pressure those of the background. */
static mpp_status apply_window(double *u, const background *g, const mpp_pde_setup *s)
{
  const size_t *n = s->grid.n, cells = cells_of(s), dims = (size_t)mpp_cns_dims(s);
  double *table = NULL;
  mpp_status st = MPP_OK;
  MPP_TRY(window_tables(&table, g, s));
  const double *z = table, *y = z + n[0], *x = y + n[1];
  for (size_t f = 0; f < dims + 2; f++) {
    const double rest = f == dims ? g->rho : f == dims + 1 ? g->rho * g->temperature : 0.0;
    for (size_t d = 0; d < n[0]; d++) {
      for (size_t h = 0; h < n[1]; h++) {
        double *line = u + f * cells + (d * n[1] + h) * n[2];
        for (size_t w = 0; w < n[2]; w++) {
          const double m = z[d] * y[h] * x[w];
          line[w] = line[w] * m + rest * (1.0 - m);
        }
      }
    }
  }
done:
  mpp_free(table);
  return st;
}

mpp_status mpp_cns_random(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const size_t cells = cells_of(s), dims = (size_t)mpp_cns_dims(s);
  const background g = background_of(s, sample);
  double *rho = u + dims * cells, *p = rho + cells;
  mpp_cns_waves w = {0};
  mpp_status st = MPP_OK;
  const double sound = sqrt(s->param[MPP_CNS_GAMMA] * g.temperature);
  MPP_TRY(mpp_cns_waves_draw(&w, s, sample, dims + 2, 4));
  MPP_TRY(mpp_cns_waves_velocity(u, &w, s->param[MPP_CNS_M] * sound, s));
  MPP_TRY(mpp_waves_sum(p, s->grid.n, w.wave[dims], w.count)); /* drawn before the density */
  MPP_TRY(mpp_waves_sum(rho, s->grid.n, w.wave[dims + 1], w.count));
  perturb(rho, g.rho, g.delta_rho, s);
  perturb(p, g.rho * g.temperature, g.delta_p, s);
  if (g.window) {
    MPP_TRY(apply_window(u, &g, s));
  }
done:
  mpp_cns_waves_free(&w);
  return st;
}
