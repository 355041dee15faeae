/* predictors.c - the table and what its pointwise entries do; stencils are in stencil.c. */
#include "predictors.h"

#include <string.h>

#include "alloc.h"
#include "autoregression.h"
#include "check.h"
#include "threads.h"

_Static_assert((int)MPP_AUTOREGRESSION_MOST <= (int)MPP_ROLL_LAGS, "a roll has its increments");
_Static_assert((int)MPP_STENCIL_LAGS <= (int)MPP_ROLL_LAGS, "a roll has its increments");

mpp_status mpp_window_roll_make(mpp_roll *r, const mpp_halo *halo, const mpp_window *w)
{
  const mpp_status st = mpp_roll_make(r, halo, w->C);
  memcpy(r->odd, w->odd, sizeof r->odd);
  r->mask = w->mask;
  return st;
}

/* ---- pointwise: next increment = sum of a[k] * (increment k steps before) ---- */

static mpp_status fit_fixed(mpp_fitted *f, bool *usable, const mpp_fit_input *in, mpp_fit_part part)
{
  (void)part;
  for (size_t c = 0; c < in->window->C; c++) { memcpy(f->a[c], f->by->fixed, sizeof f->a[c]); }
  *usable = true;
  return MPP_OK;
}

static mpp_status fit_autoregression(mpp_fitted *f, bool *usable, const mpp_fit_input *in,
                                     mpp_fit_part part)
{
  const mpp_window *w = in->window;
  double a[MPP_MAX_FIELDS * MPP_ROLL_LAGS];
  float scale[MPP_MAX_FIELDS];
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2], order = f->by->order;
  mpp_autoregression_fit_fields(a, scale, w->x, w->stride, part == MPP_FIT_HEAD ? in->head : w->T,
                                w->C, cells, order);
  for (size_t c = 0; c < w->C; c++) { memcpy(f->a[c], a + c * order, order * sizeof *a); }
  *usable = true;
  return MPP_OK;
}

static void step_pointwise(mpp_roll *r, const mpp_fitted *f)
{
  const mpp_halo *h = &r->halo;
  const size_t rows = h->grid[0] * h->grid[1];
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < r->fields * rows; k++) {
    const size_t c = k / rows, row = k % rows;
    const size_t at = c * h->size + mpp_halo_row(h, row / h->grid[1], row % h->grid[1]);
    double *next = r->next + k * h->grid[2];
    for (size_t i = 0; i < h->grid[2]; i++) { next[i] = 0.0; }
    for (size_t lag = 0; lag < MPP_ROLL_LAGS; lag++) {
      const double *d = r->array[1 + lag] + at, a = f->a[c][lag];
      for (size_t i = 0; i < h->grid[2]; i++) { next[i] += a * d[i]; }
    }
  }
}

/* ---- local stencils ---- */

static mpp_status fit_stencil(mpp_fitted *f, bool *usable, const mpp_fit_input *in,
                              mpp_fit_part part)
{
  mpp_status st = MPP_OK;
  const mpp_window_predictor *by = f->by;
  double *a = NULL;
  *usable = false;
  if (in->moments == NULL || by->reach.radius > in->moments->reach.radius ||
      by->reach.frames > in->moments->reach.frames ||
      by->reach.degree > in->moments->reach.degree) {
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(&a, in->moments->terms * in->moments->fields));
  MPP_TRY(mpp_stencil_fit(a, usable, in->moments, &by->reach, by->noise, part));
  MPP_TRY(mpp_stencil_make(&f->stencil, a, in->moments));
done:
  mpp_free(a);
  return st;
}

static void step_stencil(mpp_roll *r, const mpp_fitted *f) { mpp_stencil_step(r, &f->stencil); }

/* ---- the table ---- */

#define POINTWISE(word, least, one, two, far)                                             \
  {                                                                                       \
    .name = (word), .frames = (least), .fixed = {(one), (two)}, .handicap = {1.0, (far)}, \
    .fit = fit_fixed, .step = step_pointwise                                              \
  }
#define AUTOREGRESSION(word, order_)                                        \
  {                                                                         \
    .name = (word), .frames = 4, .order = (order_), .handicap = {1.0, 4.0}, \
    .fit = fit_autoregression, .step = step_pointwise                       \
  }
/* A fit needs as many transitions again as the frames that it looks back on. */
#define STENCIL(word, radius, frames_, degree, noise_, near, far)                            \
  {                                                                                          \
    .name = (word), .frames = 2 * (frames_) + 1, .reach = {(radius), (frames_), (degree)},   \
    .noise = (noise_), .handicap = {(near), (far)}, .fit = fit_stencil, .step = step_stencil \
  }

/* Names of stencils: cells along an axis x frames, and powers up to the third (cubic), none
 * (linear), or none with more noise (calm). Handicaps: backtest.h. */
static const mpp_window_predictor table[] = {
    POINTWISE("persistence", 1, 0.0, 0.0, 1.0),
    POINTWISE("linear", 2, 1.0, 0.0, 4.0),
    POINTWISE("quadratic", 3, 2.0, -1.0, 4.0),
    AUTOREGRESSION("autoregression", 3),
    AUTOREGRESSION("autoregression-4", 4),
    STENCIL("stencil-3x1-cubic", 1, 1, 3, 1.0, 1.15, 1.35),
    STENCIL("stencil-3x2-linear", 1, 2, 1, 1.0, 1.0, 1.0),
    STENCIL("stencil-3x2-cubic", 1, 2, 3, 1.0, 1.15, 1.35),
    STENCIL("stencil-3x3-linear", 1, 3, 1, 1.0, 1.0, 1.0),
    STENCIL("stencil-5x1-cubic", 2, 1, 3, 1.0, 1.15, 1.35),
    STENCIL("stencil-5x2-linear", 2, 2, 1, 1.0, 1.0, 1.0),
    STENCIL("stencil-5x2-cubic", 2, 2, 3, 1.0, 1.15, 1.35),
    STENCIL("stencil-3x2-calm", 1, 2, 1, 3.0, 1.2, 1.0),
    STENCIL("stencil-3x3-calm", 1, 3, 1, 3.0, 1.2, 1.0),
};

const mpp_window_predictor *mpp_window_predictor_at(size_t index)
{
  return index < sizeof table / sizeof table[0] ? &table[index] : NULL;
}

const mpp_window_predictor *mpp_window_predictor_find(const char *name)
{
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp(table[i].name, name) == 0) {
      return &table[i];
    }
  }
  return NULL;
}

mpp_stencil_reach mpp_window_predictors_reach(size_t head)
{
  mpp_stencil_reach most = {0, 0, 0};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    const mpp_stencil_reach *r = &table[i].reach;
    if (table[i].frames <= head) {
      most.radius = r->radius > most.radius ? r->radius : most.radius;
      most.frames = r->frames > most.frames ? r->frames : most.frames;
      most.degree = r->degree > most.degree ? r->degree : most.degree;
    }
  }
  return most;
}

mpp_status mpp_fitted_make(mpp_fitted *f, bool *usable, const mpp_window_predictor *by,
                           const mpp_fit_input *in, mpp_fit_part part)
{
  memset(f, 0, sizeof *f);
  f->by = by;
  *usable = false;
  const size_t frames = part == MPP_FIT_HEAD ? in->head : in->window->T;
  return by->frames <= frames ? by->fit(f, usable, in, part) : MPP_OK;
}

void mpp_fitted_free(mpp_fitted *f) { mpp_stencil_free(&f->stencil); }

void mpp_fitted_move(mpp_fitted *f, const mpp_halo *from, const mpp_halo *to)
{
  for (size_t i = 0; i < f->stencil.taps; i++) {
    f->stencil.tap[i].offset = mpp_halo_offset(to, from, f->stencil.tap[i].offset);
  }
}
