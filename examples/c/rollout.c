/* rollout.c - forecasts in the memory of another program: arrays and threads are the caller's.
 *   rollout run/final.safetensors swe.h5          20 steps of two trajectories at the same time */
#include <mpp/mpp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 2, STEPS = 20 };

static int fail(mpp_status st)
{
  fprintf(stderr, "rollout MODEL DATA: %s: %s\n", mpp_status_text(st), mpp_last_error());
  return 1;
}

/* Moves the window x [T, 1, C, D, H, W] on by STEPS frames; the frame behind it is room to work. */
static int forecast(float *x, size_t size, const mpp_model *shared, const mpp_window_shape *shape)
{
  mpp_model *m = NULL; /* shares the weights; memory and messages are this thread's */
  mpp_status st = mpp_model_share(&m, shared);
  for (int k = 0; k < STEPS && st == MPP_OK; k++) { st = mpp_rollout_step(m, x + size, x, shape); }
  const int failed = st != MPP_OK ? fail(st) : 0;
  mpp_model_destroy(m);
  return failed;
}

int main(int argc, char **argv)
{
  mpp_model *model = NULL;
  mpp_dataset *data = NULL;
  mpp_status st = argc == 3 ? mpp_model_load(&model, argv[1]) : MPP_ERR_USAGE;
  if (st != MPP_OK || (st = mpp_dataset_open(&data, argv[2], NULL)) != MPP_OK) {
    return fail(st);
  }
  const mpp_dataset_info *info = mpp_dataset_get_info(data);
  const size_t frame = info->nfields * info->grid[0] * info->grid[1] * info->grid[2];
  const size_t context = (size_t)mpp_model_get_config(model)->context;
  const size_t window = context * frame, size = window + frame;
  mpp_window_shape shape = {.T = context, .B = 1, .C = info->nfields};
  memcpy(shape.grid, info->grid, sizeof shape.grid);
  memcpy(shape.boundary, info->boundary, sizeof shape.boundary);
  float *x = calloc(SAMPLES, size * sizeof *x);
  st = x != NULL ? mpp_model_columns(model, shape.column, info->field, info->nfields)
                 : MPP_ERR_NOMEM;
  for (size_t i = 0; i < SAMPLES && st == MPP_OK; i++) {
    st = mpp_dataset_read(data, x + i * size, i, 0, context);
  }
  int failed = st != MPP_OK ? fail(st) : 0;
  const size_t n = failed ? 0 : SAMPLES;
#pragma omp parallel for num_threads(SAMPLES) reduction(| : failed)
  for (size_t i = 0; i < n; i++) { failed |= forecast(x + i * size, window, model, &shape); }
  for (size_t i = 0; i < n && !failed; i++) {
    printf("%zu: %s[0] is %.4f after %d steps\n", i, info->field[0], x[i * size + window], STEPS);
  }
  free(x);
  mpp_dataset_close(data);
  mpp_model_destroy(model);
  return failed;
}
