/* plan.h - what a training will take, before it begins: memory part by part, operations and time of
 * a step, and settings with which it fits. */
#ifndef MPP_PLAN_H
#define MPP_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/model.h"
#include "mpp/status.h"
#include "mpp/train.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parts of the memory of a training at its peak. */
typedef enum {
  MPP_PLAN_WEIGHTS,
  MPP_PLAN_GRADIENTS,
  MPP_PLAN_MOMENTS,     /* the optimizer's arrays, and the mean of the weights */
  MPP_PLAN_ACTIVATIONS, /* working memory of the network */
  MPP_PLAN_INPUT,       /* batches read ahead, windows under way, buffers of the datasets */
  MPP_PLAN_FITS,        /* predictors fitted to windows and kept */
  MPP_PLAN_VALIDATION,  /* what a validation takes beside all that */
  MPP_PLAN_LIBRARY,     /* the program, its libraries and its threads */
  MPP_PLAN_PARTS
} mpp_plan_part;

MPP_API const char *mpp_plan_part_name(mpp_plan_part part); /* "activations" */

typedef struct mpp_plan_request {
  long grid, fields; /* of a square that stands for data; grid 0: the datasets of the options */
  double seconds;    /* that measuring the time of a step may take; 0: no measurement */
} mpp_plan_request;

typedef struct mpp_plan {
  mpp_model_config config;
  size_t parameters;
  mpp_window_shape largest; /* of the windows that take most memory */
  size_t part[MPP_PLAN_PARTS], total;
  size_t available; /* that the machine, its control groups and limits leave to this process */
  /* What `memory` of the options makes of them. */
  long batch, accumulate;
  bool recompute;
  bool fits;       /* into that memory, or into what is available */
  size_t least;    /* total with batch 1 and recomputation */
  int fitting;     /* where nothing fits: the largest mpp_size that would; -1: none or not needed */
  double flops;    /* operations of a step: as mpp_cost_of counts, rolling ahead included */
  double seconds;  /* of a step, measured on random data, reading left out; NaN: not measured */
  size_t measured; /* micro-batches that were timed */
} mpp_plan;

/* `options` and `table` as for mpp_pretrain or mpp_finetune; with a grid in the request neither
 * data nor a run directory are needed. `options->model`, where it is set, is a checkpoint whose
 * network is planned for in either case. Measured peaks stay within a tenth of the plan.
 * MPP_ERR_CONFIG, MPP_ERR_DATA, MPP_ERR_NOINPUT: as the training would fail. */
MPP_API MPP_MUST_CHECK mpp_status mpp_plan_training(mpp_plan *out, const mpp_train_options *options,
                                                    const mpp_option *table,
                                                    const mpp_plan_request *request);

#ifdef __cplusplus
}
#endif
#endif
