/* ins.c - 2D incompressible flow in the unit square with walls, driven by a force that acts where
 * particles are, which it carries:
 *   v_t + (v . grad) v = -grad p + nu lap v + c f(x),  div v = 0,  c_t + v . grad c = 0.
 * Initial velocity and particles and the force, which does not change, are spectral noise. System,
 * numbers and layout of PDEBench (Takamoto et al., NeurIPS 2022), incompressible and inhomogeneous.
 *
 * Velocity and force are stored at the centres of cells, as the means of two faces; fields of their
 * own hold the differences of the two, so that u has all that lies on faces and is mirrored by
 * reversing and changing signs. The initial velocity is zero on the walls and made free of
 * divergence, so that the first frame is a state of the system.
 * --pdebench-compat takes the splitting and the steps of the released data; they cannot be had
 * again number by number, since the program that wrote them is not known. */
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "ins_exact.h"
#include "ins_noise.h"
#include "ins_scheme.h"
#include "pde_system.h"

enum { NU, SCALE, SMOOTHNESS, FORCE_SCALE, FORCE_SMOOTHNESS, MODES, FORCING, STEP };
enum { RANDOM, MANUFACTURED, NONE };
enum { VX, VY, PARTICLES, FORCE_X, FORCE_Y, DVX, DVY, DFX, DFY, FIELDS };

static const mpp_pde_param params[] = {
    [NU] = MPP_NUMBER("nu", "m2 s-1", 0.01, 1e-4, 1.0, "kinematic viscosity"),
    [SCALE] = MPP_NUMBER("scale", "m", 0.4, 1e-3, 1e3,
                         "initial noise: wave numbers k per metre with (scale k)^2 > 0.1 alone"),
    [SMOOTHNESS] = MPP_NUMBER("smoothness", "1", 1.0, 0.0, 10.0,
                              "initial noise: amplitudes go with k^(-2 smoothness)"),
    [FORCE_SCALE] = MPP_NUMBER("force_scale", "m", 10.0, 1e-3, 1e3, "scale of the force's noise"),
    [FORCE_SMOOTHNESS] =
        MPP_NUMBER("force_smoothness", "1", 1.0, 0.0, 10.0, "smoothness of the force's noise"),
    [MODES] = MPP_WHOLE("modes", 64.0, 1.0, MPP_INS_NOISE_MAX_MODES,
                        "wave numbers of the noise along each axis end at this one"),
    [FORCING] = MPP_CHOICE("forcing", "random|manufactured|none",
                           "noise that acts on particles, the force of a flow that is known, none"),
    [STEP] = MPP_NUMBER("step", "s", 5e-5, 1e-6, 0.1, "time step with --pdebench-compat"),
    MPP_PARAMS_END};

static const mpp_pde_preset presets[] = {
    {"ns_incom_inhom_2d_512", "", NULL, 1096, 512, 1000, 4.995, 0}, {.name = NULL}};

/* Viscosity is explicit in the released data's splitting. */
static mpp_status check(const mpp_pde_setup *s)
{
  const double *dx = s->grid.dx, *p = s->param;
  const double most = 0.5 / (p[NU] * (1.0 / (dx[1] * dx[1]) + 1.0 / (dx[2] * dx[2])));
  return !s->compat || p[STEP] <= most
             ? MPP_OK
             : mpp_fail(MPP_ERR_USAGE,
                        "step: found %g, expected at most %.3g for nu = %g on %zu cells", p[STEP],
                        most, p[NU], s->grid.n[2]);
}

/* ---- between faces and u ---- */

/* Means and differences of the two faces of each cell. */
static void from_faces(double *mean, double *difference, const double *faces, const mpp_ins *s,
                       size_t step)
{
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t j = 0; j < s->n[1]; j++) {
      const size_t k = mpp_ins_at(s, i, j), to = i * s->n[1] + j;
      mean[to] = 0.5 * (faces[k] + faces[k + step]);
      difference[to] = faces[k + step] - faces[k];
    }
  }
}

/* Inner faces as the mean of what the cells on both sides say, which is the same but for
 * rounding. */
static void to_faces(double *faces, const double *mean, const double *difference, const mpp_ins *s,
                     int axis)
{
  const size_t before = axis == 0 ? s->n[1] : 1;
  for (size_t i = axis == 0 ? 1 : 0; i < s->n[0]; i++) {
    for (size_t j = axis == 1 ? 1 : 0; j < s->n[1]; j++) {
      const size_t b = i * s->n[1] + j, a = b - before;
      faces[mpp_ins_at(s, i, j)] =
          0.5 * ((mean[a] + 0.5 * difference[a]) + (mean[b] - 0.5 * difference[b]));
    }
  }
}

static void copy_cells(double *to, size_t to_row, const double *from, size_t from_row,
                       const mpp_ins *s)
{
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t j = 0; j < s->n[1]; j++) { to[i * to_row + j] = from[i * from_row + j]; }
  }
}

static void get_state(double *u, const mpp_ins *s)
{
  const size_t cells = s->n[0] * s->n[1];
  from_faces(u + VX * cells, u + DVX * cells, s->u, s, s->stride);
  from_faces(u + VY * cells, u + DVY * cells, s->v, s, 1);
  copy_cells(u + PARTICLES * cells, s->n[1], s->c + mpp_ins_at(s, 0, 0), s->stride, s);
}

static void get_force(double *u, const mpp_ins *s)
{
  const size_t cells = s->n[0] * s->n[1];
  from_faces(u + FORCE_X * cells, u + DFX * cells, s->fx, s, s->stride);
  from_faces(u + FORCE_Y * cells, u + DFY * cells, s->fy, s, 1);
}

static void set_state(mpp_ins *s, const double *u)
{
  const size_t cells = s->n[0] * s->n[1];
  to_faces(s->u, u + VX * cells, u + DVX * cells, s, 0);
  to_faces(s->v, u + VY * cells, u + DVY * cells, s, 1);
  to_faces(s->fx, u + FORCE_X * cells, u + DFX * cells, s, 0);
  to_faces(s->fy, u + FORCE_Y * cells, u + DFY * cells, s, 1);
  copy_cells(s->c + mpp_ins_at(s, 0, 0), s->stride, u + PARTICLES * cells, s->n[1], s);
}

static mpp_status create(mpp_ins *s, const mpp_pde_setup *setup)
{
  const mpp_grid *g = &setup->grid;
  const mpp_status st = mpp_ins_create(s, &g->n[1], &g->low[1], &g->dx[1], setup->param[NU]);
  if (st == MPP_OK && setup->param[FORCING] == MANUFACTURED) {
    s->body = mpp_ins_exact_force;
  }
  return st;
}

/* ---- initial condition ---- */

/* Field f of u, velocity, particles or force, on its own points. */
static mpp_status fill(mpp_ins *s, const mpp_pde_setup *setup, uint64_t sample, uint32_t f)
{
  const bool force = f == FORCE_X || f == FORCE_Y;
  const double *p = setup->param, *low = &setup->grid.low[1], *dx = &setup->grid.dx[1];
  const mpp_ins_noise noise = {.modes = (size_t)p[MODES],
                               .scale = p[force ? FORCE_SCALE : SCALE],
                               .smoothness = p[force ? FORCE_SMOOTHNESS : SMOOTHNESS],
                               .seed = setup->seed,
                               .sample = sample,
                               .field = f};
  double *const array[] = {s->u, s->v, s->c, s->fx, s->fy};
  const bool x_face = f == VX || f == FORCE_X, y_face = f == VY || f == FORCE_Y;
  const mpp_ins_points points = {
      .n = {s->n[0], s->n[1]},
      .low = {low[0] + (x_face ? 0.0 : 0.5) * dx[0], low[1] + (y_face ? 0.0 : 0.5) * dx[1]},
      .step = {dx[0], dx[1]}};
  return mpp_ins_noise_fill(array[f] + mpp_ins_at(s, 0, 0), s->stride, &points, &noise);
}

/* Mean 0 and variance 1 over the inner faces, as in the released data: the box as a whole is not
 * pushed. */
static void standardise(double *faces, const mpp_ins *s, int axis)
{
  const size_t first[2] = {axis == 0 ? 1 : 0, axis == 1 ? 1 : 0};
  const double count = (double)(s->n[0] - first[0]) * (double)(s->n[1] - first[1]);
  double mean = 0.0, variance = 0.0;
  for (int pass = 0; pass < 3; pass++) {
    const double factor = variance > 0.0 ? 1.0 / sqrt(variance) : 1.0;
    for (size_t i = first[0]; i < s->n[0]; i++) {
      double sum = 0.0;
      for (size_t k = mpp_ins_at(s, i, first[1]); k < mpp_ins_at(s, i, s->n[1]); k++) {
        const double centred = faces[k] - mean;
        sum += pass == 0 ? faces[k] : centred * centred;
        faces[k] = pass == 2 ? centred * factor : faces[k];
      }
      *(pass == 0 ? &mean : &variance) += pass < 2 ? sum / count : 0.0;
    }
  }
}

static mpp_status init(double *u, const mpp_pde_setup *setup, uint64_t sample)
{
  mpp_status st = MPP_OK;
  mpp_ins s = {.n = {0, 0}};
  MPP_TRY(create(&s, setup));
  for (uint32_t f = VX; f <= FORCE_Y; f++) {
    if (f < FORCE_X || setup->param[FORCING] == RANDOM) {
      MPP_TRY(fill(&s, setup, sample, f));
    }
  }
  standardise(s.fx, &s, 0);
  standardise(s.fy, &s, 1);
  mpp_ins_start(&s);
  get_state(u, &s);
  get_force(u, &s);
done:
  mpp_ins_free(&s);
  return st;
}

/* ---- from stored frames ---- */

/* Face i of a line of n cells from the means of two faces that the cells have: fourth order for the
 * interior, since (5, -1) / 8 undoes the mean to that order. At the walls the velocity is 0 and,
 * being free of divergence, has no slope along their normal: beyond them it is as before them. What
 * the means do not have, waves of two cells, stays out. */
static double on_face(const double *mean, size_t i, size_t n, size_t step)
{
  if (i == 0 || i == n) {
    return 0.0;
  }
  const size_t before = i > 1 ? i - 2 : 0, after = i + 1 < n ? i + 1 : n - 1;
  return 0.125 * (5.0 * (mean[(i - 1) * step] + mean[i * step]) -
                  (mean[before * step] + mean[after * step]));
}

/* The differences of the force are those of the draw, without which it is not known at all. */
static mpp_status complete(double *u, const mpp_pde_setup *s, const double *frames, size_t count)
{
  const size_t n[2] = {s->grid.n[1], s->grid.n[2]}, cells = n[0] * n[1];
  const double *last = frames + (count - 1) * 3 * cells;
  for (size_t axis = 0; axis < 2; axis++) {
    const double *mean = last + (VX + axis) * cells;
    const size_t step = axis == 0 ? n[1] : 1;
    for (size_t k = 0; k < cells; k++) {
      const size_t i = axis == 0 ? k / n[1] : k % n[1];
      const double *line = mean + (k - i * step);
      const double low = on_face(line, i, n[axis], step);
      const double high = on_face(line, i + 1, n[axis], step);
      u[(VX + axis) * cells + k] = 0.5 * (low + high);
      u[(DVX + axis) * cells + k] = high - low;
    }
  }
  return MPP_OK;
}

static size_t conserve(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  value[0] = mpp_pde_integral(&size[0], u + PARTICLES * s->grid.n[1] * s->grid.n[2], &s->grid);
  return 1;
}

/* ---- exact solution ---- */

static void manufactured(double *u, double t, const mpp_pde_setup *s)
{
  const size_t nx = s->grid.n[1], ny = s->grid.n[2], cells = nx * ny;
  const double *low = &s->grid.low[1], *dx = &s->grid.dx[1];
  for (size_t k = 0; k < FIELDS * cells; k++) { u[k] = 0.0; }
  for (size_t k = 0; k < cells; k++) {
    const size_t row = k / ny, column = k % ny;
    const double x0 = low[0] + (double)row * dx[0], x = x0 + 0.5 * dx[0];
    const double y0 = low[1] + (double)column * dx[1], y = y0 + 0.5 * dx[1];
    const double before[2] = {mpp_ins_exact_velocity(0, x0, y, t),
                              mpp_ins_exact_velocity(1, x, y0, t)};
    const double after[2] = {mpp_ins_exact_velocity(0, x0 + dx[0], y, t),
                             mpp_ins_exact_velocity(1, x, y0 + dx[1], t)};
    for (size_t a = 0; a < 2; a++) {
      u[(VX + a) * cells + k] = 0.5 * (before[a] + after[a]);
      u[(DVX + a) * cells + k] = after[a] - before[a];
    }
    u[PARTICLES * cells + k] = mpp_ins_exact_particles(x, y);
  }
}

static const mpp_pde_problem problems[] = {{.name = "flow of a known stream function",
                                            .set = "forcing=manufactured",
                                            .horizon = 0.5,
                                            .order = 2.0,
                                            .exact = manufactured},
                                           {.name = NULL}};

/* ---- run ---- */

typedef struct ins_run {
  mpp_pde_run base; /* first */
  mpp_ins scheme;
  bool compat;
  double step;
} ins_run;

static void close_run(mpp_pde_run *run)
{
  if (run != NULL) {
    mpp_ins_free(&((ins_run *)run)->scheme);
    mpp_free(run);
  }
}

static mpp_status open_run(mpp_pde_run **out, const mpp_pde_setup *s)
{
  mpp_status st = MPP_OK;
  ins_run *run = NULL;
  MPP_TRY(MPP_ALLOC(&run, 1));
  run->compat = s->compat;
  run->step = s->param[STEP];
  MPP_TRY(create(&run->scheme, s));
  *out = &run->base;
  run = NULL;
done:
  mpp_free(run);
  return st;
}

static void start(mpp_pde_run *run, const double *u)
{
  mpp_ins *s = &((ins_run *)run)->scheme;
  mpp_pde_run_reset(run);
  set_state(s, u);
  mpp_ins_start(s);
}

static bool advance(mpp_pde_run *run, double *u, double t)
{
  ins_run *r = (ins_run *)run;
  mpp_ins *s = &r->scheme;
  const bool good = r->compat ? mpp_ins_advance_split(s, t, r->step) : mpp_ins_advance(s, t);
  get_state(u, s);
  get_force(u, s);
  run->t = s->t;
  run->steps = s->steps;
  run->rejected = s->rejected;
  if (!good) {
    mpp_pde_run_blame(run, u, FIELDS * s->n[0] * s->n[1], 0);
  }
  return good;
}

const mpp_pde mpp_pde_ins = {
    .name = "ins",
    .alias = "incompNS",
    .label = "incompNS",
    .summary = "2D incompressible flow with particles, walls and random forcing",
    .scheme = "staggered grid, second-order backward differences, exact projection, TVD particles",
    .reference = "Guermond, Minev and Shen, CMAME 195 (2006) 6011; PDEBench ns_incom_inhom_2d",
    .released_scheme = "semi-Lagrangian transport, explicit viscosity, exact projection",
    .nfields = FIELDS,
    .nstored = 3,
    .nonce = 2,
    .field = {"Vx", "Vy", "particles", "force_x", "force_y", "Vx_change", "Vy_change",
              "force_x_change", "force_y_change"},
    .layout = "pdebench-ins",
    .axis = {"", "x", "y"},
    .low = {0.0, 0.0, 0.0},
    .high = {1.0, 1.0, 1.0},
    .edge = {MPP_EDGE_WALL, MPP_EDGE_WALL, MPP_EDGE_WALL},
    .params = params,
    .presets = presets,
    .resolution = 128,
    .frames = 1000,
    .horizon = 4.995,
    .order = 2,
    .conserved = {"particles"},
    .mirror = {{1, 1, 1, 1, 1, 1, 1, 1, 1},
               {-1, 1, 1, -1, 1, 1, 1, 1, 1},
               {1, -1, 1, 1, -1, 1, 1, 1, 1}},
    .mirror_tolerance = 1e-9, /* transforms and lines are summed in one direction */
    .problems = problems,
    .check = check,
    .init = init,
    .complete = complete,
    .conserve = conserve,
    .open = open_run,
    .close = close_run,
    .start = start,
    .advance = advance,
};
