/* pretrain.c - a run that begins with a new model. */
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "trainer.h"

enum { PUBLISHED = 12, VOCABULARY_MAX = PUBLISHED + 2 * MPP_LIST_MAX * MPP_MAX_FIELDS };

typedef struct vocabulary {
  mpp_name *name; /* [VOCABULARY_MAX] */
  size_t count;
} vocabulary;

/* The first column of `names` that holds `name`; `count` if none does. */
static size_t find(const mpp_name *names, size_t count, const char *name)
{
  size_t i = 0;
  while (i < count && strcmp(names[i], name) != 0) { i++; }
  return i;
}

/* A known field has its published column, so that weights travel both ways; another takes a column
 * that is free there too, or one more. */
static void place_field(vocabulary *v, const mpp_name field)
{
  size_t column = find(mpp_published_vocabulary, PUBLISHED, field);
  if (find((const mpp_name *)v->name, v->count, field) < v->count) {
    return;
  }
  for (size_t i = 0; i < PUBLISHED && column == PUBLISHED; i++) {
    if (mpp_published_vocabulary[i][0] == '\0' && v->name[i][0] == '\0') {
      column = i;
    }
  }
  if (column == PUBLISHED) {
    column = v->count++;
  }
  memcpy(v->name[column], field, sizeof(mpp_name));
}

/* Only what the data have gets a name: a field that was never trained is unknown to the model, and
 * a finetuning on it says so. */
static void collect_fields(vocabulary *v, const mpp_trainer *t)
{
  v->count = PUBLISHED;
  for (size_t i = 0; i < t->options.ndata; i++) {
    const mpp_dataset_info *info = mpp_dataset_get_info(t->source[i].dataset);
    for (size_t f = 0; f < info->nfields; f++) { place_field(v, info->field[f]); }
    for (size_t f = 0; f < info->ngiven; f++) { place_field(v, info->given[f]); }
  }
}

mpp_status mpp_pretrain_config(mpp_model_config *config, const mpp_train_options *o)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(o->patch.count <= MPP_MAX_STAGES, MPP_ERR_CONFIG,
              "patch: found %zu factors, expected at most %d", o->patch.count, MPP_MAX_STAGES);
  mpp_model_config_defaults(config, (mpp_size)o->size);
  if (o->size < MPP_SIZE_TI) { /* small machines have small grids and short windows */
    config->npatch = 2;
    config->patch[0] = 2;
    config->patch[1] = 2;
    config->context = 8;
  }
  config->embed_dim = o->width > 0 ? (int)o->width : config->embed_dim;
  config->num_heads = o->heads > 0 ? (int)o->heads : config->num_heads;
  config->processor_blocks = o->blocks > 0 ? (int)o->blocks : config->processor_blocks;
  config->context = o->context > 0 ? (int)o->context : config->context;
  if (o->patch.count > 0) {
    config->npatch = (int)o->patch.count;
    for (size_t i = 0; i < o->patch.count; i++) { config->patch[i] = (int)o->patch.item[i]; }
  }
  config->bias = (mpp_bias_type)o->bias;
  config->mode = (mpp_mode)o->mode;
  config->increments = o->increments;
  config->edges = o->edges;
done:
  return st;
}

mpp_status mpp_pretrain_vocabulary(mpp_name **names, size_t *count, const mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  vocabulary v = {0};
  MPP_TRY(MPP_ALLOC(&v.name, VOCABULARY_MAX));
  collect_fields(&v, t);
  *names = v.name;
  *count = v.count;
done:
  return st;
}

static mpp_status new_model(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  mpp_model_config config;
  mpp_name *names = NULL;
  size_t count = 0;
  MPP_TRY(mpp_pretrain_config(&config, &t->options));
  MPP_TRY(mpp_pretrain_vocabulary(&names, &count, t));
  MPP_TRY(mpp_model_create(&t->model, &config, (const mpp_name *)names, count,
                           (uint64_t)t->options.seed));
done:
  mpp_free(names);
  return st;
}

mpp_status mpp_pretrain(const mpp_train_options *options, const char *command,
                        const mpp_train_observer *observer)
{
  return mpp_trainer_execute(options, mpp_pretrain_table, new_model, command, observer);
}
