/* ensemble.c - sums over members, record by record and in their order: mean and unbiased standard
 * deviation, summed in double about the first member. */
#include "ensemble.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "mpp/error_norms.h"

typedef struct ensemble {
  const mpp_job *job;
  mpp_plan_key key; /* of the first member */
  mpp_rollout_options *options;
  size_t count, records;   /* members; records of the longest */
  mpp_rollout_nc **member; /* [count], open for reading */
  size_t *length;          /* [count] */
  mpp_attributes attributes;
  float *x, *first, *mean, *spread, *truth, *context;
  double *sum, *square, *time;
  mpp_reader *reader;
  mpp_rollout_nc *file;
  char output[MPP_PATH_MAX], partial[MPP_PATH_MAX + 16];
  double parameter[MPP_MAX_PARAMETERS]; /* of the sample */
} ensemble;

static const mpp_nc_series members_series = {
    .name = "members", .long_name = "members that reach this record", .units = "1"};

static mpp_rollout_nc_layout layout_of(const ensemble *e)
{
  const mpp_job *job = e->job;
  return (mpp_rollout_nc_layout){
      .info = job->info,
      .coordinate = {job->coordinate[0], job->coordinate[1], job->coordinate[2]},
      .steps = e->key.steps,
      .style = job->style,
      .parameter = e->parameter};
}

static mpp_status open_members(ensemble *e, size_t context)
{
  mpp_status st = MPP_OK;
  const mpp_plan *plan = &e->job->plan;
  const mpp_rollout_nc_layout layout = layout_of(e);
  char path[MPP_PATH_MAX];
  MPP_TRY(mpp_alloc((void **)&e->member, e->count, sizeof(void *)));
  MPP_TRY(MPP_ALLOC(&e->length, e->count));
  for (size_t i = 0; i < e->count; i++) {
    const mpp_plan_key key = mpp_plan_at(plan, i / plan->members, context, i % plan->members);
    MPP_TRY(mpp_plan_name(path, plan, &key, false));
    MPP_TRY(mpp_rollout_nc_open(&e->member[i], &e->length[i], path, &layout));
    e->records = e->length[i] > e->records ? e->length[i] : e->records;
  }
done:
  return st;
}

static mpp_status take_room(ensemble *e)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = e->job;
  const size_t n = job->frame;
  float **const arrays[] = {&e->x, &e->first, &e->mean, &e->spread, &e->truth};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
    MPP_TRY(MPP_ALLOC(arrays[i], n));
  }
  MPP_TRY(MPP_ALLOC(&e->context, job->T * n));
  MPP_TRY(MPP_ALLOC(&e->sum, n));
  MPP_TRY(MPP_ALLOC(&e->square, n));
  MPP_TRY(MPP_ALLOC(&e->options, 1));
  MPP_TRY(MPP_ALLOC(&e->time, job->info->nframes));
  MPP_TRY(mpp_frames_times(job->frames, e->time, e->key.sample));
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
  mpp_rollout_nc_layout layout = layout_of(e);
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

/* Mean and spread of the members that have the record; *count of them. */
static mpp_status sum_up(ensemble *e, double *count, double *time, size_t record)
{
  mpp_status st = MPP_OK;
  const size_t n = e->job->frame;
  *count = 0.0;
  memset(e->sum, 0, n * sizeof *e->sum);
  memset(e->square, 0, n * sizeof *e->square);
  for (size_t i = 0; i < e->count; i++) {
    if (record >= e->length[i]) {
      continue;
    }
    MPP_TRY(mpp_rollout_nc_read(e->member[i], e->x, NULL, record));
    MPP_TRY(mpp_rollout_nc_time(e->member[i], time, record));
    if (*count == 0.0) {
      memcpy(e->first, e->x, n * sizeof *e->x);
    }
    for (size_t k = 0; k < n; k++) {
      const double d = (double)e->x[k] - (double)e->first[k];
      e->sum[k] += d;
      e->square[k] += d * d;
    }
    *count += 1.0;
  }
  for (size_t k = 0; k < n; k++) {
    const double mean = e->sum[k] / *count;
    const double square = e->square[k] - *count * mean * mean;
    e->mean[k] = (float)((double)e->first[k] + mean);
    e->spread[k] = *count > 1.0 ? (float)sqrt(fmax(square, 0.0) / (*count - 1.0)) : 0.0f;
  }
done:
  return st;
}

static mpp_status add_record(ensemble *e, size_t record)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = e->job;
  double count = 0.0, nrmse[MPP_MAX_FIELDS], vrmse[MPP_MAX_FIELDS];
  const size_t frame = e->key.start + (job->T + record) * job->stride;
  mpp_rollout_record r = {.prediction = e->mean, .spread = e->spread, .series = &count};
  MPP_TRY(sum_up(e, &count, &r.time, record));
  if (e->options->truth && frame < job->info->nframes) {
    MPP_TRY(mpp_reader_read(e->reader, e->truth, frame));
    for (size_t f = 0; f < job->info->nfields; f++) {
      const float *y = e->mean + f * job->cells, *truth = e->truth + f * job->cells;
      nrmse[f] = mpp_nrmse(y, truth, job->cells);
      vrmse[f] = mpp_vrmse(y, truth, job->cells);
    }
    r.truth = e->truth;
    r.nrmse = nrmse;
    r.vrmse = vrmse;
  }
  MPP_TRY(mpp_rollout_nc_append(e->file, &r));
done:
  return st;
}

static void close_ensemble(ensemble *e)
{
  mpp_rollout_nc_abandon(e->file);
  if (e->file != NULL) {
    unlink(e->partial);
  }
  for (size_t i = 0; e->member != NULL && i < e->count; i++) {
    mpp_rollout_nc_abandon(e->member[i]);
  }
  mpp_free((void *)e->member);
  mpp_free(e->length);
  mpp_attributes_free(&e->attributes);
  mpp_reader_close(e->reader);
  mpp_free(e->options);
  mpp_free(e->time);
  mpp_free(e->square);
  mpp_free(e->sum);
  mpp_free(e->context);
  mpp_free(e->truth);
  mpp_free(e->spread);
  mpp_free(e->mean);
  mpp_free(e->first);
  mpp_free(e->x);
}

static mpp_status write_context(char *first, size_t size, const mpp_job *job, size_t context)
{
  mpp_status st = MPP_OK;
  ensemble e = {.job = job,
                .key = mpp_plan_at(&job->plan, 0, context, 0),
                .count = job->plan.members * job->plan.checkpoints};
  MPP_TRY(open_members(&e, context));
  MPP_TRY(take_room(&e));
  MPP_TRY(create(&e));
  for (size_t record = 0; record < e.records; record++) { MPP_TRY(add_record(&e, record)); }
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
