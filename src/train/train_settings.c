/* train_settings.c - settings of a run before it begins: what is left open gets its value, what
 * cannot be is refused. */
#include <math.h>
#include <string.h>

#include "check.h"
#include "solver_source.h"
#include "trainer.h"

void mpp_settings_take_data(mpp_train_options *o)
{
  if (o->data_words.count > 0) {
    mpp_solver_join_words(&o->data_words);
    o->ndata = o->data_words.count;
    for (size_t i = 0; i < o->ndata; i++) {
      o->data[i] = (mpp_data_entry){.weight = 1.0};
      memcpy(o->data[i].path, o->data_words.item[i], sizeof o->data[i].path);
    }
    o->data_words.count = 0;
  }
}

double mpp_settings_adapter_factor(const mpp_train_options *o)
{
  const mpp_optimizer_method *m = mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer);
  return o->lora_rank > 0 && m->scalar[0] == NULL ? 3.0 : 1.0; /* B begins at zero: measured */
}

/* Rates that are left to the optimizer. Finetuning learns at the rate of new weights: in 150 steps
 * of nano on Burgers' equation, Gray-Scott and incompressible flow, three tenths of it ended behind
 * on all. */
static void take_rates(mpp_train_options *o, bool finetune)
{
  const mpp_optimizer_method *m = mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer);
  if (o->learning_rate < 0.0) {
    o->learning_rate = (finetune ? mpp_settings_adapter_factor(o) : 1.0) * m->learning_rate;
  }
  o->beta1 = o->beta1 < 0.0 ? m->beta1 : o->beta1;
  o->beta2 = o->beta2 < 0.0 ? m->beta2 : o->beta2;
  o->beta3 = o->beta3 < 0.0 ? m->beta3 : o->beta3;
}

void mpp_settings_resolve(mpp_train_options *o, const mpp_option *table)
{
  mpp_settings_take_data(o);
  take_rates(o, table == mpp_finetune_table);
}

mpp_status mpp_settings_check(const mpp_train_options *o)
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
  MPP_REQUIRE(o->min_learning_rate >= 0.0, MPP_ERR_CONFIG,
              "min-learning-rate: found %g, expected 0 or more", o->min_learning_rate);
  MPP_REQUIRE(o->cooldown == 0 || o->warmup + o->cooldown <= o->steps, MPP_ERR_CONFIG,
              "cooldown: found %ld after a warm-up of %ld, expected no more than the %ld steps",
              o->cooldown, o->warmup, o->steps);
  MPP_REQUIRE(o->steps > 0 && o->batch > 0 && o->accumulate > 0 && o->unroll > 0, MPP_ERR_CONFIG,
              "steps %ld, batch %ld, accumulate %ld, unroll %ld: expected at least 1 of each",
              o->steps, o->batch, o->accumulate, o->unroll);
  MPP_REQUIRE(o->lora_rank == 0 || o->freeze == MPP_FREEZE_NONE, MPP_ERR_CONFIG,
              "freeze: adapters leave every weight as it is, expected none with lora-rank");
  MPP_REQUIRE(o->patience == 0 || o->validate_every > 0, MPP_ERR_CONFIG,
              "patience: found %ld without validations, expected validate-every of 1 or more",
              o->patience);
  MPP_REQUIRE(o->layer_decay == 0.0 || o->layer_decay == 1.0 ||
                  mpp_optimizer_method_of((mpp_optimizer_kind)o->optimizer)->scalar[0] == NULL,
              MPP_ERR_CONFIG,
              "layer-decay: found %g, expected 1 with dadapt-*, which find one rate for all",
              o->layer_decay);
  MPP_REQUIRE(o->seed >= 0, MPP_ERR_CONFIG, "seed: found %ld, expected 0 or more", o->seed);
  for (size_t i = 0; i < o->ndata; i++) {
    MPP_REQUIRE(o->data[i].weight > 0.0 && isfinite(o->data[i].weight), MPP_ERR_CONFIG,
                "%s: weight: found %g, expected more than 0", o->data[i].path, o->data[i].weight);
  }
done:
  return st;
}

void mpp_settings_settle(mpp_train_options *o, const mpp_model_config *c)
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
