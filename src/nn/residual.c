/* residual.c - y = x + keep gamma r: layer scale (Touvron et al., "Going deeper with image
 * transformers") and drop path per sample (Huang et al., "Deep networks with stochastic depth"). */
#include <string.h>

#include "chunks.h"
#include "nn.h"
#include "threads.h"

/* Rows are tokens [T*B*S]; the sample of a row is row / s % B. No restrict: y may be x. */
void mpp_residual_forward(float *y, const float *x, const float *r, const float *gamma,
                          const float *keep, size_t T, size_t B, size_t s, size_t c)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t row = 0; row < T * B * s; row++) {
    const float k = keep != NULL ? keep[row / s % B] : 1.0f;
    const float *xi = x + row * c, *ri = r + row * c;
    float *yi = y + row * c;
#pragma omp simd
    for (size_t j = 0; j < c; j++) { yi[j] = xi[j] + k * gamma[j] * ri[j]; }
  }
}

/* One row, nc channels: dr += keep gamma dy, dgamma += sum keep r dy, dx += dy. */
static void row_backward(float *restrict dx, float *restrict dr, double *restrict dgamma,
                         const float *restrict dy, const float *restrict r,
                         const float *restrict gamma, float keep, size_t nc)
{
#pragma omp simd
  for (size_t j = 0; j < nc; j++) {
    dr[j] += keep * gamma[j] * dy[j];
    dgamma[j] += (double)(keep * r[j]) * (double)dy[j];
  }
  if (dx != NULL) {
#pragma omp simd
    for (size_t j = 0; j < nc; j++) { dx[j] += dy[j]; }
  }
}

void mpp_residual_backward(float *dx, float *dr, float *dgamma, const float *dy, const float *r,
                           const float *gamma, const float *keep, size_t T, size_t B, size_t s,
                           size_t c)
{
  const size_t rows = T * B * s;
  for (size_t c0 = 0; c0 < c; c0 += MPP_NN_COLUMNS) {
    const size_t nc = mpp_min_size(MPP_NN_COLUMNS, c - c0);
    mpp_chunk_sums part;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
      memset(part[chunk], 0, nc * sizeof part[chunk][0]);
      const size_t end = mpp_chunk_start(rows, chunk + 1);
      for (size_t row = mpp_chunk_start(rows, chunk); row < end; row++) {
        const float k = keep != NULL ? keep[row / s % B] : 1.0f;
        const size_t at = row * c + c0;
        row_backward(dx != NULL ? dx + at : NULL, dr + at, part[chunk], dy + at, r + at, gamma + c0,
                     k, nc);
      }
    }
    mpp_chunks_add(dgamma + c0, part, nc);
  }
}
