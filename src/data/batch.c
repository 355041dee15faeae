/* batch.c - windows side by side as the network wants them. */
#include "batch.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

/* Makes room for n values; what was there is lost. */
static mpp_status reserve(mpp_batch *batch, size_t n, bool masked)
{
  mpp_status st = MPP_OK;
  float *x = NULL;
  unsigned char *mask = NULL;
  if (masked && n > batch->mask_capacity) {
    MPP_TRY(MPP_ALLOC(&mask, n));
    mpp_free(batch->mask_memory);
    batch->mask_memory = mask;
    batch->mask_capacity = n;
  }
  if (n > batch->capacity) {
    MPP_TRY(MPP_ALLOC(&x, n));
    mpp_free(batch->x);
    batch->x = x;
    batch->capacity = n;
  }
done:
  return st;
}

/* Puts window number b of B, frames of `frame` floats, to its places in batch->x; its mask to
 * `mask`, unless that is NULL. */
static mpp_status read_window(mpp_batch *batch, unsigned char *mask, const mpp_source *source,
                              const mpp_draw *draw, size_t b, size_t B, size_t frames, size_t frame)
{
  mpp_status st = MPP_OK;
  float *window = NULL; /* [frames, C, D, H, W] */
  unsigned char *missing = NULL;
  const bool direct = draw->stride > 1 || B == 1;
  const size_t together = draw->stride > 1 ? 1 : frames; /* frames of one call */
  for (size_t t = 0; t < frames && direct; t += together) {
    const size_t at = (t * B + b) * frame;
    MPP_TRY(mpp_dataset_read_seen(source->dataset, batch->x + at, mask != NULL ? mask + at : NULL,
                                  source->given, source->ngiven, draw->trajectory,
                                  draw->start + t * draw->stride, together));
  }
  if (!direct) {
    MPP_TRY(MPP_ALLOC(&window, frames * frame));
    if (mask != NULL) {
      MPP_TRY(MPP_ALLOC(&missing, frames * frame));
    }
    MPP_TRY(mpp_dataset_read_seen(source->dataset, window, missing, source->given, source->ngiven,
                                  draw->trajectory, draw->start, frames));
    for (size_t t = 0; t < frames; t++) {
      memcpy(batch->x + (t * B + b) * frame, window + t * frame, frame * sizeof *window);
      if (mask != NULL) {
        memcpy(mask + (t * B + b) * frame, missing + t * frame, frame);
      }
    }
  }
done:
  mpp_free(missing);
  mpp_free(window);
  return st;
}

mpp_status mpp_batch_read(mpp_batch *batch, const mpp_source *source, const mpp_draw *draws,
                          size_t B, size_t frames)
{
  mpp_status st = MPP_OK;
  size_t n = 0, all = 0;
  assert(B > 0 && frames > 0);
  const mpp_dataset_info *info = mpp_dataset_get_info(source->dataset);
  const size_t C = info->nfields + source->ngiven;
  const size_t frame = C * info->grid[0] * info->grid[1] * info->grid[2];
  MPP_REQUIRE(mpp_mul(&n, frame, frames) && mpp_mul(&all, n, B), MPP_ERR_NOMEM,
              "%s: %zu windows of %zu frames do not fit into memory", info->path, B, frames);
  MPP_TRY(reserve(batch, all, info->masked));
  unsigned char *mask = info->masked ? batch->mask_memory : NULL;
  for (size_t b = 0; b < B; b++) {
    assert(draws[b].source == draws[0].source && draws[b].stride > 0);
    MPP_TRY(read_window(batch, mask, source, &draws[b], b, B, frames, frame));
  }
  batch->source = draws[0].source;
  batch->frames = frames;
  batch->B = B;
  batch->C = C;
  batch->mask = mask;
  memcpy(batch->grid, info->grid, sizeof batch->grid);
done:
  return st;
}

void mpp_batch_free(mpp_batch *batch)
{
  mpp_free(batch->x);
  mpp_free(batch->mask_memory);
  *batch = (mpp_batch){0};
}
