/* ensemble.c - sums over members, in their order: mean and unbiased standard deviation, summed in
 * double about the first member. As many records are summed at once as fit the memory that is set
 * aside, so that of many members one after the other is open. */
#include "ensemble.h"

#include <math.h>
#include <netcdf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "beside.h"
#include "check.h"
#include "masked.h"
#include "members.h"

static const size_t block_bytes = (size_t)64 << 20; /* of sums */

/* What is known of one record so far. */
typedef struct tally {
  double count, time;
  float *first;         /* [C, cells] of the first member that has the record, */
  double *sum, *square; /* and of the distances from it */
} tally;

typedef struct ensemble {
  const mpp_job *job;
  mpp_plan_key key; /* of the first member */
  mpp_rollout_options *options;
  mpp_members members;
  mpp_attributes attributes;
  tally *block; /* [room] */
  size_t room;
  float *x, *mean, *spread, *truth, *context, *pair; /* pair [2, cells]: of scores */
  unsigned char *hidden;                             /* [C, cells]; NULL: nothing is masked */
  double *time;
  mpp_beside beside;
  mpp_reader *reader;
  mpp_rollout_nc *file;
  char output[MPP_PATH_MAX], partial[MPP_PATH_MAX + 16];
  double parameter[MPP_MAX_PARAMETERS]; /* of the sample */
} ensemble;

static const mpp_nc_series members_series = {
    .name = "members", .long_name = "members that reach this record", .units = "1"};

/* Records that are summed at once, with room for them. */
static mpp_status take_block(ensemble *e)
{
  mpp_status st = MPP_OK;
  const size_t n = e->job->frame, bytes = n * (2 * sizeof(double) + sizeof(float));
  const size_t most = block_bytes / bytes;
  e->room = most < e->members.records ? most : e->members.records;
  e->room = e->room > 0 ? e->room : 1;
  MPP_TRY(MPP_ALLOC(&e->block, e->room));
  for (size_t k = 0; k < e->room; k++) {
    MPP_TRY(MPP_ALLOC(&e->block[k].first, n));
    MPP_TRY(MPP_ALLOC(&e->block[k].sum, n));
    MPP_TRY(MPP_ALLOC(&e->block[k].square, n));
  }
done:
  return st;
}

static mpp_status take_room(ensemble *e)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = e->job;
  const size_t n = job->frame;
  float **const arrays[] = {&e->x, &e->mean, &e->spread, &e->truth};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
    MPP_TRY(MPP_ALLOC(arrays[i], n));
  }
  if (job->info->masked) {
    MPP_TRY(MPP_ALLOC(&e->hidden, n));
    MPP_TRY(MPP_ALLOC(&e->pair, 2 * job->cells));
  }
  MPP_TRY(take_block(e));
  MPP_TRY(MPP_ALLOC(&e->context, job->T * n));
  MPP_TRY(MPP_ALLOC(&e->options, 1));
  MPP_TRY(MPP_ALLOC(&e->time, job->info->nframes));
  MPP_TRY(mpp_frames_times(job->frames, e->time, e->key.sample));
  MPP_TRY(mpp_beside_open(&e->beside, job->style, job->frames, e->key.sample, e->time));
  MPP_TRY(mpp_frames_parameters(job->frames, e->parameter, e->key.sample));
  MPP_TRY(mpp_reader_open(&e->reader, job->frames, e->key.sample));
  for (size_t k = 0; k < job->T; k++) {
    MPP_TRY(mpp_reader_read(e->reader, e->context + k * n, e->key.start + k * job->stride));
  }
done:
  return st;
}

static mpp_status create(ensemble *e)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = e->job;
  const mpp_rollout_options *given = job->options;
  mpp_rollout_options *o = e->options;
  const bool one = job->plan.checkpoints == 1;
  const mpp_attribute_texts own = {.predictor =
                                       job->by_window && one ? job->checkpoint_path : NULL};
  *o = *given;
  snprintf(o->sample, sizeof o->sample, "%zu", e->key.sample);
  snprintf(o->start, sizeof o->start, "%zu", e->key.start);
  snprintf(o->steps, sizeof o->steps, "%zu", e->key.steps);
  MPP_TRY(mpp_plan_name(e->output, &job->plan, &e->key, true));
  MPP_TRY(mpp_check_output(e->output, given->overwrite || given->resume));
  snprintf(e->partial, sizeof e->partial, "%s.partial", e->output);
  MPP_TRY(mpp_attributes_fill(&e->attributes, o, job->command, one ? job->checkpoint : NULL,
                              job->sha256, &own, job->info, e->context, job->T,
                              job->T * job->frame));
  MPP_TRY(
      mpp_attributes_known(&e->attributes, job->info, job->which, job->shape.given, o->hold_given));
  mpp_rollout_nc_layout layout = mpp_members_layout(job, e->key.steps);
  layout.parameter = e->parameter;
  layout.has_truth = o->truth && e->key.start + job->T * job->stride < job->info->nframes;
  layout.has_spread = true;
  layout.cf_axis = o->cf_axis;
  layout.deflate = (int)o->compress;
  layout.digits = (int)o->keep_digits;
  layout.text = e->attributes.text;
  layout.ntexts = e->attributes.count;
  layout.series = &members_series;
  layout.nseries = 1;
  MPP_TRY(mpp_rollout_nc_create(&e->file, e->partial, &layout));
done:
  return st;
}

static void begin(tally *t, size_t n)
{
  t->count = t->time = 0.0;
  memset(t->sum, 0, n * sizeof *t->sum);
  memset(t->square, 0, n * sizeof *t->square);
}

static void add(tally *t, const float *x, size_t n)
{
  if (t->count == 0.0) {
    memcpy(t->first, x, n * sizeof *x);
  }
  for (size_t k = 0; k < n; k++) {
    const double d = (double)x[k] - (double)t->first[k];
    t->sum[k] += d;
    t->square[k] += d * d;
  }
  t->count += 1.0;
}

/* Masked cells hold fill values in the files of all members. */
static void finish(ensemble *e, const tally *t)
{
  for (size_t k = 0; k < e->job->frame; k++) {
    const double mean = t->sum[k] / t->count;
    const double square = t->square[k] - t->count * mean * mean;
    e->mean[k] = (float)((double)t->first[k] + mean);
    e->spread[k] = t->count > 1.0 ? (float)sqrt(fmax(square, 0.0) / (t->count - 1.0)) : 0.0f;
    if (e->hidden != NULL) {
      e->hidden[k] = (unsigned char)(t->first[k] == NC_FILL_FLOAT);
    }
  }
  if (e->hidden != NULL) {
    mpp_masked_fill(e->mean, e->mean, e->hidden, e->job->frame);
    mpp_masked_fill(e->spread, e->spread, e->hidden, e->job->frame);
  }
}

/* Records `from` to `to` of one member into the block. */
static mpp_status add_member(ensemble *e, size_t member, size_t from, size_t to)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc *file = NULL;
  const size_t length = e->members.length[member];
  to = to < length ? to : length;
  if (from >= to) {
    return MPP_OK;
  }
  MPP_TRY(mpp_members_use(&file, &e->members, member));
  for (size_t record = from; record < to; record++) {
    tally *t = &e->block[record - from];
    MPP_TRY(mpp_rollout_nc_read(file, e->x, NULL, record));
    MPP_TRY(mpp_rollout_nc_time(file, &t->time, record));
    add(t, e->x, e->job->frame);
  }
done:
  mpp_members_leave(&e->members, member, file);
  return st;
}

static mpp_status add_record(ensemble *e, size_t record, const tally *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = e->job;
  double nrmse[MPP_MAX_FIELDS], vrmse[MPP_MAX_FIELDS];
  const size_t frame = e->key.start + (job->T + record) * job->stride;
  mpp_rollout_record r = {
      .time = t->time, .prediction = e->mean, .spread = e->spread, .series = &t->count};
  finish(e, t);
  if (e->options->truth && frame < job->info->nframes) {
    MPP_TRY(mpp_reader_read(e->reader, e->truth, frame));
    mpp_masked_scores(nrmse, vrmse, e->mean, e->truth, e->hidden, e->pair, job->info->nfields,
                      job->cells);
    if (e->hidden != NULL) {
      mpp_masked_fill(e->truth, e->truth, e->hidden, job->frame);
    }
    r.truth = e->truth;
    r.nrmse = nrmse;
    r.vrmse = vrmse;
  }
  MPP_TRY(mpp_beside_read(&e->beside, frame, r.time));
  r.beside = e->beside.value;
  MPP_TRY(mpp_rollout_nc_append(e->file, &r));
done:
  return st;
}

static mpp_status add_block(ensemble *e, size_t from, size_t to)
{
  mpp_status st = MPP_OK;
  for (size_t k = 0; k < to - from; k++) { begin(&e->block[k], e->job->frame); }
  for (size_t i = 0; i < e->members.count; i++) { MPP_TRY(add_member(e, i, from, to)); }
  for (size_t k = 0; k < to - from; k++) { MPP_TRY(add_record(e, from + k, &e->block[k])); }
done:
  return st;
}

static void close_ensemble(ensemble *e)
{
  mpp_rollout_nc_abandon(e->file);
  if (e->file != NULL) {
    unlink(e->partial);
  }
  mpp_members_close(&e->members);
  for (size_t k = 0; e->block != NULL && k < e->room; k++) {
    mpp_free(e->block[k].first);
    mpp_free(e->block[k].sum);
    mpp_free(e->block[k].square);
  }
  mpp_free(e->block);
  mpp_attributes_free(&e->attributes);
  mpp_beside_close(&e->beside);
  mpp_reader_close(e->reader);
  mpp_free(e->options);
  mpp_free(e->time);
  mpp_free(e->context);
  mpp_free(e->truth);
  mpp_free(e->spread);
  mpp_free(e->mean);
  mpp_free(e->x);
  mpp_free(e->pair);
  mpp_free(e->hidden);
}

static mpp_status write_context(char *first, size_t size, const mpp_job *job, size_t context)
{
  mpp_status st = MPP_OK;
  ensemble e = {.job = job, .key = mpp_plan_at(&job->plan, 0, context, 0)};
  MPP_TRY(mpp_members_open(&e.members, job, context));
  MPP_TRY(take_room(&e));
  MPP_TRY(create(&e));
  for (size_t from = 0; from < e.members.records; from += e.room) {
    const size_t rest = e.members.records - from;
    MPP_TRY(add_block(&e, from, from + (rest < e.room ? rest : e.room)));
  }
  mpp_rollout_nc *file = e.file;
  e.file = NULL;
  MPP_TRY(mpp_rollout_nc_close(file));
  MPP_TRY(mpp_sync_path(e.partial));
  MPP_TRY(mpp_commit_file(e.partial, e.output));
  if (first[0] == '\0') {
    snprintf(first, size, "%s", e.output);
  }
done:
  close_ensemble(&e);
  return st;
}

mpp_status mpp_ensemble_write(char *first, size_t size, const mpp_job *job)
{
  mpp_status st = MPP_OK;
  first[0] = '\0';
  for (size_t i = 0; mpp_plan_has_ensemble(&job->plan) && i < mpp_plan_contexts(&job->plan); i++) {
    MPP_TRY(write_context(first, size, job, i));
  }
done:
  return st;
}
