/* micro_batch.c - noise, rolling ahead, forward pass, loss, backward pass. */
#include "micro_batch.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "config.h"
#include "nn.h"
#include "rng.h"
#include "threads.h"

void mpp_micro_work_free(mpp_micro_work *w)
{
  mpp_free(w->window);
  mpp_free(w->prediction);
  mpp_free(w->dprediction);
  mpp_free(w->target);
  mpp_free(w->base);
  mpp_free(w->hidden);
  mpp_free(w->mean);
  mpp_free(w->sd);
  mpp_free(w->denominator);
  *w = (mpp_micro_work){0};
}

/* Room for `count` floats in *array, whose content is lost. */
static mpp_status regrow(float **array, size_t count)
{
  mpp_free(*array);
  *array = NULL;
  return MPP_ALLOC(array, count);
}

static mpp_status reserve(mpp_micro_work *w, size_t frames, size_t frame, size_t rows, bool picked)
{
  mpp_status st = MPP_OK;
  size_t window;
  MPP_REQUIRE(mpp_mul(&window, frames, frame), MPP_ERR_NOMEM,
              "a window of %zu frames of %zu values is too large", frames, frame);
  if (window > w->window_count) {
    w->window_count = 0;
    MPP_TRY(regrow(&w->window, window));
    w->window_count = window;
  }
  if (frame > w->frame_count) {
    w->frame_count = 0;
    MPP_TRY(regrow(&w->prediction, frame));
    MPP_TRY(regrow(&w->dprediction, frame));
    w->frame_count = frame;
  }
  if (picked && frame > w->picked_count) {
    w->picked_count = 0;
    MPP_TRY(regrow(&w->target, frame));
    MPP_TRY(regrow(&w->base, frame));
    mpp_free(w->hidden);
    w->hidden = NULL;
    MPP_TRY(MPP_ALLOC(&w->hidden, frame));
    w->picked_count = frame;
  }
  if (rows > w->row_count) {
    w->row_count = 0;
    MPP_TRY(regrow(&w->mean, rows));
    MPP_TRY(regrow(&w->sd, rows));
    mpp_free(w->denominator);
    w->denominator = NULL;
    MPP_TRY(MPP_ALLOC(&w->denominator, rows));
    w->row_count = rows;
  }
done:
  return st;
}

/* window += noise * sd * normal, sd [B, C] of the field in the window before, but for given
 * fields. */
static void add_noise(float *window, const float *sd, const mpp_objective *objective,
                      uint64_t position, const mpp_window_shape *shape, size_t s)
{
  const size_t rows = shape->B * shape->C;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < shape->T * rows; k++) {
    if (k % shape->C >= shape->C - shape->given) {
      continue;
    }
    const double amplitude = objective->noise * sd[k % rows];
    float *x = window + k * s;
    for (size_t i = 0; i < s; i++) {
      const double draw =
          mpp_rng_normal(objective->seed, MPP_STREAM_NOISE, position, (uint32_t)(k * s + i));
      x[i] = (float)(x[i] + amplitude * draw);
    }
  }
}

mpp_window_shape mpp_micro_largest_shape(const mpp_window_shape *shape, const mpp_model *model,
                                         bool jitter)
{
  mpp_window_shape largest = *shape;
  const bool shifts = jitter && mpp_config_patch_size(&model->config) > 1;
  for (int a = 0; a < 3; a++) { largest.shift[a] = shifts && shape->grid[a] > 1 ? 1 : 0; }
  return largest;
}

/* Lays the patch grid for pass number `pass` of a micro-batch. */
static void lay_patches(mpp_window_shape *shape, const mpp_model *model,
                        const mpp_objective *objective, uint64_t position, uint64_t pass)
{
  const uint64_t patch = (uint64_t)mpp_config_patch_size(&model->config);
  for (uint32_t a = 0; a < 3 && objective->jitter; a++) {
    const uint32_t draw = 3 * (uint32_t)pass + a;
    shape->shift[a] = shape->grid[a] == 1 ? 0
                                          : mpp_rng_below(objective->seed, MPP_STREAM_JITTER,
                                                          position, draw, patch);
  }
}

/* all [B]: the items of fit, or where there are none new ones, which the caller frees. */
static mpp_status complete_fits(mpp_window_fit **all, mpp_window_fit *const *fit,
                                const mpp_model *model, const float *x,
                                const mpp_window_shape *shape)
{
  for (size_t b = 0; b < shape->B; b++) { all[b] = fit != NULL ? fit[b] : NULL; }
  return mpp_predict_fit(all, model, x, shape);
}

static void free_fits(mpp_window_fit **all, mpp_window_fit *const *fit, size_t B)
{
  for (size_t b = 0; all != NULL && b < B; b++) {
    if (fit == NULL || fit[b] == NULL) {
      mpp_window_fit_destroy(all[b]);
    }
  }
  mpp_free(all);
}

/* The predicted fields of a frame [B, C, S], or of its mask, side by side in `to`; the frame itself
 * where none are given. */
static const void *pick(void *to, const void *from, size_t size, const mpp_window_shape *shape,
                        size_t s)
{
  if (shape->given == 0) {
    return from;
  }
  const size_t bytes = shape->C * s * size, kept = (shape->C - shape->given) * s * size;
  for (size_t b = 0; b < shape->B; b++) {
    memcpy((char *)to + b * kept, (const char *)from + b * bytes, kept);
  }
  return to;
}

/* The window moves on over its own prediction, `steps` times; given fields are those of the frames
 * `next` that follow. */
static mpp_status roll(mpp_model *model, mpp_micro_work *work, mpp_window_fit *const *fit,
                       mpp_window_shape *shape, const mpp_objective *objective, uint64_t position,
                       uint64_t steps, const float *next, size_t s)
{
  mpp_status st = MPP_OK;
  const size_t sample = shape->C * s, kept = sample - shape->given * s, frame = shape->B * sample;
  float *last = work->window + (shape->T - 1) * frame;
  for (uint64_t j = 0; j < steps; j++) {
    lay_patches(shape, model, objective, position, j + 1);
    MPP_TRY(
        mpp_predict_forward_fitted(model, work->prediction, work->window, shape, fit, false, NULL));
    memmove(work->window, work->window + frame, (shape->T - 1) * frame * sizeof *work->window);
    memcpy(last, next + j * frame, frame * sizeof *last);
    for (size_t b = 0; b < shape->B; b++) {
      memcpy(last + b * sample, work->prediction + b * kept, kept * sizeof *last);
    }
    shape->mask = shape->mask != NULL ? shape->mask + frame : NULL;
  }
done:
  return st;
}

/* den [B, C] = <(base - target)^2> + s^2: how hard the step is for the window's own extrapolation.
 * In mode frame the base is the last frame, and s a thousandth of the field's standard deviation,
 * which keeps fields that stand still from having all the weight; 1e-7 as in the field norm. */
static void denominators(mpp_micro_work *work, const mpp_model *model, const float *target,
                         const unsigned char *hidden, const mpp_window_shape *shape, size_t s)
{
  const size_t C = shape->C - shape->given, rows = shape->B * C;
  const float *base = mpp_predict_base(model), *scale = mpp_predict_scale(model);
  const unsigned char *last = NULL; /* mask of a base that is the last frame itself */
  if (base == NULL) {
    const size_t before = (shape->T - 1) * shape->B * shape->C * s;
    last = shape->mask != NULL ? shape->mask + before : NULL;
    base = pick(work->base, work->window + before, sizeof *work->base, shape, s);
    mpp_field_norm_stats_masked(work->mean, work->sd, work->window, shape->mask, shape->T, shape->B,
                                shape->C, s);
  }
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < rows; k++) {
    const size_t seen = k / C * shape->C + k % C;
    double sum = 0.0, count = (double)s;
    for (size_t i = k * s; i < (k + 1) * s; i++) {
      if ((hidden != NULL && hidden[i] != 0) || (last != NULL && last[seen * s + i - k * s] != 0)) {
        count -= 1.0;
        continue;
      }
      const double e = (double)base[i] - target[i];
      sum += e * e;
    }
    const double floor = scale != NULL ? scale[k] : 1e-3 * work->sd[seen] + 1e-7;
    work->denominator[k] = sum / fmax(count, 1.0) + floor * floor;
  }
}

/* Loss of the prediction against frame `at` of x, and its gradient in work->dprediction. */
static void score(double *loss, double *nrmse, mpp_micro_work *work, const mpp_model *model,
                  const float *x, const unsigned char *mask, const mpp_window_shape *shape,
                  mpp_loss_kind kind, size_t at, double weight)
{
  const size_t s = shape->grid[0] * shape->grid[1] * shape->grid[2];
  const size_t B = shape->B, C = shape->C - shape->given, from = at * B * shape->C * s;
  const float *y = work->prediction;
  const unsigned char *hidden = NULL;
  const double *den = NULL;
  const float *target = pick(work->target, x + from, sizeof *work->target, shape, s);
  memset(work->dprediction, 0, B * C * s * sizeof *work->dprediction);
  if (mask != NULL) {
    hidden = pick(work->hidden, mask + from, 1, shape, s);
    *loss = mpp_masked_mse_forward(nrmse, y, target, hidden, NULL, B, C, s);
  } else {
    *loss = mpp_nmse_forward(nrmse, y, target, B, C, s);
  }
  if (kind == MPP_LOSS_SCALED) {
    denominators(work, model, target, hidden, shape, s);
    den = work->denominator;
  }
  if (mask != NULL) {
    *loss = den != NULL ? mpp_masked_mse_forward(NULL, y, target, hidden, den, B, C, s) : *loss;
    mpp_masked_mse_backward(work->dprediction, y, target, hidden, den, (float)weight, B, C, s);
  } else if (den != NULL) {
    *loss = mpp_scaled_mse_forward(y, target, den, B, C, s);
    mpp_scaled_mse_backward(work->dprediction, y, target, den, (float)weight, B, C, s);
  } else {
    mpp_nmse_backward(work->dprediction, y, target, (float)weight, B, C, s);
  }
}

mpp_status mpp_micro_batch(double *loss, double *nrmse, float *gradients, mpp_model *model,
                           mpp_micro_work *work, const float *x, const unsigned char *mask,
                           mpp_window_fit *const *fit, const mpp_window_shape *shape,
                           const mpp_objective *objective, uint64_t position, double weight)
{
  mpp_status st = MPP_OK;
  mpp_window_shape laid = *shape;
  mpp_window_fit **fits = NULL;
  const size_t B = shape->B, rows = B * shape->C;
  const size_t s = shape->grid[0] * shape->grid[1] * shape->grid[2], frame = rows * s;
  const mpp_drop drop = {objective->drop_path, objective->seed, position};
  const uint64_t ahead = objective->unroll > 1 ? mpp_rng_below(objective->seed, MPP_STREAM_UNROLL,
                                                               position, 0, objective->unroll)
                                               : 0;
  laid.mask = mask;
  *loss = *nrmse = NAN;
  MPP_TRY(reserve(work, shape->T, frame, rows, shape->given > 0));
  MPP_TRY(mpp_alloc((void **)&fits, B, sizeof(void *)));
  MPP_TRY(complete_fits(fits, fit, model, x, &laid));
  memcpy(work->window, x, shape->T * frame * sizeof *x);
  if (objective->noise > 0.0) {
    mpp_field_norm_stats_masked(work->mean, work->sd, x, mask, shape->T, B, shape->C, s);
    add_noise(work->window, work->sd, objective, position, shape, s);
  }
  MPP_TRY(roll(model, work, fits, &laid, objective, position, ahead, x + shape->T * frame, s));
  lay_patches(&laid, model, objective, position, 0);
  MPP_TRY(
      mpp_predict_forward_fitted(model, work->prediction, work->window, &laid, fits, true, &drop));
  score(loss, nrmse, work, model, x, mask, &laid, objective->loss, shape->T + ahead, weight);
  if (isfinite(*loss)) {
    mpp_predict_backward(model, gradients, work->dprediction, work->window, &laid, &drop);
  }
done:
  free_fits(fits, fit, B);
  return st == MPP_ERR_DIVERGED ? MPP_OK : st;
}
