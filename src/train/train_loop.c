/* train_loop.c - steps, validations, checkpoints. A checkpoint of a step is written before the
 * validation of that step, and says which step was validated last: a run that is stopped while it
 * validates loses nothing, and validates again when it goes on. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "blocks.h"
#include "check.h"
#include "fit_ahead.h"
#include "number.h"
#include "plan_memory.h"
#include "stop.h"
#include "threads.h"
#include "trainer.h"

enum { KEPT_CHECKPOINTS = 3, SKIPS_IN_A_ROW = 3 };

/* ---- one step ---- */

/* Fault injection: MPP_FAULT_GRAD=STEP:VALUE[,STEP:VALUE...] puts VALUE ("nan", "inf", "1e30") into
 * the first trained gradient of that step, counted as in metrics.jsonl. */
static void inject_fault(mpp_trainer *t)
{
  const char *text = getenv("MPP_FAULT_GRAD");
  while (text != NULL && *text != '\0') {
    char *end = NULL;
    const uint64_t step = strtoull(text, &end, 10);
    if (*end != ':') {
      return;
    }
    const double value = mpp_number_read(end + 1, &end);
    const mpp_params *list = mpp_trained_list(t);
    for (size_t i = 0; i < list->count && step == t->state.step; i++) {
      if (t->factors[i] > 0.0f) {
        mpp_trained_gradients(t)[list->entry[i].offset] = (float)value;
        break;
      }
    }
    text = *end == ',' ? end + 1 : NULL;
  }
}

/* Mean loss and its gradient over the micro-batches of a step. */
static mpp_status accumulate(mpp_trainer *t, mpp_prefetch *stream, mpp_train_progress *p)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_objective objective = {.loss = (mpp_loss_kind)o->loss,
                                   .unroll = (size_t)o->unroll,
                                   .noise = o->noise,
                                   .jitter = o->jitter,
                                   .drop_path = o->drop_path,
                                   .seed = (uint64_t)o->seed};
  const double weight = 1.0 / (double)o->accumulate;
  if (t->gradients != NULL) {
    mpp_zero(t->gradients, t->model->params->total);
  }
  p->loss = p->nrmse = 0.0;
  for (long i = 0; i < o->accumulate; i++) {
    const mpp_batch *batch = NULL;
    double loss = 0.0, nrmse = 0.0;
    MPP_TRY(mpp_prefetch_next(stream, &batch));
    MPP_TRY(mpp_micro_batch(&loss, &nrmse, t->gradients, t->model, &t->work, batch->x, batch->mask,
                            mpp_fit_ahead_of(batch), &t->shape[batch->source], &objective,
                            batch->position, weight));
    p->loss += weight * loss;
    p->nrmse += weight * nrmse;
    mpp_run_log_micro(&t->log, batch->source,
                      mpp_dataset_get_info(t->source[batch->source].dataset)->system, loss, nrmse);
  }
done:
  return st;
}

/* Clips and updates, or skips a step whose loss or gradient is not finite. Without a loss there is
 * no gradient. */
static void update(mpp_trainer *t, mpp_train_progress *p)
{
  const mpp_params *list = mpp_trained_list(t);
  float *values = mpp_trained_values(t), *gradients = NULL;
  p->gradient_norm = NAN;
  if (isfinite(p->loss)) {
    mpp_trained_take_gradients(t);
    inject_fault(t);
    gradients = mpp_trained_gradients(t);
    p->gradient_norm = mpp_gradient_norm(gradients, list, t->factors);
  }
  if (!isfinite(p->gradient_norm)) {
    t->state.skipped++;
    t->state.skipped_in_a_row++;
    mpp_trainer_message(t, "step %" PRIu64 ": skipped: loss %g, norm of the gradient %g",
                        t->state.step, p->loss, p->gradient_norm);
    return;
  }
  t->state.skipped_in_a_row = 0;
  mpp_optimizer_clip(&t->optimizer, p->gradient_norm, t->options.clip);
  mpp_optimizer_step(&t->optimizer, values, gradients, list, t->factors, p->learning_rate);
  if (t->ema.mean != NULL) {
    mpp_ema_update(&t->ema, values, t->optimizer.step);
  }
  mpp_trained_apply(t);
}

/* waited: for data, in all steps so far [s] */
static void report(mpp_trainer *t, mpp_train_progress *p, double waited)
{
  const mpp_train_options *o = &t->options;
  /* A mean over about ten steps: datasets of the mix differ in cost. */
  t->seconds_per_step =
      t->seconds_per_step > 0.0 ? 0.9 * t->seconds_per_step + 0.1 * p->step_time : p->step_time;
  p->samples = (uint64_t)(o->batch * o->accumulate);
  p->samples_per_second = (double)p->samples / fmax(t->seconds_per_step, 1e-9);
  t->seconds_in_steps += p->step_time;
  p->input_wait = waited / fmax(t->seconds_in_steps, 1e-9);
  p->seconds_left = t->seconds_per_step * (double)(p->steps - p->step);
  p->skipped = t->state.skipped;
  mpp_run_log_step(&t->log, p);
  if (t->observer != NULL && t->observer->step != NULL) {
    t->observer->step(t->observer->context, p);
  }
}

static mpp_status step(mpp_trainer *t, mpp_prefetch *stream)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_schedule schedule = {.kind = (mpp_schedule_kind)o->schedule,
                                 .peak = o->learning_rate,
                                 .floor = o->min_learning_rate,
                                 .warmup = (uint64_t)o->warmup,
                                 .steps = (uint64_t)o->steps,
                                 .cooldown = (uint64_t)o->cooldown,
                                 .span = (uint64_t)o->schedule_steps};
  const double begin = mpp_clock(), waited = mpp_prefetch_waited(stream);
  mpp_train_progress p = {.steps = (uint64_t)o->steps,
                          .learning_rate = mpp_schedule_rate(&schedule, t->state.step)};
  MPP_TRY(accumulate(t, stream, &p));
  p.step = ++t->state.step;
  update(t, &p);
  p.step_time = mpp_clock() - begin;
  p.data_time = mpp_prefetch_waited(stream) - waited;
  report(t, &p, mpp_prefetch_waited(stream));
done:
  return st;
}

/* ---- between steps ---- */

static mpp_status save(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  mpp_run_folder_checkpoint(path, &t->folder, t->state.step);
  MPP_TRY(mpp_run_state_save(path, t->model, t->adapter, &t->optimizer, &t->ema, &t->state,
                             &t->provenance));
  MPP_TRY(mpp_run_folder_rotate(&t->folder, KEPT_CHECKPOINTS));
  mpp_trainer_message(t, "%s: saved", path);
done:
  return st;
}

/* A multiple of `every`, or the last step; never for 0. */
static bool due(const mpp_trainer *t, long every, bool at_the_end)
{
  return t->state.step > 0 && ((every > 0 && t->state.step % (uint64_t)every == 0) ||
                               (at_the_end && t->state.step == (uint64_t)t->options.steps));
}

static bool validation_due(const mpp_trainer *t)
{
  const long every = t->options.validate_every;
  return every > 0 && t->validation.count > 0 && due(t, every, true) &&
         t->state.validated < t->state.step;
}

static mpp_status validate(mpp_trainer *t, bool *complete)
{
  mpp_status st = MPP_OK;
  double score = NAN;
  mpp_validation *v = &t->validation;
  MPP_TRY(mpp_validation_run(v, &score, complete, t->model));
  if (!*complete) {
    goto done;
  }
  mpp_run_log_validation(&t->log, t->state.step, score, v->scores, v->count);
  if (t->observer != NULL && t->observer->validation != NULL) {
    t->observer->validation(t->observer->context, t->state.step, v->scores, v->count);
  }
  t->state.stale++;
  if (score < t->state.best) {
    MPP_TRY(mpp_trained_export(t, "best.safetensors", "best-adapter.safetensors", t->state.step,
                               score));
    mpp_trainer_message(t,
                        "%s/best.safetensors: saved: error %.3g times the best trivial predictor's",
                        t->folder.path, score);
    t->state.best = score;
    t->state.best_step = t->state.step;
    t->state.stale = 0;
  }
  t->state.validated = t->state.step;
done:
  return st;
}

static bool out_of_patience(const mpp_trainer *t)
{
  return t->options.patience > 0 && t->state.stale >= (uint64_t)t->options.patience;
}

bool mpp_trainer_is_over(const mpp_trainer *t)
{
  return t->state.step >= (uint64_t)t->options.steps || out_of_patience(t);
}

/* The checkpoint of the step was written before its validation; what this one says of the patience
 * has to be on disk before the run counts as over. */
static mpp_status end_early(mpp_trainer *t)
{
  mpp_trainer_message(t,
                      "step %" PRIu64 ": no validation was better than that of step %" PRIu64
                      " for %ld validations: the run ends early",
                      t->state.step, t->state.best_step, t->options.patience);
  return save(t);
}

static bool stop_wanted(const mpp_trainer *t)
{
  return mpp_stop_requested() ||
         (t->options.max_walltime > 0.0 && mpp_clock() - t->started >= t->options.max_walltime);
}

static mpp_status fail_diverged(const mpp_trainer *t)
{
  uint64_t *steps = NULL;
  size_t count = 0;
  char path[MPP_PATH_MAX] = "none was saved yet";
  if (mpp_run_folder_steps(&steps, &count, &t->folder) == MPP_OK && count > 0) {
    mpp_run_folder_checkpoint(path, &t->folder, steps[count - 1]);
  }
  mpp_free(steps);
  return mpp_fail(MPP_ERR_DIVERGED,
                  "step %" PRIu64 ": loss or gradient not finite in %d steps in a row; the last "
                  "good checkpoint: %s",
                  t->state.step, SKIPS_IN_A_ROW, path);
}

static mpp_status fail_stopped(const mpp_trainer *t)
{
  return mpp_fail(MPP_STOPPED, "stopped after step %" PRIu64 " of %ld; go on with resume",
                  t->state.step, t->options.steps);
}

/* What may follow a step: its checkpoint, then its validation. MPP_STOPPED: saved as asked. */
static mpp_status after_step(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  bool complete = true, saved = false;
  if (t->state.skipped_in_a_row >= SKIPS_IN_A_ROW) {
    return fail_diverged(t);
  }
  const bool stop = stop_wanted(t);
  if (stop || due(t, t->options.checkpoint_every, true)) {
    MPP_TRY(save(t));
    saved = true;
  }
  if (!stop && validation_due(t)) {
    MPP_TRY(validate(t, &complete));
    if (complete && out_of_patience(t)) {
      MPP_TRY(end_early(t));
    }
  }
  if (stop || !complete) {
    if (!saved) {
      MPP_TRY(save(t));
    }
    st = fail_stopped(t);
  }
done:
  return st;
}

mpp_status mpp_trainer_loop(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_prefetch *stream = NULL;
  mpp_fit_ahead *ahead = NULL;
  const mpp_train_options *o = &t->options;
  if (validation_due(t)) { /* the run was stopped before it was done */
    bool complete = true;
    MPP_TRY(validate(t, &complete));
    MPP_TRY(complete ? MPP_OK : fail_stopped(t));
    if (out_of_patience(t)) {
      MPP_TRY(end_early(t));
    }
  }
  if (!mpp_trainer_is_over(t)) {
    MPP_TRY(mpp_fit_ahead_create(&ahead, t->model, t->shape));
    const mpp_batch_work work = mpp_fit_ahead_work(ahead);
    MPP_TRY(mpp_prefetch_create(&stream, t->sampler, t->source, (size_t)o->batch,
                                (size_t)(o->context + o->unroll),
                                t->state.step * (uint64_t)o->accumulate, MPP_READ_AHEAD, &work));
  }
  while (!mpp_trainer_is_over(t)) {
    st = step(t, stream);
    if (st == MPP_STOPPED) { /* while it waited for data: what the step began is begun again */
      MPP_TRY(save(t));
      st = fail_stopped(t);
    }
    MPP_TRY(st);
    MPP_TRY(after_step(t));
  }
done:
  mpp_prefetch_destroy(stream);
  mpp_fit_ahead_destroy(ahead);
  return st;
}
