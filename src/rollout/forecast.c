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
  float *next;          /* [B, C - given, D, H, W] */
  unsigned char *mask;  /* [T, B, C, D, H, W] of the window; NULL without one */
  mpp_window_fit **fit; /* [B], to the context; of NULL in modes that fit at every step */
};

/* The predicted fields y [B, C - given, D, H, W] into a frame x [B, C, D, H, W]. */
static void put(float *x, const float *y, const mpp_window_shape *shape)
{
  const size_t cells = shape->grid[0] * shape->grid[1] * shape->grid[2];
  const size_t all = shape->C * cells, own = all - shape->given * cells;
  for (size_t b = 0; b < shape->B; b++) { memcpy(x + b * all, y + b * own, own * sizeof *x); }
}

mpp_status mpp_rollout_step(mpp_model *m, float *y, float *x, const mpp_window_shape *shape)
{
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_model_predict(m, y, x, shape));
  const size_t cells = shape->grid[0] * shape->grid[1] * shape->grid[2];
  const size_t frame = shape->B * shape->C * cells, kept = (shape->T - 1) * frame;
  memmove(x, x + frame, kept * sizeof *x);
  put(x + kept, y, shape);
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
  if (shape->mask != NULL) {
    MPP_TRY(MPP_ALLOC(&f->mask, all / 2));
    memcpy(f->mask, shape->mask, all / 2);
    f->shape.mask = f->mask;
  }
  *out = f;
  f = NULL;
done:
  mpp_forecast_destroy(f);
  return st;
}

/* As mpp_forecast_step_given, of a frame y that is known. */
static void push(mpp_forecast *f, const float *y, const float *given, const unsigned char *mask)
{
  const mpp_window_shape *s = &f->shape;
  const size_t T = s->T, bytes = f->frame * sizeof *y;
  if (f->first == T) {
    memcpy(f->frames, f->frames + T * f->frame, T * bytes);
    f->first = 0;
  }
  float *last = f->frames + (f->first + T) * f->frame;
  memcpy(last, last - f->frame, bytes); /* given fields */
  put(last, y, s);
  const size_t known = s->given * (f->frame / (s->B * s->C)), sample = f->frame / s->B;
  for (size_t b = 0; b < s->B && given != NULL; b++) {
    memcpy(last + (b + 1) * sample - known, given + b * known, known * sizeof *y);
  }
  if (f->mask != NULL) {
    memmove(f->mask, f->mask + f->frame, (T - 1) * f->frame);
    if (mask != NULL) { /* else its last frame stays what it is */
      memcpy(f->mask + (T - 1) * f->frame, mask, f->frame);
    }
  }
  f->first++;
  for (size_t b = 0; b < f->shape.B; b++) { mpp_window_fit_advance(f->fit[b]); }
}

float mpp_forecast_gain(const mpp_forecast *f, size_t sample, size_t field)
{
  const mpp_window_fit *fit = f->fit[sample];
  return fit != NULL && fit->step > 0 ? (float)fit->gain[field].gain : 1.0f;
}

void mpp_forecast_push(mpp_forecast *f, const float *y) { push(f, y, NULL, NULL); }

mpp_status mpp_forecast_step_given(mpp_forecast *f, float *y, const float *given,
                                   const unsigned char *mask)
{
  mpp_status st = MPP_OK;
  const mpp_window_shape *s = &f->shape;
  const size_t predicted = f->frame / s->C * (s->C - s->given);
  MPP_TRY(mpp_predict_frame(f->model, f->next, f->frames + f->first * f->frame, s, f->fit));
  push(f, f->next, given, mask);
  memcpy(y, f->next, predicted * sizeof *y);
done:
  return st;
}

mpp_status mpp_forecast_step(mpp_forecast *f, float *y)
{
  return mpp_forecast_step_given(f, y, NULL, NULL);
}

void mpp_forecast_destroy(mpp_forecast *f)
{
  if (f != NULL) {
    for (size_t b = 0; f->fit != NULL && b < f->shape.B; b++) { mpp_window_fit_destroy(f->fit[b]); }
    mpp_free(f->fit);
    mpp_free(f->mask);
    mpp_free(f->frames);
    mpp_free(f->next);
    mpp_free(f);
  }
}
