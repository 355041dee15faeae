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

mpp_status mpp_dataset_made_read(mpp_dataset *d, float *x, size_t trajectory, size_t start,
                                 size_t count)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  mpp_split split = MPP_TRAIN;
  MPP_REQUIRE(trajectory < info->ntrajectories, MPP_ERR_USAGE,
              "%s: trajectory %zu, expected 0 to %zu", info->path, trajectory,
              info->ntrajectories - 1);
  MPP_REQUIRE(count > 0 && start < info->nframes && count <= info->nframes - start, MPP_ERR_USAGE,
              "%s: %zu frames from %zu on, expected frames 0 to %zu", info->path, count, start,
              info->nframes - 1);
  while (trajectory >= d->part[split]) { trajectory -= d->part[split++]; }
  MPP_TRY(d->maker->read(d->made_by, x, split, trajectory, start, count));
done:
  return st;
}
