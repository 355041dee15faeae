/* rollout.c - forecasts in the memory of another program: arrays and threads are the caller's.
 *   rollout run/final.safetensors swe.h5          20 steps of two trajectories at the same time */
#include <mpp/mpp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2, STEPS = 20 };

/* Moves the window x [T, 1, C, D, H, W] on by STEPS frames. Messages are those of this thread. */
static int forecast(float *x, size_t frame, const mpp_model *weights, const mpp_window_shape *shape)
{
  mpp_model *model = NULL; /* working memory of this thread; the weights are shared */
  float *y = malloc(frame * sizeof *y);
  mpp_status st = y != NULL ? mpp_model_share(&model, weights) : MPP_ERR_NOMEM;
  for (int k = 0; k < STEPS && st == MPP_OK; k++) { st = mpp_rollout_step(model, y, x, shape); }
  if (st != MPP_OK) {
    fprintf(stderr, "%s\n", mpp_last_error());
  }
  mpp_model_destroy(model);
  free(y);
  return st != MPP_OK;
}

int main(int argc, char **argv)
{
  mpp_model *model = NULL;
  mpp_dataset *data = NULL;
  if (argc != 3 || mpp_model_load(&model, argv[1]) != MPP_OK ||
      mpp_dataset_open(&data, argv[2], NULL) != MPP_OK) {
    fprintf(stderr, "%s\n", argc == 3 ? mpp_last_error() : "usage: rollout MODEL DATA");
    return 1;
  }
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  const size_t cells = info->grid[0] * info->grid[1] * info->grid[2], frame = cells * info->nfields;
  const size_t context = (size_t)mpp_model_get_config(model)->context, window = context * frame;
  mpp_window_shape shape = {.T = context, .B = 1, .C = info->nfields};
  memcpy(shape.grid, info->grid, sizeof shape.grid);
  memcpy(shape.boundary, info->boundary, sizeof shape.boundary);
  float *x = malloc(SAMPLES * window * sizeof *x);
  int failed =
      x == NULL || mpp_model_columns(model, shape.column, info->field, info->nfields) != MPP_OK;
  for (size_t i = 0; i < SAMPLES && !failed; i++) {
    failed = mpp_dataset_read(data, x + i * window, i, 0, shape.T) != MPP_OK;
  }
  if (failed) {
    fprintf(stderr, "%s\n", mpp_last_error());
  }
#pragma omp parallel for num_threads(SAMPLES) reduction(| : failed) if (!failed)
  for (size_t i = 0; i < SAMPLES; i++) {
    failed = failed || forecast(x + i * window, frame, model, &shape);
  }
  for (size_t i = 0; i < SAMPLES && !failed; i++) {
    printf("sample %zu, %d steps on: %s is %.4f in the first cell\n", i, (int)STEPS, info->field[0],
           x[(i + 1) * window - frame]);
  }
  free(x);
  mpp_dataset_close(data);
  mpp_model_destroy(model);
  return failed;
}
