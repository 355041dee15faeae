/* train_plan.h - a plan under way: what train_plan.c counts and plan_measure.c runs. */
#ifndef MPP_TRAIN_PLAN_H
#define MPP_TRAIN_PLAN_H

#include "mpp/plan.h"
#include "trainer.h"

typedef struct mpp_planner {
  const mpp_plan_request *request; /* borrowed */
  mpp_trainer *trainer;            /* options, and the open datasets if there are any; owned */
  mpp_dataset_info made;           /* what stands for data where a grid was asked for */
  mpp_plan_source source[MPP_LIST_MAX];
  size_t count;
  mpp_model *model; /* owned; weights are NULL but for a loaded checkpoint */
  size_t library;   /* bytes */
} mpp_planner;

/* Memory of the process that is none of the plan's, as a small training leaves it; weights of
 * `model` that are loaded already are the plan's. */
MPP_MUST_CHECK mpp_status mpp_plan_library(size_t *bytes, const mpp_model *model,
                                           const mpp_train_options *o);

/* Times a few micro-batches of each dataset's shape and an update into out->seconds and
 * measured. */
MPP_MUST_CHECK mpp_status mpp_plan_measure(mpp_plan *out, mpp_planner *p);

#endif
