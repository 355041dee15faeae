/* patch_kernel.h - patch kernels for one, two and three axes from the published ones, which span
 * two (H and W). A kernel is spread to the axes of the window: repeated along D, summed over an
 * axis that the window lacks. What a convolution reads is divided by the factor where it is
 * repeated, and what a transposed one writes where it is summed: then a window that is constant
 * along D has the patches of one of its planes, and a window of one axis those of the plane that
 * repeats it. So weights of two axes serve three (as McCabe et al., 2023, inflate them) and one,
 * and train on all. */
#ifndef MPP_PATCH_KERNEL_H
#define MPP_PATCH_KERNEL_H

#include "blocks.h"

/* Floats of the kernel of patch stage `stage` for one pair of channels. */
static inline size_t mpp_kernel_taps(const mpp_dims *d, size_t stage)
{
  size_t taps = 1;
  for (int a = 0; a < 3; a++) { taps *= d->attends[a] ? d->factor[stage] : 1; }
  return taps;
}

/* The window has the axes of the published kernels: they are used as they are. */
static inline bool mpp_kernel_is_plain(const mpp_dims *d)
{
  return !d->attends[0] && d->attends[1] && d->attends[2];
}

/* A convolution reads the cells of a patch; a transposed one writes them. */
typedef enum { MPP_KERNEL_READS, MPP_KERNEL_WRITES } mpp_kernel_use;

/* out [pairs, taps] from w [pairs, f, f]; not for plain windows. */
void mpp_kernel_spread(float *out, const float *w, size_t pairs, const mpp_dims *d, size_t stage,
                       mpp_kernel_use use);
/* Adds the gradient dout [pairs, taps] into dw [pairs, f, f]. */
void mpp_kernel_spread_backward(float *dw, const float *dout, size_t pairs, const mpp_dims *d,
                                size_t stage, mpp_kernel_use use);

#endif
