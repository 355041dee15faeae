/* checkpoint_config.h - configuration and vocabulary of a model as metadata of its file. */
#ifndef MPP_CHECKPOINT_CONFIG_H
#define MPP_CHECKPOINT_CONFIG_H

#include <stddef.h>

#include "avit.h"
#include "safetensors.h"

/* The name without what wrappers of distributed and of compiled training put before it. */
const char *mpp_checkpoint_bare_name(const char *name);

/* The first tensor with that bare name, or NULL. */
const mpp_tensor *mpp_checkpoint_find(const mpp_tensor_file *file, const char *name);

/* MPP_ERR_DATA: not the weights of an AViT, or metadata that contradicts them. */
MPP_MUST_CHECK mpp_status mpp_checkpoint_read_config(mpp_model_config *config, int *n_states,
                                                     const mpp_tensor_file *file);
MPP_MUST_CHECK mpp_status mpp_checkpoint_read_vocabulary(mpp_name *names, size_t count,
                                                         const mpp_tensor_file *file);

enum { MPP_CONFIG_PAIRS = 11 };

/* The texts that the pairs point at. */
typedef struct mpp_config_text {
  char embed_dim[16], num_heads[16], processor_blocks[16], n_states[24], patch[64], context[16];
  char *vocabulary; /* JSON list; jansson's: free() */
} mpp_config_text;

MPP_MUST_CHECK mpp_status mpp_checkpoint_write_config(mpp_pair pairs[MPP_CONFIG_PAIRS],
                                                      mpp_config_text *text, const mpp_model *m);

#endif
