/* trainer.c - the set-up of a run and its end. Nothing of an earlier run is touched before data,
 * model and shapes have been found good. */
#include "trainer.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alloc.h"
#include "check.h"
#include "run_environment.h"
#include "stop.h"
#include "threads.h"
#include "train_config.h"

void mpp_trainer_message(const mpp_trainer *t, const char *format, ...)
{
  char text[2 * MPP_TEXT_MAX];
  va_list args;
  if (t->observer == NULL || t->observer->message == NULL) {
    return;
  }
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  t->observer->message(t->observer->context, text);
}

/* ---- starting ---- */

static mpp_optimizer_settings optimizer_settings(const mpp_train_options *o)
{
  return (mpp_optimizer_settings){.beta1 = o->beta1,
                                  .beta2 = o->beta2,
                                  .beta3 = o->beta3,
                                  .epsilon = o->epsilon,
                                  .weight_decay = o->weight_decay};
}

static mpp_status create_optimizer(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_optimizer_settings set = optimizer_settings(o);
  const size_t total = mpp_trained_list(t)->total;
  MPP_TRY(mpp_optimizer_create(
      &t->optimizer, mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer), total, &set));
  if (o->ema > 0.0) {
    MPP_TRY(mpp_ema_create(&t->ema, mpp_trained_values(t), total, o->ema));
  }
done:
  return st;
}

static mpp_status start(mpp_trainer *t, mpp_model_maker make_model, const char *command)
{
  mpp_status st = MPP_OK;
  MPP_TRY(make_model(t));
  mpp_settings_settle(&t->options, mpp_model_get_config(t->model));
  MPP_TRY(mpp_trainer_fit_memory(t));
  MPP_TRY(create_optimizer(t));
  t->state = (mpp_run_state){.best = INFINITY};
  t->provenance.seed = (uint64_t)t->options.seed;
  MPP_TRY(mpp_format(&t->provenance.command, "%s", command));
  MPP_TRY(mpp_train_config_text(&t->provenance.config, &t->options, t->table));
  MPP_TRY(mpp_trainer_describe_data(&t->provenance.data, t));
done:
  return st;
}

/* Loads the newest checkpoint that is whole; damaged ones are told and passed over. Without any,
 * t->resumed stays false: the run was stopped before its first checkpoint. */
static mpp_status resume(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  uint64_t *steps = NULL;
  size_t count = 0;
  char path[MPP_PATH_MAX];
  MPP_TRY(mpp_run_folder_steps(&steps, &count, &t->folder));
  for (size_t i = count; i-- > 0 && !t->resumed;) {
    mpp_run_folder_checkpoint(path, &t->folder, steps[i]);
    st = mpp_run_state_load(path, &t->model, &t->adapter, &t->optimizer, &t->ema, &t->state,
                            &t->provenance);
    if (st == MPP_OK) {
      t->resumed = true;
    } else if (st == MPP_ERR_DATA || st == MPP_ERR_NOINPUT) {
      mpp_trainer_message(t, "%s; passed over", mpp_last_error());
      st = MPP_OK;
    } else {
      goto done;
    }
  }
  if (t->resumed) {
    mpp_trainer_message(t, "%s: going on after step %" PRIu64, path, t->state.step);
  }
done:
  mpp_free(steps);
  return st;
}

/* From here on the folder belongs to this run. */
static mpp_status take_folder(mpp_trainer *t, const char *command)
{
  mpp_status st = MPP_OK;
  char config[MPP_PATH_MAX], log[MPP_PATH_MAX], timing[MPP_PATH_MAX], environment[MPP_PATH_MAX],
      events[MPP_PATH_MAX];
  mpp_run_folder_file(config, &t->folder, "config.yaml");
  mpp_run_folder_file(log, &t->folder, "metrics.jsonl");
  mpp_run_folder_file(timing, &t->folder, "timing.jsonl");
  if (t->resumed) {
    mpp_run_log_resume(&t->log, log, timing, t->state.step, t->state.validated, t->observer);
  } else {
    MPP_TRY(mpp_run_folder_clear(&t->folder));
    MPP_TRY(mpp_write_text(config, t->provenance.config));
    mpp_run_log_create(&t->log, log, timing, t->observer);
  }
  mpp_run_folder_file(environment, &t->folder, "environment.jsonl");
  mpp_run_environment_add(environment, command, &t->options, t->state.step, t->observer);
  if (t->options.tensorboard) {
    mpp_run_folder_file(events, &t->folder, MPP_EVENTS_NAME);
    mpp_run_log_events(&t->log, events, t->resumed, t->state.step, t->state.validated);
  }
done:
  return st;
}

static mpp_status prepare_computation(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_optimizer_settings set = optimizer_settings(o);
  mpp_optimizer_set(&t->optimizer, &set);
  t->ema.decay = o->ema;
  MPP_TRY(mpp_trained_prepare(t));
done:
  return st;
}

/* The final model is the last file that a run writes. */
static bool is_complete(const mpp_trainer *t)
{
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, &t->folder, "final.safetensors");
  return t->resumed && mpp_trainer_is_over(t) && access(path, F_OK) == 0;
}

static mpp_status finish(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  if (t->ema.mean != NULL) {
    MPP_TRY(mpp_trained_export_mean(t));
    mpp_trainer_message(t, "%s/ema.safetensors: saved: the moving average of the weights",
                        t->folder.path);
  }
  bool best = t->options.patience > 0 && isfinite(t->state.best);
  st = best ? mpp_trained_restore_best(t) : MPP_OK;
  if (st == MPP_ERR_DATA || st == MPP_ERR_NOINPUT) { /* a run has a result even so */
    mpp_trainer_message(t, "%s; the last weights are the final ones", mpp_last_error());
    best = false;
    st = MPP_OK;
  }
  MPP_TRY(st);
  MPP_TRY(mpp_trained_export(t, "final.safetensors", "adapter.safetensors",
                             best ? t->state.best_step : t->state.step,
                             best ? t->state.best : NAN));
  mpp_trainer_message(t, "%s/final.safetensors: saved%s", t->folder.path,
                      best ? ": the best weights of the run" : "");
done:
  return st;
}

static void destroy(mpp_trainer *t)
{
  mpp_sampler_destroy(t->sampler);
  for (size_t i = 0; i < MPP_LIST_MAX; i++) { mpp_dataset_close(t->source[i].dataset); }
  mpp_run_log_close(&t->log);
  mpp_run_folder_close(&t->folder);
  mpp_provenance_free(&t->provenance);
  mpp_optimizer_destroy(&t->optimizer);
  mpp_ema_destroy(&t->ema);
  mpp_adapter_destroy(t->adapter);
  mpp_model_destroy(t->model);
  mpp_micro_work_free(&t->work);
  mpp_validation_free(&t->validation);
  mpp_free(t->factors);
  mpp_free(t->gradients);
  mpp_free(t->adapter_gradients);
  mpp_free(t);
}

mpp_status mpp_trainer_execute(const mpp_train_options *options, const mpp_option *table,
                               mpp_model_maker make_model, const char *command,
                               const mpp_train_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_trainer *t = NULL;
  MPP_TRY(MPP_ALLOC(&t, 1));
  t->options = *options;
  t->table = table;
  t->observer = observer;
  t->started = mpp_clock();
  t->log.metrics.fd = t->log.timing.fd = -1;
  t->folder.lock.fd = -1;
  mpp_settings_resolve(&t->options, t->table);
  MPP_TRY(mpp_settings_check(&t->options));
  mpp_set_threads((int)t->options.threads);
  MPP_TRY(mpp_trainer_open_data(t));
  MPP_TRY(
      mpp_run_folder_open(&t->folder, t->options.output, t->options.resume, t->options.overwrite));
  if (t->options.resume) {
    MPP_TRY(resume(t));
  }
  if (t->resumed) {
    MPP_TRY(mpp_trainer_check_resumed(t));
  } else {
    MPP_TRY(start(t, make_model, command));
  }
  if (is_complete(t)) {
    mpp_trainer_message(t, "%s: the run is complete", t->folder.path);
    goto done;
  }
  MPP_TRY(mpp_trainer_prepare_shapes(t));
  MPP_TRY(mpp_trainer_prepare_streams(t));
  MPP_TRY(prepare_computation(t));
  MPP_TRY(take_folder(t, command));
  MPP_TRY(mpp_trainer_loop(t));
  MPP_TRY(finish(t));
done:
  mpp_stop_clear();
  if (t != NULL) {
    destroy(t);
  }
  return st;
}
