/* job.c - model, data and plan of a call. */
#include "job.h"

#include <string.h>

#include "adapter.h"
#include "alloc.h"
#include "attributes.h"
#include "check.h"
#include "checkpoint.h"
#include "window_model.h"

mpp_status mpp_job_load(mpp_job *job, size_t checkpoint)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_options *o = job->options;
  job->checkpoint_path = checkpoint == 0 ? o->model : o->ensemble.item[checkpoint - 1];
  mpp_model_destroy(job->model);
  mpp_tensors_free(job->checkpoint);
  job->model = NULL;
  job->checkpoint = NULL;
  job->by_window = mpp_window_model(&job->predictor, job->checkpoint_path);
  MPP_REQUIRE(!job->by_window || o->adapter[0] == '\0', MPP_ERR_USAGE,
              "rollout: --adapter needs the model that it was trained on, not '%s'",
              job->checkpoint_path);
  if (!job->by_window) {
    MPP_TRY(mpp_tensors_read(&job->checkpoint, job->checkpoint_path));
    MPP_TRY(mpp_checkpoint_model(&job->model, job->checkpoint));
    if (o->adapter[0] != '\0') {
      MPP_TRY(mpp_adapter_join(job->model, o->adapter));
    }
    MPP_TRY(mpp_model_set_precision(job->model, (mpp_precision)o->precision));
    MPP_TRY(mpp_file_sha256(job->sha256, job->checkpoint_path));
  }
done:
  return st;
}

mpp_status mpp_job_fit(mpp_job *job)
{
  mpp_status st = MPP_OK;
  const mpp_dataset_info *info = job->info;
  job->shape = (mpp_window_shape){.T = job->T, .B = 1, .C = info->nfields};
  memcpy(job->shape.grid, info->grid, sizeof job->shape.grid);
  memcpy(job->shape.boundary, info->boundary, sizeof job->shape.boundary);
  if (!job->by_window) {
    MPP_TRY(mpp_model_window(job->model, &job->shape, job->which, info, job->T, 1));
  }
done:
  return st;
}

static mpp_status check_options(const mpp_rollout_options *o)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(o->model[0] != '\0', MPP_ERR_USAGE, "rollout: --model is missing");
  MPP_REQUIRE(o->data[0] != '\0', MPP_ERR_USAGE, "rollout: --data is missing");
  MPP_REQUIRE(o->output[0] != '\0', MPP_ERR_USAGE, "rollout: --output is missing");
  MPP_REQUIRE(o->context >= 0 && o->batch >= 1 && o->members >= 1 && o->shifts >= 1 &&
                  o->solver_steps >= 1,
              MPP_ERR_USAGE,
              "rollout: context %ld, batch %ld, members %ld, shifts %ld, solver-steps "
              "%ld: expected no negative number",
              o->context, o->batch, o->members, o->shifts, o->solver_steps);
done:
  return st;
}

mpp_status mpp_job_open(mpp_job *job)
{
  mpp_status st = MPP_OK;
  const mpp_rollout_options *o = job->options;
  size_t window = 0;
  long stride = 1;
  MPP_TRY(check_options(o));
  job->flags = o->flags;
  MPP_TRY(mpp_rollout_stride(&stride, job->flags.stride, o->flags.stride));
  MPP_TRY(mpp_job_load(job, 0));
  MPP_TRY(mpp_frames_open(&job->frames, o->data, o->boundary, &job->flags));
  const mpp_dataset_info *info = job->info = mpp_frames_info(job->frames);
  job->stride = (size_t)stride;
  job->T = o->context > 0   ? (size_t)o->context
           : job->by_window ? MPP_WINDOW_CONTEXT
                            : (size_t)mpp_model_get_config(job->model)->context;
  MPP_REQUIRE(mpp_product(&job->cells, info->grid, 3) &&
                  mpp_mul(&job->frame, job->cells, info->nfields) &&
                  mpp_mul(&window, job->frame, job->T) && job->cells > 1,
              MPP_ERR_DATA, "%s: a grid of %zu x %zu x %zu cells is too small or too large",
              o->data, info->grid[0], info->grid[1], info->grid[2]);
  for (int a = 0; a < 3; a++) {
    MPP_TRY(MPP_ALLOC(&job->coordinate[a], info->grid[a]));
    MPP_TRY(mpp_frames_coordinates(job->frames, job->coordinate[a], a));
  }
  MPP_TRY(mpp_style_read(&job->style, mpp_frames_dataset(job->frames)));
  MPP_TRY(mpp_plan_make(&job->plan, o, job->frames, job->T));
done:
  return st;
}

void mpp_job_close(mpp_job *job)
{
  mpp_plan_free(&job->plan);
  mpp_style_free(job->style);
  for (int a = 0; a < 3; a++) { mpp_free(job->coordinate[a]); }
  mpp_frames_close(job->frames);
  mpp_model_destroy(job->model);
  mpp_tensors_free(job->checkpoint);
}
