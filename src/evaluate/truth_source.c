/* truth_source.c - a dataset and a solver behind the same calls. */
#include "truth_source.h"

#include "check.h"
#include "solver_of_data.h"

mpp_truth_source mpp_truth_source_of(mpp_dataset *data, mpp_frames *frames)
{
  if (data == NULL && frames != NULL) {
    data = mpp_frames_dataset(frames);
  }
  return (mpp_truth_source){.data = data, .frames = data == NULL ? frames : NULL};
}

void mpp_truth_source_close(mpp_truth_source *s)
{
  mpp_reader_close(s->reader);
  *s = (mpp_truth_source){0};
}

const mpp_dataset_info *mpp_truth_source_info(const mpp_truth_source *s)
{
  return s->data != NULL ? mpp_dataset_get_info(s->data) : mpp_frames_info(s->frames);
}

mpp_status mpp_truth_source_times(mpp_truth_source *s, double *t)
{
  return s->data != NULL ? mpp_dataset_times(s->data, t, 0) : mpp_frames_times(s->frames, t, 0);
}

mpp_status mpp_truth_source_coordinates(mpp_truth_source *s, double *x, int axis)
{
  return s->data != NULL ? mpp_dataset_coordinates(s->data, x, axis)
                         : mpp_frames_coordinates(s->frames, x, axis);
}

mpp_status mpp_truth_source_read(mpp_truth_source *s, float *x, size_t trajectory, size_t frame)
{
  mpp_status st = MPP_OK;
  if (s->data != NULL) {
    return mpp_dataset_read(s->data, x, trajectory, frame, 1);
  }
  if (s->reader == NULL || s->trajectory != trajectory) {
    mpp_reader_close(s->reader);
    s->reader = NULL;
    MPP_TRY(mpp_reader_open(&s->reader, s->frames, trajectory));
    s->trajectory = trajectory;
  }
  MPP_TRY(mpp_reader_read(s->reader, x, frame));
done:
  return st;
}

const char *mpp_truth_source_file(const mpp_truth_source *s, size_t trajectory, size_t *sample)
{
  if (s->data != NULL) {
    return mpp_dataset_file(s->data, trajectory, sample);
  }
  *sample = trajectory;
  return mpp_frames_info(s->frames)->path;
}

mpp_status mpp_truth_source_solver(const mpp_truth_source *s, const mpp_pde **pde,
                                   mpp_generate_options *options, const char *file)
{
  const mpp_generate_options *own = NULL;
  if (s->data != NULL) {
    return mpp_solver_of_data(pde, options, file, mpp_dataset_get_info(s->data));
  }
  *pde = mpp_frames_solver(s->frames, &own);
  *options = *own;
  return MPP_OK;
}
