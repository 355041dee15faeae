/* patch_shift.h - the patch grid of one pass against the cells. The window is moved by `shift`
 * cells along each axis, and filled up to whole patches: by its periodic continuation, along an
 * open axis by its reflection, which also makes room for a shift. The output is put back, what lies
 * in the margin is dropped. Base and scale of a correction belong to the window as it is. */
#ifndef MPP_PATCH_SHIFT_H
#define MPP_PATCH_SHIFT_H

#include "tape.h"

/* Checks a shift (0 .. patch - 1 along each axis that has patches) and sets d->shift and the grid
 * that the network sees, d->grid[0]; d->field is set. MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_patch_shift_set(mpp_dims *d, const size_t shift[3], size_t patch);

/* Whether the network sees anything else than the window. */
static inline bool mpp_patch_shift_any(const mpp_dims *d)
{
  bool any = false;
  for (int a = 0; a < 3; a++) { any = any || d->shift[a] > 0 || d->grid[0][a] > d->field[a]; }
  return any;
}

/* What the network sees of x: t->shifted, or x itself where that is the same. */
const float *mpp_patch_shift_window(mpp_tape *t, const float *x);

/* The same of bytes, into `to`. */
void mpp_patch_shift_bytes(unsigned char *to, const unsigned char *from, const mpp_dims *d);

/* Where the network sees cell `i` of an axis. */
static inline size_t mpp_patch_shift_seen(const mpp_dims *d, int axis, size_t i)
{
  const size_t at = i + d->shift[axis];
  return d->periodic[axis] && at >= d->field[axis] ? at - d->field[axis] : at;
}

#endif
