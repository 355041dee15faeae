/* num_rk45.c - the explicit Runge-Kutta pair of Dormand and Prince with scipy's step control; a
 * step itself is in num_rk45_step.c. Sources: J. R. Dormand and P. J. Prince, J. Comput. Appl.
 * Math. 6 (1980) 19; L. F. Shampine, Math. Comput. 46 (1986) 135 (dense output); E. Hairer, S. P.
 * Norsett, G. Wanner, Solving Ordinary Differential Equations I, II.4; scipy.integrate.RK45
 * (constants of the control). */
#include "num_rk45.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "num_rk45_private.h"
#include "threads.h"

enum { LEAST_ROWS = 32 /* of a band */, LEAST_VALUES = 32768 };

/* Bands that a step is worth: each of enough rows that what neighbours compute twice stays small,
 * and of enough values that starting a thread does not cost more than it saves. */
static size_t bands_for(const mpp_rk45_problem *p)
{
  const size_t threads = (size_t)mpp_threads(), rows = p->ny / LEAST_ROWS;
  const size_t values = p->nfields * p->ny * p->nx / LEAST_VALUES;
  const size_t worth = rows < values ? rows : values;
  const size_t bands = worth < threads ? worth : threads;
  return bands > 0 ? bands : 1;
}

mpp_status mpp_rk45_create(mpp_rk45 **out, const mpp_rk45_problem *problem)
{
  mpp_status st = MPP_OK;
  mpp_rk45 *rk = NULL;
  size_t state = 0, ring = 0, total = 0;
  const size_t bands = bands_for(problem);
  MPP_REQUIRE(problem->nfields > 0 && problem->nfields <= MPP_MAX_FIELDS && problem->ny > 0 &&
                  problem->nx > 0,
              MPP_ERR_INTERNAL, "RK45 of %zu fields on %zu x %zu cells", problem->nfields,
              problem->ny, problem->nx);
  MPP_REQUIRE(
      mpp_product(&state, (const size_t[]){problem->nfields, problem->ny, problem->nx}, 3) &&
          mpp_product(&ring,
                      (const size_t[]){bands, MPP_RK45_RING_ROWS, problem->nfields, problem->nx},
                      4) &&
          mpp_product(&total, (const size_t[]){4, state}, 2) && mpp_add(&total, total, ring) &&
          mpp_add(&total, total, problem->ny),
      MPP_ERR_NOMEM, "a grid of %zu x %zu cells is too large", problem->ny, problem->nx);
  MPP_TRY(MPP_ALLOC(&rk, 1));
  MPP_TRY(MPP_ALLOC(&rk->memory, total));
  rk->p = *problem;
  rk->max_bands = bands;
  for (size_t i = 0; i < 2; i++) {
    rk->y[i] = rk->memory + i * state;
    rk->rate[i] = rk->memory + (2 + i) * state;
  }
  rk->ring = rk->memory + 4 * state;
  rk->row_sum = rk->ring + ring;
  *out = rk;
  rk = NULL;
done:
  mpp_rk45_destroy(rk);
  return st;
}

void mpp_rk45_destroy(mpp_rk45 *rk)
{
  if (rk != NULL) {
    mpp_free(rk->memory);
    mpp_free(rk);
  }
}

/* ---- first step ---- */

static void rate_of_grid(const mpp_rk45 *rk, double *rate, double *y)
{
  const size_t ny = rk->p.ny;
#pragma omp parallel for num_threads((int)rk->max_bands) schedule(static)
  for (size_t j = 0; j < ny; j++) {
    mpp_rk45_stencil r;
    for (size_t f = 0; f < rk->p.nfields; f++) {
      r.rate[f] = mpp_rk45_row(rk, rate, j, f);
      r.above[f] = mpp_rk45_row(rk, y, j > 0 ? j - 1 : 0, f);
      r.row[f] = mpp_rk45_row(rk, y, j, f);
      r.below[f] = mpp_rk45_row(rk, y, j + 1 < ny ? j + 1 : j, f);
    }
    mpp_rk45_rates(rk, &r);
  }
}

/* Root mean square of (a - b) / (atol + rtol |y0|); b may be NULL. */
static double scaled_norm(const mpp_rk45 *rk, const double *a, const double *b)
{
  const size_t count = rk->p.nfields * rk->p.ny * rk->p.nx;
  const double *y0 = rk->y[rk->now];
  double sum = 0.0;
  for (size_t i = 0; i < count; i++) {
    const double e = (a[i] - (b != NULL ? b[i] : 0.0)) / (rk->p.atol + rk->p.rtol * fabs(y0[i]));
    sum += e * e;
  }
  return sqrt(sum / (double)count);
}

/* Hairer, Norsett and Wanner, II.4, "Starting Step Size". */
static double first_step(mpp_rk45 *rk)
{
  const size_t count = rk->p.nfields * rk->p.ny * rk->p.nx;
  double *y0 = rk->y[rk->now], *f0 = rk->rate[rk->now];
  double *y1 = rk->y[1 - rk->now], *f1 = rk->rate[1 - rk->now];
  const double d0 = scaled_norm(rk, y0, NULL), d1 = scaled_norm(rk, f0, NULL);
  const double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
  for (size_t i = 0; i < count; i++) { y1[i] = y0[i] + h0 * f0[i]; }
  rate_of_grid(rk, f1, y1);
  const double d2 = scaled_norm(rk, f1, f0) / h0, largest = d1 > d2 ? d1 : d2;
  const double h1 = d1 <= 1e-15 && d2 <= 1e-15 ? fmax(1e-6, 1e-3 * h0) : pow(0.01 / largest, 0.2);
  return fmin(100.0 * h0, h1);
}

void mpp_rk45_start(mpp_rk45 *rk, const double *y0, double t_end)
{
  rk->now = 0;
  rk->t = rk->t_old = 0.0;
  rk->t_end = t_end;
  rk->steps = rk->rejected = 0;
  memcpy(rk->y[0], y0, rk->p.nfields * rk->p.ny * rk->p.nx * sizeof *y0);
  rate_of_grid(rk, rk->rate[0], rk->y[0]);
  rk->h = first_step(rk);
  rk->evaluations = 2;
}

/* ---- control ---- */

/* One accepted step. If it reaches `t`, the solution there goes to `out`. */
static bool accept_step(mpp_rk45 *rk, double *out, double t)
{
  const double least = 10.0 * (nextafter(rk->t, HUGE_VAL) - rk->t);
  bool was_rejected = false;
  rk->h = rk->h > least ? rk->h : least;
  for (;;) {
    if (!(rk->h >= least)) {
      return false; /* too small, or not a number */
    }
    const double end = rk->t + rk->h > rk->t_end ? rk->t_end : rk->t + rk->h;
    const double h = end - rk->t;
    const double error = mpp_rk45_try(rk, h, end >= t ? out : NULL, (t - rk->t) / h);
    const double factor = 0.9 * pow(error, -0.2);
    rk->evaluations += MPP_RK45_STAGES - 1;
    if (error < 1.0) {
      const double most = was_rejected ? 1.0 : 10.0;
      rk->t_old = rk->t;
      rk->t = end;
      rk->h = h * (factor < most ? factor : most); /* error 0: factor is infinite */
      rk->now = 1 - rk->now;
      rk->steps++;
      return true;
    }
    rk->h = h * (factor > 0.2 ? factor : 0.2); /* also where the error is not a number */
    rk->rejected++;
    was_rejected = true;
  }
}

bool mpp_rk45_advance(mpp_rk45 *rk, double *y, double t)
{
  const size_t count = rk->p.nfields * rk->p.ny * rk->p.nx;
  if (t <= 0.0) {
    memcpy(y, rk->y[rk->now], count * sizeof *y);
    return true;
  }
  if (rk->t >= t) {
    /* A second output within the last step: take that step again, for its dense output alone. */
    const double h = rk->t - rk->t_old;
    rk->now = 1 - rk->now;
    (void)mpp_rk45_try(rk, h, y, (t - rk->t_old) / h);
    rk->now = 1 - rk->now;
    return true;
  }
  while (rk->t < t) {
    if (!accept_step(rk, y, t)) {
      return false;
    }
  }
  return true;
}

mpp_rk45_state mpp_rk45_get_state(const mpp_rk45 *rk)
{
  return (mpp_rk45_state){.t = rk->t,
                          .steps = rk->steps,
                          .rejected = rk->rejected,
                          .evaluations = rk->evaluations,
                          .trial = rk->y[1 - rk->now]};
}
