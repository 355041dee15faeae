/* dataset_made.c - datasets that are no files. */
#include "dataset_made.h"

#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"

mpp_status mpp_dataset_make(mpp_dataset **out, const mpp_dataset_info *info, const size_t part[3],
                            const mpp_dataset_maker *maker, void *context)
{
  mpp_dataset *d = NULL;
  *out = NULL;
  const mpp_status st = MPP_ALLOC(&d, 1);
  if (st != MPP_OK) {
    maker->close(context);
    return st;
  }
  d->maker = maker;
  d->made_by = context;
  d->info = *info;
  d->info.ntrajectories = part[MPP_TRAIN] + part[MPP_VALID] + part[MPP_TEST];
  memcpy(d->part, part, sizeof d->part);
  *out = d;
  return MPP_OK;
}

/* The part of the split that a trajectory is in; *trajectory becomes its number there. */
static mpp_status place(const mpp_dataset *d, mpp_split *split, size_t *trajectory, size_t start,
                        size_t count)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  MPP_REQUIRE(*trajectory < info->ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu, expected 0 to %zu", info->path, *trajectory,
              info->ntrajectories - 1);
  MPP_REQUIRE(count > 0 && start < info->nframes && count <= info->nframes - start, MPP_ERR_USAGE,
              "%s: %zu frames from %zu on, expected frames 0 to %zu", info->path, count, start,
              info->nframes - 1);
  *split = MPP_TRAIN;
  while (*trajectory >= d->part[*split]) { *trajectory -= d->part[(*split)++]; }
done:
  return st;
}

mpp_status mpp_dataset_made_read(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                 size_t count)
{
  mpp_status st = MPP_OK;
  mpp_split split = MPP_TRAIN;
  MPP_TRY(place(d, &split, &trajectory, start, count));
  MPP_TRY(d->maker->read(d->made_by, x, split, trajectory, start, count));
done:
  return st;
}

mpp_status mpp_dataset_made_given(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                  size_t count)
{
  mpp_status st = MPP_OK;
  mpp_split split = MPP_TRAIN;
  const size_t *n = d->info.grid, frame = d->info.ngiven * n[0] * n[1] * n[2];
  MPP_TRY(place(d, &split, &trajectory, start, count));
  MPP_TRY(d->maker->given(d->made_by, x, split, trajectory));
  for (size_t t = 1; t < count; t++) { memcpy(x + t * frame, x, frame * sizeof *x); }
done:
  return st;
}
