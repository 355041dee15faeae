/* checkpoint.h - a model with what a run needs to go on, in one safetensors file: published tensor
 * names, `__metadata__` with configuration and vocabulary, optimizer tensors under "optim/". */
#ifndef MPP_CHECKPOINT_H
#define MPP_CHECKPOINT_H

#include <stddef.h>

#include "avit.h"
#include "safetensors.h"

/* Writes the model, `extra` tensors and metadata pairs. Atomic. */
MPP_MUST_CHECK mpp_status mpp_checkpoint_write(const mpp_model *m, const char *path,
                                               const mpp_tensor *extra, size_t nextra,
                                               const mpp_pair *meta, size_t nmeta);

/* The weights as `tensors` [m->params->count] that borrow them. MPP_ERR_DIVERGED: one is not
 * finite; `path` is for the message. */
MPP_MUST_CHECK mpp_status mpp_checkpoint_list(mpp_tensor *tensors, const mpp_model *m,
                                              const char *path);

/* Model from an open file; `path` of messages comes from the file. Published weights without our
 * metadata are taken too: the size is inferred, the published vocabulary attached. */
MPP_MUST_CHECK mpp_status mpp_checkpoint_model(mpp_model **out, const mpp_tensor_file *file);

#endif
