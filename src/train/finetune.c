/* finetune.c - a run that begins with a trained model: fields are matched by name, new ones get
 * columns, and a part of the weights may be frozen.
 * Freezing is that of the published models/avit.py, where the columns of new fields are made after
 * it and so are always trained; here they lie in tensors that every freeze leaves to train:
 *   middle     trains space_bag (columns of increments included), debed.out_kernel and
 *              debed.out_bias;
 *   processor  trains space_bag, embed and debed: all but the blocks;
 *   none       trains everything. */
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "trainer.h"

static bool begins_with(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

void mpp_freeze_mask(bool *trainable, const mpp_params *params, mpp_freeze freeze)
{
  for (size_t i = 0; i < params->count; i++) {
    const mpp_param *e = &params->entry[i];
    const bool outer = begins_with(e->name, "space_bag.") ||
                       begins_with(e->name, "debed.out_kernel") ||
                       begins_with(e->name, "debed.out_bias");
    const bool kept = (freeze == MPP_FREEZE_MIDDLE && !outer) ||
                      (freeze == MPP_FREEZE_PROCESSOR && e->part == MPP_PART_BLOCK);
    trainable[i] = e->used && !kept;
  }
}

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

/* Gives the fields of one dataset their columns and says which are new. */
static mpp_status match_fields(mpp_trainer *t, const mpp_dataset_info *info)
{
  mpp_status st = MPP_OK;
  char fresh[MPP_MAX_FIELDS * (MPP_NAME_MAX + 2)] = "", known[sizeof fresh] = "";
  size_t added = 0;
  for (size_t f = 0; f < info->nfields; f++) {
    char *list = knows(t->model, info->field[f]) ? known : fresh;
    const size_t length = strlen(list);
    snprintf(list + length, sizeof fresh - length, "%s%s", length > 0 ? ", " : "", info->field[f]);
  }
  MPP_TRY(
      mpp_model_extend(t->model, info->field, info->nfields, (uint64_t)t->options.seed, &added));
  mpp_trainer_message(t, "%s: fields the model knows: %s; new ones, appended: %s", info->path,
                      known[0] != '\0' ? known : "none", fresh[0] != '\0' ? fresh : "none");
done:
  return st;
}

static mpp_status load_model(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(t->options.model[0] != '\0', MPP_ERR_CONFIG,
              "no model to start from: expected 'model', a checkpoint");
  MPP_TRY(mpp_model_load(&t->model, t->options.model));
  for (size_t i = 0; i < t->options.ndata; i++) {
    MPP_TRY(match_fields(t, mpp_dataset_get_info(t->source[i].dataset)));
  }
  if (t->options.context > 0) { /* no weight depends on it */
    t->model->config.context = (int)t->options.context;
  }
done:
  return st;
}

mpp_status mpp_finetune(const mpp_train_options *options, const char *command,
                        const mpp_train_observer *observer)
{
  return mpp_trainer_execute(options, mpp_finetune_table, load_model, command, observer);
}
