/* optimizer.h - AdamW with the published decay groups, behind a struct that other optimizers can
 * stand behind later. */
#ifndef MPP_OPTIMIZER_H
#define MPP_OPTIMIZER_H

#include <stddef.h>
#include <stdint.h>

#include "params.h"

typedef struct mpp_adamw {
  double beta1, beta2, epsilon, weight_decay;
  uint64_t step; /* updates done */
  float *m, *v;  /* [total], owned */
  size_t total;
} mpp_adamw;

MPP_MUST_CHECK mpp_status mpp_adamw_create(mpp_adamw *o, size_t total, double beta1, double beta2,
                                           double epsilon, double weight_decay);
void mpp_adamw_destroy(mpp_adamw *o);

/* One update of weights [total]; entries of `params` that do not decay, and those where
 * trainable[entry] is false, are left out accordingly. PyTorch's AdamW (decoupled decay). */
void mpp_adamw_step(mpp_adamw *o, float *weights, const float *gradients, const mpp_params *params,
                    const bool *trainable, double learning_rate);

/* Euclidean norm of the gradients of trainable entries, summed in double in a fixed order. */
double mpp_gradient_norm(const float *gradients, const mpp_params *params, const bool *trainable);

/* Scales gradients [total] whose norm is above `limit` down to it; limit 0: never. */
void mpp_gradient_clip(float *gradients, size_t total, double norm, double limit);

#endif
