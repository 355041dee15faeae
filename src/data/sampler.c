/* sampler.c - the mixed sampler: a source by its weight, then a stride and a window of it, all from
 * counter-based random numbers of (seed, position, sample). */
#include "sampler.h"

#include <assert.h>
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "rng.h"

typedef struct range {
  size_t first, count; /* trajectories */
  size_t nframes;
  size_t pool, reuse;
  size_t nstrides, stride[MPP_LIST_MAX]; /* without `all` */
  size_t longest;                        /* stride that there is room for */
  double up_to;                          /* sum of the weights up to this source */
} range;

struct mpp_sampler {
  mpp_sampling how;
  size_t nsources;
  bool all;     /* strides 1 .. longest */
  range *range; /* [nsources] */
};

static mpp_status measure(range *r, const mpp_source *source, const mpp_sampling *how)
{
  static const char *const split_name[] = {"training", "validation", "test", "whole"};
  mpp_status st = MPP_OK;
  size_t windows = 0, least = how->strides.count > 0 ? SIZE_MAX : 1;
  const mpp_dataset_info *info = mpp_dataset_get_info(source->dataset);
  MPP_REQUIRE(source->weight > 0.0 && isfinite(source->weight), MPP_ERR_CONFIG,
              "%s: weight %g, expected a positive number", info->path, source->weight);
  r->longest = how->frames > 1 ? (info->nframes - (info->nframes > 0)) / (how->frames - 1) : 1;
  for (size_t i = 0; i < how->strides.count; i++) {
    const size_t stride = how->strides.item[i] > 0 ? (size_t)how->strides.item[i] : 1;
    least = stride < least ? stride : least;
    if (stride <= r->longest) {
      r->stride[r->nstrides++] = stride;
    }
  }
  if (how->strides.count == 0) {
    r->stride[r->nstrides++] = 1;
  }
  MPP_REQUIRE(least <= r->longest && info->nframes >= how->frames, MPP_ERR_DATA,
              "%s: trajectories of %zu frames, expected at least %zu (context and targets%s)",
              info->path, info->nframes, (how->frames - 1) * least + 1,
              least > 1 ? ", each a stride after the other" : "");
  mpp_dataset_split(source->dataset, how->split, &r->first, &r->count);
  MPP_REQUIRE(r->count > 0, MPP_ERR_DATA,
              "%s: no trajectory of %zu is in the %s split: other fractions, or more data",
              info->path, info->ntrajectories, split_name[how->split]);
  MPP_REQUIRE(mpp_mul(&windows, r->count, info->nframes), MPP_ERR_DATA, "%s: too many windows",
              info->path);
  r->nframes = info->nframes;
  r->pool = source->pool < r->count ? source->pool : 0;
  r->reuse = source->reuse;
  assert(r->pool == 0 || r->reuse > 0);
done:
  return st;
}

mpp_status mpp_sampler_create(mpp_sampler **out, const mpp_source *sources, size_t nsources,
                              const mpp_sampling *sampling)
{
  mpp_status st = MPP_OK;
  mpp_sampler *s = NULL;
  double sum = 0.0;
  assert(sampling->frames > 0 && sampling->batch > 0 && sampling->batch <= UINT32_MAX);
  *out = NULL;
  MPP_REQUIRE(nsources > 0, MPP_ERR_CONFIG, "no dataset to draw from");
  MPP_TRY(MPP_ALLOC(&s, 1));
  MPP_TRY(MPP_ALLOC(&s->range, nsources));
  s->how = *sampling;
  s->nsources = nsources;
  for (size_t i = 0; i < sampling->strides.count; i++) {
    s->all = s->all || sampling->strides.item[i] == 0;
  }
  for (size_t i = 0; i < nsources; i++) {
    MPP_TRY(measure(&s->range[i], &sources[i], sampling));
    sum += sources[i].weight;
    s->range[i].up_to = sum;
  }
  *out = s;
  s = NULL;
done:
  mpp_sampler_destroy(s);
  return st;
}

void mpp_sampler_destroy(mpp_sampler *s)
{
  if (s != NULL) {
    mpp_free(s->range);
    mpp_free(s);
  }
}

typedef struct pool {
  uint64_t begin; /* first trajectory, counted through all passes over the split */
  size_t size;
} pool;

/* The pool when this source has given as many windows as it does in the mean up to `position`. */
static pool pool_at(const mpp_sampler *s, const range *r, double share, uint64_t position)
{
  const double windows = (double)position * (double)s->how.batch * share;
  const double turns = windows / (double)r->reuse; /* trajectories' worth of windows */
  if (turns < 1.0) {
    return (pool){.begin = 0, .size = 1 + (size_t)floor((double)(r->pool - 1) * turns)};
  }
  return (pool){.begin = (uint64_t)floor(turns - 1.0), .size = r->pool};
}

static size_t draw_stride(const mpp_sampler *s, const range *r, uint64_t position, uint32_t b)
{
  const size_t choice = s->all ? r->longest : r->nstrides;
  if (choice == 1) {
    return s->all ? 1 : r->stride[0];
  }
  const uint64_t i = mpp_rng_below(s->how.seed, MPP_STREAM_STRIDE, position, b, choice);
  return s->all ? (size_t)i + 1 : r->stride[i];
}

void mpp_sampler_draw(const mpp_sampler *s, mpp_draw *draws, uint64_t position)
{
  const uint64_t seed = s->how.seed;
  const double total = s->range[s->nsources - 1].up_to;
  const double at = total * mpp_rng_uniform(seed, MPP_STREAM_DATASET, position, 0);
  size_t source = 0;
  while (source + 1 < s->nsources && at >= s->range[source].up_to) { source++; }
  const range *r = &s->range[source];
  const double weight = r->up_to - (source > 0 ? s->range[source - 1].up_to : 0.0);
  const pool from =
      r->pool > 0 ? pool_at(s, r, weight / total, position) : (pool){.begin = 0, .size = r->count};
  for (size_t b = 0; b < s->how.batch; b++) {
    const size_t stride = draw_stride(s, r, position, (uint32_t)b);
    const size_t per = r->nframes - (s->how.frames - 1) * stride;
    const uint64_t window =
        mpp_rng_below(seed, MPP_STREAM_WINDOW, position, (uint32_t)b, from.size * per);
    draws[b] = (mpp_draw){.source = source,
                          .trajectory = r->first + (size_t)((from.begin + window / per) % r->count),
                          .start = (size_t)(window % per),
                          .stride = stride};
  }
}
