/* cost.h - what the passes of a network cost: operations, memory traffic, working memory. Counted
 * from the shapes; nothing is computed, and no memory of the size of the network is taken. */
#ifndef MPP_COST_H
#define MPP_COST_H

#include <stddef.h>

#include "mpp/model.h"
#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Parts of the network in the order in which data meets them, and the optimizer's update. Maps are
 * the linear maps before and after attention; norms those over the tokens of a frame. */
typedef enum {
  MPP_STAGE_STEM,
  MPP_STAGE_TIME_NORM,
  MPP_STAGE_TIME_MAPS,
  MPP_STAGE_TIME_ATTENTION,
  MPP_STAGE_SPACE_NORM,
  MPP_STAGE_SPACE_MAPS,
  MPP_STAGE_SPACE_ATTENTION,
  MPP_STAGE_MLP,
  MPP_STAGE_DESTEM,
  MPP_STAGE_UPDATE,
  MPP_STAGES
} mpp_stage;

typedef enum { MPP_PASS_FORWARD, MPP_PASS_BACKWARD, MPP_PASSES } mpp_pass;

/* flops: two for each multiplication of the products, attention's included; a backward pass has
 * twice those of its forward pass, and what it computes again is not counted. bytes: of the arrays
 * that the kernels read and write, each once a kernel. The update counts as backward. */
typedef struct mpp_stage_cost {
  double flops[MPP_PASSES], bytes[MPP_PASSES];
} mpp_stage_cost;

typedef struct mpp_cost {
  mpp_stage_cost stage[MPP_STAGES];
  double forward_flops, step_flops; /* of a prediction; of a training step */
  size_t parameters;
  /* Bytes of working memory of a prediction and of a training step: without weights, gradients,
   * optimizer state (4 bytes a parameter each) and data. */
  size_t forward_memory, step_memory;
} mpp_cost;

/* For a model of `nfields` columns. MPP_ERR_CONFIG, MPP_ERR_DATA: as the model would refuse
 * them. */
MPP_API MPP_MUST_CHECK mpp_status mpp_cost_of(mpp_cost *out, const mpp_model_config *config,
                                              size_t nfields, const mpp_window_shape *shape);

MPP_API const char *mpp_stage_name(mpp_stage stage); /* "space attention" */

#ifdef __cplusplus
}
#endif
#endif
