/* missing.c - filling values that are missing. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"

static bool fill_mean(float *x, size_t n)
{
  double sum = 0.0;
  size_t count = 0;
  for (size_t i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      sum += x[i];
      count++;
    }
  }
  for (size_t i = 0; i < n && count > 0; i++) {
    x[i] = isnan(x[i]) ? (float)(sum / (double)count) : x[i];
  }
  return count > 0;
}

/* Neighbour of a cell along an axis, or n cells where there is none. */
static size_t neighbour(size_t cell, int axis, int direction, const size_t grid[3],
                        const bool periodic[3])
{
  const size_t stride = axis == 0 ? grid[1] * grid[2] : axis == 1 ? grid[2] : 1;
  const size_t at = cell / stride % grid[axis], last = grid[axis] - 1;
  if (direction < 0 ? at > 0 : at < last) {
    return direction < 0 ? cell - stride : cell + stride;
  }
  if (!periodic[axis] || last == 0) {
    return grid[0] * grid[1] * grid[2];
  }
  return direction < 0 ? cell + last * stride : cell - last * stride;
}

/* Values spread from the cells that have one, a cell at a time: the nearest by steps along the
 * axes; of several the one that comes first in the order of the file. */
static mpp_status fill_nearest(bool *filled, float *x, const size_t grid[3], const bool periodic[3])
{
  mpp_status st = MPP_OK;
  const size_t n = grid[0] * grid[1] * grid[2];
  size_t *queue = NULL, tail = 0;
  MPP_TRY(MPP_ALLOC(&queue, n));
  for (size_t i = 0; i < n; i++) {
    if (!isnan(x[i])) {
      queue[tail++] = i;
    }
  }
  *filled = tail > 0;
  for (size_t head = 0; head < tail; head++) {
    for (int k = 0; k < 6; k++) {
      const size_t next = neighbour(queue[head], k / 2, k % 2 == 0 ? -1 : 1, grid, periodic);
      if (next < n && isnan(x[next])) {
        x[next] = x[queue[head]];
        queue[tail++] = next;
      }
    }
  }
done:
  mpp_free(queue);
  return st;
}

mpp_status mpp_fill_missing(bool *filled, float *x, const size_t grid[3], const bool periodic[3],
                            mpp_fill how)
{
  if (how == MPP_FILL_NEAREST) {
    return fill_nearest(filled, x, grid, periodic);
  }
  *filled = fill_mean(x, grid[0] * grid[1] * grid[2]); /* under a mask the value does not matter */
  return MPP_OK;
}
