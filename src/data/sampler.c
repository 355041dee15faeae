/* sampler.c - the mixed sampler: a source by its weight, then a window of it, both from
 * counter-based random numbers of (seed, position, sample). */
#include "sampler.h"

#include <assert.h>
#include <math.h>

#include "alloc.h"
#include "check.h"
#include "rng.h"

typedef struct range {
  size_t first;      /* trajectory */
  size_t per, count; /* windows of one trajectory, and of all */
  double up_to;      /* sum of the weights up to this source */
} range;

struct mpp_sampler {
  uint64_t seed;
  size_t batch, nsources;
  range *range; /* [nsources] */
};

static mpp_status measure(range *r, const mpp_source *source, mpp_split split, size_t frames)
{
  static const char *const split_name[] = {"training", "validation", "test", "whole"};
  mpp_status st = MPP_OK;
  size_t trajectories = 0;
  const mpp_dataset_info *info = mpp_dataset_get_info(source->dataset);
  MPP_REQUIRE(source->weight > 0.0 && isfinite(source->weight), MPP_ERR_CONFIG,
              "%s: weight %g, expected a positive number", info->path, source->weight);
  MPP_REQUIRE(info->nframes >= frames, MPP_ERR_DATA,
              "%s: trajectories of %zu frames, expected at least %zu (context and targets)",
              info->path, info->nframes, frames);
  mpp_dataset_split(source->dataset, split, &r->first, &trajectories);
  MPP_REQUIRE(trajectories > 0, MPP_ERR_DATA,
              "%s: no trajectory of %zu is in the %s split: other fractions, or more data",
              info->path, info->ntrajectories, split_name[split]);
  r->per = info->nframes - frames + 1;
  MPP_REQUIRE(mpp_mul(&r->count, trajectories, r->per), MPP_ERR_DATA, "%s: too many windows",
              info->path);
done:
  return st;
}

mpp_status mpp_sampler_create(mpp_sampler **out, const mpp_source *sources, size_t nsources,
                              mpp_split split, size_t frames, size_t batch, uint64_t seed)
{
  mpp_status st = MPP_OK;
  mpp_sampler *s = NULL;
  double sum = 0.0;
  assert(frames > 0 && batch > 0 && batch <= UINT32_MAX);
  *out = NULL;
  MPP_REQUIRE(nsources > 0, MPP_ERR_CONFIG, "no dataset to draw from");
  MPP_TRY(MPP_ALLOC(&s, 1));
  MPP_TRY(MPP_ALLOC(&s->range, nsources));
  s->seed = seed;
  s->batch = batch;
  s->nsources = nsources;
  for (size_t i = 0; i < nsources; i++) {
    MPP_TRY(measure(&s->range[i], &sources[i], split, frames));
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

void mpp_sampler_draw(const mpp_sampler *s, mpp_draw *draws, uint64_t position)
{
  const double total = s->range[s->nsources - 1].up_to;
  const double at = total * mpp_rng_uniform(s->seed, MPP_STREAM_DATASET, position, 0);
  size_t source = 0;
  while (source + 1 < s->nsources && at >= s->range[source].up_to) { source++; }
  for (size_t b = 0; b < s->batch; b++) {
    const uint64_t window =
        mpp_rng_below(s->seed, MPP_STREAM_WINDOW, position, (uint32_t)b, s->range[source].count);
    draws[b] = mpp_sampler_window(s, source, (size_t)window);
  }
}

size_t mpp_sampler_windows(const mpp_sampler *s, size_t source)
{
  assert(source < s->nsources);
  return s->range[source].count;
}

mpp_draw mpp_sampler_window(const mpp_sampler *s, size_t source, size_t index)
{
  assert(source < s->nsources && index < s->range[source].count);
  const range *r = &s->range[source];
  return (mpp_draw){
      .source = source, .trajectory = r->first + index / r->per, .start = index % r->per};
}
