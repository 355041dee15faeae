/* rollout.c - a forecast from a dataset into a netCDF file. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapter.h"
#include "alloc.h"
#include "attributes.h"
#include "check.h"
#include "checkpoint.h"
#include "file.h"
#include "forecast.h"
#include "mpp/error_norms.h"
#include "mpp/threads.h"
#include "rollout_nc.h"
#include "threads.h"
#include "window_model.h"

#define MEMBER(member) offsetof(mpp_rollout_options, member)
const mpp_option mpp_rollout_table[] = {
    {"model", 'm', MPP_OPT_TEXT, MEMBER(model), NULL, 0, 0, NULL, "FILE",
     "checkpoint; or window, for the predictor that does best inside the context frames, or "
     "window:NAME, for one of them"},
    {"adapter", 0, MPP_OPT_TEXT, MEMBER(adapter), NULL, 0, 0, NULL, "FILE",
     "adapter of a finetuning with lora-rank, joined to the model that it was trained on"},
    {"data", 'd', MPP_OPT_TEXT, MEMBER(data), NULL, 0, 0, NULL, "FILE[:SYSTEM]",
     "dataset with the context frames, and the truth where it goes on"},
    {"output", 'o', MPP_OPT_TEXT, MEMBER(output), NULL, 0, 0, NULL, "FILE", "netCDF file to write"},
    {"sample", 0, MPP_OPT_LONG, MEMBER(sample), "0", 0, 1e12, NULL, "N", "trajectory, from 0"},
    {"start", 0, MPP_OPT_LONG, MEMBER(start), "0", 0, 1e12, NULL, "N",
     "first context frame, from 0"},
    {"steps", 'n', MPP_OPT_LONG, MEMBER(steps), "20", 1, 1e9, NULL, "N", "frames to predict"},
    {"context", 0, MPP_OPT_LONG, MEMBER(context), "0", 0, 4096, NULL, "T",
     "context frames; 0: the model's, or 16 for window"},
    {"boundary", 0, MPP_OPT_TEXT, MEMBER(boundary), NULL, 0, 0, NULL, "x=B,y=B",
     "boundaries, periodic or open, instead of the file's"},
    {"overwrite", 0, MPP_OPT_FLAG, MEMBER(overwrite), NULL, 0, 0, NULL, NULL,
     "replace an existing output, and an unfinished one"},
    {"resume", 0, MPP_OPT_FLAG, MEMBER(resume), NULL, 0, 0, NULL, NULL,
     "continue an unfinished output (OUTPUT.partial) if there is one"},
    {"cf-axis", 0, MPP_OPT_FLAG, MEMBER(cf_axis), NULL, 0, 0, NULL, NULL,
     "give x and y the attribute axis (VAPOR wants it; ParaView then sees a globe)"},
    {"precision", 0, MPP_OPT_CHOICE, MEMBER(precision), "float32", 0, 0, MPP_PRECISION_CHOICES,
     NULL,
     "of the products inside the network; bf16 is faster where the processor has AVX512_BF16"},
    {"threads", 't', MPP_OPT_LONG, MEMBER(threads), "0", 0, 4096, NULL, "N",
     "threads; 0: all. Results do not depend on it"},
    {"json", 0, MPP_OPT_FLAG, MEMBER(json), NULL, 0, 0, NULL, NULL, "print the summary as JSON"},
    {.name = NULL}};
#undef MEMBER

/* What a run holds. */
typedef struct run {
  const mpp_rollout_options *options;
  char partial[MPP_PATH_MAX], fresh[MPP_PATH_MAX]; /* names of the unfinished file */
  mpp_lock lock;
  mpp_tensor_file *checkpoint; /* NULL, as `model`, for a forecast from the window alone */
  mpp_model *model;
  bool by_window;
  const char *predictor; /* its name, or NULL: by backtest */
  mpp_window_forecast *fitted;
  mpp_dataset *data;
  const mpp_dataset_info *info;
  mpp_window_shape shape;
  size_t sample, first, steps; /* trajectory, frame after the context, frames to predict */
  size_t cells, frame;         /* of a field, of all fields */
  double *time;                /* [nframes] */
  double *coordinate[3];
  float *window;    /* [T, C, S] */
  float *y, *truth; /* [C, S] */
  mpp_attributes attributes;
  mpp_rollout_nc *file, *old; /* old: of an earlier run, to continue from; or NULL */
  size_t kept;                /* records of `old` */
  mpp_forecast *forecast;
  size_t done;    /* records in the file */
  double seconds; /* in predictions */
  size_t predicted;
} run;

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

static mpp_status check_options(run *r)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_options *o = r->options;
  char lock[MPP_PATH_MAX];
  MPP_REQUIRE(o->model[0] != '\0', MPP_ERR_USAGE, "rollout: --model is missing");
  MPP_REQUIRE(o->data[0] != '\0', MPP_ERR_USAGE, "rollout: --data is missing");
  MPP_REQUIRE(o->output[0] != '\0', MPP_ERR_USAGE, "rollout: --output is missing");
  MPP_REQUIRE(o->steps >= 1 && o->sample >= 0 && o->start >= 0 && o->context >= 0, MPP_ERR_USAGE,
              "rollout: steps %ld, sample %ld, start %ld, context %ld, expected no negative number "
              "and a step",
              o->steps, o->sample, o->start, o->context);
  MPP_TRY(mpp_check_output(o->output, o->overwrite));
  MPP_TRY(name_beside(r->partial, o->output, ".partial"));
  MPP_TRY(name_beside(r->fresh, o->output, ".partial.new"));
  MPP_REQUIRE(o->resume || o->overwrite || access(r->partial, F_OK) != 0, MPP_ERR_EXISTS,
              "%s: an unfinished forecast exists (continue it with --resume, begin anew with "
              "--overwrite)",
              r->partial);
  MPP_TRY(name_beside(lock, o->output, ".lock"));
  MPP_TRY(mpp_lock_take(&r->lock, lock));
  mpp_remove_temporaries(r->partial);
  mpp_remove_temporaries(r->fresh);
done:
  return st;
}

static mpp_status open_inputs(run *r)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_options *o = r->options;
  const mpp_dataset_options dataset = {.boundary = o->boundary[0] != '\0' ? o->boundary : NULL};
  size_t window = 0, T = MPP_WINDOW_CONTEXT;
  r->by_window = mpp_window_model(&r->predictor, o->model);
  MPP_REQUIRE(!r->by_window || o->adapter[0] == '\0', MPP_ERR_USAGE,
              "rollout: --adapter needs the model that it was trained on, not '%s'", o->model);
  if (!r->by_window) {
    MPP_TRY(mpp_tensors_read(&r->checkpoint, o->model));
    MPP_TRY(mpp_checkpoint_model(&r->model, r->checkpoint));
    if (o->adapter[0] != '\0') {
      MPP_TRY(mpp_adapter_join(r->model, o->adapter));
    }
    MPP_TRY(mpp_model_set_precision(r->model, (mpp_precision)o->precision));
    T = (size_t)mpp_model_get_config(r->model)->context;
  }
  MPP_TRY(mpp_dataset_open(&r->data, o->data, &dataset));
  const mpp_dataset_info *info = r->info = mpp_dataset_get_info(r->data);
  T = o->context > 0 ? (size_t)o->context : T;
  MPP_REQUIRE((size_t)o->sample < info->ntrajectories, MPP_ERR_USAGE,
              "%s: sample %ld, expected 0 to %zu", o->data, o->sample, info->ntrajectories - 1);
  MPP_REQUIRE((size_t)o->start + T <= info->nframes, MPP_ERR_USAGE,
              "%s: context frames %ld to %zu, but its trajectories have %zu frames", o->data,
              o->start, (size_t)o->start + T - 1, info->nframes);
  r->sample = (size_t)o->sample;
  r->first = (size_t)o->start + T;
  r->steps = (size_t)o->steps;
  r->shape.T = T;
  r->shape.B = 1;
  r->shape.C = info->nfields;
  memcpy(r->shape.grid, info->grid, sizeof r->shape.grid);
  memcpy(r->shape.boundary, info->boundary, sizeof r->shape.boundary);
  if (!r->by_window) {
    MPP_TRY(mpp_model_columns(r->model, r->shape.column, info->field, info->nfields));
  }
  MPP_REQUIRE(mpp_product(&r->cells, info->grid, 3) &&
                  mpp_mul(&r->frame, r->cells, info->nfields) && mpp_mul(&window, r->frame, T) &&
                  r->cells > 1,
              MPP_ERR_DATA, "%s: a grid of %zu x %zu x %zu cells is too small or too large",
              o->data, info->grid[0], info->grid[1], info->grid[2]);
  MPP_TRY(MPP_ALLOC(&r->window, window));
  MPP_TRY(MPP_ALLOC(&r->y, r->frame));
  MPP_TRY(MPP_ALLOC(&r->truth, r->frame));
  MPP_TRY(MPP_ALLOC(&r->time, info->nframes));
  MPP_TRY(mpp_dataset_read(r->data, r->window, r->sample, (size_t)o->start, T));
  if (r->by_window) {
    const double begin = mpp_clock();
    MPP_TRY(mpp_window_model_fit(&r->fitted, r->predictor, r->window, T, info));
    r->seconds = mpp_clock() - begin;
  }
  MPP_TRY(mpp_dataset_times(r->data, r->time, r->sample));
  for (int a = 0; a < 3; a++) {
    MPP_TRY(MPP_ALLOC(&r->coordinate[a], info->grid[a]));
    MPP_TRY(mpp_dataset_coordinates(r->data, r->coordinate[a], a));
  }
done:
  return st;
}

/* Records of an unfinished file are copied into a new one, which then takes its name: until then
 * the old one stays as it is. */
static mpp_status open_output(run *r, const char *command)
{
  mpp_status st = MPP_OK;
  char *predictor = NULL;
  if (r->by_window) {
    MPP_TRY(mpp_window_model_text(&predictor, r->fitted, r->info));
  }
  MPP_TRY(mpp_attributes_fill(&r->attributes, r->options, command, r->checkpoint, predictor,
                              r->info, r->window, r->shape.T, r->shape.T * r->frame));
  const mpp_rollout_nc_layout layout = {
      .info = r->info,
      .coordinate = {r->coordinate[0], r->coordinate[1], r->coordinate[2]},
      .steps = r->steps,
      .has_truth = r->info->nframes > r->first,
      .cf_axis = r->options->cf_axis,
      .text = r->attributes.text,
      .ntexts = r->attributes.count};
  if (r->options->resume && access(r->partial, F_OK) == 0) {
    MPP_TRY(mpp_rollout_nc_open(&r->old, &r->kept, r->partial, &layout));
    MPP_REQUIRE(r->kept <= r->steps, MPP_ERR_DATA, "%s: has %zu records, more than %zu steps",
                r->partial, r->kept, r->steps);
    MPP_TRY(mpp_rollout_nc_create(&r->file, r->fresh, &layout));
  } else {
    MPP_TRY(mpp_rollout_nc_create(&r->file, r->partial, &layout));
  }
done:
  mpp_free(predictor);
  return st;
}

/* Past the end of the file time goes on with the step of the last two context frames. */
static double frame_time(const run *r, size_t frame)
{
  const size_t last = r->info->nframes - 1, T1 = r->first - 1;
  if (frame <= last) {
    return r->time[frame];
  }
  const double dt = T1 > 0     ? r->time[T1] - r->time[T1 - 1]
                    : last > 0 ? r->time[1] - r->time[0]
                               : 1.0;
  return r->time[last] + dt * (double)(frame - last);
}

/* Stores the frame r->y as the next record. *has_truth: nrmse [nfields] was computed. */
static mpp_status store(run *r, double *nrmse, bool *has_truth)
{
  mpp_status st = MPP_OK;
  double vrmse[MPP_MAX_FIELDS];
  const size_t frame = r->first + r->done;
  mpp_rollout_record record = {.time = frame_time(r, frame), .prediction = r->y};
  *has_truth = frame < r->info->nframes;
  if (*has_truth) {
    MPP_TRY(mpp_dataset_read(r->data, r->truth, r->sample, frame, 1));
    for (size_t f = 0; f < r->info->nfields; f++) {
      const float *y = r->y + f * r->cells, *truth = r->truth + f * r->cells;
      nrmse[f] = mpp_nrmse(y, truth, r->cells);
      vrmse[f] = mpp_vrmse(y, truth, r->cells);
    }
    record.truth = r->truth;
    record.nrmse = nrmse;
    record.vrmse = vrmse;
  }
  MPP_TRY(mpp_rollout_nc_append(r->file, &record));
  r->done++;
done:
  return st;
}

/* The next frame: a record of the earlier run, which moves the window too, or a prediction. */
static mpp_status next_frame(run *r)
{
  mpp_status st = MPP_OK;
  if (r->by_window) { /* which goes on from its own state, also where the records are there */
    const double begin = mpp_clock();
    mpp_window_forecast_step(r->fitted, r->y);
    r->seconds += mpp_clock() - begin;
    r->predicted++;
    if (r->done < r->kept) {
      MPP_TRY(mpp_rollout_nc_read(r->old, r->y, r->done));
    }
    goto done;
  }
  if (r->forecast == NULL) { /* always from the context, to which its base is fitted */
    MPP_TRY(mpp_forecast_create(&r->forecast, r->model, r->window, &r->shape));
  }
  if (r->done < r->kept) {
    MPP_TRY(mpp_rollout_nc_read(r->old, r->y, r->done));
    mpp_forecast_push(r->forecast, r->y);
    goto done;
  }
  const double begin = mpp_clock();
  MPP_TRY(mpp_forecast_step(r->forecast, r->y));
  r->seconds += mpp_clock() - begin;
  r->predicted++;
done:
  return st;
}

/* All records of the earlier run are in the new file: it takes the place of the old one. */
static mpp_status take_over(run *r)
{
  mpp_rollout_nc_abandon(r->old);
  r->old = NULL;
  return mpp_rollout_nc_rename(r->file, r->partial);
}

/* Gives the file its final name. It is kept under the unfinished one if that fails. */
static mpp_status finish(run *r)
{
  mpp_status st = MPP_OK;
  mpp_rollout_nc *file = r->file;
  r->file = NULL;
  MPP_TRY(mpp_rollout_nc_close(file));
  MPP_TRY(mpp_sync_path(r->partial));
  MPP_TRY(mpp_commit_file(r->partial, r->options->output));
done:
  return st;
}

static mpp_status predict(run *r, mpp_rollout_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  while (r->done < r->steps) {
    double nrmse[MPP_MAX_FIELDS];
    bool has_truth = false;
    if (r->old != NULL && r->done == r->kept) {
      MPP_TRY(take_over(r));
    }
    st = next_frame(r);
    if (st == MPP_ERR_DIVERGED) {
      mpp_fail_prefix(st, "%s: step %zu", r->options->output, r->done + 1);
      MPP_TRY(mpp_rollout_nc_note(r->file, "mpp_diverged_at_step", (long)r->done + 1));
      MPP_TRY(finish(r));
      return MPP_ERR_DIVERGED;
    }
    MPP_TRY(st);
    MPP_TRY(store(r, nrmse, &has_truth));
    if (observer != NULL) {
      observer(context, r->done, r->steps, has_truth ? nrmse : NULL);
    }
  }
  if (r->old != NULL) {
    MPP_TRY(take_over(r));
  }
  MPP_TRY(finish(r));
done:
  return st;
}

static void summarise(mpp_rollout_summary *summary, const run *r)
{
  memset(summary, 0, sizeof *summary);
  summary->nfields = r->info->nfields;
  memcpy(summary->field, r->info->field, sizeof summary->field);
  summary->steps_done = r->done;
  const size_t rest = r->info->nframes > r->first ? r->info->nframes - r->first : 0;
  summary->truth_steps = rest < r->done ? rest : r->done;
  summary->has_truth = summary->truth_steps > 0;
  summary->seconds_per_step = r->predicted > 0 ? r->seconds / (double)r->predicted : 0.0;
}

mpp_status mpp_rollout(mpp_rollout_summary *summary, const mpp_rollout_options *options,
                       const char *command, mpp_rollout_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  run r = {.options = options};
  MPP_TRY(check_options(&r));
  mpp_set_threads((int)options->threads);
  MPP_TRY(open_inputs(&r));
  MPP_TRY(open_output(&r, command));
  st = predict(&r, observer, context);
  if (summary != NULL && (st == MPP_OK || st == MPP_ERR_DIVERGED)) {
    summarise(summary, &r);
  }
done:;
  const bool unfinished = r.file != NULL, copying = r.old != NULL;
  mpp_rollout_nc_abandon(r.file);
  mpp_rollout_nc_abandon(r.old);
  if (unfinished && copying) {
    unlink(r.fresh);
  }
  if (unfinished && r.done == 0 && r.kept == 0) { /* nothing to continue */
    unlink(r.partial);
  }
  mpp_forecast_destroy(r.forecast);
  mpp_window_forecast_destroy(r.fitted);
  mpp_attributes_free(&r.attributes);
  mpp_free(r.window);
  mpp_free(r.y);
  mpp_free(r.truth);
  mpp_free(r.time);
  for (int a = 0; a < 3; a++) { mpp_free(r.coordinate[a]); }
  mpp_dataset_close(r.data);
  mpp_model_destroy(r.model);
  mpp_tensors_free(r.checkpoint);
  mpp_lock_release(&r.lock);
  return st;
}
