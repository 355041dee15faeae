/* mpp.h - everything: multiple-physics surrogates in one C library.
 *
 *   mpp_model *model = NULL;
 *   mpp_dataset *data = NULL;
 *   if (mpp_model_load(&model, "model.safetensors") != MPP_OK ||
 *       mpp_dataset_open(&data, "swe.h5:swe", NULL) != MPP_OK) {
 *     fprintf(stderr, "%s\n", mpp_last_error());
 *   }
 */
#ifndef MPP_MPP_H
#define MPP_MPP_H

#include "mpp/bench.h"
#include "mpp/convert.h"
#include "mpp/cost.h"
#include "mpp/dataset.h"
#include "mpp/error_norms.h"
#include "mpp/field.h"
#include "mpp/info.h"
#include "mpp/input.h"
#include "mpp/metrics.h"
#include "mpp/model.h"
#include "mpp/options.h"
#include "mpp/pde.h"
#include "mpp/plan.h"
#include "mpp/plot.h"
#include "mpp/rollout.h"
#include "mpp/status.h"
#include "mpp/threads.h"
#include "mpp/train.h"
#include "mpp/version.h"

#endif
