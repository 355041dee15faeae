/* cns_scheme.c - steps: the Euler equations by the strong-stability-preserving Runge-Kutta method
 * of two stages (C.-W. Shu and S. Osher, J. Comput. Phys. 77 (1988) 439), viscosity by
 * super-time-steps before one step and after the next (G. Strang, SIAM J. Numer. Anal. 5 (1968)
 * 506), so that pairs of steps are of second order.
 *
 * The step is chosen by the wave speeds of the last step and thrown away if its own are too fast.
 * Where a stage leaves a density or pressure that is not positive it is computed again with flat
 * slopes in those cells, then in the cells beside them too: first-order states keep both positive
 * with the step at hand, and fluxes stay fluxes, so nothing is lost or made. */
#include "cns_scheme.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "cns.h"
#include "cns_scheme_compat.h"
#include "num_hllc.h"

enum { REPAIRS = 3, RETRIES = 20 };
static const double tolerated = 1.1; /* of the Courant number that the step was chosen for */

mpp_status mpp_cns_scheme_create(mpp_cns_scheme *s, const mpp_pde_setup *setup, double cfl)
{
  mpp_status st = MPP_OK;
  mpp_cns_scheme made = {
      .gamma = setup->param[MPP_CNS_GAMMA], .cfl = cfl, .released = setup->compat};
  const double eta = setup->param[MPP_CNS_ETA], zeta = setup->param[MPP_CNS_ZETA];
  MPP_TRY(mpp_cns_grid_make(&made.grid, setup, MPP_CNS_MAX_FIELDS));
  const size_t count = ((size_t)made.grid.dims + 2) * made.grid.field;
  const bool viscous = (eta > 0.0 || zeta > 0.0) && !setup->compat;
  for (int k = 0; k < 3 + viscous; k++) { MPP_TRY(MPP_ALLOC(&made.q[k], count)); }
  MPP_TRY(MPP_ALLOC(&made.flat, made.grid.field));
  if (viscous) {
    MPP_TRY(mpp_cns_viscous_create(&made.viscous, &made.grid, made.gamma, eta, zeta,
                                   setup->param[MPP_CNS_VISCOSITY] == 1.0));
  }
  made.viscous.eta = eta;
  made.viscous.zeta = zeta;
  *s = made;
  made = (mpp_cns_scheme){.t = 0.0};
done:
  mpp_cns_scheme_free(&made);
  return st;
}

void mpp_cns_scheme_free(mpp_cns_scheme *s)
{
  mpp_cns_viscous_free(&s->viscous);
  for (int k = 0; k < 4; k++) {
    mpp_free(s->q[k]);
    s->q[k] = NULL;
  }
  mpp_free(s->flat);
  s->flat = NULL;
}

static size_t fields(const mpp_cns_scheme *s) { return (size_t)s->grid.dims + 2; }

static void swap(double **a, double **b)
{
  double *kept = *a;
  *a = *b;
  *b = kept;
}

static double rate_of(const mpp_cns_grid *g, const double speed[3])
{
  double sum = 0.0; /* of x and y first, whose order then does not matter in 2D */
  for (int a = 2; a >= 3 - g->dims; a--) { sum += speed[a] / g->dx[a]; }
  return sum;
}

void mpp_cns_scheme_start(mpp_cns_scheme *s, const double *u)
{
  s->t = s->repaired = 0.0;
  s->steps = s->rejected = s->viscous.passes = 0;
  s->least[0] = s->least[1] = HUGE_VAL;
  s->viscous_first = true;
  mpp_cns_grid_load(&s->grid, s->q[0], u, fields(s));
  mpp_cns_grid_fill(&s->grid, s->q[0], fields(s));
  const mpp_cns_stage still = {.to = s->q[1], .from = s->q[0], .gamma = s->gamma};
  const mpp_cns_stage_result result = mpp_cns_euler_stage(&s->grid, &still);
  s->rate = rate_of(&s->grid, result.speed);
  s->unsound = result.sound && isfinite(s->rate) ? NULL : s->q[0];
}

/* ---- stages ---- */

/* Flat slopes where `q` is not sound; `wide`: in the cells around them too. Returns how many cells
 * are flat. */
static double flatten(mpp_cns_scheme *s, const double *q, bool wide)
{
  const mpp_cns_grid *g = &s->grid;
  const double *density = q + (fields(s) - 2) * g->field, *pressure = density + g->field;
  double count = 0.0;
  for (size_t r = 0; r < g->n[0] * g->n[1]; r++) {
    const size_t row = mpp_cns_row(g, r / g->n[1], r % g->n[1]);
    for (size_t i = row; i < row + g->n[2]; i++) {
      if (density[i] > 0.0 && pressure[i] > 0.0 && pressure[i] < HUGE_VAL) {
        continue;
      }
      s->flat[i] = 0.0;
      for (int a = 3 - g->dims; a < 3 && wide; a++) {
        s->flat[i - g->stride[a]] = s->flat[i + g->stride[a]] = 0.0;
      }
    }
  }
  for (size_t r = 0; r < g->n[0] * g->n[1]; r++) {
    const size_t row = mpp_cns_row(g, r / g->n[1], r % g->n[1]);
    for (size_t i = row; i < row + g->n[2]; i++) { count += 1.0 - s->flat[i]; }
  }
  return count;
}

/* A stage, with flat slopes where that is needed; the margins of its input get filled. */
static mpp_cns_stage_result run_stage(mpp_cns_scheme *s, const mpp_cns_stage *stage)
{
  mpp_cns_stage_result result = mpp_cns_euler_stage(&s->grid, stage);
  double flattened = 0.0;
  for (int k = 0; k < REPAIRS && !result.sound; k++) {
    mpp_cns_stage again = *stage;
    if (k == 0) {
      for (size_t i = 0; i < s->grid.field; i++) { s->flat[i] = 1.0; }
    }
    flattened = flatten(s, stage->to, k > 0);
    mpp_cns_grid_fill_scalar(&s->grid, s->flat);
    again.flat = s->flat;
    result = mpp_cns_euler_stage(&s->grid, &again);
  }
  if (result.sound) {
    s->repaired += flattened;
    s->least[0] = mpp_least(result.least[0], s->least[0]);
    s->least[1] = mpp_least(result.least[1], s->least[1]);
  }
  return result;
}

/* One step of the Euler equations from q[from], by way of q[1] to q[2]. False: not sound, or too
 * long for the wave speeds met, which `rate` then holds. */
static bool euler_step(mpp_cns_scheme *s, int from, double dt)
{
  const mpp_cns_grid *g = &s->grid;
  const mpp_cns_stage stage[2] = {{.to = s->q[1], .from = s->q[from], .gamma = s->gamma, .dt = dt},
                                  {.to = s->q[2],
                                   .from = s->q[1],
                                   .base = s->q[from],
                                   .weight = {0.5, 0.5},
                                   .gamma = s->gamma,
                                   .dt = 0.5 * dt}};
  double rate = 0.0;
  for (int k = 0; k < 2; k++) {
    mpp_cns_grid_fill(g, s->q[k == 0 ? from : 1], fields(s));
    const mpp_cns_stage_result result = run_stage(s, &stage[k]);
    rate = mpp_most(rate_of(g, result.speed), rate);
    s->rate = rate;
    if (!result.sound) {
      s->unsound = stage[k].to;
      return false;
    }
    if (!(dt * rate <= tolerated * s->cfl)) {
      return false;
    }
  }
  return true;
}

/* From q[from] to q[to]. */
static bool viscous_step(mpp_cns_scheme *s, int from, int to, double dt)
{
  mpp_cns_grid_fill(&s->grid, s->q[from], fields(s));
  const double least = mpp_cns_viscous_step(&s->viscous, &s->grid, s->q[to], s->q[from], dt);
  if (!(least > 0.0)) {
    s->unsound = s->q[to];
    return false;
  }
  s->least[1] = mpp_least(least, s->least[1]);
  return true;
}

/* One step from q[0] to q[0]; q[0] is as it was if it fails. */
static bool step(mpp_cns_scheme *s, double dt)
{
  const bool viscous = s->viscous.first != NULL;
  const int from = viscous && s->viscous_first ? 3 : 0;
  int to = 2;
  s->unsound = NULL;
  if ((from == 3 && !viscous_step(s, 0, 3, dt)) || !euler_step(s, from, dt)) {
    return false;
  }
  if (viscous && from == 0) {
    to = 1;
    if (!viscous_step(s, 2, 1, dt)) {
      return false;
    }
  }
  swap(&s->q[0], &s->q[to]);
  s->viscous_first = !s->viscous_first;
  return true;
}

/* Until t; `unsound` says if it failed. */
static void run(mpp_cns_scheme *s, double t)
{
  const double *failed = NULL; /* what the last trial left */
  double shorten = 1.0;
  int tries = 0;
  while (s->unsound == NULL && s->t < t) {
    const double left = t - s->t;
    const double longest = fmin(left, shorten * s->cfl / s->rate);
    const double parts = ceil(left / longest * (1.0 - 1e-12));
    const double dt = left / parts; /* steps of one length until t */
    if (tries < RETRIES && s->t + dt > s->t) {
      if (step(s, dt)) {
        s->t = parts <= 1.0 ? t : s->t + dt;
        s->steps++;
        tries = 0;
        shorten = 1.0;
      } else {
        s->rejected++;
        tries++;
        shorten = s->unsound != NULL ? 0.5 * shorten : shorten;
        failed = s->unsound;
        s->unsound = NULL;
      }
    } else {
      s->unsound = failed != NULL ? failed : s->q[0];
    }
  }
}

bool mpp_cns_scheme_advance(mpp_cns_scheme *s, double *u, double t)
{
  if (s->released) {
    mpp_cns_released_run(s, t);
  } else {
    run(s, t);
  }
  mpp_cns_grid_store(&s->grid, u, s->unsound != NULL ? s->unsound : s->q[0], fields(s));
  return s->unsound == NULL;
}
