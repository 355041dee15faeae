/* distinct.c - digests of trajectories, and the split that keeps equal ones together. PDEBench's
 * shallow-water file has 81 distinct trajectories among 1000, and all of its test part occurs in
 * the training part. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"
#include "distinct.h"

static const size_t piece_floats = (size_t)1 << 22; /* read at a time: 16 MiB */

mpp_status mpp_dataset_digest_pieces(mpp_digest *out, mpp_dataset *d, size_t trajectory,
                                     mpp_piece_observer each, void *context)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = &d->info;
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  const size_t fitting = piece_floats / frame > 0 ? piece_floats / frame : 1;
  const size_t at_once = fitting < info->nframes ? fitting : info->nframes;
  const uint64_t shape[] = {info->nframes, info->nfields, info->grid[0], info->grid[1],
                            info->grid[2]};
  float *x = NULL;
  XXH3_state_t *state = mpp_fault() ? NULL : XXH3_createState();
  MPP_REQUIRE(state != NULL && XXH3_128bits_reset(state) == XXH_OK, MPP_ERR_NOMEM, "digest");
  MPP_TRY(MPP_ALLOC(&x, at_once * frame));
  XXH3_128bits_update(state, shape, sizeof shape);
  for (size_t start = 0; start < info->nframes; start += at_once) {
    const size_t left = info->nframes - start, count = left < at_once ? left : at_once;
    MPP_TRY(mpp_dataset_read_raw(d, x, trajectory, start, count));
    XXH3_128bits_update(state, x, count * frame * sizeof *x);
    if (each != NULL) {
      each(context, x, start, count);
    }
  }
  const XXH128_hash_t hash = XXH3_128bits_digest(state);
  *out = (mpp_digest){.high = hash.high64, .low = hash.low64};
done:
  XXH3_freeState(state);
  mpp_free(x);
  return st;
}

mpp_status mpp_dataset_digest(mpp_digest *out, mpp_dataset *d, size_t trajectory)
{
  return mpp_dataset_digest_pieces(out, d, trajectory, NULL, NULL);
}

int mpp_digest_compare(mpp_digest a, mpp_digest b)
{
  if (a.high != b.high) {
    return a.high < b.high ? -1 : 1;
  }
  return (a.low > b.low) - (a.low < b.low);
}

typedef struct numbered {
  mpp_digest digest;
  size_t trajectory;
} numbered;

/* By digest, equal ones by number. */
static int compare(const void *a, const void *b)
{
  const numbered *x = a, *y = b;
  const int order = mpp_digest_compare(x->digest, y->digest);
  if (order != 0) {
    return order;
  }
  return (x->trajectory > y->trajectory) - (x->trajectory < y->trajectory);
}

/* group [n] of each trajectory, numbered in the order of first members. */
static mpp_status find_groups(size_t *group, size_t *ngroups, mpp_dataset *d)
{
  mpp_status st = MPP_OK;
  const size_t n = d->info.ntrajectories;
  numbered *list = NULL;
  size_t *first = NULL; /* of each trajectory, the first one that equals it */
  MPP_TRY(MPP_ALLOC(&list, n));
  MPP_TRY(MPP_ALLOC(&first, n));
  for (size_t i = 0; i < n; i++) {
    list[i].trajectory = i;
    MPP_TRY(mpp_dataset_digest(&list[i].digest, d, i));
  }
  qsort(list, n, sizeof *list, compare);
  for (size_t i = 0; i < n; i++) {
    const bool again = i > 0 && mpp_digest_compare(list[i].digest, list[i - 1].digest) == 0;
    first[list[i].trajectory] = again ? first[list[i - 1].trajectory] : list[i].trajectory;
  }
  *ngroups = 0;
  for (size_t i = 0; i < n; i++) { group[i] = first[i] == i ? (*ngroups)++ : group[first[i]]; }
done:
  mpp_free(list);
  mpp_free(first);
  return st;
}

size_t mpp_dataset_twin(const mpp_dataset *d, size_t trajectory)
{
  return d->twin != NULL ? d->twin[trajectory] : trajectory;
}

/* twin [n] in the new numbers: `order` is the old ones, `first` [ngroups] of each group the
 * first. */
static void set_twins(size_t *twin, size_t *first, const size_t *order, const size_t *group,
                      size_t n)
{
  for (size_t i = n; i-- > 0;) { first[group[order[i]]] = i; }
  for (size_t i = 0; i < n; i++) { twin[i] = first[group[order[i]]]; }
}

mpp_status mpp_dataset_split_distinct(mpp_dataset *d, double train, double valid)
{
  mpp_status st = MPP_OK;
  const size_t n = d->info.ntrajectories;
  size_t *group = NULL, *order = NULL, *first = NULL, ngroups = 0;
  mpp_segment *segment = NULL;
  MPP_TRY(MPP_ALLOC(&group, n));
  MPP_TRY(MPP_ALLOC(&order, n));
  MPP_TRY(MPP_ALLOC(&first, n));
  MPP_TRY(MPP_ALLOC(&segment, n));
  MPP_TRY(MPP_ALLOC(&d->twin, n));
  MPP_TRY(find_groups(group, &ngroups, d));
  mpp_split_groups(order, d->part, group, n, ngroups, train, valid);
  set_twins(d->twin, first, order, group, n);
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    const mpp_segment *old = mpp_split_locate(d->segment, d->nsegments, order[i]);
    const size_t local = old->local + (order[i] - old->first);
    mpp_segment *last = count > 0 ? &segment[count - 1] : NULL;
    if (last != NULL && last->file == old->file && last->local + last->count == local) {
      last->count++;
    } else {
      segment[count++] = (mpp_segment){.first = i, .count = 1, .file = old->file, .local = local};
    }
  }
  mpp_free(d->segment);
  d->segment = segment;
  d->nsegments = count;
  segment = NULL;
done:
  mpp_free(group);
  mpp_free(order);
  mpp_free(first);
  mpp_free(segment);
  return st;
}
