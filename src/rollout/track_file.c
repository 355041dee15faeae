/* track_file.c - the file of a forecast: new, or with the records of an earlier run; the final
 * one. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "mpp/error_norms.h"
#include "track.h"

static mpp_rollout_nc_layout layout_of(const mpp_track *t)
{
  const mpp_job *job = t->job;
  const size_t last = t->key.start + (job->T - 1) * job->stride;
  return (mpp_rollout_nc_layout){
      .info = job->info,
      .coordinate = {job->coordinate[0], job->coordinate[1], job->coordinate[2]},
      .steps = t->steps,
      .has_truth = t->options->truth && job->info->nframes > last + job->stride,
      .cf_axis = t->options->cf_axis,
      .deflate = (int)t->options->compress,
      .text = t->attributes.text,
      .ntexts = t->attributes.count,
      .series = t->series,
      .nseries = t->nseries,
      .style = job->style,
      .parameter = t->parameter};
}

static bool is_there(const char *path) { return access(path, F_OK) == 0; }

/* All records of the earlier run are in the new file: it takes the place of the old one. */
static mpp_status take_over(mpp_track *t)
{
  mpp_rollout_nc_abandon(t->old);
  t->old = NULL;
  return mpp_rollout_nc_rename(t->file, t->partial);
}

/* A finished output of this very run is left alone; any other is in the way. */
static mpp_status look_at_finished(mpp_track *t, const mpp_rollout_nc_layout *layout)
{
  mpp_rollout_nc *file = NULL;
  size_t records = 0;
  const mpp_status st = mpp_rollout_nc_open(&file, &records, t->output, layout);
  mpp_rollout_nc_abandon(file);
  if (st != MPP_OK) {
    return mpp_fail(MPP_ERR_EXISTS, "%.300s: exists, and is not of this run: %.600s", t->output,
                    mpp_last_error());
  }
  t->done = records;
  t->finished = true;
  return MPP_OK;
}

mpp_status mpp_track_open_file(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_nc_layout layout = layout_of(t);
  if (t->options->resume && is_there(t->output) && !t->options->overwrite) {
    MPP_TRY(look_at_finished(t, &layout));
  } else if (t->options->resume && is_there(t->partial)) {
    MPP_TRY(mpp_rollout_nc_open(&t->old, &t->kept, t->partial, &layout));
    MPP_REQUIRE(t->kept <= t->steps, MPP_ERR_DATA, "%s: has %zu records, more than %zu steps",
                t->partial, t->kept, t->steps);
    MPP_TRY(mpp_rollout_nc_create(&t->file, t->fresh, &layout));
    if (t->kept == 0) {
      MPP_TRY(take_over(t));
    }
  } else {
    MPP_TRY(mpp_rollout_nc_create(&t->file, t->partial, &layout));
  }
done:
  return st;
}

/* ---- records ---- */

/* Past the end of the data time goes on with the step of the last two frames of the context. */
static double frame_time(const mpp_track *t, size_t frame)
{
  const size_t last = t->job->info->nframes - 1;
  const size_t context = t->key.start + (t->job->T - 1) * t->job->stride;
  if (frame <= last) {
    return t->time[frame];
  }
  const double dt = context > 0 ? t->time[context] - t->time[context - 1]
                    : last > 0  ? t->time[1] - t->time[0]
                                : 1.0;
  return t->time[last] + dt * (double)(frame - last);
}

static void push(mpp_track *t)
{
  const size_t frame = t->job->frame, rest = (t->job->T - 1) * frame;
  memmove(t->window, t->window + frame, rest * sizeof *t->window);
  memcpy(t->window + rest, t->y, frame * sizeof *t->window);
  mpp_track_know_next(t);
}

mpp_status mpp_track_store(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  double vrmse[MPP_MAX_FIELDS];
  const size_t frame = t->key.start + (job->T + t->done) * job->stride;
  mpp_rollout_record record = {.time = frame_time(t, frame), .series = t->values};
  t->has_truth = t->options->truth && frame < job->info->nframes;
  if (t->has_truth) {
    MPP_TRY(mpp_reader_read(t->reader, t->truth, frame));
    mpp_track_score(t, t->nrmse, vrmse, t->y, t->truth);
    record.truth = mpp_track_fill(t, t->truth, 1);
    record.nrmse = t->nrmse;
    record.vrmse = vrmse;
    t->truth_steps++;
  }
  record.prediction = mpp_track_fill(t, t->y, 0);
  MPP_TRY(mpp_beside_read(&t->beside, frame, record.time));
  record.beside = t->beside.value;
  MPP_TRY(mpp_rollout_nc_append(t->file, &record));
  push(t);
  mpp_window_fit_advance(t->fit);
  t->done++;
  t->violations += t->bits != 0;
  t->solver_frames += t->by_solver;
  if (t->old != NULL && t->done == t->kept) {
    MPP_TRY(take_over(t));
  }
done:
  return st;
}

mpp_status mpp_track_finish(mpp_track *t)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc *file = t->file;
  mpp_rollout_nc_layout layout = layout_of(t);
  t->file = NULL;
  MPP_TRY(mpp_rollout_nc_close(file));
  if (t->options->keep_digits > 0) { /* what is continued from has all digits */
    layout.digits = (int)t->options->keep_digits;
    MPP_TRY(mpp_rollout_nc_copy(t->fresh, t->partial, &layout));
    MPP_TRY(mpp_sync_path(t->fresh));
    MPP_TRY(mpp_commit_file(t->fresh, t->output));
    unlink(t->partial);
  } else {
    MPP_TRY(mpp_sync_path(t->partial));
    MPP_TRY(mpp_commit_file(t->partial, t->output));
  }
  t->finished = true;
done:
  return st;
}
