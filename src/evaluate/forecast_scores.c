/* forecast_scores.c - scores of forecasts in files: the prediction of each is the row of the model,
 * and the predictors without training start from the same context where the dataset can be read. */
#include <math.h>
#include <netcdf.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "forecast_file.h"
#include "scorer.h"

typedef struct job {
  const char *const *path;
  size_t npaths;
  const mpp_evaluate_options *options;
  mpp_scores *scores;
  mpp_scorer scorer;
  mpp_forecast_file file; /* the one at hand; a netCDF file at a time */
  mpp_forecast_file first;
  size_t *group; /* [npaths] of equal dataset, sample */
  size_t ngroups;
} job;

/* Where a forecast is from. */
typedef struct origin {
  char dataset[MPP_TEXT_MAX];
  long sample, start;
} origin;

static mpp_status hold_same(const job *j, const mpp_forecast_file *f)
{
  mpp_status st = MPP_OK;
  const mpp_forecast_file *first = &j->first;
  bool same = f->nfields == first->nfields && f->context == first->context &&
              f->stride == first->stride && f->masked == first->masked &&
              memcmp(f->grid, first->grid, sizeof f->grid) == 0;
  for (size_t c = 0; same && c < f->nfields; c++) {
    same = strcmp(f->field[c], first->field[c]) == 0;
  }
  MPP_REQUIRE(same, MPP_ERR_DATA,
              "%s: fields, grid or context are not those of %s: score them apart", f->path,
              j->path[0]);
done:
  return st;
}

/* Looks at all files: are they of a kind, how far do they reach, which trajectories are they of? */
static mpp_status survey(job *j, size_t *records)
{
  mpp_status st = MPP_OK;
  origin *from = NULL;
  MPP_TRY(MPP_ALLOC(&from, j->npaths));
  MPP_TRY(MPP_ALLOC(&j->group, j->npaths));
  *records = SIZE_MAX;
  j->scores->first_start = SIZE_MAX;
  for (size_t i = 0; i < j->npaths; i++) {
    mpp_forecast_file *f = &j->file;
    MPP_TRY(mpp_forecast_file_open(f, j->path[i]));
    j->first = i == 0 ? *f : j->first;
    MPP_TRY(hold_same(j, f));
    *records = f->records < *records ? f->records : *records;
    memcpy(from[i].dataset, f->dataset, sizeof f->dataset);
    from[i].sample = f->sample;
    const size_t start = f->start > 0 ? (size_t)f->start : 0;
    j->scores->first_start = start < j->scores->first_start ? start : j->scores->first_start;
    j->scores->last_start = start > j->scores->last_start ? start : j->scores->last_start;
    size_t same = 0; /* files that do not say count as of trajectories of their own */
    while (same < i && (from[i].sample < 0 || from[same].sample != from[i].sample ||
                        strcmp(from[same].dataset, from[i].dataset) != 0)) {
      same++;
    }
    j->group[i] = same < i ? j->group[same] : j->ngroups++;
    mpp_forecast_file_close(f);
  }
done:
  mpp_free(from);
  return st;
}

static mpp_status choose_horizons(job *j, size_t records)
{
  mpp_status st = MPP_OK;
  mpp_scores *s = j->scores;
  const mpp_evaluate_options *o = j->options;
  const size_t wanted = o->steps > 0 ? (size_t)o->steps : records;
  const size_t most = wanted < MPP_MAX_HORIZONS ? wanted : MPP_MAX_HORIZONS;
  MPP_REQUIRE(most <= records, MPP_ERR_DATA, "%s: %zu steps, but truth for %zu only", j->path[0],
              most, records);
  for (size_t i = 0; i < o->horizons.count; i++) {
    MPP_REQUIRE(o->horizons.item[i] >= 1 && (size_t)o->horizons.item[i] <= most, MPP_ERR_DATA,
                "%s: horizon %ld, expected 1 to %zu", j->path[0], o->horizons.item[i], most);
  }
  s->every_step = true;
  s->nhorizons = most;
  for (size_t h = 0; h < most; h++) { s->horizon[h] = (long)h + 1; }
  j->scorer.reach = most;
done:
  return st;
}

/* The context of file `i`; MPP_ERR_NOINPUT or MPP_ERR_DATA where it cannot be had. */
static mpp_status load_context(job *j, const mpp_forecast_file *f)
{
  mpp_status st = MPP_OK;
  float *x = NULL;
  mpp_frames *d = NULL;
  const char *data = j->options->data.count > 0 ? j->options->data.item[0] : "";
  mpp_scorer *r = &j->scorer;
  MPP_TRY(mpp_forecast_context(&x, &d, f, data));
  const mpp_dataset_info *info = mpp_frames_info(d);
  for (int a = 0; a < 3; a++) { /* by name; axes without one are alike */
    for (int b = 0; b < 3; b++) {
      if (strcmp(f->axis[a], info->axis[b]) == 0) {
        r->shape.boundary[a] = info->boundary[b];
      }
    }
  }
  if (r->x != NULL) {
    memcpy(r->x, x, r->shape.T * r->frame * sizeof *x);
  }
done:
  mpp_free(x);
  mpp_frames_close(d);
  return st;
}

/* The predictors without training need the context of every file. */
static mpp_status find_contexts(job *j, const mpp_evaluate_observe_text *say)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < j->npaths && !j->scores->bare; i++) {
    MPP_TRY(mpp_forecast_file_open(&j->file, j->path[i]));
    st = load_context(j, &j->file);
    if (st == MPP_ERR_DATA || st == MPP_ERR_NOINPUT || st == MPP_ERR_USAGE) {
      j->scores->bare = true;
      if (say != NULL && say->text != NULL) {
        say->text(say->context, mpp_last_error());
      }
      st = MPP_OK;
    }
    MPP_TRY(st);
    mpp_forecast_file_close(&j->file);
  }
done:
  return st;
}

static mpp_status set_up(job *j, const mpp_evaluate_observe_text *say)
{
  mpp_status st = MPP_OK;
  size_t records = 0;
  mpp_scores *s = j->scores;
  mpp_scorer *r = &j->scorer;
  MPP_TRY(survey(j, &records));
  const mpp_forecast_file *f = &j->first;
  memcpy(s->system, f->system, sizeof s->system);
  memcpy(s->field, f->field, sizeof s->field);
  s->nfields = f->nfields;
  s->nwindows = j->npaths;
  s->split = MPP_ALL;
  s->of_files = true;
  MPP_TRY(choose_horizons(j, records));
  r->shape.T = f->context > 0 ? (size_t)f->context : 0;
  r->shape.B = 1;
  r->shape.C = f->nfields;
  memcpy(r->shape.grid, f->grid, sizeof r->shape.grid);
  r->cells = f->cells;
  r->frame = f->nfields * f->cells;
  MPP_TRY(find_contexts(j, say));
  MPP_TRY(mpp_scorer_open(r, j->ngroups, f->masked, j->options));
  if (!s->bare) {
    s->details->stride = f->stride > 0 ? (size_t)f->stride : 1;
    MPP_TRY(MPP_ALLOC(&s->details->trajectory, s->nwindows));
    MPP_TRY(MPP_ALLOC(&s->details->start, s->nwindows));
  }
done:
  return st;
}

static bool all_finite(const float *x, size_t n)
{
  bool bad = false;
  for (size_t i = 0; i < n; i++) { bad |= !isfinite(x[i]); }
  return !bad;
}

static mpp_status score_file(job *j, size_t i)
{
  mpp_status st = MPP_OK;
  mpp_scorer *r = &j->scorer;
  mpp_forecast_file *f = &j->file;
  MPP_TRY(mpp_forecast_file_open(f, j->path[i]));
  MPP_REQUIRE(f->records >= r->reach, MPP_ERR_DATA, "%s: has changed", f->path);
  MPP_TRY(hold_same(j, f));
  r->group[0] = j->group[i];
  for (size_t h = 0; h < r->reach; h++) {
    MPP_TRY(mpp_forecast_file_read(f, r->truth + h * r->frame, MPP_FORECAST_TRUTH, h));
    for (size_t k = 0; k < r->frame && r->hidden != NULL; k++) {
      const size_t at = h * r->frame + k;
      r->hidden[at] = (unsigned char)(r->truth[at] == NC_FILL_FLOAT ? 1 : 0);
      r->still[k % r->cells] |= r->hidden[at];
    }
  }
  mpp_scorer_count(r, 0, 1);
  for (size_t h = 0; h < r->reach; h++) {
    MPP_TRY(mpp_forecast_file_read(f, r->y, MPP_FORECAST_PREDICTION, h));
    mpp_scorer_add(r, MPP_BY_MODEL, h, 0, 1, all_finite(r->y, r->frame) ? r->y : NULL);
  }
  if (!j->scores->bare) {
    MPP_TRY(load_context(j, f));
    j->scores->details->trajectory[i] = (size_t)f->sample;
    j->scores->details->start[i] = (size_t)f->start;
    MPP_TRY(mpp_scorer_baselines(r, 1));
  }
done:
  mpp_forecast_file_close(f);
  return st;
}

mpp_status mpp_evaluate_forecasts(mpp_scores *out, const char *const *path, size_t npaths,
                                  const mpp_evaluate_options *options,
                                  mpp_evaluate_observer observer,
                                  const mpp_evaluate_observe_text *say, void *context)
{
  mpp_status st = MPP_OK;
  mpp_scores *scores = NULL;
  job *j = NULL;
  MPP_TRY(MPP_ALLOC(&scores, 1));
  MPP_TRY(MPP_ALLOC(&j, 1));
  *j = (job){.path = path, .npaths = npaths, .options = options, .scores = scores};
  j->file.nc = -1;
  j->scorer.scores = scores;
  scores->stencils = options->stencils;
  MPP_REQUIRE(npaths > 0, MPP_ERR_USAGE, "no forecast to score");
  MPP_TRY(set_up(j, say));
  for (size_t i = 0; i < npaths; i++) {
    MPP_TRY(score_file(j, i));
    if (observer != NULL) {
      observer(context, i + 1, npaths);
    }
  }
  MPP_TRY(mpp_scorer_finish(&j->scorer, true));
  *out = *scores;
  *scores = (mpp_scores){.nfields = 0};
done:
  if (j != NULL) {
    mpp_forecast_file_close(&j->file);
    mpp_scorer_close(&j->scorer);
    mpp_free(j->group);
  }
  mpp_free(j);
  mpp_scores_free(scores);
  mpp_free(scores);
  return st;
}
