/* gelu.c - exact GELU, y = x Phi(x) (Hendrycks and Gimpel, arXiv 1606.08415; PyTorch's default,
 * not the tanh form). Phi(x) is the tail for x < 0 and 1 - tail for x > 0, so that nothing cancels;
 * the absolute error of y is below 1e-7 max(1, |x|). */
#include <math.h>

#include "chunks.h"
#include "fast_math.h"
#include "nn.h"
#include "threads.h"

/* Elements of one piece: fixed, since where a piece ends decides which elements go through
 * vectors. */
enum { PIECE = 4096 };

/* y may be x. */
static void piece_forward(float *y, const float *x, size_t n)
{
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float gauss = mpp_fast_exp(-0.5f * x[i] * x[i]);
    const float tail = mpp_fast_tail(fabsf(x[i]), gauss);
    y[i] = x[i] * (x[i] < 0.0f ? tail : 1.0f - tail);
  }
}

void mpp_gelu_forward(float *y, const float *x, size_t n)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < n; i += PIECE) { piece_forward(y + i, x + i, mpp_min_size(PIECE, n - i)); }
}

/* y = x Phi(x) and the slope there, Phi(x) + x phi(x); phi = exp(-x^2 / 2) / sqrt(2 pi). */
static void piece_forward_slope(float *y, float *slope, const float *x, size_t n)
{
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float gauss = mpp_fast_exp(-0.5f * x[i] * x[i]);
    const float tail = mpp_fast_tail(fabsf(x[i]), gauss);
    const float phi = 0.398942280f * gauss, below = x[i] < 0.0f ? tail : 1.0f - tail;
    y[i] = x[i] * below;
    slope[i] = below + x[i] * phi;
  }
}

void mpp_gelu_forward_slope(float *y, float *slope, const float *x, size_t n)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < n; i += PIECE) {
    piece_forward_slope(y + i, slope + i, x + i, mpp_min_size(PIECE, n - i));
  }
}

/* dy *= Phi(x) + x phi(x). */
static void piece_backward(float *restrict dy, const float *restrict x, size_t n)
{
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float gauss = mpp_fast_exp(-0.5f * x[i] * x[i]);
    const float tail = mpp_fast_tail(fabsf(x[i]), gauss);
    const float phi = 0.398942280f * gauss;
    dy[i] *= (x[i] < 0.0f ? tail : 1.0f - tail) + x[i] * phi;
  }
}

void mpp_gelu_backward(float *dy, const float *x, size_t n)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t i = 0; i < n; i += PIECE) {
    piece_backward(dy + i, x + i, mpp_min_size(PIECE, n - i));
  }
}
