/* generate.c - trajectories of a built-in solver: one in memory, and a dataset on disk.
 *
 *   generate swe.h5          100 frames of shallow water at 32 x 32, 12 trajectories */
#include <mpp/mpp.h>
#include <stdio.h>
#include <stdlib.h>

static int fail(void)
{
  fprintf(stderr, "%s\n", mpp_last_error());
  return 1;
}

/* The same trajectory that becomes sample 0 of the file, without a file. */
static int print_one(const mpp_pde *pde, const mpp_generate_options *options)
{
  size_t shape[5]; /* frames, fields, D, H, W */
  if (mpp_pde_trajectory_shape(shape, pde, options) != MPP_OK) {
    return fail();
  }
  const size_t frame = shape[1] * shape[2] * shape[3] * shape[4];
  float *x = malloc(shape[0] * frame * sizeof *x);
  if (x == NULL || mpp_pde_trajectory(x, pde, options, 0) != MPP_OK) {
    free(x);
    return fail();
  }
  for (size_t t = 0; t < shape[0]; t += (shape[0] - 1) / 2) {
    float low = x[t * frame], high = low;
    for (size_t i = t * frame; i < (t + 1) * frame; i++) {
      low = x[i] < low ? x[i] : low;
      high = x[i] > high ? x[i] : high;
    }
    printf("frame %zu: %.4f to %.4f\n", t, low, high);
  }
  free(x);
  return 0;
}

int main(int argc, char **argv)
{
  mpp_generate_options options = {0};
  const mpp_pde *pde = mpp_pde_find("swe");
  if (argc != 2) {
    fprintf(stderr, "usage: generate FILE.h5\n");
    return 64;
  }
  if (mpp_options_defaults(&options, mpp_generate_table) != MPP_OK) {
    return fail();
  }
  options.samples = 12;
  options.resolution = 32;
  options.seed = 7;
  options.overwrite = true;
  snprintf(options.output, sizeof options.output, "%s", argv[1]);
  if (print_one(pde, &options) != 0) {
    return 1;
  }
  return mpp_generate(pde, &options, NULL, NULL) == MPP_OK ? 0 : fail();
}
