/* published.h - configurations of the published trainer (McCabe et al., repository
 * PolymathicAI/multiple_physics_pretraining, config/ and train_basic.py): what their keys mean,
 * said in ours. */
#ifndef MPP_PUBLISHED_H
#define MPP_PUBLISHED_H

#include <stdbool.h>

#include "mpp/train.h"
#include "yaml_tree.h"

#define MPP_PUBLISHED_DEFAULT "basic_config" /* the configuration taken where none is named */

/* Whether a map has keys that only published configurations have. */
bool mpp_published_is(const mpp_yaml_node *map);

/* Translates `map`, the configuration `name` of the file `path`, into options that hold defaults of
 * *table. Where it starts from pretrained weights, *table becomes mpp_finetune_table. What has no
 * use here, and where the published trainer does something else than its configuration says, is
 * told to the observer (may be NULL), a message each. MPP_ERR_CONFIG: an unknown key, or a value
 * that would change the results and is not to be had here. */
MPP_MUST_CHECK mpp_status mpp_published_read(mpp_train_options *options, const mpp_option **table,
                                             const mpp_yaml_node *map, const char *path,
                                             const char *name, const mpp_train_observer *observer);

/* ---- between published_keys.c, which reads, and published.c, which translates ---- */

/* A published configuration as it stands. */
typedef struct mpp_published {
  /* run */
  bool save_checkpoint, pretrained, freeze_middle, freeze_processor, gradient_checkpointing;
  char exp_dir[MPP_TEXT_MAX], pretrained_ckpt_path[MPP_TEXT_MAX];
  /* training */
  double drop_path, learning_rate, weight_decay;
  long batch_size, max_epochs, scheduler_epochs, epoch_size, warmup_steps, accum_grad, n_steps;
  int optimizer; /* index into MPP_PUBLISHED_OPTIMIZERS */
  char scheduler[MPP_TEXT_MAX];
  /* network */
  long embed_dim, num_heads, processor_blocks;
  int bias_type; /* mpp_bias_type */
  /* data */
  double train_val_test[3];
  bool use_all_fields;
  long embedding_offset;
  mpp_data_entry data[MPP_LIST_MAX];
  size_t ndata;
  /* values of which only one is to be had */
  bool tie_fields, enable_amp, rescale_gradients, augmentation, extended_names;
  long dt;
  int one_choice;
  mpp_int_list patch_size;
  char unneeded[MPP_TEXT_MAX];          /* value of the last key without use */
  char unneeded_keys[2 * MPP_TEXT_MAX]; /* "log_to_wandb, group" */
} mpp_published;

#define MPP_PUBLISHED_OPTIMIZERS "adam|adan|sgd"
enum { MPP_PUBLISHED_ADAM, MPP_PUBLISHED_ADAN, MPP_PUBLISHED_SGD };

/* Reads every key of the map; published_data.c the lists of datasets. */
MPP_MUST_CHECK mpp_status mpp_published_keys(mpp_published *out, const mpp_yaml_node *map,
                                             const char *path);

MPP_MUST_CHECK mpp_status mpp_published_data(mpp_published *p, const mpp_yaml_node *map,
                                             const char *path);

/* `path` with a leading "~" as the home folder. */
MPP_MUST_CHECK mpp_status mpp_published_home(char out[MPP_TEXT_MAX], const char *path);

#endif
