/* attributes.h - what a forecast file says of how it came about: enough to repeat the run. */
#ifndef MPP_ATTRIBUTES_H
#define MPP_ATTRIBUTES_H

#include "mpp/rollout.h"
#include "rollout_nc.h"
#include "safetensors.h"

enum { MPP_ATTRIBUTES_MAX = 48 };

typedef struct mpp_attributes {
  size_t count;
  mpp_nc_text text[MPP_ATTRIBUTES_MAX]; /* texts are owned */
} mpp_attributes;

/* What was fitted to the context; NULL where nothing was. */
typedef struct mpp_attribute_texts {
  const char *predictor;   /* of a forecast from the window alone */
  const char *base, *gain; /* of a model in mode window */
} mpp_attribute_texts;

/* Global attributes of the one forecast that `options` describe; `model` (with the digest of its
 * file) is NULL for one from the window alone; `fitted` may be NULL; `context` are the n values of
 * its first window. Start from a zeroed struct and free it in any case. */
MPP_MUST_CHECK mpp_status mpp_attributes_fill(mpp_attributes *p, const mpp_rollout_options *options,
                                              const char *command, const mpp_tensor_file *model,
                                              const char *sha256, const mpp_attribute_texts *fitted,
                                              const mpp_dataset_info *info, const float *context,
                                              size_t T, size_t n);

/* Says how grids that are no multiples of the patch were filled up. */
MPP_MUST_CHECK mpp_status mpp_attributes_padding(mpp_attributes *p, const mpp_dataset_info *info,
                                                 size_t patch);

/* SHA-256 of a file, in hexadecimal. MPP_ERR_NOINPUT. */
MPP_MUST_CHECK mpp_status mpp_file_sha256(char out[65], const char *path);
void mpp_attributes_free(mpp_attributes *p);

/* Adds which given fields, numbers which [nwhich], the model sees, and that cells are masked. */
MPP_MUST_CHECK mpp_status mpp_attributes_known(mpp_attributes *p, const mpp_dataset_info *info,
                                               const size_t *which, size_t nwhich, bool hold);

#endif
