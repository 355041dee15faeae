/* forecast.c - a window that slides over its own predictions. The window lies in an array of twice
 * its length and moves through it by one frame a step; at the end it is copied back to the start,
 * so that a frame is moved once in T steps. */
#include <string.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "forecast.h"

struct mpp_forecast {
  mpp_model *model; /* borrowed */
  mpp_window_shape shape;
  size_t frame;         /* floats of B C D H W */
  size_t first;         /* frame of `frames` that the window begins with, 0..T */
  float *frames;        /* [2 T, B, C, D, H, W]; window: frames first .. first + T - 1 */
  float *next;          /* [B, C, D, H, W] */
  mpp_window_fit **fit; /* [B], to the context; of NULL in modes that fit at every step */
};

mpp_status mpp_rollout_step(mpp_model *m, float *y, float *x, const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_model_predict(m, y, x, shape));
  const size_t cells = shape->grid[0] * shape->grid[1] * shape->grid[2];
  const size_t frame = shape->B * shape->C * cells, kept = (shape->T - 1) * frame;
  memmove(x, x + frame, kept * sizeof *x);
  memcpy(x + kept, y, frame * sizeof *x);
done:
  return st;
}

mpp_status mpp_forecast_create(mpp_forecast **out, mpp_model *model, const float *x,
                               const mpp_window_shape *shape)
{
  return mpp_forecast_create_with(out, model, x, shape, MPP_GAIN_FITTED);
}

mpp_status mpp_forecast_create_with(mpp_forecast **out, mpp_model *model, const float *x,
                                    const mpp_window_shape *shape, mpp_gain gain)
{
  mpp_status st = MPP_OK;
  mpp_forecast *f = NULL;
  size_t all = 0;
  *out = NULL;
  MPP_TRY(MPP_ALLOC(&f, 1));
  f->model = model;
  f->shape = *shape;
  const size_t factor[] = {shape->B, shape->C, shape->grid[0], shape->grid[1], shape->grid[2]};
  MPP_REQUIRE(mpp_product(&f->frame, factor, 5) && mpp_mul(&all, f->frame, shape->T) &&
                  mpp_mul(&all, all, 2) && all > 0,
              MPP_ERR_DATA,
              "forecast: a window of %zu frames of %zu x %zu fields on %zu x %zu x "
              "%zu cells is empty or too large",
              shape->T, shape->B, shape->C, shape->grid[0], shape->grid[1], shape->grid[2]);
  MPP_TRY(MPP_ALLOC(&f->frames, all));
  MPP_TRY(MPP_ALLOC(&f->next, f->frame));
  MPP_TRY(mpp_alloc((void **)&f->fit, shape->B, sizeof(void *)));
  MPP_TRY(mpp_predict_fit(f->fit, model, x, shape));
  MPP_TRY(gain == MPP_GAIN_FITTED ? mpp_predict_gains(f->fit, model, x, shape) : MPP_OK);
  memcpy(f->frames, x, all / 2 * sizeof *x);
  *out = f;
  f = NULL;
done:
  mpp_forecast_destroy(f);
  return st;
}

void mpp_forecast_push(mpp_forecast *f, const float *y)
{
  const size_t T = f->shape.T, bytes = f->frame * sizeof *y;
  if (f->first == T) {
    memcpy(f->frames, f->frames + T * f->frame, T * bytes);
    f->first = 0;
  }
  memcpy(f->frames + (f->first + T) * f->frame, y, bytes);
  f->first++;
  for (size_t b = 0; b < f->shape.B; b++) { mpp_window_fit_advance(f->fit[b]); }
}

float mpp_forecast_gain(const mpp_forecast *f, size_t sample, size_t field)
{
  const mpp_window_fit *fit = f->fit[sample];
  return fit != NULL && fit->step > 0 ? (float)fit->gain[field].gain : 1.0f;
}

mpp_status mpp_forecast_step(mpp_forecast *f, float *y)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_predict_frame(f->model, f->next, f->frames + f->first * f->frame, &f->shape, f->fit));
  mpp_forecast_push(f, f->next);
  memcpy(y, f->next, f->frame * sizeof *y);
done:
  return st;
}

void mpp_forecast_destroy(mpp_forecast *f)
{
  if (f != NULL) {
    for (size_t b = 0; f->fit != NULL && b < f->shape.B; b++) { mpp_window_fit_destroy(f->fit[b]); }
    mpp_free(f->fit);
    mpp_free(f->frames);
    mpp_free(f->next);
    mpp_free(f);
  }
}
