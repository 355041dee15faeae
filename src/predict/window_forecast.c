/* window_forecast.c - fits to the whole window, one for each predictor that a field was given to. */
#include "window_forecast.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "backtest.h"
#include "check.h"
#include "scale_floor.h"
#include "window.h"

/* A fit and its forecast, of which some fields are taken. */
typedef struct branch {
  mpp_fitted fit;
  mpp_roll roll;
  bool ran, grown[MPP_MAX_FIELDS]; /* in a short free run, once it was made */
} branch;

struct mpp_window_forecast {
  size_t C;
  mpp_halo halo;
  mpp_seen seen;
  size_t branches;
  branch *branch[MPP_MAX_FIELDS];
  size_t of_field[MPP_MAX_FIELDS]; /* number of its branch */
  float scale[MPP_MAX_FIELDS];
  float *last; /* [C, cells]: the last frame that did not break down */
  bool broken[MPP_MAX_FIELDS];
};

/* What the choice works with. */
typedef struct choice {
  const mpp_window *w;
  mpp_fit_input in;
  mpp_stencil_moments *moments; /* or NULL */
  mpp_backtest *test;           /* or NULL */
} choice;

static void free_branch(branch *b)
{
  if (b != NULL) {
    mpp_fitted_free(&b->fit);
    mpp_roll_free(&b->roll);
    mpp_free(b);
  }
}

/* Fits predictor `by` to the whole window and readies its roll after the last frame. */
static mpp_status make_branch(branch **out, bool *usable, const mpp_window_forecast *f,
                              const mpp_window_predictor *by, const choice *ch)
{
  mpp_status st = MPP_OK;
  branch *b = NULL;
  MPP_TRY(MPP_ALLOC(&b, 1));
  MPP_TRY(mpp_fitted_make(&b->fit, usable, by, &ch->in, MPP_FIT_WHOLE));
  if (*usable) {
    MPP_TRY(mpp_roll_make(&b->roll, &f->halo, f->C));
    mpp_seen_hold(&b->roll, &f->seen);
    mpp_roll_begin(&b->roll, ch->w->x, ch->w->stride, ch->w->T - 1);
    *out = b;
    b = NULL;
  }
done:
  free_branch(b);
  return st;
}

/* by: the only predictor that will be fitted, or NULL. */
static mpp_status prepare(choice *ch, mpp_window_forecast *f, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  const size_t steps = mpp_backtest_steps(w->T);
  ch->in = (mpp_fit_input){.window = w, .head = w->T - steps};
  mpp_stencil_reach reach = mpp_window_predictors_reach(ch->in.head);
  if (by != NULL) {
    reach = by->frames <= w->T ? by->reach : (mpp_stencil_reach){0, 0, 0};
  }
  f->C = w->C;
  f->halo = mpp_halo_make(w->grid, w->edge, reach.radius);
  mpp_seen_in(&f->seen, w, f->halo.cells, w->T);
  MPP_TRY(MPP_ALLOC(&f->last, w->C * f->halo.cells));
  memcpy(f->last, w->x + (w->T - 1) * w->stride, w->C * f->halo.cells * sizeof *f->last);
  if (reach.frames > 0 && f->halo.cells > 1) {
    MPP_TRY(MPP_ALLOC(&ch->moments, 1));
    MPP_TRY(mpp_stencil_moments_make(ch->moments, w, reach, ch->in.head));
    ch->in.moments = ch->moments;
  }
done:
  return st;
}

/* The branch of predictor p, made if it is not there yet; *usable as mpp_fitted_make. */
static mpp_status branch_of(size_t *number, bool *usable, mpp_window_forecast *f,
                            const mpp_window_predictor *by, const choice *ch)
{
  mpp_status st = MPP_OK;
  *usable = true;
  for (*number = 0; *number < f->branches; ++*number) {
    if (f->branch[*number]->fit.by == by) {
      return MPP_OK;
    }
  }
  MPP_TRY(make_branch(&f->branch[f->branches], usable, f, by, ch));
  f->branches += *usable ? 1 : 0;
done:
  return st;
}

/* Whether a short free run of a branch grows in field c. Leaves the roll at its beginning. */
static bool grows(branch *b, size_t c, const mpp_window_forecast *f, const choice *ch)
{
  for (size_t k = 0; k < ch->w->T && !b->ran; k++) {
    b->fit.by->step(&b->roll, &b->fit);
    mpp_roll_advance(&b->roll);
    for (size_t i = 0; i < f->C; i++) {
      b->grown[i] = b->grown[i] || mpp_seen_growth(&b->roll, &f->seen, i);
    }
  }
  if (!b->ran) {
    mpp_roll_begin(&b->roll, ch->w->x, ch->w->stride, ch->w->T - 1);
  }
  b->ran = true;
  return b->grown[c];
}

/* Predictors of field c, best first, until one holds. */
static mpp_status choose_field(mpp_window_forecast *f, const choice *ch, size_t c)
{
  mpp_status st = MPP_OK;
  bool tried[MPP_BACKTEST_PREDICTORS] = {false};
  for (;;) {
    size_t best = 0;
    for (size_t p = 1; mpp_window_predictor_at(p) != NULL; p++) {
      const double rank = ch->test->rank[p][c];
      if (!tried[p] && (tried[best] || rank < ch->test->rank[best][c])) {
        best = p;
      }
    }
    bool usable = false;
    size_t number = 0;
    if (!tried[best] && isfinite(ch->test->rank[best][c])) {
      MPP_TRY(branch_of(&number, &usable, f, mpp_window_predictor_at(best), ch));
    } else {
      best = 0; /* persistence does not grow */
      MPP_TRY(branch_of(&number, &usable, f, mpp_window_predictor_at(0), ch));
    }
    tried[best] = true;
    if (usable && (best == 0 || !grows(f->branch[number], c, f, ch))) {
      f->of_field[c] = number;
      f->scale[c] =
          (float)mpp_floored_scale(ch->test->error[best][0][c], ch->test->error[0][0][c], 0.0);
      break;
    }
  }
done:
  return st;
}

static double mean_square(const float *x, size_t n)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += (double)x[i] * x[i]; }
  return sum / (double)n;
}

/* Scales of the fields of a branch: errors of one step into each frame after the head by a fit to the
 * head. Leaves the roll at its beginning. */
static mpp_status scale_branch(mpp_window_forecast *f, size_t number, const choice *ch)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  branch *b = f->branch[number];
  const size_t tested = w->T - ch->in.head;
  double error[MPP_MAX_FIELDS] = {0.0}, moved[MPP_MAX_FIELDS] = {0.0};
  double square[MPP_MAX_FIELDS] = {0.0};
  mpp_fitted fit;
  bool usable = false;
  MPP_TRY(mpp_fitted_make(&fit, &usable, b->fit.by, &ch->in, MPP_FIT_HEAD));
  for (size_t t = ch->in.head; usable && t < w->T; t++) {
    const float *x = w->x + t * w->stride;
    mpp_roll_begin(&b->roll, w->x, w->stride, t - 1);
    fit.by->step(&b->roll, &fit);
    for (size_t c = 0; c < f->C; c++) {
      moved[c] += mpp_roll_error(&b->roll, x + c * f->halo.cells, c) / (double)tested;
      square[c] += mean_square(x + c * f->halo.cells, f->halo.cells) / (double)tested;
    }
    mpp_roll_advance(&b->roll);
    for (size_t c = 0; c < f->C; c++) {
      error[c] += mpp_roll_error(&b->roll, x + c * f->halo.cells, c) / (double)tested;
    }
  }
  for (size_t c = 0; usable && tested > 0 && c < f->C; c++) {
    if (f->of_field[c] == number) {
      f->scale[c] = (float)mpp_floored_scale(error[c], moved[c], square[c]);
    }
  }
  mpp_roll_begin(&b->roll, w->x, w->stride, w->T - 1);
done:
  mpp_fitted_free(&fit);
  return st;
}

/* Of windows or fits too short for a test the scale is that of persistence. */
static mpp_status set_scales(mpp_window_forecast *f, const choice *ch)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  int order[MPP_MAX_FIELDS];
  mpp_window_backtest_fields(order, f->scale, w->x, 0, w->stride, w->T, w->C, f->halo.cells);
  for (size_t i = 0; i < f->branches; i++) { MPP_TRY(scale_branch(f, i, ch)); }
done:
  return st;
}

static mpp_status choose(mpp_window_forecast *f, choice *ch)
{
  mpp_status st = MPP_OK;
  mpp_roll roll;
  memset(&roll, 0, sizeof roll);
  MPP_TRY(MPP_ALLOC(&ch->test, 1));
  if (ch->in.head < ch->w->T) {
    MPP_TRY(mpp_roll_make(&roll, &f->halo, f->C));
    MPP_TRY(mpp_backtest_run(ch->test, &roll, &ch->in));
  }
  for (size_t c = 0; c < f->C; c++) { MPP_TRY(choose_field(f, ch, c)); }
done:
  mpp_roll_free(&roll);
  return st;
}

mpp_status mpp_window_forecast_create(mpp_window_forecast **out, const mpp_window *w,
                                      const char *name)
{
  mpp_status st = MPP_OK;
  mpp_window_forecast *f = NULL;
  choice ch = {.w = w};
  const mpp_window_predictor *by = NULL;
  if (name != NULL) {
    by = mpp_window_predictor_find(name);
    MPP_REQUIRE(by != NULL, MPP_ERR_USAGE, "'%s' is no predictor of the window", name);
  }
  MPP_TRY(MPP_ALLOC(&f, 1));
  MPP_TRY(prepare(&ch, f, by));
  if (by == NULL) {
    MPP_TRY(choose(f, &ch));
  } else {
    bool usable = false;
    size_t number;
    MPP_TRY(branch_of(&number, &usable, f, by, &ch));
    if (!usable) {
      MPP_TRY(branch_of(&number, &usable, f, mpp_window_predictor_at(0), &ch));
    }
  }
  MPP_TRY(set_scales(f, &ch));
  *out = f;
  f = NULL;
done:
  if (ch.moments != NULL) {
    mpp_stencil_moments_free(ch.moments);
  }
  mpp_free(ch.moments);
  mpp_free(ch.test);
  mpp_window_forecast_destroy(f);
  return st;
}

void mpp_window_forecast_destroy(mpp_window_forecast *f)
{
  for (size_t i = 0; f != NULL && i < f->branches; i++) { free_branch(f->branch[i]); }
  if (f != NULL) {
    mpp_free(f->last);
  }
  mpp_free(f);
}

void mpp_window_forecast_step(mpp_window_forecast *f, float *y)
{
  for (size_t i = 0; i < f->branches; i++) {
    f->branch[i]->fit.by->step(&f->branch[i]->roll, &f->branch[i]->fit);
    mpp_roll_advance(&f->branch[i]->roll);
  }
  for (size_t c = 0; c < f->C; c++) {
    const mpp_roll *r = &f->branch[f->of_field[c]]->roll;
    f->broken[c] = f->broken[c] || mpp_seen_breakdown(r, &f->seen, c);
    if (!f->broken[c]) {
      mpp_roll_store(r, f->last + c * f->halo.cells, c);
    }
  }
  memcpy(y, f->last, f->C * f->halo.cells * sizeof *y);
}

const char *mpp_window_forecast_choice(const mpp_window_forecast *f, size_t field)
{
  return f->branch[f->of_field[field]]->fit.by->name;
}

float mpp_window_forecast_scale(const mpp_window_forecast *f, size_t field)
{
  return f->scale[field];
}
