/* Patch kernels for one and three axes. */
#include "patch_kernel.h"

#include "tiny_model.h"

enum { F = 2, PAIRS = 3 };

static mpp_dims dims_of(bool depth, bool height, bool width)
{
  return (mpp_dims){.npatch = 1, .factor = {F}, .attends = {depth, height, width}};
}

/* w [PAIRS, 2, 2] counts up. */
static void kernel(float *w)
{
  for (int i = 0; i < PAIRS * F * F; i++) { w[i] = (float)(i + 1); }
}

static void a_kernel_is_summed_over_missing_axes(void)
{
  float w[PAIRS * F * F], out[PAIRS * F];
  const mpp_dims row = dims_of(false, false, true), column = dims_of(false, true, false);
  kernel(w);
  CU_ASSERT(mpp_kernel_taps(&row, 0) == F && mpp_kernel_taps(&column, 0) == F);
  mpp_kernel_spread(out, w, PAIRS, &row, 0, MPP_KERNEL_READS);
  CU_ASSERT(out[0] == 1 + 3 && out[1] == 2 + 4 && out[4] == 9 + 11);
  mpp_kernel_spread(out, w, PAIRS, &column, 0, MPP_KERNEL_READS);
  CU_ASSERT(out[0] == 1 + 2 && out[1] == 3 + 4 && out[5] == 11 + 12);
  mpp_kernel_spread(out, w, PAIRS, &row, 0,
                    MPP_KERNEL_WRITES); /* the mean of what it would write */
  CU_ASSERT(out[0] == 2 && out[1] == 3 && out[4] == 10);
}

static void a_kernel_is_repeated_along_depth(void)
{
  float w[PAIRS * F * F], out[PAIRS * F * F * F];
  const mpp_dims volume = dims_of(true, true, true);
  kernel(w);
  CU_ASSERT_EQUAL(mpp_kernel_taps(&volume, 0), 8);
  for (int use = MPP_KERNEL_READS; use <= MPP_KERNEL_WRITES; use++) {
    const float scale = use == MPP_KERNEL_READS ? 0.5f : 1.0f;
    mpp_kernel_spread(out, w, PAIRS, &volume, 0, (mpp_kernel_use)use);
    for (int i = 0; i < PAIRS * 8; i++) { CU_ASSERT_EQUAL(out[i], scale * w[i / 8 * 4 + i % 4]); }
  }
}

/* <spread w, v> = <w, transposed v>, in small whole numbers and halves: exact. */
static void the_gradient_is_the_transpose(void)
{
  for (int axes = 1; axes < 8; axes++) {
    const mpp_dims d = dims_of(axes & 4, axes & 2, axes & 1);
    float w[PAIRS * F * F], out[PAIRS * 8], v[PAIRS * 8], dw[PAIRS * F * F];
    const size_t taps = mpp_kernel_taps(&d, 0);
    kernel(w);
    for (int use = MPP_KERNEL_READS; use <= MPP_KERNEL_WRITES; use++) {
      double left = 0.0, right = 0.0;
      for (int i = 0; i < PAIRS * F * F; i++) { dw[i] = 1.0f; } /* which is added to */
      for (size_t i = 0; i < PAIRS * taps; i++) { v[i] = (float)((7 * i) % 5); }
      mpp_kernel_spread(out, w, PAIRS, &d, 0, (mpp_kernel_use)use);
      mpp_kernel_spread_backward(dw, v, PAIRS, &d, 0, (mpp_kernel_use)use);
      for (size_t i = 0; i < PAIRS * taps; i++) { left += (double)out[i] * (double)v[i]; }
      for (int i = 0; i < PAIRS * F * F; i++) { right += (double)w[i] * ((double)dw[i] - 1.0); }
      CU_ASSERT(left == right && left > 0.0);
    }
  }
}

/* Tokens of the stem for `depth` equal planes of 12 x 8 cells. */
static void tokens_of(float *tokens, size_t count, size_t depth)
{
  enum { PLANE = 12 * 8 };
  const mpp_model_config config = tiny_config(MPP_MODE_FRAME, MPP_BIAS_REL);
  mpp_window_shape shape = tiny_shape();
  mpp_model *m = tiny_model(&config, 4);
  const size_t frames = shape.T * shape.B * shape.C;
  float *x = malloc(frames * depth * PLANE * sizeof *x),
        *plane = malloc(frames * PLANE * sizeof *x);
  tiny_window(plane, &shape, 9);
  for (size_t i = 0; i < frames * depth; i++) {
    memcpy(x + i * PLANE, plane + i / depth * PLANE, PLANE * sizeof *x);
  }
  shape.grid[0] = depth;
  const mpp_tape *t = tiny_tape(m, &shape, x);
  CU_ASSERT_EQUAL_FATAL(t->dims.T * t->dims.B * t->dims.s * t->dims.width, count);
  memcpy(tokens, t->tokens, count * sizeof *tokens);
  free(x);
  free(plane);
  mpp_model_destroy(m);
}

/* One patch thick, so that the tokens are as many. The windows differ by the unbiased standard
 * deviation alone, of four times the cells: 1 / (2 * 384) of it, which norms magnify up to
 * tenfold. */
static void equal_planes_have_the_tokens_of_one(void)
{
  enum { COUNT = 4 * 2 * 3 * 2 * 24 };
  static float plane[COUNT], volume[COUNT];
  tokens_of(plane, COUNT, 1);
  tokens_of(volume, COUNT, 4);
  CU_ASSERT(test_relative_error(volume, plane, COUNT) < 1e-2);
  CU_ASSERT(test_relative_error(plane, volume + 24, COUNT - 24) > 0.1); /* tokens differ at all */
}

TESTS({"a kernel is summed over missing axes", a_kernel_is_summed_over_missing_axes},
      {"a kernel is repeated along depth", a_kernel_is_repeated_along_depth},
      {"the gradient is the transpose", the_gradient_is_the_transpose},
      {"equal planes have the tokens of one", equal_planes_have_the_tokens_of_one})
