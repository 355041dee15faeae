/* scorer.c - the predictors without training on a batch of windows, and sums of what is
 * measured. */
#include "scorer.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "autoregression.h"
#include "bootstrap.h"
#include "check.h"
#include "window.h"
#include "window_scores.h"

static mpp_status choose_spectra(mpp_score_details *d, const mpp_scores *s,
                                 const mpp_int_list *wanted)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; i < wanted->count; i++) {
    bool scored = false;
    for (size_t h = 0; h < s->nhorizons; h++) {
      scored = scored || s->horizon[h] == wanted->item[i];
    }
    MPP_REQUIRE(scored, MPP_ERR_USAGE, "a spectrum at step %ld, which is not scored",
                wanted->item[i]);
    d->spectrum_step[d->nspectra++] = wanted->item[i];
  }
done:
  return st;
}

mpp_status mpp_scorer_open(mpp_scorer *s, size_t ngroups, bool masked,
                           const mpp_evaluate_options *options)
{
  mpp_status st = MPP_OK;
  mpp_scores *scores = s->scores;
  mpp_score_details *d = NULL;
  const size_t H = scores->nhorizons, C = scores->nfields, B = s->shape.B;
  scores->ntrajectories = ngroups;
  scores->context = s->shape.T;
  MPP_TRY(MPP_ALLOC(&d, 1));
  scores->details = d;
  d->stride = 1;
  d->seconds_per_step = NAN;
  d->confidence = 0.95;
  d->resamples = ngroups > 1 && options->resamples > 1 ? (size_t)options->resamples : 0;
  MPP_TRY(mpp_meter_create(&s->meter, s->shape.grid, C));
  MPP_TRY(choose_spectra(d, scores, &options->spectra));
  d->nbins = mpp_meter_power_bins(s->meter);
  if (d->nspectra > 0) {
    MPP_TRY(MPP_ALLOC(&d->power, (MPP_PREDICTORS + 1) * d->nspectra * C * d->nbins));
  }
  MPP_TRY(mpp_tally_create(&s->tally, s->meter, ngroups, (size_t)mpp_scores_end(scores), H, C));
  MPP_TRY(MPP_ALLOC(&s->record, C * mpp_meter_length(s->meter)));
  MPP_TRY(MPP_ALLOC(&s->power, C * d->nbins));
  MPP_TRY(MPP_ALLOC(&s->x, s->shape.T * B * s->frame));
  MPP_TRY(MPP_ALLOC(&s->truth, H * B * s->frame));
  MPP_TRY(MPP_ALLOC(&s->y, B * s->frame));
  if (masked) {
    MPP_TRY(MPP_ALLOC(&s->hidden, H * B * s->frame));
    MPP_TRY(MPP_ALLOC(&s->still, B * s->cells));
  }
done:
  return st;
}

void mpp_scorer_close(mpp_scorer *s)
{
  mpp_meter_destroy(s->meter);
  mpp_tally_free(&s->tally);
  mpp_free(s->record);
  mpp_free(s->power);
  mpp_free(s->x);
  mpp_free(s->truth);
  mpp_free(s->y);
  mpp_free(s->hidden);
  mpp_free(s->still);
}

/* Adds the power of a frame if the horizon has spectra. y = NULL: not a number. */
static void add_power(mpp_scorer *s, size_t p, size_t h, const float *y)
{
  const mpp_scores *scores = s->scores;
  const mpp_score_details *d = scores->details;
  const size_t n = scores->nfields * d->nbins;
  for (size_t k = 0; k < d->nspectra; k++) {
    if (d->spectrum_step[k] != scores->horizon[h]) {
      continue;
    }
    double *sum = d->power + (p * d->nspectra + k) * n;
    if (y != NULL) {
      mpp_meter_power(s->meter, s->power, y);
    }
    for (size_t i = 0; i < n; i++) { sum[i] += y != NULL ? s->power[i] : INFINITY; }
  }
}

/* The mask of horizon h of window b holds for what is measured next. */
static void hide(mpp_scorer *s, size_t h, size_t b, size_t B)
{
  mpp_meter_hide(s->meter, s->hidden != NULL ? s->hidden + (h * B + b) * s->frame : NULL);
}

void mpp_scorer_count(mpp_scorer *s, size_t b, size_t B)
{
  s->tally.windows[s->group[b]]++;
  for (size_t h = 0; h < s->scores->nhorizons; h++) {
    hide(s, h, b, B);
    add_power(s, MPP_PREDICTORS, h, s->truth + (h * B + b) * s->frame);
  }
}

void mpp_scorer_add(mpp_scorer *s, mpp_predictor p, size_t h, size_t b, size_t B, const float *y)
{
  hide(s, h, b, B);
  if (y != NULL) {
    mpp_meter_measure(s->meter, s->record, y, s->truth + (h * B + b) * s->frame);
  } else {
    mpp_meter_diverged(s->meter, s->record);
  }
  mpp_tally_add(&s->tally, s->group[b], p, h, s->record);
  add_power(s, (size_t)p, h, y);
}

/* What a predictor without training takes from the windows. */
typedef struct fitted {
  int order[MPP_SCORER_BATCH * MPP_MAX_FIELDS];
  double coefficient[MPP_SCORER_BATCH * MPP_MAX_FIELDS * MPP_AUTOREGRESSION_ORDER];
} fitted;

static void fit(fitted *f, mpp_predictor p, const mpp_scorer *s, size_t B)
{
  const size_t C = s->shape.C, T = s->shape.T;
  float scale[MPP_SCORER_BATCH * MPP_MAX_FIELDS];
  if (p == MPP_BY_AUTOREGRESSION) {
    mpp_autoregression_fit(f->coefficient, scale, s->x, T, B, C, s->cells);
  } else if (p == MPP_BY_BACKTEST) {
    mpp_window_backtest(f->order, scale, s->x, -1, T, B, C, s->cells);
  } else {
    for (size_t i = 0; i < B * C; i++) { f->order[i] = (int)p - MPP_BY_PERSISTENCE; }
  }
}

static void predict(mpp_scorer *s, const fitted *f, mpp_predictor p, size_t steps, size_t B)
{
  const size_t C = s->shape.C, T = s->shape.T;
  if (p == MPP_BY_AUTOREGRESSION) {
    mpp_autoregression_extrapolate(s->y, s->x, f->coefficient, steps, T, B, C, s->cells);
  } else {
    mpp_window_extrapolate(s->y, s->x, f->order, steps, T, B, C, s->cells);
  }
}

mpp_status mpp_scorer_baselines(mpp_scorer *s, size_t B)
{
  mpp_status st = MPP_OK;
  const mpp_scores *scores = s->scores;
  const mpp_predictor end = mpp_scores_end(scores);
  fitted f;
  for (mpp_predictor p = MPP_BY_PERSISTENCE; p < end && p < MPP_BY_STENCIL_LINEAR; p++) {
    fit(&f, p, s, B);
    for (size_t h = 0; h < scores->nhorizons; h++) {
      predict(s, &f, p, (size_t)scores->horizon[h], B);
      for (size_t b = 0; b < B; b++) { mpp_scorer_add(s, p, h, b, B, s->y + b * s->frame); }
    }
  }
  for (size_t b = 0; b < B && end > MPP_BY_STENCIL_LINEAR; b++) {
    mpp_window w = {
        .x = s->x + b * s->frame, .T = s->shape.T, .C = s->shape.C, .stride = B * s->frame};
    w.mask = s->still != NULL ? s->still + b * s->cells : NULL;
    for (int a = 0; a < 3; a++) {
      w.grid[a] = s->shape.grid[a];
      w.edge[a] = mpp_edge_of(s->shape.boundary[a]);
    }
    MPP_TRY(mpp_window_scores_add(s, &w, b, B));
  }
done:
  return st;
}

/* Metrics of all predictors from the sums; rows of a model that is not there become NaN. */
static void fill_values(mpp_scorer *s, bool has_model)
{
  mpp_scores *scores = s->scores;
  const size_t H = scores->nhorizons, C = scores->nfields, n = (C + 1) * MPP_METRICS;
  for (size_t i = 0; i < (size_t)MPP_PREDICTORS * H; i++) {
    const mpp_predictor p = (mpp_predictor)(i / H);
    double *value = scores->details->value + i * n;
    if (p < mpp_scores_end(scores)) {
      mpp_tally_metrics(&s->tally, value, p, i % H, NULL, s->record);
    }
    for (size_t k = 0; !has_model && p == MPP_BY_MODEL && k < n; k++) { value[k] = NAN; }
    for (size_t f = 0; f < C; f++) {
      scores->score[i * C + f] = (mpp_score){value[f * MPP_METRICS + MPP_METRIC_NRMSE],
                                             value[f * MPP_METRICS + MPP_METRIC_VRMSE]};
    }
  }
}

mpp_status mpp_scorer_finish(mpp_scorer *s, bool has_model)
{
  mpp_status st = MPP_OK;
  mpp_scores *scores = s->scores;
  mpp_score_details *d = scores->details;
  const size_t n = (size_t)MPP_PREDICTORS * scores->nhorizons * (scores->nfields + 1) * MPP_METRICS;
  MPP_TRY(MPP_ALLOC(&scores->score, MPP_PREDICTORS * scores->nhorizons * scores->nfields));
  MPP_TRY(MPP_ALLOC(&d->value, n));
  fill_values(s, has_model);
  if (d->resamples > 0) {
    MPP_TRY(MPP_ALLOC(&d->low, n));
    MPP_TRY(MPP_ALLOC(&d->high, n));
    MPP_TRY(mpp_bootstrap(d->low, d->high, &s->tally, d->resamples, d->confidence));
  }
  const size_t bins = (MPP_PREDICTORS + 1) * d->nspectra * scores->nfields * d->nbins;
  for (size_t i = 0; i < bins; i++) { d->power[i] /= (double)scores->nwindows; }
done:
  return st;
}
