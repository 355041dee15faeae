/* track.c - a forecast from its context to an open file. */
#include "track.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "avit.h"
#include "check.h"
#include "config.h"
#include "rng.h"
#include "threads.h"

/* "<final><suffix>", the name cut where a file system would refuse it. */
static mpp_status name_beside(char out[MPP_PATH_MAX], const char *final, const char *suffix)
{
  const char *slash = strrchr(final, '/');
  const size_t folder = slash == NULL ? 0 : (size_t)(slash - final) + 1, n = strlen(suffix);
  size_t base = strlen(final) - folder;
  base = base + n > NAME_MAX ? NAME_MAX - n : base;
  if (folder + base + n >= MPP_PATH_MAX) {
    return mpp_fail(MPP_ERR_EXISTS, "%.100s...: the path is too long", final);
  }
  memcpy(out, final, folder + base);
  memcpy(out + folder + base, suffix, n + 1);
  return MPP_OK;
}

/* Names, and the lock under which what is there is looked at. */
static mpp_status claim(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_options *o = t->job->options;
  char lock[MPP_PATH_MAX];
  MPP_TRY(mpp_plan_name(t->output, &t->job->plan, &t->key, false));
  MPP_TRY(mpp_check_output(t->output, o->overwrite || o->resume));
  MPP_TRY(name_beside(t->partial, t->output, ".partial"));
  MPP_TRY(name_beside(t->fresh, t->output, ".partial.new"));
  MPP_REQUIRE(o->resume || o->overwrite || access(t->partial, F_OK) != 0, MPP_ERR_EXISTS,
              "%s: an unfinished forecast exists (continue it with --resume, begin anew with "
              "--overwrite)",
              t->partial);
  MPP_TRY(name_beside(lock, t->output, ".lock"));
  MPP_TRY(mpp_lock_take(&t->lock, lock));
  mpp_remove_temporaries(t->partial);
  mpp_remove_temporaries(t->fresh);
  if (o->overwrite && !o->resume) {
    unlink(t->partial);
  }
done:
  return st;
}

/* The options that make this file alone. */
static mpp_status set_options(mpp_track *t)
{
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&t->options, 1));
  mpp_rollout_options *o = t->options;
  *o = *t->job->options;
  snprintf(o->sample, sizeof o->sample, "%zu", t->key.sample);
  snprintf(o->start, sizeof o->start, "%zu", t->key.start);
  snprintf(o->steps, sizeof o->steps, "%zu", t->key.steps);
  if (t->job->plan.members * t->job->plan.checkpoints > 1) {
    o->member = (long)t->key.member;
  }
done:
  return st;
}

/* Adds white noise to the context, the same in all its frames: increments in time, by which some
 * models go on, stay what they are. */
static void perturb(mpp_track *t)
{
  const mpp_job *job = t->job;
  const size_t C = job->info->nfields, cells = job->cells;
  const size_t m = t->key.member % job->plan.members;
  for (size_t f = 0; m > 0 && f < C; f++) {
    double sum = 0.0, square = 0.0, n = 0.0;
    for (size_t k = 0; k < job->T; k++) {
      const float *x = t->window + k * job->frame + f * cells;
      const unsigned char *hidden = mpp_track_hidden(t, k, f);
      for (size_t i = 0; i < cells; i++) {
        if (hidden == NULL || hidden[i] == 0) {
          sum += (double)x[i];
          square += (double)x[i] * (double)x[i];
          n += 1.0;
        }
      }
    }
    const double mean = sum / n;
    const double size = t->options->perturb * sqrt(fmax(square / n - mean * mean, 0.0));
    for (size_t i = 0; i < cells; i++) {
      const uint64_t seed = (uint64_t)t->options->seed;
      const double noise =
          size * mpp_rng_normal(seed, MPP_STREAM_MEMBER, m, (uint32_t)(f * cells + i));
      for (size_t k = 0; k < job->T; k++) {
        float *x = t->window + k * job->frame + f * cells + i;
        *x = (float)((double)*x + noise);
      }
    }
  }
}

static mpp_status read_context(mpp_track *t, const mpp_track *neighbour)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  if (neighbour != NULL && neighbour->reader != NULL) {
    t->reader = mpp_reader_share(neighbour->reader);
  } else {
    MPP_TRY(mpp_reader_open(&t->reader, job->frames, t->key.sample));
  }
  MPP_TRY(MPP_ALLOC(&t->window, job->T * job->frame));
  MPP_TRY(MPP_ALLOC(&t->y, job->frame));
  MPP_TRY(MPP_ALLOC(&t->truth, job->frame));
  MPP_TRY(MPP_ALLOC(&t->time, job->info->nframes));
  MPP_TRY(mpp_frames_times(job->frames, t->time, t->key.sample));
  MPP_TRY(mpp_beside_open(&t->beside, job->style, job->frames, t->key.sample, t->time));
  MPP_TRY(mpp_frames_parameters(job->frames, t->parameter, t->key.sample));
  for (size_t k = 0; k < job->T; k++) {
    MPP_TRY(mpp_reader_read(t->reader, t->window + k * job->frame, t->key.start + k * job->stride));
  }
  MPP_TRY(mpp_track_know(t));
  perturb(t);
done:
  return st;
}

/* Time between the frames of the forecast at the end of the context. */
static double interval_of(const mpp_track *t)
{
  const mpp_job *job = t->job;
  const size_t last = t->key.start + (job->T - 1) * job->stride;
  if (last >= job->stride) {
    return t->time[last] - t->time[last - job->stride];
  }
  return last + job->stride < job->info->nframes ? t->time[last + job->stride] - t->time[last]
                                                 : 1.0;
}

/* The solver beside the forecast, and what is watched and corrected. */
static mpp_status set_watch(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  const mpp_rollout_options *o = t->options;
  const bool needed = o->on_violation == MPP_VIOLATION_SOLVER || o->time_solver;
  const size_t most =
      o->time_solver && t->steps > (size_t)o->solver_steps ? t->steps : (size_t)o->solver_steps;
  MPP_TRY(mpp_reference_open(&t->reference, o->solver, job->frames, job->coordinate, interval_of(t),
                             most, t->key.sample, t->reader));
  MPP_REQUIRE(!needed || (t->reference.stream != NULL && t->reference.named), MPP_ERR_USAGE,
              "%s: the reference solver and the parameters of these data are not known: name them "
              "with --solver SYSTEM,NAME=VALUE,...",
              o->data);
  if (needed) { /* can it go on from frames at all? */
    const size_t count = job->T < 3 ? job->T : 3;
    st = mpp_pde_stream_continue(t->reference.stream, t->window + (job->T - count) * job->frame,
                                 count);
    if (st == MPP_ERR_USAGE) {
      goto done;
    }
  }
  MPP_TRY(mpp_guard_begin(&t->guard, o, job->info, &t->reference, t->window, job->T));
  MPP_TRY(mpp_physics_begin(&t->physics, o, job->info, &t->reference, t->window, job->T));
  MPP_TRY(mpp_track_list_series(t));
done:
  return st;
}

mpp_status mpp_track_fit(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  const double begin = mpp_clock();
  const size_t seen = job->shape.C * job->cells;
  mpp_window_shape shape = job->shape;
  float *x = NULL;
  unsigned char *mask = NULL;
  mpp_window_forecast_destroy(t->fitted);
  mpp_window_fit_destroy(t->fit);
  t->fitted = NULL;
  t->fit = NULL;
  if (job->by_window) {
    MPP_TRY(mpp_track_still(t, &mask));
    MPP_TRY(mpp_window_model_fit(&t->fitted, job->predictor, t->window, mask, job->T, job->info));
  } else if (mpp_predict_keeps_fit(job->model)) {
    MPP_TRY(MPP_ALLOC(&x, job->T * seen));
    MPP_TRY(MPP_ALLOC(&mask, job->T * seen));
    mpp_track_show(t, x, mask, seen);
    shape.mask = job->info->masked ? mask : NULL;
    MPP_TRY(mpp_predict_fit(&t->fit, job->model, x, &shape));
    if (t->options->gain == MPP_GAIN_FITTED) {
      MPP_TRY(mpp_predict_gains(&t->fit, job->model, x, &shape));
    }
  }
  t->model_seconds += mpp_clock() - begin;
done:
  mpp_free(x);
  mpp_free(mask);
  return st;
}

mpp_status mpp_track_open(mpp_track *t, const mpp_job *job, const mpp_plan_key *key,
                          const mpp_track *neighbour)
{
  mpp_status st = MPP_OK;
  char *predictor = NULL, *base = NULL, *gain = NULL;
  t->job = job;
  t->key = *key;
  t->steps = key->steps;
  MPP_TRY(claim(t));
  MPP_TRY(set_options(t));
  MPP_TRY(read_context(t, neighbour));
  MPP_TRY(mpp_track_fit(t));
  if (job->by_window) {
    MPP_TRY(mpp_window_model_text(&predictor, mpp_window_forecast_fit(t->fitted), true, job->info));
  } else if (t->fit != NULL) {
    MPP_TRY(mpp_window_model_text(&base, t->fit, t->fit->step > 0, job->info));
    MPP_TRY(mpp_window_gain_text(&gain, t->fit, job->info));
  }
  MPP_TRY(set_watch(t));
  MPP_TRY(mpp_attributes_fill(&t->attributes, t->options, job->command, job->checkpoint,
                              job->sha256, &(mpp_attribute_texts){predictor, base, gain}, job->info,
                              t->window, job->T, job->T * job->frame));
  if (!job->by_window) {
    MPP_TRY(
        mpp_attributes_padding(&t->attributes, job->info,
                               (size_t)mpp_config_patch_size(mpp_model_get_config(job->model))));
  }
  MPP_TRY(mpp_attributes_known(&t->attributes, job->info, job->which, job->shape.given,
                               t->options->hold_given));
  MPP_TRY(mpp_track_open_file(t));
done:
  mpp_free(predictor);
  mpp_free(base);
  mpp_free(gain);
  return st;
}

void mpp_track_close(mpp_track *t)
{
  const bool unfinished = t->file != NULL, copying = t->old != NULL;
  mpp_rollout_nc_abandon(t->file);
  mpp_rollout_nc_abandon(t->old);
  if (unfinished && copying) {
    unlink(t->fresh);
  }
  if (unfinished && t->done == 0 && t->kept == 0) { /* nothing to continue */
    unlink(t->partial);
  }
  mpp_free(t->series);
  mpp_attributes_free(&t->attributes);
  mpp_physics_free(&t->physics);
  mpp_guard_free(&t->guard);
  mpp_reference_close(&t->reference);
  mpp_window_forecast_destroy(t->fitted);
  mpp_window_fit_destroy(t->fit);
  mpp_track_forget(t);
  mpp_beside_close(&t->beside);
  mpp_free(t->truth);
  mpp_free(t->y);
  mpp_free(t->window);
  mpp_free(t->time);
  mpp_reader_close(t->reader);
  mpp_free(t->options);
  mpp_lock_release(&t->lock);
}
