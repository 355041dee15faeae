/* trained.c - what of a model a run trains: its weights or an adapter of them, and at which share
 * of the learning rate. Freezing is that of the published models/avit.py, where the columns of new
 * fields are made after it and so are always trained; here they lie in tensors that every freeze
 * leaves to train: middle     trains space_bag (columns of increments included), debed.out_kernel
 * and debed.out_bias; processor  trains space_bag, embed and debed: all but the blocks; none trains
 * everything. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "trainer.h"

/* ---- shares of the learning rate ---- */

static bool begins_with(const char *text, const char *prefix)
{
  return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The tensors that hold fields as columns, and the bias beside them; and the embedding of edges,
 * which a finetuning may add. */
static bool is_of_fields(const mpp_param *e)
{
  return begins_with(e->name, "space_bag.") || begins_with(e->name, "edge_embed.") ||
         begins_with(e->name, "debed.out_kernel") || begins_with(e->name, "debed.out_bias");
}

static bool is_kept(const mpp_param *e, mpp_freeze freeze)
{
  return (freeze == MPP_FREEZE_MIDDLE && !is_of_fields(e)) ||
         (freeze == MPP_FREEZE_PROCESSOR && e->part == MPP_PART_BLOCK);
}

/* Steps from the output: the destem 0, the last block 1, ..., the stem's convolutions blocks + 1.
 * Fields' columns learn at the full rate on both sides: new ones begin at random. */
static int depth_of(const mpp_param *e, int blocks)
{
  if (e->part == MPP_PART_HEAD || is_of_fields(e)) {
    return 0;
  }
  return e->part == MPP_PART_BLOCK ? blocks - e->block : blocks + 1;
}

void mpp_learning_factors(float *factors, const mpp_params *params, int blocks, mpp_freeze freeze,
                          double layer_decay)
{
  for (size_t i = 0; i < params->count; i++) {
    const mpp_param *e = &params->entry[i];
    const bool trained = e->used && !is_kept(e, freeze);
    factors[i] = trained ? (float)pow(layer_decay, depth_of(e, blocks)) : 0.0f;
  }
}

/* ---- what the optimizer sees ---- */

const mpp_params *mpp_trained_list(const mpp_trainer *t)
{
  return t->adapter != NULL ? t->adapter->params : t->model->params;
}

float *mpp_trained_values(const mpp_trainer *t)
{
  return t->adapter != NULL ? t->adapter->values : t->model->weights;
}

/* The gradients of the model's weights after a step's last backward pass. */
static float *of_model(const mpp_trainer *t)
{
  return t->gradients != NULL ? t->gradients : mpp_predict_gradients(t->model);
}

float *mpp_trained_gradients(const mpp_trainer *t)
{
  return t->adapter != NULL ? t->adapter_gradients : of_model(t);
}

void mpp_trained_take_gradients(mpp_trainer *t)
{
  if (t->adapter != NULL) {
    mpp_adapter_project(t->adapter, t->adapter_gradients, of_model(t), t->model->params);
  }
}

void mpp_trained_apply(mpp_trainer *t)
{
  if (t->adapter != NULL) {
    mpp_adapter_apply(t->adapter, t->model);
  }
}

mpp_status mpp_trained_prepare(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  const mpp_train_options *o = &t->options;
  const mpp_params *list = mpp_trained_list(t);
  t->model->gradients_within = o->accumulate == 1;
  if (!t->model->gradients_within) {
    MPP_TRY(MPP_ALLOC(&t->gradients, t->model->params->total));
  }
  if (t->adapter != NULL) {
    MPP_TRY(MPP_ALLOC(&t->adapter_gradients, list->total));
  }
  MPP_TRY(MPP_ALLOC(&t->factors, list->count));
  const bool blocks = o->freeze != MPP_FREEZE_NONE; /* every freeze keeps the blocks */
  t->model->attention_kept = blocks;
  t->model->mlp_kept = blocks || (t->adapter != NULL && !t->adapter->set.mlp);
  mpp_learning_factors(t->factors, list, t->model->config.processor_blocks, (mpp_freeze)o->freeze,
                       o->layer_decay > 0.0 ? o->layer_decay : 1.0);
done:
  return st;
}

/* ---- files ---- */

mpp_status mpp_trained_export(mpp_trainer *t, const char *model, const char *adapter, uint64_t step,
                              double score)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  if (t->adapter != NULL) {
    mpp_run_folder_file(path, &t->folder, adapter);
    MPP_TRY(mpp_run_state_export(path, t->model, t->adapter, step, score, &t->provenance));
  }
  mpp_run_folder_file(path, &t->folder, model);
  MPP_TRY(mpp_run_state_export(path, t->model, NULL, step, score, &t->provenance));
done:
  return st;
}

/* The mean takes the place of the values while it is written. */
mpp_status mpp_trained_export_mean(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  float **values = t->adapter != NULL ? &t->adapter->values : &t->model->weights;
  float *const own = *values;
  mpp_run_folder_file(path, &t->folder, "ema.safetensors");
  *values = t->ema.mean; /* lent */
  mpp_trained_apply(t);
  st = mpp_run_state_export(path, t->model, NULL, t->state.step, NAN, &t->provenance);
  *values = own;
  mpp_trained_apply(t);
  return st;
}

mpp_status mpp_trained_restore_best(mpp_trainer *t)
{
  mpp_status st = MPP_OK;
  char path[MPP_PATH_MAX];
  mpp_model *best = NULL;
  mpp_tensor_file *file = NULL;
  if (t->adapter != NULL) {
    mpp_run_folder_file(path, &t->folder, "best-adapter.safetensors");
    MPP_TRY(mpp_tensors_read(&file, path));
    MPP_TRY(mpp_adapter_read_values(t->adapter, file, ""));
    mpp_adapter_apply(t->adapter, t->model);
  } else {
    mpp_run_folder_file(path, &t->folder, "best.safetensors");
    MPP_TRY(mpp_model_load(&best, path));
    mpp_model_destroy(t->model);
    t->model = best;
  }
done:
  mpp_tensors_free(file);
  return st;
}
