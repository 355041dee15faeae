/* evaluate.c - scores of a model and of the trivial predictors on the same windows. A window is T
 * context frames and the frames up to the largest horizon; windows are spread evenly over all
 * (trajectory, start) of a split. The model rolls a few windows at a time as one batch. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "autoregression.h"
#include "check.h"
#include "mpp/metrics.h"
#include "mpp/rollout.h"
#include "window.h"
#include "window_scores.h"

enum { BATCH = 4, DEFAULT_CONTEXT = 16 };
static const size_t batch_floats = (size_t)1 << 26; /* of the windows of a batch: 256 MiB */
static const long default_horizons[] = {1, 5, 10, 20};

#define MEMBER(member) offsetof(mpp_evaluate_options, member)
const mpp_option mpp_evaluate_table[] = {
    {"model", 'm', MPP_OPT_TEXT, MEMBER(model), NULL, 0, 0, NULL, "FILE",
     "checkpoint to evaluate; without one the trivial predictors alone are scored"},
    {"data", 'd', MPP_OPT_TEXTS, MEMBER(data), NULL, 0, 0, NULL, "FILE[:SYSTEM]",
     "datasets to evaluate on"},
    {"horizons", 'n', MPP_OPT_INTS, MEMBER(horizons), NULL, 1, 1e6, NULL, "N,...",
     "steps ahead; default: those of 1,5,10,20 that the trajectories allow"},
    {"context", 0, MPP_OPT_LONG, MEMBER(context), "0", 0, 4096, NULL, "T",
     "context frames; 0: the model's, or 16 without a model"},
    {"windows", 'w', MPP_OPT_LONG, MEMBER(windows), "64", 0, 1e9, NULL, "N",
     "windows per dataset, evenly spread; 0: all"},
    {"split", 0, MPP_OPT_CHOICE, MEMBER(split), "test", 0, 0, "train|valid|test|all", "SPLIT",
     "trajectories to take; an empty split is replaced: test by valid, valid by all"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "x=B,y=B",
     "boundaries, periodic or open, instead of the file's"},
    {"train-fraction", 0, MPP_OPT_REAL, MEMBER(train_fraction), "0", 0, 1, NULL, "F",
     "share of the trajectories that train; 0 in both: the published 0.8 and 0.1"},
    {"valid-fraction", 0, MPP_OPT_REAL, MEMBER(valid_fraction), "0", 0, 1, NULL, "F",
     "share of the trajectories that validate"},
    {"stencils", 0, MPP_OPT_FLAG, MEMBER(stencils), "1", 0, 0, NULL, NULL,
     "score local stencils fitted to each window, and the choice among all predictors, too"},
    {"threads", 't', MPP_OPT_LONG, MEMBER(threads), "0", 0, 4096, NULL, "N",
     "threads; 0: all. Results do not depend on it"},
    {"json", 0, MPP_OPT_FLAG, MEMBER(json), NULL, 0, 0, NULL, NULL, "print JSON"},
    {.name = NULL}};
#undef MEMBER

/* One evaluation. Windows are numbered over trajectory and start, start fastest. */
typedef struct job {
  mpp_model *model; /* or NULL */
  mpp_dataset *data;
  const mpp_dataset_info *info;
  mpp_scores *scores; /* sums until the end */
  mpp_window_shape shape;
  size_t cells, reach;               /* of a field; largest horizon */
  size_t trajectory, starts, choice; /* first one; starts in each; windows to choose from */
  size_t batch;                      /* windows at a time */
  float *frames;                     /* [T + reach, C, S] of one window */
  float *x, *truth;                  /* [T, B, C, S], [nhorizons, B, C, S] */
  float *y, *single;                 /* [B, C, S], [T, C, S] */
  mpp_score *of_window;              /* [B, nhorizons, C] */
} job;

static mpp_status choose_split(mpp_split *split, size_t *first, size_t *count,
                               const mpp_dataset *data, int wanted)
{
  mpp_status st = MPP_OK;
  *split = (mpp_split)wanted;
  MPP_REQUIRE(wanted >= MPP_TRAIN && wanted <= MPP_ALL, MPP_ERR_USAGE, "split %d is none of 0..3",
              wanted);
  mpp_dataset_split(data, *split, first, count);
  if (*count == 0 && *split == MPP_TEST) {
    *split = MPP_VALID;
    mpp_dataset_split(data, *split, first, count);
  }
  if (*count == 0) {
    *split = MPP_ALL;
    mpp_dataset_split(data, *split, first, count);
  }
  MPP_REQUIRE(*count > 0, MPP_ERR_DATA, "%s: has no trajectories",
              mpp_dataset_get_info(data)->path);
done:
  return st;
}

/* Fills horizons; *reach is the largest. */
static mpp_status choose_horizons(mpp_scores *scores, size_t *reach, const mpp_dataset_info *info,
                                  const mpp_int_list *wanted, size_t T)
{
  mpp_status st = MPP_OK;
  const size_t most = info->nframes > T ? info->nframes - T : 0;
  *reach = 0;
  if (wanted->count == 0) {
    for (size_t i = 0; i < sizeof default_horizons / sizeof default_horizons[0]; i++) {
      if ((size_t)default_horizons[i] <= most || i == 0) {
        scores->horizon[scores->nhorizons++] = default_horizons[i];
      }
    }
  }
  for (size_t i = 0; i < wanted->count; i++) {
    MPP_REQUIRE(wanted->item[i] >= 1, MPP_ERR_USAGE, "horizon %ld, expected 1 or more",
                wanted->item[i]);
    scores->horizon[scores->nhorizons++] = wanted->item[i];
  }
  for (size_t h = 0; h < scores->nhorizons; h++) {
    *reach = (size_t)scores->horizon[h] > *reach ? (size_t)scores->horizon[h] : *reach;
  }
  MPP_REQUIRE(*reach <= most, MPP_ERR_DATA,
              "%s: trajectories of %zu frames, expected at least %zu (context %zu, horizon %zu)",
              info->path, info->nframes, T + *reach, T, *reach);
done:
  return st;
}

static mpp_status set_up(job *j, const mpp_evaluate_options *options)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = j->info;
  mpp_scores *s = j->scores;
  size_t count = 0, size = 0;
  memcpy(s->system, info->system, sizeof s->system);
  memcpy(s->field, info->field, sizeof s->field);
  s->nfields = info->nfields;
  j->shape.T = options->context > 0 ? (size_t)options->context
               : j->model != NULL   ? (size_t)mpp_model_get_config(j->model)->context
                                    : DEFAULT_CONTEXT;
  j->shape.C = info->nfields;
  memcpy(j->shape.grid, info->grid, sizeof j->shape.grid);
  memcpy(j->shape.boundary, info->boundary, sizeof j->shape.boundary);
  if (j->model != NULL) {
    MPP_TRY(mpp_model_columns(j->model, j->shape.column, info->field, info->nfields));
  }
  MPP_TRY(choose_split(&s->split, &j->trajectory, &count, j->data, options->split));
  MPP_TRY(choose_horizons(s, &j->reach, info, &options->horizons, j->shape.T));
  j->starts = info->nframes - j->shape.T - j->reach + 1;
  MPP_REQUIRE(mpp_mul(&j->choice, count, j->starts), MPP_ERR_DATA, "%s: too many windows",
              info->path);
  s->nwindows = options->windows > 0 && (size_t)options->windows < j->choice
                    ? (size_t)options->windows
                    : j->choice;
  MPP_REQUIRE(mpp_product(&j->cells, info->grid, 3) && mpp_mul(&size, j->cells, info->nfields) &&
                  mpp_mul(&size, size, j->shape.T + j->reach) && size > 0,
              MPP_ERR_DATA, "%s: a window is empty or too large", info->path);
  MPP_REQUIRE(j->cells > 1, MPP_ERR_DATA, "%s: a grid of one cell has no scores", info->path);
  j->batch = batch_floats / size < 1       ? 1
             : batch_floats / size < BATCH ? batch_floats / size
                                           : BATCH;
  const size_t frame = info->nfields * j->cells;
  MPP_TRY(MPP_ALLOC(&s->score, MPP_PREDICTORS * s->nhorizons * s->nfields));
  MPP_TRY(MPP_ALLOC(&j->of_window, j->batch * s->nhorizons * s->nfields));
  MPP_TRY(MPP_ALLOC(&j->frames, size));
  MPP_TRY(MPP_ALLOC(&j->x, j->shape.T * j->batch * frame));
  MPP_TRY(MPP_ALLOC(&j->truth, s->nhorizons * j->batch * frame));
  MPP_TRY(MPP_ALLOC(&j->y, j->batch * frame));
  MPP_TRY(MPP_ALLOC(&j->single, j->shape.T * frame));
done:
  return st;
}

static void tear_down(job *j)
{
  mpp_free(j->of_window);
  mpp_free(j->frames);
  mpp_free(j->x);
  mpp_free(j->truth);
  mpp_free(j->y);
  mpp_free(j->single);
}

/* Reads windows first .. first + B - 1 of those evaluated. */
static mpp_status load(job *j, size_t first, size_t B)
{
  mpp_status st = MPP_OK;
  const size_t frame = j->shape.C * j->cells, T = j->shape.T;
  for (size_t b = 0; b < B; b++) {
    /* the middle of the (first + b)-th of nwindows equal parts of the choice */
    const double part = (double)j->choice / (double)j->scores->nwindows;
    const size_t at = (size_t)(((double)(first + b) + 0.5) * part);
    const size_t window = at < j->choice ? at : j->choice - 1;
    MPP_TRY(mpp_dataset_read(j->data, j->frames, j->trajectory + window / j->starts,
                             window % j->starts, T + j->reach));
    for (size_t t = 0; t < T; t++) {
      memcpy(j->x + (t * B + b) * frame, j->frames + t * frame, frame * sizeof(float));
    }
    for (size_t h = 0; h < j->scores->nhorizons; h++) {
      memcpy(j->truth + (h * B + b) * frame,
             j->frames + (T + (size_t)j->scores->horizon[h] - 1) * frame, frame * sizeof(float));
    }
  }
done:
  return st;
}

static mpp_score score(const job *j, const float *y, const float *truth)
{
  return (mpp_score){mpp_nrmse(y, truth, j->cells), mpp_vrmse(y, truth, j->cells)};
}

/* What a predictor without training takes from the windows. */
typedef struct fitted {
  int order[BATCH * MPP_MAX_FIELDS];
  double coefficient[BATCH * MPP_MAX_FIELDS * MPP_AUTOREGRESSION_ORDER];
} fitted;

static void fit(fitted *f, mpp_predictor p, const job *j, size_t B)
{
  const size_t C = j->scores->nfields, T = j->shape.T;
  float scale[BATCH * MPP_MAX_FIELDS];
  if (p == MPP_BY_AUTOREGRESSION) {
    mpp_autoregression_fit(f->coefficient, scale, j->x, T, B, C, j->cells);
  } else if (p == MPP_BY_BACKTEST) {
    mpp_window_backtest(f->order, scale, j->x, -1, T, B, C, j->cells);
  } else {
    for (size_t i = 0; i < B * C; i++) { f->order[i] = (int)p - MPP_BY_PERSISTENCE; }
  }
}

static void predict(job *j, const fitted *f, mpp_predictor p, size_t steps, size_t B)
{
  const size_t C = j->scores->nfields, T = j->shape.T;
  if (p == MPP_BY_AUTOREGRESSION) {
    mpp_autoregression_extrapolate(j->y, j->x, f->coefficient, steps, T, B, C, j->cells);
  } else {
    mpp_window_extrapolate(j->y, j->x, f->order, steps, T, B, C, j->cells);
  }
}

static void add_trivial(job *j, size_t B)
{
  const mpp_scores *s = j->scores;
  const size_t C = s->nfields;
  fitted f;
  for (mpp_predictor p = MPP_BY_PERSISTENCE; p < MPP_BY_STENCIL_LINEAR; p++) {
    fit(&f, p, j, B);
    for (size_t h = 0; h < s->nhorizons; h++) {
      predict(j, &f, p, (size_t)s->horizon[h], B);
      for (size_t i = 0; i < B * C; i++) {
        const mpp_score one = score(j, j->y + i * j->cells, j->truth + (h * B * C + i) * j->cells);
        mpp_score *sum = &s->score[((size_t)p * s->nhorizons + h) * C + i % C];
        sum->nrmse += one.nrmse;
        sum->vrmse += one.vrmse;
      }
    }
  }
}

static mpp_status add_stencils(job *j, size_t B)
{
  mpp_status st = MPP_OK;
  const size_t frame = j->shape.C * j->cells;
  for (size_t b = 0; b < B; b++) {
    mpp_window w = {.x = j->x + b * frame, .T = j->shape.T, .C = j->shape.C, .stride = B * frame};
    for (int a = 0; a < 3; a++) {
      w.grid[a] = j->shape.grid[a];
      w.edge[a] = mpp_edge_of(j->shape.boundary[a]);
    }
    MPP_TRY(mpp_window_scores_add(j->scores, &w, j->reach, j->truth + b * frame, B * frame, j->y));
  }
done:
  return st;
}

/* Rolls a batch x [T, B, C, S] that is number `b0`.. of `stride` windows in j->truth; scores go to
 * of_window, infinity from a divergence on. */
static mpp_status roll(job *j, const float *x, size_t b0, size_t B, size_t stride)
{
  mpp_status st = MPP_OK;
  mpp_forecast *forecast = NULL;
  const mpp_scores *s = j->scores;
  const size_t C = s->nfields;
  mpp_window_shape shape = j->shape;
  shape.B = B;
  for (size_t i = b0 * s->nhorizons * C; i < (b0 + B) * s->nhorizons * C; i++) {
    j->of_window[i] = (mpp_score){INFINITY, INFINITY};
  }
  MPP_TRY(mpp_forecast_create(&forecast, j->model, x, &shape));
  for (size_t step = 1; step <= j->reach; step++) {
    MPP_TRY(mpp_forecast_step(forecast, j->y));
    for (size_t h = 0; h < s->nhorizons; h++) {
      for (size_t i = 0; (size_t)s->horizon[h] == step && i < B * C; i++) {
        const size_t b = b0 + i / C, f = i % C;
        j->of_window[(b * s->nhorizons + h) * C + f] =
            score(j, j->y + i * j->cells, j->truth + ((h * stride + b) * C + f) * j->cells);
      }
    }
  }
done:
  mpp_forecast_destroy(forecast);
  return st;
}

static mpp_status add_model(job *j, size_t B)
{
  mpp_status st = roll(j, j->x, 0, B, B);
  const mpp_scores *s = j->scores;
  const size_t frame = j->shape.C * j->cells;
  if (st == MPP_ERR_DIVERGED) { /* which of them did shows when each is rolled alone */
    st = MPP_OK;
    for (size_t b = 0; b < B; b++) {
      for (size_t t = 0; t < j->shape.T; t++) {
        memcpy(j->single + t * frame, j->x + (t * B + b) * frame, frame * sizeof(float));
      }
      const mpp_status one = roll(j, j->single, b, 1, B);
      MPP_TRY(one == MPP_ERR_DIVERGED ? MPP_OK : one);
    }
  }
  MPP_TRY(st);
  for (size_t b = 0; b < B; b++) {
    for (size_t i = 0; i < s->nhorizons * s->nfields; i++) {
      s->score[i].nrmse += j->of_window[b * s->nhorizons * s->nfields + i].nrmse;
      s->score[i].vrmse += j->of_window[b * s->nhorizons * s->nfields + i].vrmse;
    }
  }
done:
  return st;
}

static void finish(mpp_scores *s, bool has_model)
{
  for (size_t i = 0; i < MPP_PREDICTORS * s->nhorizons * s->nfields; i++) {
    s->score[i].nrmse /= (double)s->nwindows;
    s->score[i].vrmse /= (double)s->nwindows;
  }
  for (size_t i = 0; !has_model && i < s->nhorizons * s->nfields; i++) {
    s->score[i] = (mpp_score){NAN, NAN};
  }
}

mpp_status mpp_evaluate(mpp_scores *out, mpp_model *model, mpp_dataset *data,
                        const mpp_evaluate_options *options, mpp_evaluate_observer observer,
                        void *context)
{
  mpp_status st = MPP_OK;
  mpp_scores scores;
  memset(&scores, 0, sizeof scores);
  job j = {.model = model, .data = data, .info = mpp_dataset_get_info(data), .scores = &scores};
  scores.stencils = options->stencils;
  MPP_TRY(set_up(&j, options));
  for (size_t first = 0; first < scores.nwindows; first += j.batch) {
    const size_t left = scores.nwindows - first, B = left < j.batch ? left : j.batch;
    MPP_TRY(load(&j, first, B));
    add_trivial(&j, B);
    if (scores.stencils) {
      MPP_TRY(add_stencils(&j, B));
    }
    if (model != NULL) {
      MPP_TRY(add_model(&j, B));
    }
    for (size_t b = 1; observer != NULL && b <= B; b++) {
      observer(context, first + b, scores.nwindows);
    }
  }
  finish(&scores, model != NULL);
  *out = scores;
  memset(&scores, 0, sizeof scores);
done:
  tear_down(&j);
  mpp_scores_free(&scores);
  return st;
}
