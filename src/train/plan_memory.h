/* plan_memory.h - the memory of a training, counted from settings and shapes. */
#ifndef MPP_PLAN_MEMORY_H
#define MPP_PLAN_MEMORY_H

#include "avit.h"
#include "mpp/plan.h"

/* Batches beside the one in use that the reading thread fills. */
enum { MPP_READ_AHEAD = 2 }; /* micro-batches that wait to be taken */

/* One dataset, or what stands for it. */
typedef struct mpp_plan_source {
  const mpp_dataset_info *info; /* borrowed */
  mpp_window_shape shape;       /* T, C, grid, column, boundary; B is the options' */
  double share;                 /* of the micro-batches */
  size_t windows;               /* that training draws from */
  size_t kept;                  /* trajectories that stay in memory */
  bool validated;
} mpp_plan_source;

/* Fills part[] but the library's: `o` with batch, unroll, horizons and optimizer settled; of `m`
 * the configuration, parameters and recompute are read, no weights. adapter: numbers of an adapter
 * that is trained in their place, or 0. *largest: the source whose pass takes most. MPP_ERR_DATA: a
 * shape that does not fit the model. */
MPP_MUST_CHECK mpp_status mpp_plan_count(size_t part[MPP_PLAN_PARTS], size_t *largest,
                                         const mpp_model *m, size_t adapter,
                                         const mpp_train_options *o, const mpp_plan_source *source,
                                         size_t count);

size_t mpp_plan_sum(const size_t part[MPP_PLAN_PARTS]);

/* MPP_ERR_NOMEM unless what is still to be taken, `more` bytes of the plan of which `reserved` have
 * addresses already, is to be had. The message has the parts. */
MPP_MUST_CHECK mpp_status mpp_plan_check(const size_t part[MPP_PLAN_PARTS], size_t more,
                                         size_t reserved);

#endif
