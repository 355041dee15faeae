/* break_even.c - the solver that made the data, on coarser grids over the windows of a forecast. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/metrics.h"
#include "resample.h"
#include "settings.h"
#include "solver_run.h"
#include "threads.h"
#include "truth_source.h"

static const double same_draw = 1e-4; /* relative: the file has float32 */

typedef struct job {
  const mpp_scores *scores;
  const mpp_score_details *details;
  mpp_truth_source *source;
  const mpp_dataset_info *info;
  const char *file; /* that the settings are of; borrowed from the source */
  const mpp_pde *pde;
  mpp_generate_options *options;
  mpp_break_even *out;
  double *coordinate[3], *work, *times;
  mpp_solver_run run[MPP_BREAK_EVEN_RUNS];
  size_t cells, frame;
  float *truth, *coarse, *fine; /* a frame; context frames on the coarse grid */
} job;

void mpp_break_even_free(mpp_break_even *b)
{
  mpp_free(b->nrmse);
  mpp_free(b->seconds);
  b->nrmse = b->seconds = NULL;
}

size_t mpp_break_even_find(const mpp_break_even *b, size_t horizon, double nrmse)
{
  size_t best = b->nruns;
  for (size_t r = 0; r < b->nruns; r++) {
    const size_t at = r * b->nhorizons + horizon;
    const bool fewer = best == b->nruns || b->run_cells[r] < b->run_cells[best] ||
                       b->seconds[at] < b->seconds[best * b->nhorizons + horizon];
    best = b->nrmse[at] <= nrmse && fewer ? r : best;
  }
  return best;
}

/* The solver's own first frame of the sample is the file's. */
static mpp_status hold_draw(job *j, size_t trajectory, size_t sample)
{
  mpp_status st = MPP_OK;
  double difference = 0.0, size = 0.0;
  mpp_pde_stream *s = j->run[0].stream;
  MPP_REQUIRE(s != NULL, MPP_ERR_DATA, "%s: its solver does not take its grid", j->file);
  MPP_TRY(mpp_truth_source_read(j->source, j->truth, trajectory, 0));
  MPP_TRY(mpp_pde_stream_draw(s, sample));
  MPP_TRY(mpp_pde_stream_next(s, j->fine));
  for (size_t i = 0; i < j->frame; i++) {
    difference = fmax(difference, fabs((double)j->fine[i] - j->truth[i]));
    size = fmax(size, fabs((double)j->truth[i]));
  }
  MPP_REQUIRE(difference <= same_draw * size, MPP_ERR_DATA,
              "%s: trajectory %zu does not begin as sample %zu of its solver does", j->file,
              trajectory, sample);
done:
  return st;
}

/* Settings and runs of the file that a trajectory is in. */
static mpp_status use_file(job *j, const char *file)
{
  mpp_status st = MPP_OK;
  if (j->file != NULL && strcmp(file, j->file) == 0) {
    return MPP_OK;
  }
  mpp_break_even *b = j->out;
  for (size_t r = 0; r < b->nruns; r++) { mpp_solver_run_close(&j->run[r]); }
  MPP_TRY(mpp_truth_source_solver(j->source, &j->pde, j->options, file));
  j->file = file;
  if (b->nruns == 0) {
    snprintf(b->solver, sizeof b->solver, "%s", mpp_pde_name(j->pde));
    b->cells = (size_t)j->options->resolution;
    mpp_solver_run_grids(b);
    MPP_TRY(MPP_ALLOC(&b->nrmse, b->nruns * b->nhorizons));
    MPP_TRY(MPP_ALLOC(&b->seconds, b->nruns * b->nhorizons));
  }
  const mpp_solver_case c = {.pde = j->pde,
                             .options = j->options,
                             .info = j->info,
                             .coordinate = {j->coordinate[0], j->coordinate[1], j->coordinate[2]},
                             .interval = (j->times[1] - j->times[0]) * (double)j->details->stride};
  for (size_t r = 0; r < b->nruns; r++) {
    MPP_TRY(mpp_solver_run_open(&j->run[r], &c, b->run_cells[r], b->from_context[r]));
  }
done:
  return st;
}

/* ---- one window ---- */

typedef struct window {
  size_t trajectory, sample; /* in the dataset; the solver's */
  size_t start, last;        /* frames of the dataset: first and last of the context */
} window;

/* Puts a run to the last frame of the context. *ready: it could go there. */
static mpp_status go_to_context(job *j, mpp_solver_run *r, bool from_context, const window *w,
                                bool *ready)
{
  mpp_status st = MPP_OK;
  const size_t T = j->scores->context, C = j->info->nfields;
  const size_t coarse = r->grid[0] * r->grid[1] * r->grid[2];
  *ready = false;
  if (from_context) {
    for (size_t t = 0; t < T; t++) {
      MPP_TRY(mpp_truth_source_read(j->source, j->truth, w->trajectory,
                                    w->start + t * j->details->stride));
      for (size_t c = 0; c < C; c++) {
        mpp_resample_apply(j->coarse + (t * C + c) * coarse, r->grid, j->truth + c * j->cells,
                           j->info->grid, r->down, j->work);
      }
    }
    st = mpp_pde_stream_draw(r->stream, w->sample); /* for fields that do not change */
    st = st == MPP_OK ? mpp_pde_stream_continue(r->stream, j->coarse, T) : st;
    *ready = st == MPP_OK;
    st = st == MPP_ERR_USAGE || st == MPP_ERR_DATA ? MPP_OK : st; /* it cannot go on from frames */
  } else {
    MPP_TRY(mpp_pde_stream_draw(r->stream, w->sample));
    for (size_t k = 0; k <= w->last && st == MPP_OK; k++) {
      st = mpp_pde_stream_next(r->stream, j->coarse);
    }
    *ready = st == MPP_OK;
    st = st == MPP_ERR_DIVERGED ? MPP_OK : st;
  }
done:
  return st;
}

static mpp_status add_horizon(job *j, const mpp_solver_run *r, size_t run, size_t h,
                              const window *w, double seconds)
{
  mpp_status st = MPP_OK;
  const size_t C = j->info->nfields, at = run * j->out->nhorizons + h;
  const size_t coarse = r->grid[0] * r->grid[1] * r->grid[2];
  double sum = 0.0;
  MPP_TRY(mpp_truth_source_read(j->source, j->truth, w->trajectory,
                                w->last + (size_t)j->scores->horizon[h] * j->details->stride));
  for (size_t c = 0; c < C; c++) {
    mpp_resample_apply(j->fine + c * j->cells, j->info->grid, j->coarse + c * coarse, r->grid,
                       r->up, j->work);
    sum += mpp_nrmse(j->fine + c * j->cells, j->truth + c * j->cells, j->cells) / (double)C;
  }
  j->out->nrmse[at] += sum;
  j->out->seconds[at] += seconds;
done:
  return st;
}

/* One step of the forecast: `frames` of the run. *going becomes false where it diverges. */
static mpp_status step_run(job *j, mpp_solver_run *r, size_t frames, bool *going, double *seconds)
{
  mpp_status st = MPP_OK;
  const double begin = mpp_clock();
  for (size_t k = 0; k < frames && *going && st == MPP_OK; k++) {
    st = mpp_pde_stream_next(r->stream, j->coarse);
    *going = st == MPP_OK;
  }
  *seconds += mpp_clock() - begin;
  return st == MPP_ERR_DIVERGED ? MPP_OK : st;
}

/* A run that diverges, or cannot start, has an infinite error from there on. */
static mpp_status score_run(job *j, size_t run, const window *w)
{
  mpp_status st = MPP_OK;
  const bool from_context = j->out->from_context[run];
  mpp_solver_run *r = &j->run[run];
  const size_t H = j->out->nhorizons, frames = from_context ? 1 : j->details->stride;
  double seconds = 0.0;
  bool going = false;
  size_t step = 0;
  if (r->stream != NULL) {
    MPP_TRY(go_to_context(j, r, from_context, w, &going));
  }
  for (size_t h = 0; h < H; h++) {
    for (; step < (size_t)j->scores->horizon[h]; step++) {
      MPP_TRY(step_run(j, r, frames, &going, &seconds));
    }
    if (going) {
      MPP_TRY(add_horizon(j, r, run, h, w, seconds));
    } else {
      j->out->nrmse[run * H + h] = INFINITY;
    }
  }
done:
  return st;
}

static mpp_status score_window(job *j, size_t i)
{
  mpp_status st = MPP_OK;
  const mpp_score_details *d = j->details;
  window w = {.trajectory = d->trajectory[i], .start = d->start[i]};
  w.last = w.start + (j->scores->context - 1) * d->stride;
  MPP_TRY(use_file(j, mpp_truth_source_file(j->source, w.trajectory, &w.sample)));
  MPP_TRY(hold_draw(j, w.trajectory, w.sample));
  for (size_t r = 0; r < j->out->nruns; r++) { MPP_TRY(score_run(j, r, &w)); }
done:
  return st;
}

/* ---- all ---- */

static mpp_status set_up(job *j)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = j->info;
  const mpp_scores *s = j->scores;
  MPP_REQUIRE(s->details != NULL && s->details->trajectory != NULL && s->context > 0, MPP_ERR_DATA,
              "break-even: the windows of the scores are not known");
  for (size_t h = 1; h < s->nhorizons; h++) {
    MPP_REQUIRE(s->horizon[h] > s->horizon[h - 1], MPP_ERR_USAGE,
                "break-even: horizons must rise, found %ld after %ld", s->horizon[h],
                s->horizon[h - 1]);
  }
  MPP_REQUIRE(info->nframes > 1, MPP_ERR_USAGE, "%s: break-even needs a course in time",
              info->path);
  j->cells = info->grid[0] * info->grid[1] * info->grid[2];
  j->frame = j->cells * info->nfields;
  MPP_TRY(MPP_ALLOC(&j->options, 1));
  MPP_TRY(MPP_ALLOC(&j->times, info->nframes));
  MPP_TRY(mpp_truth_source_times(j->source, j->times));
  for (int a = 0; a < 3; a++) {
    MPP_TRY(MPP_ALLOC(&j->coordinate[a], info->grid[a]));
    MPP_TRY(mpp_truth_source_coordinates(j->source, j->coordinate[a], a));
  }
  MPP_TRY(MPP_ALLOC(&j->truth, j->frame));
  MPP_TRY(MPP_ALLOC(&j->fine, j->frame));
  MPP_TRY(MPP_ALLOC(&j->coarse, s->context * j->frame));
  MPP_TRY(MPP_ALLOC(&j->work, mpp_resample_work(info->grid, info->grid)));
done:
  return st;
}

static void tear_down(job *j)
{
  for (size_t r = 0; r < MPP_BREAK_EVEN_RUNS; r++) { mpp_solver_run_close(&j->run[r]); }
  for (int a = 0; a < 3; a++) { mpp_free(j->coordinate[a]); }
  mpp_free(j->options);
  mpp_free(j->times);
  mpp_free(j->truth);
  mpp_free(j->fine);
  mpp_free(j->coarse);
  mpp_free(j->work);
}

static mpp_status run_on(mpp_break_even *out, const mpp_scores *scores, mpp_truth_source *source,
                         mpp_evaluate_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_break_even b = {.nhorizons = scores->nhorizons};
  job *j = NULL;
  MPP_TRY(MPP_ALLOC(&j, 1));
  *j = (job){.scores = scores,
             .details = scores->details,
             .source = source,
             .info = mpp_truth_source_info(source),
             .out = &b};
  MPP_TRY(set_up(j));
  for (size_t i = 0; i < scores->nwindows; i++) {
    MPP_TRY(score_window(j, i));
    if (observer != NULL) {
      observer(context, i + 1, scores->nwindows);
    }
  }
  for (size_t i = 0; i < b.nruns * b.nhorizons; i++) {
    b.nrmse[i] /= (double)scores->nwindows;
    b.seconds[i] /= (double)scores->nwindows;
  }
  *out = b;
  b.nrmse = b.seconds = NULL;
done:
  if (j != NULL) {
    tear_down(j);
  }
  mpp_free(j);
  mpp_break_even_free(&b);
  return st;
}

mpp_status mpp_break_even_run(mpp_break_even *out, const mpp_scores *scores, mpp_dataset *data,
                              mpp_evaluate_observer observer, void *context)
{
  mpp_truth_source source = mpp_truth_source_of(data, NULL);
  return run_on(out, scores, &source, observer, context);
}

mpp_status mpp_break_even_forecasts(mpp_break_even *out, const mpp_scores *scores, const char *path,
                                    const char *data, mpp_evaluate_observer observer, void *context)
{
  mpp_status st = MPP_OK;
  mpp_frames *frames = NULL;
  mpp_truth_source source = {0};
  MPP_TRY(mpp_settings_frames(&frames, path, data));
  source = mpp_truth_source_of(NULL, frames);
  MPP_TRY(run_on(out, scores, &source, observer, context));
done:
  mpp_truth_source_close(&source);
  mpp_frames_close(frames);
  return st;
}
