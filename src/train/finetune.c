/* finetune.c - a run that begins with a trained model: fields are matched by name, new ones get
 * columns, and with lora-rank an adapter is trained in place of the weights. In the end the model
 * is held against others. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "report.h"
#include "threads.h"
#include "trainer.h"

enum { NEW_MAX = 2 * MPP_LIST_MAX * MPP_MAX_FIELDS };

/* Names that the model does not know, in the order in which the datasets have them. */
typedef struct new_fields {
  mpp_name *name; /* [NEW_MAX], owned */
  size_t count;
} new_fields;

static bool knows(const mpp_model *m, const char *field)
{
  size_t count = 0;
  const mpp_name *names = mpp_model_vocabulary(m, &count);
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], field) == 0) {
      return true;
    }
  }
  return false;
}

/* Notes the fields of one dataset that are new, and says so. */
static void match_fields(new_fields *all, const mpp_trainer *t, const mpp_dataset_info *info)
{
  char fresh[2 * MPP_MAX_FIELDS * (MPP_NAME_MAX + 2)] = "", known[sizeof fresh] = "";
  for (size_t f = 0; f < info->nfields + info->ngiven; f++) {
    const char *name = f < info->nfields ? info->field[f] : info->given[f - info->nfields];
    const bool is_known = knows(t->model, name);
    char *list = is_known ? known : fresh;
    const size_t length = strlen(list);
    bool noted = is_known;
    snprintf(list + length, sizeof fresh - length, "%s%s", length > 0 ? ", " : "", name);
    for (size_t i = 0; i < all->count; i++) { noted = noted || strcmp(all->name[i], name) == 0; }
    if (!noted) {
      memcpy(all->name[all->count++], name, sizeof(mpp_name));
    }
  }
  mpp_trainer_message(t, "%s: fields the model knows: %s; new ones, appended: %s", info->path,
                      known[0] != '\0' ? known : "none", fresh[0] != '\0' ? fresh : "none");
}

/* `digest`: of the model without the new fields. */
static mpp_status add_adapter(mpp_trainer *t, const char *digest, const new_fields *fresh)
{
  const mpp_train_options *o = &t->options;
  const mpp_adapter_settings set = {.rank = (size_t)o->lora_rank,
                                    .alpha =
                                        o->lora_alpha > 0.0 ? o->lora_alpha : (double)o->lora_rank,
                                    .mlp = o->lora_maps == MPP_LORA_ALL};
  return mpp_adapter_create(&t->adapter, t->model, &set, digest, (const mpp_name *)fresh->name,
                            fresh->count, (uint64_t)o->seed);
}

static mpp_status load_model(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  new_fields fresh = {0};
  size_t added = 0;
  char digest[MPP_DIGEST_SIZE];
  MPP_REQUIRE(t->options.model[0] != '\0', MPP_ERR_CONFIG,
              "no model to start from: expected 'model', a checkpoint");
  MPP_TRY(mpp_model_load(&t->model, t->options.model));
  MPP_TRY(mpp_model_digest(digest, t->model));
  MPP_TRY(MPP_ALLOC(&fresh.name, NEW_MAX));
  for (size_t i = 0; i < t->options.ndata; i++) {
    match_fields(&fresh, t, mpp_dataset_get_info(t->source[i].dataset));
  }
  MPP_TRY(mpp_model_extend(t->model, (const mpp_name *)fresh.name, fresh.count,
                           (uint64_t)t->options.seed, &added));
  if (t->options.edges) {
    MPP_REQUIRE(
        t->options.lora_rank == 0 || t->model->config.edges, MPP_ERR_CONFIG,
        "edges: an adapter leaves every weight as it is, expected a model with edges, or no "
        "lora-rank");
    MPP_TRY(mpp_model_add_edges(t->model));
  }
  if (t->options.context > 0) { /* no weight depends on it */
    t->model->config.context = (int)t->options.context;
  }
  if (t->options.lora_rank > 0) {
    MPP_TRY(add_adapter(t, digest, &fresh));
  }
done:
  mpp_free(fresh.name);
  return st;
}

/* ---- new weights, for comparison ---- */

static void forward_step(void *context, const mpp_train_progress *progress)
{
  const mpp_train_observer *outer = context;
  mpp_train_progress p = *progress;
  p.from_scratch = true;
  if (outer != NULL && outer->step != NULL) {
    outer->step(outer->context, &p);
  }
}

static void forward_message(void *context, const char *text)
{
  const mpp_train_observer *outer = context;
  if (outer != NULL && outer->message != NULL) {
    outer->message(outer->context, text);
  }
}

/* The settings of a pretraining of the same network on the same data for as many steps. An
 * adapter's rate is taken back to that of whole weights, whether it was given or stands in the
 * folder of a stopped run. */
static void scratch_settings(mpp_train_options *out, const mpp_train_options *o,
                             const mpp_model_config *c)
{
  *out = *o;
  mpp_settings_settle(out, c);
  out->bias = (int)c->bias;
  out->mode = (int)c->mode;
  out->increments = c->increments;
  out->edges = c->edges;
  out->model[0] = '\0';
  out->freeze = MPP_FREEZE_NONE;
  if (o->learning_rate > 0.0) {
    out->learning_rate = o->learning_rate / mpp_settings_adapter_factor(o);
    out->min_learning_rate = fmin(o->min_learning_rate, out->learning_rate);
  }
  out->lora_rank = 0;
  out->layer_decay = 0.0;
  out->against_scratch = false;
  out->report_windows = 0;
  snprintf(out->output, sizeof out->output, "%.*s/scratch", MPP_TEXT_MAX - 16, o->output);
  out->overwrite = !o->resume; /* the folder belongs to the run */
}

static mpp_status train_from_scratch(const mpp_train_options *o, const mpp_model *model,
                                     const char *command, const mpp_train_observer *observer,
                                     double begin)
{
  mpp_status st = MPP_OK;
  const mpp_train_observer inner = {
      .context = (void *)observer, .step = forward_step, .message = forward_message};
  mpp_train_options *scratch = NULL;
  MPP_TRY(MPP_ALLOC(&scratch, 1));
  scratch_settings(scratch, o, mpp_model_get_config(model));
  if (o->max_walltime > 0.0) {
    const double left = o->max_walltime - (mpp_clock() - begin);
    scratch->max_walltime = left > 1e-3 ? left : 1e-3;
  }
  MPP_TRY(mpp_pretrain(scratch, command, &inner));
done:
  mpp_free(scratch);
  return st;
}

/* ---- the report ---- */

/* The model that the run began with: appended fields are those of `model` that it does not know, in
 * the order of their columns, and draw the same weights again. *out stays NULL where the file is
 * not there any more: a run that goes on elsewhere does not need it. */
static mpp_status load_before(mpp_model **out, const mpp_train_options *o, const mpp_model *model)
{
  mpp_status st = MPP_OK;
  mpp_model *m = NULL;
  mpp_name *fresh = NULL;
  size_t count = 0, nfresh = 0, added = 0;
  const mpp_name *names = mpp_model_vocabulary(model, &count);
  if (mpp_check_input(o->model) != MPP_OK) {
    return MPP_OK;
  }
  MPP_TRY(mpp_model_load(&m, o->model));
  MPP_TRY(MPP_ALLOC(&fresh, count));
  for (size_t i = 0; i < count; i++) {
    if (names[i][0] != '\0' && !knows(m, names[i])) {
      memcpy(fresh[nfresh++], names[i], sizeof(mpp_name));
    }
  }
  MPP_TRY(mpp_model_extend(m, (const mpp_name *)fresh, nfresh, (uint64_t)o->seed, &added));
  m->config.context = mpp_model_get_config(model)->context;
  *out = m;
  m = NULL;
done:
  mpp_model_destroy(m);
  mpp_free(fresh);
  return st;
}

static mpp_status load_of_run(mpp_model **out, const mpp_train_options *o, const char *name)
{
  char path[MPP_PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", o->output, name);
  return mpp_model_load(out, path);
}

static mpp_status report(const mpp_train_options *o, const char *command,
                         const mpp_train_observer *observer, double begin)
{
  mpp_status st = MPP_OK;
  mpp_compared_models models = {{NULL}};
  mpp_comparison *list = NULL;
  size_t count = 0;
  char path[MPP_PATH_MAX];
  MPP_TRY(load_of_run(&models.of[MPP_FINETUNED], o, "final.safetensors"));
  if (o->against_scratch) {
    MPP_TRY(train_from_scratch(o, models.of[MPP_FINETUNED], command, observer, begin));
    MPP_TRY(load_of_run(&models.of[MPP_FROM_SCRATCH], o, "scratch/final.safetensors"));
  }
  if (o->report_windows > 0) {
    MPP_TRY(load_before(&models.of[MPP_BEFORE], o, models.of[MPP_FINETUNED]));
    MPP_TRY(mpp_compare(&list, &count, o, &models, observer));
    snprintf(path, sizeof path, "%s/report.json", o->output);
    MPP_TRY(mpp_report_write(path, list, count));
    if (observer != NULL && observer->report != NULL && count > 0) {
      observer->report(observer->context, list, count);
    }
  }
done:
  mpp_comparisons_free(list, count);
  for (mpp_compared c = 0; c < MPP_COMPARED; c++) { mpp_model_destroy(models.of[c]); }
  return st;
}

mpp_status mpp_finetune(const mpp_train_options *options, const char *command,
                        const mpp_train_observer *observer)
{
  mpp_status st = MPP_OK;
  const double begin = mpp_clock();
  mpp_train_options *o = NULL;
  MPP_TRY(mpp_trainer_execute(options, mpp_finetune_table, load_model, command, observer));
  MPP_TRY(MPP_ALLOC(&o, 1));
  *o = *options;
  mpp_settings_take_data(o);
  MPP_TRY(report(o, command, observer, begin));
done:
  mpp_free(o);
  return st;
}
