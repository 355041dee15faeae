/* beside.c - reads what changes in time beside the fields. */
#include "beside.h"

#include <math.h>

#include "alloc.h"
#include "check.h"

/* Of a step: what rounding in a file's own numbers may leave of being regular. */
static const double regular = 1e-3;

/* Are bounds of time at the same distance from it in the first and the last frame, and times
 * regular? */
static mpp_status look_at_time(mpp_beside *b, const mpp_aside *a, const double *time)
{
  mpp_status st = MPP_OK;
  const size_t n = mpp_dataset_get_info(b->data)->nframes;
  double first[2] = {0.0, 0.0};
  b->regular = a->n == 2 && n > 1;
  if (!b->regular) {
    return MPP_OK;
  }
  const double step = (time[n - 1] - time[0]) / (double)(n - 1), room = regular * fabs(step);
  MPP_TRY(mpp_dataset_aside_frame(b->data, first, a, b->sample, 0));
  MPP_TRY(mpp_dataset_aside_frame(b->data, b->offset, a, b->sample, n - 1));
  for (int i = 0; i < 2; i++) {
    b->offset[i] -= time[n - 1];
    b->regular = b->regular && fabs(first[i] - time[0] - b->offset[i]) <= room;
  }
  for (size_t i = 1; i < n; i++) {
    b->regular = b->regular && fabs(time[i] - time[i - 1] - step) <= room;
  }
done:
  return st;
}

mpp_status mpp_beside_open(mpp_beside *b, const mpp_style *style, mpp_frames *frames, size_t sample,
                           const double *time)
{
  mpp_status st = MPP_OK;
  if (style == NULL || style->nbeside == 0) {
    return MPP_OK;
  }
  b->style = style;
  b->data = mpp_frames_dataset(frames);
  b->sample = sample;
  MPP_TRY(MPP_ALLOC(&b->value, style->nbeside));
  for (size_t i = 0; i < style->nasides; i++) {
    if (style->aside[i].timed && style->aside[i].of_time) {
      MPP_TRY(look_at_time(b, &style->aside[i], time));
    }
  }
done:
  return st;
}

void mpp_beside_close(mpp_beside *b)
{
  mpp_free(b->value);
  b->value = NULL;
}

mpp_status mpp_beside_read(mpp_beside *b, size_t frame, double time)
{
  mpp_status st = MPP_OK;
  double *x = b->value;
  for (size_t i = 0; x != NULL && i < b->style->nasides; i++) {
    const mpp_aside *a = &b->style->aside[i];
    if (!a->timed) {
      continue;
    }
    if (frame < mpp_dataset_get_info(b->data)->nframes) {
      MPP_TRY(mpp_dataset_aside_frame(b->data, x, a, b->sample, frame));
    } else {
      for (size_t k = 0; k < a->n; k++) {
        x[k] = a->of_time && b->regular ? time + b->offset[k] : NAN;
      }
    }
    x += a->n;
  }
done:
  return st;
}
