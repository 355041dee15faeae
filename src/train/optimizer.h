/* optimizer.h - the update rules behind one struct: a method says what it keeps and how it steps,
 * an optimizer is a method with its settings and its state. */
#ifndef MPP_OPTIMIZER_H
#define MPP_OPTIMIZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpp/train.h"
#include "params.h"

enum { MPP_OPTIMIZER_VECTORS = 5, MPP_OPTIMIZER_SCALARS = 2 };

/* Decays of the running means are written as PyTorch does: close to 1. Negative beta: the method's
 * own. */
typedef struct mpp_optimizer_settings {
  double beta1, beta2, beta3;
  double epsilon, weight_decay;
  double growth; /* D-Adaptation: largest factor of d in a step; 0: the published 1.05 */
} mpp_optimizer_settings;

typedef struct mpp_optimizer mpp_optimizer;

typedef struct mpp_optimizer_method {
  const char *name;                          /* as MPP_OPTIMIZER_CHOICES has it */
  double learning_rate;                      /* a good one for a new model */
  double beta1, beta2, beta3;                /* good ones; 0: not used */
  const char *vector[MPP_OPTIMIZER_VECTORS]; /* names of the state arrays; NULL: no more */
  const char *scalar[MPP_OPTIMIZER_SCALARS]; /* metadata keys of the state numbers; NULL: no more */
  double start[MPP_OPTIMIZER_SCALARS];       /* their values before the first step */
  /* One update; o->step counts it already. */
  void (*step)(mpp_optimizer *o, float *weights, const float *gradients, const mpp_params *params,
               const float *factors, double learning_rate);
} mpp_optimizer_method;

struct mpp_optimizer {
  const mpp_optimizer_method *method; /* borrowed, constant */
  mpp_optimizer_settings set;
  uint64_t step; /* updates done */
  float clip;    /* what the next step multiplies gradients by */
  size_t total;
  float
      *vector[MPP_OPTIMIZER_VECTORS]; /* [total] each that the method names, zero at first; owned */
  double scalar[MPP_OPTIMIZER_SCALARS];
};

/* What MPP_OPTIMIZER_CHOICES names; NULL for a name that it does not have. */
const mpp_optimizer_method *mpp_optimizer_method_of(mpp_optimizer_kind kind);
const mpp_optimizer_method *mpp_optimizer_method_named(const char *name);

/* State arrays of a method. */
size_t mpp_optimizer_vectors(const mpp_optimizer_method *method);

MPP_MUST_CHECK mpp_status mpp_optimizer_create(mpp_optimizer *o, const mpp_optimizer_method *method,
                                               size_t total, const mpp_optimizer_settings *set);
void mpp_optimizer_destroy(mpp_optimizer *o); /* takes a zeroed one */

/* Sets what is no state; negative betas become the method's own. */
void mpp_optimizer_set(mpp_optimizer *o, const mpp_optimizer_settings *set);

/* One update of weights [total]. `factors` has for each entry of `params` what its learning rate is
 * multiplied by, 0: it stays as it is, bit for bit; NULL: 1 for all. Methods with a rate of their
 * own (dadapt-*) know 0 and 1 only. The same bits for any number of threads. */
void mpp_optimizer_step(mpp_optimizer *o, float *weights, const float *gradients,
                        const mpp_params *params, const float *factors, double learning_rate);

/* Euclidean norm of the gradients of entries whose factor is not 0, summed in double in a fixed
 * order. */
double mpp_gradient_norm(const float *gradients, const mpp_params *params, const float *factors);

/* Lets the next step scale gradients whose norm is above `limit` down to it as it reads them; limit
 * 0: never. */
void mpp_optimizer_clip(mpp_optimizer *o, double norm, double limit);

#endif
