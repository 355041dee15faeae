/* track_known.c - given fields and masks of a forecast, frame by frame beside its window. The mask
 * of a frame is that of the data, also where it is predicted: what is missing there has no truth,
 * and what is an obstacle no value. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "masked.h"
#include "track.h"

static size_t given_of(const mpp_track *t) { return t->job->shape.given * t->job->cells; }

/* Values of a frame that a model sees. */
static size_t seen_of(const mpp_track *t) { return t->job->frame + given_of(t); }

/* The first given field that varies in time, or NULL. */
static const char *varying(const mpp_job *job)
{
  for (size_t g = 0; g < job->shape.given; g++) {
    if (!job->info->constant[job->which[g]]) {
      return job->info->given[job->which[g]];
    }
  }
  return NULL;
}

static mpp_status read(mpp_track *t, float *given, unsigned char *mask, size_t frame)
{
  return mpp_reader_known(t->reader, given, mask, t->job->which, t->job->shape.given, frame);
}

mpp_status mpp_track_know(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  mpp_track_known *k = &t->known;
  const size_t given = given_of(t), seen = seen_of(t);
  const char *name = varying(job);
  /* the last prediction is made from the frame before it */
  const size_t last = t->key.start + (job->T + t->steps - 2) * job->stride;
  MPP_REQUIRE(name == NULL || t->options->hold_given || last < job->info->nframes, MPP_ERR_USAGE,
              "%s: given field '%s' is known for frames 0 to %zu, but %zu steps from frame %zu on "
              "need it up to frame %zu (--hold-given keeps its last frame)",
              job->info->path, name, job->info->nframes - 1, t->steps, t->key.start, last);
  if (given > 0) {
    MPP_TRY(MPP_ALLOC(&k->given, job->T * given));
    MPP_TRY(MPP_ALLOC(&k->next_given, given));
  }
  if (job->info->masked) {
    MPP_TRY(MPP_ALLOC(&k->mask, job->T * seen));
    MPP_TRY(MPP_ALLOC(&k->next_mask, seen));
    MPP_TRY(MPP_ALLOC(&k->stored, 2 * job->frame));
  }
  for (size_t i = 0; i < job->T && (given > 0 || job->info->masked); i++) {
    MPP_TRY(read(t, given > 0 ? k->given + i * given : NULL,
                 k->mask != NULL ? k->mask + i * seen : NULL, t->key.start + i * job->stride));
  }
done:
  return st;
}

mpp_status mpp_track_look_ahead(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  mpp_track_known *k = &t->known;
  const size_t given = given_of(t), seen = seen_of(t);
  const size_t frame = t->key.start + (job->T + t->done) * job->stride;
  const bool there = frame < job->info->nframes;
  if (k->mask != NULL || (given > 0 && varying(job) != NULL)) {
    if (there) {
      MPP_TRY(read(t, k->next_given, k->next_mask, frame));
      goto done;
    }
  }
  if (given > 0) {
    memcpy(k->next_given, k->given + (job->T - 1) * given, given * sizeof *k->given);
  }
  if (k->mask != NULL) {
    memcpy(k->next_mask, k->mask + (job->T - 1) * seen, seen);
  }
done:
  return st;
}

void mpp_track_know_next(mpp_track *t)
{
  mpp_track_known *k = &t->known;
  const size_t given = given_of(t), seen = seen_of(t), rest = t->job->T - 1;
  if (given > 0) {
    memmove(k->given, k->given + given, rest * given * sizeof *k->given);
    memcpy(k->given + rest * given, k->next_given, given * sizeof *k->given);
  }
  if (k->mask != NULL) {
    memmove(k->mask, k->mask + seen, rest * seen);
    memcpy(k->mask + rest * seen, k->next_mask, seen);
  }
}

void mpp_track_forget(mpp_track *t)
{
  mpp_free(t->known.given);
  mpp_free(t->known.mask);
  mpp_free(t->known.next_given);
  mpp_free(t->known.next_mask);
  mpp_free(t->known.stored);
}

void mpp_track_show(const mpp_track *t, float *x, unsigned char *mask, size_t apart)
{
  const mpp_job *job = t->job;
  const size_t given = given_of(t), seen = seen_of(t);
  for (size_t k = 0; k < job->T; k++) {
    memcpy(x + k * apart, t->window + k * job->frame, job->frame * sizeof *x);
    if (given > 0) {
      memcpy(x + k * apart + job->frame, t->known.given + k * given, given * sizeof *x);
    }
    if (t->known.mask != NULL) {
      memcpy(mask + k * apart, t->known.mask + k * seen, seen);
    }
  }
}

void mpp_track_hold(const mpp_track *t, float *y)
{
  const float *last = t->window + (t->job->T - 1) * t->job->frame;
  for (size_t i = 0; t->known.mask != NULL && i < t->job->frame; i++) {
    y[i] = t->known.next_mask[i] != 0 ? last[i] : y[i];
  }
}

const float *mpp_track_fill(const mpp_track *t, const float *x, int part)
{
  float *stored = t->known.stored + (size_t)part * t->job->frame;
  if (t->known.mask == NULL) {
    return x;
  }
  mpp_masked_fill(stored, x, t->known.next_mask, t->job->frame);
  return stored;
}

void mpp_track_score(const mpp_track *t, double *nrmse, double *vrmse, const float *y,
                     const float *truth)
{
  mpp_masked_scores(nrmse, vrmse, y, truth, t->known.next_mask, t->known.stored,
                    t->job->info->nfields, t->job->cells);
}

mpp_status mpp_track_still(const mpp_track *t, unsigned char **hidden)
{
  mpp_status st = MPP_OK;
  const size_t seen = seen_of(t);
  *hidden = NULL;
  if (t->known.mask == NULL) {
    return MPP_OK;
  }
  MPP_TRY(MPP_ALLOC(hidden, t->job->cells));
  for (size_t i = 0; i < t->job->T * t->job->frame; i++) {
    (*hidden)[i % t->job->cells] |= t->known.mask[i / t->job->frame * seen + i % t->job->frame];
  }
done:
  return st;
}
