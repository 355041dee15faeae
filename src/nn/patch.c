/* patch.c - convolutions with kernel = stride as products: gather the cells of each patch into a
 * row, multiply; transposed ones multiply, then scatter. Both moves are one permutation. */
#include <string.h>

#include "nn.h"
#include "threads.h"

typedef enum { COPY, ADD } move_mode;

/* Factor of an axis: axes of length 1 are not cut. */
static size_t axis_factor(size_t length, size_t f) { return length == 1 ? 1 : f; }

static void move_run(float *restrict dst, const float *restrict src, size_t count, move_mode mode)
{
  if (mode == COPY) {
    memcpy(dst, src, count * sizeof *dst);
  } else {
#pragma omp simd
    for (size_t i = 0; i < count; i++) { dst[i] += src[i]; }
  }
}

/* Walks over p [N, D/fd, H/fh, W/fw, fd, fh, fw, C] and x [N, D, H, W, C]; the fw*C floats of one
 * row of a patch lie together in both. p and x are swapped by `to_patches`. */
static void permute(float *dst, const float *src, bool to_patches, move_mode mode, size_t n,
                    const size_t grid[3], size_t f, size_t c)
{
  const size_t fd = axis_factor(grid[0], f), fh = axis_factor(grid[1], f);
  const size_t fw = axis_factor(grid[2], f), run = fw * c;
  const size_t pd = grid[0] / fd, ph = grid[1] / fh, pw = grid[2] / fw;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t strip = 0; strip < n * pd * ph; strip++) { /* patches that share d and h */
    const size_t h = strip % ph, d = strip / ph % pd, k = strip / ph / pd;
    for (size_t w = 0; w < pw; w++) {
      size_t patch = (strip * pw + w) * fd * fh * run;
      for (size_t tap = 0; tap < fd * fh; tap++, patch += run) {
        const size_t row = (k * grid[0] + d * fd + tap / fh) * grid[1] + h * fh + tap % fh;
        const size_t cell = (row * grid[2] + w * fw) * c;
        move_run(dst + (to_patches ? patch : cell), src + (to_patches ? cell : patch), run, mode);
      }
    }
  }
}

void mpp_patch_gather(float *p, const float *x, size_t n, const size_t grid[3], size_t f, size_t c)
{
  permute(p, x, true, COPY, n, grid, f, c);
}

void mpp_patch_gather_add(float *p, const float *x, size_t n, const size_t grid[3], size_t f,
                          size_t c)
{
  permute(p, x, true, ADD, n, grid, f, c);
}

void mpp_patch_scatter(float *x, const float *p, size_t n, const size_t grid[3], size_t f, size_t c)
{
  permute(x, p, false, COPY, n, grid, f, c);
}

void mpp_patch_scatter_add(float *x, const float *p, size_t n, const size_t grid[3], size_t f,
                           size_t c)
{
  permute(x, p, false, ADD, n, grid, f, c);
}

void mpp_conv_pack(float *wp, const float *w, size_t out, size_t in, size_t taps)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t o = 0; o < out; o++) {
    for (size_t t = 0; t < taps; t++) {
      for (size_t i = 0; i < in; i++) { wp[(o * taps + t) * in + i] = w[(o * in + i) * taps + t]; }
    }
  }
}

void mpp_conv_unpack_add(float *dw, const float *dwp, size_t out, size_t in, size_t taps)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t o = 0; o < out; o++) {
    for (size_t i = 0; i < in; i++) {
      for (size_t t = 0; t < taps; t++) {
        dw[(o * in + i) * taps + t] += dwp[(o * taps + t) * in + i];
      }
    }
  }
}

void mpp_deconv_pack(float *wp, const float *w, size_t in, size_t out, size_t taps)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t o = 0; o < out; o++) {
    for (size_t t = 0; t < taps; t++) {
      for (size_t i = 0; i < in; i++) { wp[(t * out + o) * in + i] = w[(i * out + o) * taps + t]; }
    }
  }
}

void mpp_deconv_unpack_add(float *dw, const float *dwp, size_t in, size_t out, size_t taps)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < in; i++) {
    for (size_t o = 0; o < out; o++) {
      for (size_t t = 0; t < taps; t++) {
        dw[(i * out + o) * taps + t] += dwp[(t * out + o) * in + i];
      }
    }
  }
}
