/* rollout.c - forecasts from a dataset or a solver into netCDF files, some at once. */
#include "mpp/rollout.h"

#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "ensemble.h"
#include "mpp/threads.h"
#include "predict_shifts.h"
#include "threads.h"
#include "track.h"

typedef struct group {
  const mpp_job *job;
  size_t count;
  mpp_track *track;     /* [count], owned */
  size_t *waiting;      /* [count]: tracks that need a prediction, owned */
  mpp_window_fit **fit; /* [count]: of those that are predicted, borrowed; the array is owned */
  float *x, *y;         /* [T, B, C + given, cells], [B, C, cells], owned */
  unsigned char *mask;  /* as x; of one cell without masks; owned */
  mpp_rollout_observer observer;
  void *context;
  size_t first, forecasts; /* number of the first track; of all */
} group;

/* ---- a step of a group ---- */

static void report(const group *g, const mpp_track *t)
{
  if (g->observer == NULL) {
    return;
  }
  const mpp_rollout_event event = {.file = t->output,
                                   .forecast = g->first + (size_t)(t - g->track),
                                   .forecasts = g->forecasts,
                                   .step = t->done,
                                   .steps = t->steps,
                                   .nrmse = t->has_truth ? t->nrmse : NULL,
                                   .seconds = t->seconds,
                                   .guard = t->bits,
                                   .violation = t->violation[0] != '\0' ? t->violation : NULL,
                                   .by_solver = t->by_solver};
  g->observer(g->context, &event);
}

/* Predictions of the waiting tracks from `from` on, `count` of them, into g->y. */
static mpp_status predict_some(group *g, size_t from, size_t count)
{
  const mpp_job *job = g->job;
  mpp_window_shape shape = job->shape;
  shape.B = count;
  for (size_t b = 0; b < count; b++) {
    const mpp_track *t = &g->track[g->waiting[from + b]];
    g->fit[b] = t->fit;
    const size_t seen = shape.C * job->cells;
    mpp_track_show(t, g->x + b * seen, job->info->masked ? g->mask + b * seen : NULL, count * seen);
  }
  shape.mask = job->info->masked ? g->mask : NULL;
  return mpp_predict_shifts(job->model, g->y, g->x, &shape, g->fit, (size_t)job->options->shifts);
}

/* A prediction of track t is in y, or st says why there is none. */
static mpp_status take_prediction(group *g, mpp_track *t, mpp_status st, const float *y,
                                  double seconds)
{
  if (st == MPP_OK) {
    memcpy(t->y, y, g->job->frame * sizeof *y);
    st = mpp_track_accept(t, seconds);
  } else if (st == MPP_ERR_DIVERGED) {
    st = mpp_track_refuse(t, seconds);
  }
  if (st == MPP_OK) {
    report(g, t);
  }
  return st;
}

static mpp_status step_window(group *g, mpp_track *t)
{
  const double begin = mpp_clock();
  mpp_window_forecast_step(t->fitted, g->y);
  return take_prediction(g, t, MPP_OK, g->y, mpp_clock() - begin);
}

/* One prediction for all that wait; if a value is not finite, one after the other, to find
 * whose. */
static mpp_status predict_waiting(group *g, size_t waiting)
{
  mpp_status st = MPP_OK;
  const double begin = mpp_clock();
  st = waiting > 0 ? predict_some(g, 0, waiting) : MPP_OK;
  const double seconds = waiting > 0 ? (mpp_clock() - begin) / (double)waiting : 0.0;
  const bool alone = st == MPP_ERR_DIVERGED && waiting > 1;
  for (size_t b = 0; b < waiting; b++) {
    mpp_track *t = &g->track[g->waiting[b]];
    const mpp_status one = alone ? predict_some(g, b, 1) : st;
    MPP_TRY(take_prediction(g, t, one, alone ? g->y : g->y + b * g->job->frame, seconds));
  }
  st = MPP_OK;
done:
  return st;
}

static mpp_status step_group(group *g, bool *finished)
{
  mpp_status st = MPP_OK;
  size_t waiting = 0;
  *finished = true;
  for (size_t i = 0; i < g->count; i++) {
    mpp_track *t = &g->track[i];
    bool needs = false;
    if (t->finished) {
      continue;
    }
    *finished = false;
    MPP_TRY(mpp_track_begin_step(t, &needs));
    if (!needs) {
      report(g, t);
    } else if (g->job->by_window) {
      MPP_TRY(step_window(g, t));
    } else {
      g->waiting[waiting++] = i;
    }
  }
  MPP_TRY(predict_waiting(g, waiting));
done:
  return st;
}

/* ---- groups ---- */

/* Runs the reference solver over the horizon of a finished forecast, for its time alone. */
static mpp_status time_solver(mpp_track *t)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = t->job;
  const size_t T = job->T < 3 ? job->T : 3;
  MPP_TRY(mpp_reader_read(t->reader, t->y, t->key.start)); /* the window has moved on */
  for (size_t k = job->T - T; k < job->T; k++) {
    MPP_TRY(mpp_reader_read(t->reader, t->window + k * job->frame, t->key.start + k * job->stride));
  }
  MPP_TRY(mpp_pde_stream_continue(t->reference.stream, t->window + (job->T - T) * job->frame, T));
  const double begin = mpp_clock();
  for (size_t k = 0; k < t->steps; k++) {
    MPP_TRY(mpp_pde_stream_next(t->reference.stream, t->y));
    t->solved++;
  }
  t->solver_seconds += mpp_clock() - begin;
done:
  return st;
}

static void add_up(mpp_rollout_summary *s, const mpp_track *t, double seconds[2], size_t frames[2])
{
  size_t computed = 0;
  const double reading = mpp_reader_seconds(t->reader, &computed);
  s->steps_done += t->done;
  s->truth_steps += t->truth_steps;
  s->has_truth = s->has_truth || t->truth_steps > 0;
  s->violations += t->violations;
  s->solver_frames += t->solver_frames;
  s->stopped += t->stopped != MPP_OK;
  seconds[0] += t->model_seconds;
  frames[0] += t->predicted;
  seconds[1] += t->solver_seconds + reading / (double)t->job->stride;
  frames[1] += t->solved + computed / t->job->stride;
}

static void close_group(group *g)
{
  for (size_t i = 0; g->track != NULL && i < g->count; i++) { mpp_track_close(&g->track[i]); }
  mpp_free(g->track);
  mpp_free(g->waiting);
  mpp_free(g->fit);
  mpp_free(g->x);
  mpp_free(g->mask);
  mpp_free(g->y);
}

/* Tracks first .. first + count - 1 of a checkpoint's; members of one context stand side by
 * side. */
static mpp_status open_group(group *g, size_t checkpoint, size_t first)
{
  mpp_status st = MPP_OK;
  const mpp_job *job = g->job;
  const size_t members = mpp_plan_members(&job->plan, checkpoint);
  size_t window = 0;
  MPP_TRY(MPP_ALLOC(&g->track, g->count));
  MPP_TRY(MPP_ALLOC(&g->waiting, g->count));
  MPP_TRY(mpp_alloc((void **)&g->fit, g->count, sizeof(void *)));
  MPP_REQUIRE(mpp_product(&window, (const size_t[]){job->T, job->shape.C, job->cells, g->count}, 4),
              MPP_ERR_USAGE, "--batch %zu: too large", g->count);
  MPP_TRY(MPP_ALLOC(&g->x, job->by_window ? 1 : window));
  MPP_TRY(MPP_ALLOC(&g->mask, job->info->masked ? window : 1));
  MPP_TRY(MPP_ALLOC(&g->y, job->frame * g->count));
  for (size_t i = 0; i < g->count; i++) {
    const mpp_plan_key key =
        mpp_plan_at(&job->plan, checkpoint, (first + i) / members, (first + i) % members);
    const mpp_track *before = i > 0 ? &g->track[i - 1] : NULL;
    const bool same =
        before != NULL && before->key.sample == key.sample && before->key.start == key.start;
    MPP_TRY(mpp_track_open(&g->track[i], job, &key, same ? before : NULL));
  }
done:
  return st;
}

typedef struct totals {
  double seconds[2]; /* of the model, of the solver */
  size_t frames[2];
  char message[512]; /* of the first that was stopped */
} totals;

static mpp_status run_group(group *g, size_t checkpoint, size_t first, mpp_rollout_summary *s,
                            totals *all)
{
  mpp_status st = MPP_OK;
  bool finished = false;
  MPP_TRY(open_group(g, checkpoint, first));
  if (s->file[0] == '\0') {
    snprintf(s->file, sizeof s->file, "%.1023s", g->track[0].output);
  }
  while (!finished) { MPP_TRY(step_group(g, &finished)); }
  for (size_t i = 0; i < g->count; i++) {
    mpp_track *t = &g->track[i];
    if (t->options->time_solver) {
      MPP_TRY(time_solver(t));
    }
    if (t->stopped != MPP_OK && all->message[0] == '\0') {
      snprintf(all->message, sizeof all->message, "%s", t->message);
    }
    add_up(s, t, all->seconds, all->frames);
  }
done:
  close_group(g);
  return st;
}

/* ---- the call ---- */

/* Forecasts that are under way at once: each has a lock and its file, which a resumed one reads
 * beside; data and the process that looks at files first need some, too. */
static size_t batch_size(const mpp_rollout_options *o)
{
  enum { OF_ONE = 4, OTHERS = 16 };
  const size_t left = mpp_descriptors_left();
  const size_t most = left > OF_ONE + OTHERS ? (left - OTHERS) / OF_ONE : 1;
  return (size_t)o->batch < most ? (size_t)o->batch : most;
}

static mpp_status run_checkpoint(mpp_job *job, size_t checkpoint, group *made,
                                 mpp_rollout_summary *s, totals *all)
{
  mpp_status st = MPP_OK;
  const size_t count = mpp_plan_contexts(&job->plan) * mpp_plan_members(&job->plan, checkpoint);
  const size_t batch = batch_size(job->options);
  MPP_TRY(mpp_job_fit(job));
  for (size_t first = 0; first < count; first += batch) {
    group g = *made;
    g.count = count - first < batch ? count - first : batch;
    g.first = s->forecasts;
    MPP_TRY(run_group(&g, checkpoint, first, s, all));
    s->forecasts += g.count;
  }
done:
  return st;
}

/* As many names of "a, b" as there is room for. */
static void shorten(char *out, size_t size, const char *names)
{
  static const char more[] = ", ...";
  snprintf(out, size, "%s", names);
  if (strlen(names) >= size) {
    size_t end = size - sizeof more;
    while (end > 0 && out[end] != ',') { end--; }
    snprintf(out + end, size - end, "%s", end > 0 ? more : more + 2);
  }
}

/* Every checkpoint of an ensemble can forecast these data, before the first one begins. */
static mpp_status check_checkpoints(mpp_job *job)
{
  mpp_status st = MPP_OK;
  for (size_t c = 0; c < job->plan.checkpoints && job->plan.checkpoints > 1; c++) {
    if (mpp_plan_members(&job->plan, c) > 0) {
      MPP_TRY(c > 0 ? mpp_job_load(job, c) : MPP_OK);
      MPP_TRY(mpp_job_fit(job));
    }
  }
  MPP_TRY(job->plan.checkpoints > 1 ? mpp_job_load(job, 0) : MPP_OK);
done:
  return st;
}

mpp_status mpp_rollout(mpp_rollout_summary *summary, const mpp_rollout_options *options,
                       const char *command, mpp_rollout_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_job job = {.options = options, .command = command};
  mpp_rollout_summary s = {0};
  totals all = {{0.0}, {0}, ""};
  group g = {.job = &job, .observer = observer, .context = context};
  mpp_set_threads((int)options->threads);
  MPP_TRY(mpp_job_open(&job));
  MPP_TRY(check_checkpoints(&job));
  for (size_t c = 0; c < job.plan.checkpoints; c++) {
    g.forecasts += mpp_plan_contexts(&job.plan) * mpp_plan_members(&job.plan, c);
  }
  for (size_t c = 0; c < job.plan.checkpoints; c++) {
    if (mpp_plan_members(&job.plan, c) > 0) {
      MPP_TRY(c > 0 ? mpp_job_load(&job, c) : MPP_OK);
      MPP_TRY(run_checkpoint(&job, c, &g, &s, &all));
    }
  }
  MPP_TRY(mpp_ensemble_write(s.ensemble, sizeof s.ensemble, &job));
  if (job.style != NULL && job.style->left != NULL) {
    shorten(s.left_out, sizeof s.left_out, job.style->left);
  }
  s.nfields = job.info->nfields;
  memcpy(s.field, job.info->field, sizeof s.field);
  s.seconds_per_step = all.frames[0] > 0 ? all.seconds[0] / (double)all.frames[0] : 0.0;
  s.solver_seconds_per_step = all.frames[1] > 0 ? all.seconds[1] / (double)all.frames[1] : 0.0;
  if (summary != NULL) {
    *summary = s;
  }
  MPP_REQUIRE(s.stopped == 0, MPP_ERR_DIVERGED, "%s", all.message);
done:
  mpp_job_close(&job);
  return st;
}
