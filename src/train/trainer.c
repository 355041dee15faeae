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

/* ---- settings ---- */

/* Datasets of the command line replace those of a configuration. */
static void take_data_words(mpp_train_options *o)
{
  if (o->data_words.count > 0) {
    o->ndata = o->data_words.count;
    for (size_t i = 0; i < o->ndata; i++) {
      o->data[i] = (mpp_data_entry){.weight = 1.0};
      memcpy(o->data[i].path, o->data_words.item[i], sizeof o->data[i].path);
    }
    o->data_words.count = 0;
  }
}

/* What no single range of the table can say. */
static mpp_status check_options(const mpp_train_options *o)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(o->ndata > 0, MPP_ERR_CONFIG,
              "no dataset to train on: expected 'data', a list of PATH[:SYSTEM]");
  MPP_REQUIRE(o->output[0] != '\0', MPP_ERR_CONFIG, "no run directory: expected 'output'");
  MPP_REQUIRE(!o->resume || !o->overwrite, MPP_ERR_CONFIG,
              "'resume' and 'overwrite' exclude each other");
  MPP_REQUIRE(o->min_learning_rate <= o->learning_rate, MPP_ERR_CONFIG,
              "min-learning-rate: found %g, expected at most the learning rate %g",
              o->min_learning_rate, o->learning_rate);
  MPP_REQUIRE(o->steps > 0 && o->batch > 0 && o->accumulate > 0 && o->unroll > 0, MPP_ERR_CONFIG,
              "steps %ld, batch %ld, accumulate %ld, unroll %ld: expected at least 1 of each",
              o->steps, o->batch, o->accumulate, o->unroll);
  MPP_REQUIRE(o->seed >= 0, MPP_ERR_CONFIG, "seed: found %ld, expected 0 or more", o->seed);
  for (size_t i = 0; i < o->ndata; i++) {
    MPP_REQUIRE(o->data[i].weight > 0.0 && isfinite(o->data[i].weight), MPP_ERR_CONFIG,
                "%s: weight: found %g, expected more than 0", o->data[i].path, o->data[i].weight);
  }
done:
  return st;
}

/* What the model settles: a resumed or finetuned one brings it along. */
static void settle(mpp_train_options *o, const mpp_model_config *c)
{
  o->width = o->width > 0 ? o->width : c->embed_dim;
  o->heads = o->heads > 0 ? o->heads : c->num_heads;
  o->blocks = o->blocks > 0 ? o->blocks : c->processor_blocks;
  o->context = o->context > 0 ? o->context : c->context;
  if (o->patch.count == 0) {
    o->patch.count = (size_t)c->npatch;
    for (int i = 0; i < c->npatch; i++) { o->patch.item[i] = c->patch[i]; }
  }
}

/* ---- data ---- */

static mpp_status open_data(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  for (size_t i = 0; i < o->ndata; i++) {
    const char *boundary = o->data[i].boundary[0] != '\0' ? o->data[i].boundary : o->boundary;
    const mpp_dataset_options how = {.boundary = boundary[0] != '\0' ? boundary : NULL,
                                     .train = o->train_fraction,
                                     .valid = o->valid_fraction,
                                     .max_trajectories = (size_t)o->samples};
    t->source[i].weight = o->data[i].weight;
    MPP_TRY(mpp_dataset_open(&t->source[i].dataset, o->data[i].path, &how));
  }
done:
  return st;
}

/* Shapes, columns and working memory of every dataset, so that a grid that does not fit is told
 * before the first step. */
static mpp_status prepare_shapes(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  size_t most = 0;
  for (size_t i = 0; i < t->options.ndata; i++) {
    const mpp_dataset_info *info = mpp_dataset_get_info(t->source[i].dataset);
    mpp_window_shape *s = &t->shape[i];
    size_t bytes = 0;
    *s = (mpp_window_shape){
        .T = (size_t)t->options.context, .B = (size_t)t->options.batch, .C = info->nfields};
    memcpy(s->grid, info->grid, sizeof s->grid);
    memcpy(s->boundary, info->boundary, sizeof s->boundary);
    st = mpp_model_columns(t->model, s->column, info->field, info->nfields);
    if (st == MPP_OK) {
      st = mpp_predict_memory(&bytes, t->model, s, true);
    }
    if (st != MPP_OK) {
      st = mpp_fail_prefix(st, "%s", t->options.data[i].path);
      goto done;
    }
    most = bytes > most ? bytes : most;
  }
  mpp_trainer_message(t,
                      "%zu parameters, %.0f MiB of weights and optimizer state, %.0f MiB of "
                      "working memory",
                      t->model->params->total,
                      4.0 * sizeof(float) * (double)t->model->params->total / (1 << 20),
                      (double)most / (1 << 20));
done:
  return st;
}

static mpp_status prepare_streams(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  MPP_TRY(mpp_sampler_create(&t->sampler, t->source, o->ndata, MPP_TRAIN,
                             (size_t)(o->context + o->unroll), (size_t)o->batch,
                             (uint64_t)o->seed));
  t->validation.context = (size_t)o->context;
  t->validation.windows = (size_t)o->validate_windows;
  for (size_t i = 0; i < o->ndata && o->validate_every > 0; i++) {
    if (!mpp_validation_add(&t->validation, t->source[i].dataset, &o->horizons)) {
      mpp_trainer_message(t, "%s: no validation: no trajectory left for it, or too few frames",
                          o->data[i].path);
    }
  }
  if (o->validate_every > 0 && t->validation.count == 0) {
    mpp_trainer_message(t, "nothing to validate on: there will be no best.safetensors");
  }
done:
  return st;
}

/* ---- starting ---- */

static mpp_status describe_data(char **out, const mpp_train_options *o)
{
  mpp_status st = MPP_OK;
  char *all = NULL;
  MPP_TRY(mpp_format(&all, "%s", o->data[0].path));
  for (size_t i = 1; i < o->ndata; i++) {
    char *longer = NULL;
    MPP_TRY(mpp_format(&longer, "%s\n%s", all, o->data[i].path));
    mpp_free(all);
    all = longer;
  }
  *out = all;
  all = NULL;
done:
  mpp_free(all);
  return st;
}

static mpp_status start(mpp_trainer *t, mpp_model_maker make_model, const char *command)
{
  mpp_status st = MPP_OK;
  MPP_TRY(make_model(t));
  settle(&t->options, mpp_model_get_config(t->model));
  MPP_TRY(mpp_adamw_create(&t->optimizer, t->model->params->total, 0.0, 0.0, 0.0, 0.0));
  t->state = (mpp_run_state){.best = INFINITY};
  t->provenance.seed = (uint64_t)t->options.seed;
  MPP_TRY(mpp_format(&t->provenance.command, "%s", command));
  MPP_TRY(mpp_train_config_text(&t->provenance.config, &t->options, t->table));
  MPP_TRY(describe_data(&t->provenance.data, &t->options));
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
    st = mpp_run_state_load(path, &t->model, &t->optimizer, &t->state, &t->provenance);
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

/* The settings of the run directory hold for all pieces of the run. */
static mpp_status check_stored_config(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_train_options *stored = NULL;
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, &t->folder, "config.yaml");
  MPP_TRY(MPP_ALLOC(&stored, 1));
  MPP_TRY(mpp_options_defaults(stored, t->table));
  MPP_TRY(mpp_train_read_config(stored, t->table, path));
  settle(&t->options, mpp_model_get_config(t->model));
  MPP_TRY(mpp_train_config_agrees(stored, &t->options, t->table, path));
done:
  mpp_free(stored);
  return st;
}

/* From here on the folder belongs to this run. */
static mpp_status take_folder(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char config[MPP_PATH_MAX], log[MPP_PATH_MAX];
  mpp_run_folder_file(config, &t->folder, "config.yaml");
  mpp_run_folder_file(log, &t->folder, "metrics.jsonl");
  if (t->resumed) {
    mpp_run_log_resume(&t->log, log, t->state.step, t->state.validated, t->observer);
  } else {
    MPP_TRY(mpp_run_folder_clear(&t->folder));
    MPP_TRY(mpp_write_text(config, t->provenance.config));
    mpp_run_log_create(&t->log, log, t->observer);
  }
done:
  return st;
}

static mpp_status prepare_computation(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  t->optimizer.beta1 = o->beta1;
  t->optimizer.beta2 = o->beta2;
  t->optimizer.epsilon = o->epsilon;
  t->optimizer.weight_decay = o->weight_decay;
  MPP_TRY(MPP_ALLOC(&t->gradients, t->model->params->total));
  MPP_TRY(MPP_ALLOC(&t->trainable, t->model->params->count));
  mpp_freeze_mask(t->trainable, t->model->params, (mpp_freeze)o->freeze);
done:
  return st;
}

/* The final model is the last file that a run writes. */
static bool is_complete(const mpp_trainer *t)
{
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, &t->folder, "final.safetensors");
  return t->resumed && t->state.step == (uint64_t)t->options.steps && access(path, F_OK) == 0;
}

static mpp_status finish(mpp_trainer *t)
{
  char path[MPP_PATH_MAX];
  mpp_run_folder_file(path, &t->folder, "final.safetensors");
  const mpp_status st = mpp_run_state_export(path, t->model, t->state.step, NAN, &t->provenance);
  if (st == MPP_OK) {
    mpp_trainer_message(t, "%s: saved", path);
  }
  return st;
}

static void destroy(mpp_trainer *t)
{
  mpp_sampler_destroy(t->sampler);
  for (size_t i = 0; i < MPP_LIST_MAX; i++) { mpp_dataset_close(t->source[i].dataset); }
  mpp_run_log_close(&t->log);
  mpp_run_folder_close(&t->folder);
  mpp_provenance_free(&t->provenance);
  mpp_adamw_destroy(&t->optimizer);
  mpp_model_destroy(t->model);
  mpp_micro_work_free(&t->work);
  mpp_validation_free(&t->validation);
  mpp_free(t->trainable);
  mpp_free(t->gradients);
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
  t->log.fd = -1;
  t->folder.lock.fd = -1;
  take_data_words(&t->options);
  MPP_TRY(check_options(&t->options));
  mpp_set_threads((int)t->options.threads);
  MPP_TRY(open_data(t));
  MPP_TRY(
      mpp_run_folder_open(&t->folder, t->options.output, t->options.resume, t->options.overwrite));
  if (t->options.resume) {
    MPP_TRY(resume(t));
  }
  if (t->resumed) {
    MPP_TRY(check_stored_config(t));
  } else {
    MPP_TRY(start(t, make_model, command));
  }
  if (is_complete(t)) {
    mpp_trainer_message(t, "%s: the run is complete", t->folder.path);
    goto done;
  }
  MPP_TRY(prepare_shapes(t));
  MPP_TRY(prepare_streams(t));
  MPP_TRY(prepare_computation(t));
  MPP_TRY(take_folder(t));
  MPP_TRY(mpp_trainer_loop(t));
  MPP_TRY(finish(t));
done:
  mpp_stop_clear();
  if (t != NULL) {
    destroy(t);
  }
  return st;
}
