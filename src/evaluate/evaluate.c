/* evaluate.c - scores of a model and of the trivial predictors on the same windows. A window is T
 * context frames and the frames up to the largest horizon; windows are spread evenly over all
 * (trajectory, start) of a split. The model rolls a few windows at a time as one batch. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "evaluate_memory.h"
#include "mpp/rollout.h"
#include "scorer.h"
#include "threads.h"
#include "window_list.h"

enum { DEFAULT_CONTEXT = 16 };

/* What the model sees of a batch: context, and what is known of the frames after it. */
typedef struct sight {
  mpp_window_shape shape;       /* B: windows of a batch, at most */
  size_t which[MPP_MAX_FIELDS]; /* given fields */
  float *x, *given;             /* [T, B, C, S], [reach, B, given, S] */
  unsigned char *mask;          /* [T + reach, B, C, S]; NULL: none */
} sight;

typedef struct job {
  mpp_model *model; /* or NULL */
  mpp_dataset *data;
  const mpp_dataset_info *info;
  mpp_scores *scores;
  mpp_scorer scorer;
  mpp_window_list windows;
  mpp_gain gain;
  sight sight, single;   /* of a batch; of one of its windows */
  float *frames, *ahead; /* [T + reach, C + given, S] of one window; [nhorizons, B, C, S] */
  unsigned char *mask;   /* of frames; NULL: none */
  double seconds;        /* of the model, in those rolls that came to their end */
  size_t rolled;         /* steps times windows of them */
  bool *reached;         /* [nhorizons, B]: `ahead` has it, the model did not diverge before */
} job;

static mpp_status open_sight(sight *s, const job *j, size_t B)
{
  mpp_status st = MPP_OK;
  const size_t T = j->scorer.shape.T, reach = j->scorer.reach, cells = j->scorer.cells;
  s->shape.B = B;
  MPP_TRY(MPP_ALLOC(&s->x, T * B * s->shape.C * cells));
  if (s->shape.given > 0) {
    MPP_TRY(MPP_ALLOC(&s->given, reach * B * s->shape.given * cells));
  }
  if (j->info->masked) {
    MPP_TRY(MPP_ALLOC(&s->mask, (T + reach) * B * s->shape.C * cells));
  }
done:
  return st;
}

static void close_sight(sight *s)
{
  mpp_free(s->x);
  mpp_free(s->given);
  mpp_free(s->mask);
}

static mpp_status set_up(job *j, const mpp_evaluate_options *options)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = j->info;
  mpp_scores *s = j->scores;
  mpp_scorer *r = &j->scorer;
  size_t size = 0, ngroups = 0;
  memcpy(s->system, info->system, sizeof s->system);
  memcpy(s->field, info->field, sizeof s->field);
  s->nfields = info->nfields;
  size_t nseen = info->nfields;
  r->shape.T = options->context > 0 ? (size_t)options->context
               : j->model != NULL   ? (size_t)mpp_model_get_config(j->model)->context
                                    : DEFAULT_CONTEXT;
  r->shape.C = info->nfields;
  memcpy(r->shape.grid, info->grid, sizeof r->shape.grid);
  memcpy(r->shape.boundary, info->boundary, sizeof r->shape.boundary);
  if (j->model != NULL) {
    MPP_TRY(mpp_model_window(j->model, &j->sight.shape, j->sight.which, info, r->shape.T, 1));
    nseen = j->sight.shape.C;
  }
  MPP_TRY(mpp_window_list_choose(&j->windows, s, &r->reach, j->data, r->shape.T, options));
  MPP_REQUIRE(mpp_product(&r->cells, info->grid, 3) && mpp_mul(&size, r->cells, nseen) &&
                  mpp_mul(&size, size, r->shape.T + r->reach) && size > 0,
              MPP_ERR_DATA, "%s: a window is empty or too large", info->path);
  MPP_REQUIRE(r->cells > 1, MPP_ERR_DATA, "%s: a grid of one cell has no scores", info->path);
  r->shape.B = mpp_evaluate_batch(size);
  r->frame = info->nfields * r->cells;
  MPP_TRY(mpp_window_list_group(&j->windows, &ngroups, s, j->data));
  MPP_TRY(mpp_scorer_open(r, ngroups, info->masked, options));
  MPP_TRY(MPP_ALLOC(&s->details->trajectory, s->nwindows));
  MPP_TRY(MPP_ALLOC(&s->details->start, s->nwindows));
  MPP_TRY(MPP_ALLOC(&j->frames, size));
  if (info->masked) {
    MPP_TRY(MPP_ALLOC(&j->mask, size));
  }
  if (j->model != NULL) {
    MPP_TRY(MPP_ALLOC(&j->ahead, s->nhorizons * r->shape.B * r->frame));
    MPP_TRY(MPP_ALLOC(&j->reached, s->nhorizons * r->shape.B));
    MPP_TRY(open_sight(&j->sight, j, r->shape.B));
    j->single = j->sight;
    j->single.x = j->single.given = NULL;
    j->single.mask = NULL;
    MPP_TRY(open_sight(&j->single, j, 1));
  }
done:
  return st;
}

static void tear_down(job *j)
{
  mpp_scorer_close(&j->scorer);
  mpp_free(j->frames);
  mpp_free(j->ahead);
  mpp_free(j->reached);
  mpp_free(j->mask);
  close_sight(&j->sight);
  close_sight(&j->single);
  mpp_window_list_free(&j->windows);
}

/* Window b of B of the batch, in j->frames, to where the model sees it. */
static void show_window(job *j, size_t b, size_t B)
{
  sight *s = &j->sight;
  const size_t T = s->shape.T, reach = j->scorer.reach, cells = j->scorer.cells;
  const size_t frame = s->shape.C * cells, known = s->shape.given * cells;
  for (size_t t = 0; t < T + reach; t++) {
    const float *from = j->frames + t * frame;
    if (t < T) {
      memcpy(s->x + (t * B + b) * frame, from, frame * sizeof *from);
    } else if (known > 0) {
      memcpy(s->given + ((t - T) * B + b) * known, from + frame - known, known * sizeof *from);
    }
    if (s->mask != NULL && j->mask != NULL) { /* both or none */
      memcpy(s->mask + (t * B + b) * frame, j->mask + t * frame, frame);
    }
  }
}

/* The mask of window b of B for the scores; in the context what is masked in any frame or field
 * stands still, so that no predictor learns from it. */
static void hide_window(job *j, size_t b, size_t B, size_t frame)
{
  mpp_scorer *r = &j->scorer;
  const size_t T = r->shape.T, cells = r->cells;
  unsigned char *still = r->still + b * cells;
  memset(still, 0, cells);
  for (size_t i = 0; i < T * r->frame; i++) {
    still[i % cells] |= j->mask[i / r->frame * frame + i % r->frame];
  }
  const float *last = r->x + ((T - 1) * B + b) * r->frame;
  for (size_t t = 0; t + 1 < T; t++) {
    float *x = r->x + (t * B + b) * r->frame;
    for (size_t i = 0; i < r->frame; i++) { x[i] = still[i % cells] != 0 ? last[i] : x[i]; }
  }
  for (size_t h = 0; h < j->scores->nhorizons; h++) {
    memcpy(r->hidden + (h * B + b) * r->frame,
           j->mask + (T + (size_t)j->scores->horizon[h] - 1) * frame, r->frame);
  }
}

/* Reads windows first .. first + B - 1 of those evaluated. */
static mpp_status load(job *j, size_t first, size_t B)
{
  mpp_status st = MPP_OK;
  mpp_scorer *r = &j->scorer;
  const size_t T = r->shape.T, ngiven = j->sight.shape.given;
  const size_t frame = r->frame + ngiven * r->cells;
  for (size_t b = 0; b < B; b++) {
    size_t trajectory = 0, start = 0;
    mpp_window_list_at(&trajectory, &start, &j->windows, first + b);
    r->group[b] = j->windows.group_of[first + b];
    j->scores->details->trajectory[first + b] = trajectory;
    j->scores->details->start[first + b] = start;
    MPP_TRY(mpp_dataset_read_seen(j->data, j->frames, j->mask, j->sight.which, ngiven, trajectory,
                                  start, T + r->reach));
    for (size_t t = 0; t < T; t++) {
      memcpy(r->x + (t * B + b) * r->frame, j->frames + t * frame, r->frame * sizeof(float));
    }
    for (size_t h = 0; h < j->scores->nhorizons; h++) {
      memcpy(r->truth + (h * B + b) * r->frame,
             j->frames + (T + (size_t)j->scores->horizon[h] - 1) * frame, r->frame * sizeof(float));
    }
    if (j->mask != NULL) {
      hide_window(j, b, B, frame);
    }
    if (j->model != NULL) {
      show_window(j, b, B);
    }
    mpp_scorer_count(r, b, B);
  }
done:
  return st;
}

/* Rolls what is seen of B windows, numbers b0.. of `all`, into j->ahead. */
static mpp_status roll(job *j, const sight *seen, size_t b0, size_t B, size_t all)
{
  mpp_status st = MPP_OK;
  mpp_forecast *forecast = NULL;
  mpp_scorer *r = &j->scorer;
  const mpp_scores *s = j->scores;
  mpp_window_shape shape = seen->shape;
  const size_t frame = B * shape.C * r->cells, known = B * shape.given * r->cells;
  shape.B = B;
  shape.mask = seen->mask;
  for (size_t h = 0; h < s->nhorizons; h++) {
    memset(j->reached + h * all + b0, 0, B * sizeof *j->reached);
  }
  MPP_TRY(mpp_forecast_create_with(&forecast, j->model, seen->x, &shape, j->gain));
  const double begin = mpp_clock();
  for (size_t step = 1; step <= r->reach; step++) {
    const float *given = seen->given != NULL ? seen->given + (step - 1) * known : NULL;
    const unsigned char *mask =
        seen->mask != NULL ? seen->mask + (shape.T + step - 1) * frame : NULL;
    MPP_TRY(mpp_forecast_step_given(forecast, r->y, given, mask));
    for (size_t h = 0; h < s->nhorizons; h++) {
      if ((size_t)s->horizon[h] == step) {
        memcpy(j->ahead + (h * all + b0) * r->frame, r->y, B * r->frame * sizeof *r->y);
        memset(j->reached + h * all + b0, 1, B * sizeof *j->reached);
      }
    }
  }
  j->seconds += mpp_clock() - begin;
  j->rolled += B * r->reach;
done:
  mpp_forecast_destroy(forecast);
  return st;
}

/* Window b of B alone. */
static void pick_window(job *j, size_t b, size_t B)
{
  const sight *all = &j->sight;
  sight *one = &j->single;
  const size_t T = all->shape.T, reach = j->scorer.reach, cells = j->scorer.cells;
  const size_t frame = all->shape.C * cells, known = all->shape.given * cells;
  for (size_t t = 0; t < T + reach; t++) {
    if (t < T) {
      memcpy(one->x + t * frame, all->x + (t * B + b) * frame, frame * sizeof *one->x);
    } else if (known > 0) {
      memcpy(one->given + (t - T) * known, all->given + ((t - T) * B + b) * known,
             known * sizeof *one->given);
    }
    if (one->mask != NULL) {
      memcpy(one->mask + t * frame, all->mask + (t * B + b) * frame, frame);
    }
  }
}

static mpp_status add_model(job *j, size_t B)
{
  mpp_scorer *r = &j->scorer;
  mpp_status st = roll(j, &j->sight, 0, B, B);
  if (st == MPP_ERR_DIVERGED) { /* which of them did shows when each is rolled alone */
    st = MPP_OK;
    for (size_t b = 0; b < B; b++) {
      pick_window(j, b, B);
      const mpp_status one = roll(j, &j->single, b, 1, B);
      MPP_TRY(one == MPP_ERR_DIVERGED ? MPP_OK : one);
    }
  }
  MPP_TRY(st);
  for (size_t i = 0; i < j->scores->nhorizons * B; i++) {
    mpp_scorer_add(r, MPP_BY_MODEL, i / B, i % B, B,
                   j->reached[i] ? j->ahead + i * r->frame : NULL);
  }
done:
  return st;
}

mpp_status mpp_evaluate(mpp_scores *out, mpp_model *model, mpp_dataset *data,
                        const mpp_evaluate_options *options, mpp_evaluate_observer observer,
                        void *context)
{
  mpp_status st = MPP_OK;
  mpp_scores *scores = NULL;
  job j = {.model = model,
           .data = data,
           .info = mpp_dataset_get_info(data),
           .gain = (mpp_gain)options->gain};
  MPP_TRY(MPP_ALLOC(&scores, 1));
  j.scores = j.scorer.scores = scores;
  scores->stencils = options->stencils;
  mpp_evaluate_split(&scores->distinct, options->split);
  MPP_TRY(set_up(&j, options));
  for (size_t first = 0; first < scores->nwindows; first += j.scorer.shape.B) {
    const size_t left = scores->nwindows - first;
    const size_t B = left < j.scorer.shape.B ? left : j.scorer.shape.B;
    MPP_TRY(load(&j, first, B));
    MPP_TRY(mpp_scorer_baselines(&j.scorer, B));
    if (model != NULL) {
      MPP_TRY(add_model(&j, B));
    }
    for (size_t b = 1; observer != NULL && b <= B; b++) {
      observer(context, first + b, scores->nwindows);
    }
  }
  MPP_TRY(mpp_scorer_finish(&j.scorer, model != NULL));
  if (j.rolled > 0) {
    scores->details->seconds_per_step = j.seconds / (double)j.rolled;
  }
  *out = *scores;
  *scores = (mpp_scores){.nfields = 0};
done:
  tear_down(&j);
  mpp_scores_free(scores);
  mpp_free(scores);
  return st;
}
