/* finetune.c - a run that begins with a trained model: fields are matched by name, new ones get
 * columns, and with lora-rank an adapter is trained in place of the weights. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "trainer.h"

enum { NEW_MAX = MPP_LIST_MAX * MPP_MAX_FIELDS };

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
  char fresh[MPP_MAX_FIELDS * (MPP_NAME_MAX + 2)] = "", known[sizeof fresh] = "";
  for (size_t f = 0; f < info->nfields; f++) {
    const bool is_known = knows(t->model, info->field[f]);
    char *list = is_known ? known : fresh;
    const size_t length = strlen(list);
    bool noted = is_known;
    snprintf(list + length, sizeof fresh - length, "%s%s", length > 0 ? ", " : "", info->field[f]);
    for (size_t i = 0; i < all->count; i++) {
      noted = noted || strcmp(all->name[i], info->field[f]) == 0;
    }
    if (!noted) {
      memcpy(all->name[all->count++], info->field[f], sizeof(mpp_name));
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
  char digest[MPP_ADAPTER_DIGEST];
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

mpp_status mpp_finetune(const mpp_train_options *options, const char *command,
                        const mpp_train_observer *observer)
{
  return mpp_trainer_execute(options, mpp_finetune_table, load_model, command, observer);
}
