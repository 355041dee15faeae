/* job.h - what the forecasts of a call share. */
#ifndef MPP_JOB_H
#define MPP_JOB_H

#include "plan.h"
#include "safetensors.h"
#include "style.h"
#include "window_model.h"

typedef struct mpp_job {
  const mpp_rollout_options *options;
  const char *command;
  mpp_frames *frames;
  const mpp_dataset_info *info;
  double *coordinate[3]; /* owned */
  mpp_style *style;      /* owned; NULL: the project's own look */
  mpp_data_flags flags;  /* of the dataset, without the stride of frames */
  mpp_plan plan;
  size_t T, stride, cells, frame; /* cells of a field, floats of a frame */
  bool by_window;
  const char *predictor;       /* its name, or NULL: by backtest */
  const char *checkpoint_path; /* of the model that is loaded */
  mpp_tensor_file *checkpoint;
  char sha256[65];
  mpp_model *model;
  mpp_window_shape shape;       /* B = 1; of what a model sees, given fields too */
  size_t which[MPP_MAX_FIELDS]; /* numbers of the shape.given given fields */
} mpp_job;

/* Opens data and the first model, and makes the plan; `options` and `command` are set. Close it in
 * any case, and begin with a zeroed one. */
MPP_MUST_CHECK mpp_status mpp_job_open(mpp_job *job);
void mpp_job_close(mpp_job *job);

/* Takes another checkpoint: 0 is the model, others are those of the ensemble. */
MPP_MUST_CHECK mpp_status mpp_job_load(mpp_job *job, size_t checkpoint);
/* Fields that the model has, and the shape of what it sees. */
MPP_MUST_CHECK mpp_status mpp_job_fit(mpp_job *job);

#endif
