/* installed.c - a program of a user of the installed library: public headers and libmpp alone. */
#include <mpp/mpp.h>
#include <stdio.h>

int main(void)
{
  const mpp_name field[] = {"lab:a", "lab:b"};
  float x[2 * 2 * 8 * 8], y[2 * 8 * 8]; /* [T, B, C, D, H, W] = [2, 1, 2, 1, 8, 8] */
  mpp_model_config config;
  mpp_model *model = NULL;
  mpp_model_config_defaults(&config, MPP_SIZE_NANO);
  config.npatch = 2;
  config.patch[0] = config.patch[1] = 2;
  config.mode = MPP_MODE_DELTA; /* untrained, it predicts the last frame */
  for (int i = 0; i < 256; i++) { x[i] = (float)(i % 16); }
  const mpp_window_shape shape = {.T = 2, .B = 1, .C = 2, .grid = {1, 8, 8}, .column = {0, 1}};
  if (mpp_model_create(&model, &config, field, 2, 1) != MPP_OK ||
      mpp_model_predict(model, y, x, &shape) != MPP_OK) {
    fprintf(stderr, "%s\n", mpp_last_error());
    return 1;
  }
  int wrong = 0;
  for (int i = 0; i < 128; i++) { wrong += y[i] != x[128 + i]; }
  printf("mpp %s: %zu weights, %d wrong cells\n", mpp_version(), mpp_model_parameter_count(model),
         wrong);
  mpp_model_destroy(model);
  return wrong != 0;
}
