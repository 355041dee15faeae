/* published.c - a published configuration in our words. Sources: config/mpp_avit_*_config.yaml and
 * train_basic.py of the published repository. Kept from it: an epoch is epoch_size micro-batches,
 * and a step takes accum_grad of them; a learning rate below 0 stands for D-Adaptation without
 * warm-up; frozen is what freeze_middle says before freeze_processor does; clipping at norm 1. */
#include "published.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

/* Batches of a dataset that the published trainer validates on. */
enum { VALIDATED_BATCHES = 41 };

static void tell(const mpp_train_observer *observer, const char *format, ...) MPP_PRINTF(2, 3);

static void tell(const mpp_train_observer *observer, const char *format, ...)
{
  char text[4 * MPP_TEXT_MAX];
  va_list args;
  if (observer == NULL || observer->message == NULL) {
    return;
  }
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  observer->message(observer->context, text);
}

static void set_network(mpp_train_options *o, const mpp_published *p)
{
  o->width = p->embed_dim;
  o->heads = p->num_heads;
  o->blocks = p->processor_blocks;
  o->bias = p->bias_type;
  o->mode = MPP_MODE_FRAME;
  o->increments = false;
  o->edges = false;
  o->context = p->n_steps;
  o->patch = (mpp_int_list){3, {4, 2, 2}};
}

static mpp_status set_optimizer(mpp_train_options *o, const mpp_published *p)
{
  mpp_status st = MPP_OK;
  const bool adapts = p->learning_rate < 0.0;
  MPP_REQUIRE(!adapts || p->optimizer != MPP_PUBLISHED_SGD, MPP_ERR_CONFIG,
              "learning_rate: found %g with sgd, which does not find its own, expected 0 or more",
              p->learning_rate);
  static const int fixed[] = {MPP_OPTIMIZER_ADAMW, MPP_OPTIMIZER_ADAN, MPP_OPTIMIZER_SGD};
  static const int adaptive[] = {MPP_OPTIMIZER_DADAPT_ADAM, MPP_OPTIMIZER_DADAPT_ADAN};
  o->optimizer = adapts ? adaptive[p->optimizer] : fixed[p->optimizer];
  o->learning_rate = adapts ? 1.0 : p->learning_rate;
  o->min_learning_rate = adapts ? 0.0 : p->learning_rate / 100.0;
  o->weight_decay = p->optimizer == MPP_PUBLISHED_SGD ? 0.0 : p->weight_decay;
  o->clip = 1.0;
done:
  return st;
}

static void set_schedule(mpp_train_options *o, const mpp_published *p)
{
  const bool adapts = p->learning_rate < 0.0, cosine = strcmp(p->scheduler, "cosine") == 0;
  const long epochs = p->scheduler_epochs > 0 ? p->scheduler_epochs : p->max_epochs;
  o->schedule = cosine ? MPP_SCHEDULE_COSINE : MPP_SCHEDULE_CONSTANT;
  o->warmup = cosine && !adapts ? p->warmup_steps : 0;
  o->cooldown = 0;
  /* With D-Adaptation the cosine is as long as the micro-batches are many, and moves once a
   * step. */
  o->schedule_steps = cosine && adapts ? epochs * p->epoch_size : 0;
}

static mpp_status set_course(mpp_train_options *o, const mpp_published *p)
{
  mpp_status st = MPP_OK;
  const long a_epoch = p->epoch_size / p->accum_grad;
  MPP_REQUIRE(a_epoch >= 1, MPP_ERR_CONFIG,
              "epoch_size: found %ld, expected at least the %ld micro-batches of a step",
              p->epoch_size, p->accum_grad);
  MPP_REQUIRE(p->max_epochs <= 1000000000L / p->epoch_size, MPP_ERR_CONFIG,
              "max_epochs: %ld of %ld micro-batches, expected no more than 1e9 of these",
              p->max_epochs, p->epoch_size);
  o->batch = p->batch_size;
  o->accumulate = p->accum_grad;
  o->steps = p->max_epochs * a_epoch;
  o->drop_path = p->drop_path;
  o->recompute = p->gradient_checkpointing;
  o->loss = MPP_LOSS_NMSE;
  o->unroll = 1;
  o->noise = 0.0;
  o->ema = 0.0;
  o->validate_every = a_epoch;
  o->validate_windows = VALIDATED_BATCHES * p->batch_size;
  o->horizons = (mpp_int_list){1, {1}};
  o->checkpoint_every = p->save_checkpoint ? a_epoch : 0;
done:
  return st;
}

static mpp_status set_start(mpp_train_options *o, const mpp_published *p)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(strlen(p->pretrained_ckpt_path) > 0, MPP_ERR_CONFIG,
              "pretrained_ckpt_path: expected the checkpoint to start from");
  memcpy(o->model, p->pretrained_ckpt_path, sizeof o->model);
  o->freeze = p->freeze_middle      ? MPP_FREEZE_MIDDLE
              : p->freeze_processor ? MPP_FREEZE_PROCESSOR
                                    : MPP_FREEZE_NONE;
done:
  return st;
}

/* exp_dir/NAME, as published but for the name of the run. */
static mpp_status set_output(mpp_train_options *o, const mpp_published *p, const char *name)
{
  mpp_status st = MPP_OK;
  char folder[MPP_TEXT_MAX];
  if (p->exp_dir[0] != '\0') {
    MPP_TRY(mpp_published_home(folder, p->exp_dir));
    const int n = snprintf(o->output, sizeof o->output, "%s/%s", folder, name);
    MPP_REQUIRE(n > 0 && n < MPP_TEXT_MAX, MPP_ERR_CONFIG, "exp_dir: more than %d characters",
                MPP_TEXT_MAX - 1);
  }
done:
  return st;
}

/* What a reader of the file would not expect. */
static void tell_differences(const mpp_published *p, const char *path,
                             const mpp_train_observer *observer)
{
  const double drop_of_code = 0.2;
  const bool cosine = strcmp(p->scheduler, "cosine") == 0;
  if (p->unneeded_keys[0] != '\0') {
    tell(observer, "%s: not needed here: %s", path, p->unneeded_keys);
  }
  if (p->drop_path != drop_of_code) {
    tell(observer,
         "%s: drop_path %g is taken as the file says; the published program passes it by "
         "and trains with %g",
         path, p->drop_path, drop_of_code);
  }
  if (cosine && p->learning_rate < 0.0) {
    tell(observer,
         "%s: the learning rate falls towards 0, not to the negative floor of the "
         "published program",
         path);
  } else if (cosine) {
    tell(observer,
         "%s: the learning rate falls once over the whole run; in the published program it "
         "swings with a period of %ld steps",
         path, 2 * p->max_epochs);
  }
  if (p->epoch_size % p->accum_grad != 0) {
    tell(observer, "%s: the last %ld micro-batches of an epoch make no step", path,
         p->epoch_size % p->accum_grad);
  }
}

mpp_status mpp_published_read(mpp_train_options *options, const mpp_option **table,
                              const mpp_yaml_node *map, const char *path, const char *name,
                              const mpp_train_observer *observer)
{
  mpp_status st = MPP_OK;
  mpp_published *p = NULL;
  MPP_TRY(MPP_ALLOC(&p, 1));
  MPP_TRY(mpp_published_keys(p, map, path));
  if (p->pretrained && *table != mpp_finetune_table) {
    *table = mpp_finetune_table;
    MPP_TRY(mpp_options_defaults(options, *table));
    tell(observer, "%s: '%s' starts from pretrained weights: finetuning", path, name);
  }
  if (p->pretrained) {
    MPP_TRY(set_start(options, p));
  }
  set_network(options, p);
  MPP_TRY(set_optimizer(options, p));
  set_schedule(options, p);
  MPP_TRY(set_course(options, p));
  MPP_TRY(set_output(options, p, name));
  options->train_fraction = p->train_val_test[0];
  options->valid_fraction = p->train_val_test[1];
  memcpy(options->data, p->data, sizeof options->data);
  options->ndata = p->ndata;
  options->data_words.count = 0;
  tell_differences(p, path, observer);
done:
  if (st != MPP_OK && st != MPP_ERR_NOMEM && strncmp(mpp_last_error(), path, strlen(path)) != 0) {
    st = mpp_fail_prefix(st, "%s", path);
  }
  mpp_free(p);
  return st;
}
