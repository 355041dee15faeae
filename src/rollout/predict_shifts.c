/* predict_shifts.c - a network sees cells by patches; where in its patch a cell lies should not
 * matter, and the mean over shifts of the patches takes out what does. Shifts lie on a lattice that
 * fills a patch evenly: along the last axis at equal distances, along the others by powers of the
 * golden and of the plastic ratio (M. Roberts' sequence), so that no two axes move together. */
#include "predict_shifts.h"

#include <math.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "config.h"

static void place(mpp_window_shape *shape, size_t i, size_t shifts, size_t patch)
{
  static const double ratio[3] = {0.7548776662466927, 0.6180339887498949, 0.0};
  for (int a = 0; a < 3; a++) {
    const double part = a == 2 ? (double)i / (double)shifts : fmod((double)i * ratio[a], 1.0);
    const size_t shift = (size_t)(part * (double)patch);
    shape->shift[a] = shape->grid[a] > 1 && shift < patch ? shift : 0;
  }
}

mpp_status mpp_predict_shifts(mpp_model *m, float *y, const float *x, const mpp_window_shape *shape,
                              mpp_window_fit *const *fit, size_t shifts)
{
  mpp_status st = MPP_OK;
  double *sum = NULL;
  mpp_window_shape moved = *shape;
  const size_t *n = shape->grid;
  const size_t count = shape->B * (shape->C - shape->given) * n[0] * n[1] * n[2];
  const size_t patch = (size_t)mpp_config_patch_size(mpp_model_get_config(m));
  if (shifts == 1) {
    return mpp_predict_frame(m, y, x, shape, fit);
  }
  MPP_TRY(MPP_ALLOC(&sum, count));
  for (size_t i = 0; i < shifts; i++) {
    place(&moved, i, shifts, patch);
    MPP_TRY(mpp_predict_frame(m, y, x, &moved, fit));
    for (size_t k = 0; k < count; k++) { sum[k] += (double)y[k]; }
  }
  for (size_t k = 0; k < count; k++) { y[k] = (float)(sum[k] / (double)shifts); }
done:
  mpp_free(sum);
  return st;
}
