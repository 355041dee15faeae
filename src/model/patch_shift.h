/* patch_shift.h - the patch grid of one pass, shifted against the cells: the network sees the window
 * moved by `shift` cells along each axis, cyclically where it is periodic; along an open axis one
 * patch of copies of the edge cells makes room. Its output is put back, what lies in the margin is
 * dropped. Base and scale of a correction belong to the window as it is. */
#ifndef MPP_PATCH_SHIFT_H
#define MPP_PATCH_SHIFT_H

#include "tape.h"

/* Checks a shift (0 .. patch - 1 along each axis that has patches) and sets d->shift and the grid
 * that the network sees, d->grid[0]; d->field is set. MPP_ERR_DATA. */
MPP_MUST_CHECK mpp_status mpp_patch_shift_set(mpp_dims *d, const size_t shift[3], size_t patch);

static inline bool mpp_patch_shift_any(const mpp_dims *d)
{
  return d->shift[0] + d->shift[1] + d->shift[2] > 0;
}

/* What the network sees of x: t->shifted, or x itself without a shift. */
const float *mpp_patch_shift_window(mpp_tape *t, const float *x);

/* Where the network sees cell `i` of an axis. */
static inline size_t mpp_patch_shift_seen(const mpp_dims *d, int axis, size_t i)
{
  const size_t at = i + d->shift[axis];
  return d->periodic[axis] && at >= d->field[axis] ? at - d->field[axis] : at;
}

#endif
