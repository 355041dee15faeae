/* walls.h - at which ends of the grid a field is odd.
 *
 * The velocity normal to a wall that nothing passes changes its sign in the mirror, as do all
 * components where the fluid sticks to the wall. Datasets do not say which boundary is a wall, nor
 * which field is a component of what, but their values do: next to such an end they begin as a
 * straight line through zero at the edge, so that the second cell has three times the value of the
 * first, and next to others they are nearly equal. An end is odd where, summed over the frames and
 * the cells along it, (v_1 - 3 v_0)^2 is less than a quarter of (v_1 - v_0)^2. */
#ifndef MPP_WALLS_H
#define MPP_WALLS_H

#include "stencil_moments.h"

/* odd [w->C]; ends that wrap, and axes of fewer than four cells, are even. */
void mpp_walls_find(mpp_odd_ends *odd, const mpp_window *w);

#endif
