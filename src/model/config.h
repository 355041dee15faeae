/* config.h - what a configuration of the network must satisfy, and the numbers derived from it. */
#ifndef MPP_CONFIG_H
#define MPP_CONFIG_H

#include <stddef.h>

#include "mpp/model.h"

/* Limits that keep every size below computed from a configuration or a shape far from overflow. */
enum {
  MPP_MAX_WIDTH = 16384,
  MPP_MAX_BLOCKS = 1024,
  MPP_MAX_STATES = 4096,
  MPP_MAX_FACTOR = 64,  /* of one patch stage */
  MPP_MAX_PATCH = 256,  /* product of the factors */
  MPP_MAX_AXIS = 65536, /* frames of a window, cells along an axis, samples of a batch */
};

/* MPP_ERR_CONFIG: names the setting, what it is and what it must be. */
MPP_MUST_CHECK mpp_status mpp_config_check(const mpp_model_config *config);

/* Product of the patch factors. */
int mpp_config_patch_size(const mpp_model_config *config);

/* Width of the stem's inner stages: a quarter of the blocks' (published). */
static inline size_t mpp_config_stem_dim(const mpp_model_config *config)
{
  return (size_t)config->embed_dim / 4;
}

#endif
