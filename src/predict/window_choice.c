/* window_choice.c - fits to the whole window, one for each predictor that a field was given to. */
#include "window_choice.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "crop.h"
#include "window_scale.h"

/* What the choice works with. */
typedef struct choice {
  mpp_window_fit *f;
  const mpp_window *w;
  mpp_fit_input in;
  mpp_stencil_moments *moments;               /* or NULL */
  mpp_backtest *test;                         /* or NULL */
  mpp_crop part, inner;                       /* of the window, for tests, for free runs */
  mpp_seen seen;                              /* in the inner part */
  mpp_roll roll;                              /* on it */
  mpp_free_run *run[MPP_BACKTEST_PREDICTORS]; /* of the fits, NULL until made */
  mpp_free_run *reference;                    /* of the auto-regression */
} choice;

/* reach: of the stencils that will be fitted; frames 0: none. */
static mpp_status prepare(choice *ch, mpp_stencil_reach reach, size_t head)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w;
  mpp_window_fit *f = ch->f;
  ch->in = (mpp_fit_input){.window = w, .head = head};
  f->C = w->C;
  f->halo = mpp_halo_make(w->grid, w->edge, reach.radius);
  mpp_seen_in(&f->seen, w, f->halo.cells, w->T);
  for (size_t c = 0; c < w->C; c++) { f->steps[c] = SIZE_MAX; }
  if (reach.frames > 0 && f->halo.cells > 1) {
    MPP_TRY(MPP_ALLOC(&ch->moments, 1));
    MPP_TRY(mpp_stencil_moments_make(ch->moments, w, reach, ch->in.head));
    ch->in.moments = ch->moments;
  }
done:
  return st;
}

/* The fit of a predictor to the whole window, made if it is not there yet; *usable as
 * mpp_fitted_make. */
static mpp_status fit_of(size_t *number, bool *usable, choice *ch, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *f = ch->f;
  mpp_fitted *made = NULL;
  *usable = true;
  for (*number = 0; *number < f->count; ++*number) {
    if (f->fitted[*number]->by == by) {
      return MPP_OK;
    }
  }
  MPP_TRY(MPP_ALLOC(&made, 1));
  MPP_TRY(mpp_fitted_make(made, usable, by, &ch->in, MPP_FIT_WHOLE));
  if (*usable) {
    f->fitted[f->count++] = made;
    made = NULL;
  }
done:
  if (made != NULL) {
    mpp_fitted_free(made);
  }
  mpp_free(made);
  return st;
}

static mpp_status free_run(mpp_free_run **run, choice *ch, mpp_fitted *fitted)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(run, 1));
  mpp_fitted_move(fitted, &ch->f->halo, &ch->roll.halo);
  mpp_free_run_make(*run, fitted, &ch->roll, &ch->inner.window, &ch->seen, ch->reference);
  mpp_fitted_move(fitted, &ch->roll.halo, &ch->f->halo);
done:
  return st;
}

static mpp_status run_reference(choice *ch)
{
  mpp_status st = MPP_OK;
  mpp_fitted fitted;
  bool usable = false;
  const mpp_window_predictor *by = mpp_window_predictor_find("autoregression");
  MPP_TRY(mpp_fitted_make(&fitted, &usable, by, &ch->in, MPP_FIT_WHOLE));
  /* One that cannot be fitted has coefficients 0: persistence. */
  MPP_TRY(free_run(&ch->reference, ch, &fitted));
done:
  mpp_fitted_free(&fitted);
  return st;
}

/* Steps of a free run of a fit before it grows in any field that moves; SIZE_MAX: it does not. */
static mpp_status holds(size_t *steps, choice *ch, size_t number)
{
  mpp_status st = MPP_OK;
  if (ch->run[number] == NULL) {
    MPP_TRY(free_run(&ch->run[number], ch, ch->f->fitted[number]));
  }
  *steps = SIZE_MAX;
  for (size_t c = 0; c < ch->f->C; c++) {
    const size_t one = ch->run[number]->holds[c];
    *steps = ch->test->moves[c] && one < *steps ? one : *steps;
  }
done:
  return st;
}

/* The best by rank of those that are not tried; persistence when all were, or none can be fitted,
 * or nothing moves. */
static size_t best_left(const choice *ch, mpp_rank rank, const bool *tried)
{
  size_t best = 0;
  double least = INFINITY;
  for (size_t p = 0; mpp_window_predictor_at(p) != NULL; p++) {
    double sum = 0.0;
    for (size_t c = 0; c < ch->f->C; c++) {
      sum += ch->test->moves[c] ? ch->test->rank[rank][p][c] : 0.0;
    }
    if (!tried[p] && sum < least) {
      least = sum;
      best = p;
    }
  }
  return best;
}

/* Fits predictors, best first, until one can be fitted (MPP_RANK_FIRST), or one that does not grow
 * either is found; *steps that it holds for. */
static mpp_status choose_one(size_t *number, size_t *steps, choice *ch, mpp_rank rank)
{
  mpp_status st = MPP_OK;
  bool tried[MPP_BACKTEST_PREDICTORS] = {false};
  for (;;) {
    bool usable = false;
    const size_t best = best_left(ch, rank, tried);
    tried[best] = true;
    MPP_TRY(fit_of(number, &usable, ch, mpp_window_predictor_at(best)));
    if (usable) {
      MPP_TRY(holds(steps, ch, *number));
    }
    if (usable && (rank == MPP_RANK_FIRST || *steps == SIZE_MAX || best == 0)) {
      break;
    }
  }
done:
  return st;
}

/* A fit that grows is trusted for this part of the steps before. */
static const double trusted = 0.6;

static mpp_status choose_all(choice *ch)
{
  mpp_status st = MPP_OK;
  mpp_window_fit *f = ch->f;
  size_t first, steps, later, unused;
  MPP_TRY(choose_one(&first, &steps, ch, MPP_RANK_FIRST));
  later = first;
  if (steps < SIZE_MAX) {
    steps = (size_t)(trusted * (double)steps);
    MPP_TRY(choose_one(&later, &unused, ch, MPP_RANK_LATER));
  }
  for (size_t c = 0; c < f->C; c++) {
    f->first[c] = first;
    f->steps[c] = steps;
    f->later[c] = later;
  }
done:
  return st;
}

static mpp_status test_all(choice *ch)
{
  mpp_status st = MPP_OK;
  const mpp_window *w = ch->w, *part = &ch->part.window;
  mpp_roll roll = {.fields = 0};
  MPP_TRY(MPP_ALLOC(&ch->test, 1));
  MPP_TRY(mpp_crop_make(&ch->part, w, ch->f->halo.radius * (w->T - ch->in.head)));
  const mpp_halo halo = mpp_halo_make(part->grid, part->edge, ch->f->halo.radius);
  MPP_TRY(mpp_window_roll_make(&roll, &halo, part));
  memcpy(roll.margin, ch->part.margin, sizeof roll.margin);
  MPP_TRY(mpp_backtest_run(ch->test, &ch->in, part, &roll));
done:
  mpp_roll_free(&roll);
  return st;
}

static mpp_status choose(choice *ch)
{
  mpp_status st = MPP_OK;
  const mpp_window *inner = &ch->inner.window;
  MPP_TRY(test_all(ch));
  MPP_TRY(mpp_crop_make(&ch->inner, ch->w, 0));
  const mpp_halo halo = mpp_halo_make(inner->grid, inner->edge, ch->f->halo.radius);
  MPP_TRY(mpp_window_roll_make(&ch->roll, &halo, inner));
  mpp_seen_in(&ch->seen, inner, halo.cells, inner->T);
  MPP_TRY(run_reference(ch));
  MPP_TRY(choose_all(ch));
done:
  return st;
}

static void renumber(size_t *of_field, size_t C, size_t from, size_t to)
{
  for (size_t c = 0; c < C; c++) { of_field[c] = of_field[c] == from ? to : of_field[c]; }
}

/* Keeps the fits that a field has. */
static void drop_unused(mpp_window_fit *f)
{
  size_t kept = 0;
  for (size_t i = 0; i < f->count; i++) {
    bool used = false;
    for (size_t c = 0; c < f->C; c++) { used = used || f->first[c] == i || f->later[c] == i; }
    if (!used) {
      mpp_fitted_free(f->fitted[i]);
      mpp_free(f->fitted[i]);
      continue;
    }
    renumber(f->first, f->C, i, kept);
    renumber(f->later, f->C, i, kept);
    f->fitted[kept++] = f->fitted[i];
  }
  f->count = kept;
}

/* by NULL: the window is too short for a choice. */
static mpp_status fit_one(choice *ch, const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  bool usable = false;
  size_t number;
  MPP_TRY(by != NULL ? fit_of(&number, &usable, ch, by) : MPP_OK);
  if (!usable) {
    MPP_TRY(fit_of(&number, &usable, ch, mpp_window_predictor_at(0)));
  }
done:
  return st;
}

static void free_choice(choice *ch)
{
  if (ch->moments != NULL) {
    mpp_stencil_moments_free(ch->moments);
  }
  mpp_free(ch->moments);
  mpp_free(ch->test);
  mpp_crop_free(&ch->part);
  mpp_crop_free(&ch->inner);
  mpp_roll_free(&ch->roll);
  for (size_t i = 0; i < MPP_BACKTEST_PREDICTORS; i++) { mpp_free(ch->run[i]); }
  mpp_free(ch->reference);
}

mpp_status mpp_window_choice_make(mpp_window_fit *f, const mpp_window *w,
                                  const mpp_window_predictor *by)
{
  mpp_status st = MPP_OK;
  choice *ch = NULL;
  const size_t head = w->T - mpp_backtest_steps(w->T);
  mpp_stencil_reach reach = mpp_window_predictors_reach(head);
  if (by != NULL) {
    reach = by->frames <= w->T ? by->reach : (mpp_stencil_reach){0, 0, 0};
  }
  MPP_TRY(MPP_ALLOC(&ch, 1));
  ch->f = f;
  ch->w = w;
  MPP_TRY(prepare(ch, reach, head));
  MPP_TRY(by == NULL && ch->in.head < w->T ? choose(ch) : fit_one(ch, by));
  drop_unused(f);
  MPP_TRY(mpp_window_scale_set(f, w, &ch->in));
done:
  if (ch != NULL) {
    free_choice(ch);
  }
  mpp_free(ch);
  return st;
}

mpp_status mpp_window_choice_again(mpp_window_fit *f, bool *usable, const mpp_window *w,
                                   const mpp_window_fit *of)
{
  mpp_status st = MPP_OK;
  choice *ch = NULL;
  mpp_stencil_reach reach = {0, 0, 0};
  for (size_t i = 0; i < of->count; i++) {
    const mpp_stencil_reach *r = &of->fitted[i]->by->reach;
    reach.radius = r->radius > reach.radius ? r->radius : reach.radius;
    reach.frames = r->frames > reach.frames ? r->frames : reach.frames;
    reach.degree = r->degree > reach.degree ? r->degree : reach.degree;
  }
  *usable = reach.frames < w->T;
  MPP_TRY(MPP_ALLOC(&ch, 1));
  ch->f = f;
  ch->w = w;
  MPP_TRY(*usable ? prepare(ch, reach, w->T) : MPP_OK);
  for (size_t i = 0; i < of->count && *usable; i++) {
    size_t number;
    MPP_TRY(fit_of(&number, usable, ch, of->fitted[i]->by));
  }
  memcpy(f->first, of->first, sizeof f->first);
  memcpy(f->steps, of->steps, sizeof f->steps);
  memcpy(f->later, of->later, sizeof f->later);
  memcpy(f->scale, of->scale, sizeof f->scale);
done:
  if (ch != NULL) {
    free_choice(ch);
  }
  mpp_free(ch);
  return st;
}
