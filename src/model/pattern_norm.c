/* pattern_norm.c - the instance norm without centring where there is nothing to norm. The published
 * one divides a channel that is constant in space by 1e-8; three of these in a row overflow, so
 * that one constant frame (a lake at rest) makes the whole prediction NaN. Here a channel whose
 * standard deviation is below what float32 resolves of its values has no pattern: it is 0, and so
 * is its gradient. All other channels are as published. */
#include <math.h>

#include "blocks.h"
#include "threads.h"

/* Of the values; float32 has 6e-8, and sums of products lose a digit. */
static const float resolution = 1e-6f;

void mpp_pattern_branch_forward(float *y, float *sd, const float *x, const float *m, const float *g,
                                const mpp_branch *branch, size_t n, size_t c)
{
  mpp_rms_branch_forward(y, sd, x, m, g, resolution, branch, n, c);
}

/* An infinite deviation makes the backward pass give 0. */
void mpp_pattern_norm_forward(float *y, float *sd, const float *x, const float *g, size_t n,
                              size_t s, size_t c)
{
  mpp_rms_inorm_forward(y, sd, x, g, n, s, c);
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < n; k++) {
    for (size_t j = 0; j < c; j++) {
      /* Where the deviation is that small, the first token is the mean. */
      if (sd[k * c + j] <= resolution * fabsf(x[k * s * c + j])) {
        sd[k * c + j] = INFINITY;
        for (size_t i = 0; i < s; i++) { y[(k * s + i) * c + j] = 0.0f; }
      }
    }
  }
}
