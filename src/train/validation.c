/* validation.c - which windows are validated, and the one number that chooses the best model. */
#include "validation.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "stop.h"

bool mpp_validation_add(mpp_validation *v, mpp_dataset *dataset, const mpp_int_list *horizons)
{
  mpp_validation_part part = {.dataset = dataset, .split = MPP_VALID};
  const size_t nframes = mpp_dataset_get_info(dataset)->nframes;
  size_t first = 0, count = 0;
  mpp_dataset_split(dataset, MPP_VALID, &first, &count);
  if (count == 0) {
    part.split = MPP_TEST;
    mpp_dataset_split(dataset, MPP_TEST, &first, &count);
  }
  for (size_t i = 0; i < horizons->count; i++) {
    if (horizons->item[i] > 0 && v->context + (size_t)horizons->item[i] <= nframes) {
      part.horizons.item[part.horizons.count++] = horizons->item[i];
    }
  }
  if (count == 0 || part.horizons.count == 0) {
    return false;
  }
  v->part[v->count++] = part;
  return true;
}

/* The lowest NRMSE of the trivial predictors, mean over fields. */
static double best_trivial(const mpp_scores *s, size_t horizon)
{
  double best = INFINITY;
  for (mpp_predictor p = MPP_BY_PERSISTENCE; p < MPP_BY_STENCIL_LINEAR; p++) {
    best = fmin(best, mpp_scores_mean(s, p, horizon).nrmse);
  }
  return best;
}

static double score_of(const mpp_scores *scores, size_t count)
{
  double sum = 0.0;
  size_t terms = 0;
  for (size_t i = 0; i < count; i++) {
    for (size_t h = 0; h < scores[i].nhorizons; h++) {
      /* 1e-9: data that stand still are predicted exactly by persistence. */
      sum += mpp_scores_mean(&scores[i], MPP_BY_MODEL, h).nrmse /
             fmax(best_trivial(&scores[i], h), 1e-9);
      terms++;
    }
  }
  return sum / (double)terms;
}

mpp_status mpp_validation_run(mpp_validation *v, double *score, bool *complete, mpp_model *model)
{
  mpp_status st = MPP_OK;
  mpp_evaluate_options *options = NULL;
  MPP_TRY(MPP_ALLOC(&options, 1));
  options->context = (long)v->context;
  options->windows = (long)v->windows;
  for (size_t i = 0; i < v->count; i++) {
    if (mpp_stop_requested()) {
      *complete = false;
      goto done;
    }
    mpp_scores_free(&v->scores[i]);
    options->horizons = v->part[i].horizons;
    options->split = (int)v->part[i].split;
    st = mpp_evaluate(&v->scores[i], model, v->part[i].dataset, options, NULL, NULL);
    if (st == MPP_STOPPED) { /* while it waited for data */
      *complete = false;
      st = MPP_OK;
      goto done;
    }
    MPP_TRY(st);
  }
  *score = score_of(v->scores, v->count);
  *complete = true;
done:
  mpp_free(options);
  return st;
}

void mpp_validation_free(mpp_validation *v)
{
  for (size_t i = 0; i < v->count; i++) { mpp_scores_free(&v->scores[i]); }
  *v = (mpp_validation){0};
}
