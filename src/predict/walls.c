/* walls.c - sums along the ends. */
#include "walls.h"

/* Adds squares of one frame of a field: of v_1 - 3 v_0, and of v_1 - v_0. */
static void add_end(double sum[2], const float *x, const size_t grid[3], int a, int upper)
{
  const size_t step[3] = {grid[1] * grid[2], grid[2], 1};
  const int b = a == 0 ? 1 : 0, c = a == 2 ? 1 : 2;
  const float *first = upper ? x + (grid[a] - 1) * step[a] : x;
  for (size_t i = 0; i < grid[b]; i++) {
    for (size_t j = 0; j < grid[c]; j++) {
      const float *at = first + i * step[b] + j * step[c];
      const double v0 = *at, v1 = upper ? *(at - step[a]) : *(at + step[a]);
      sum[0] += (v1 - 3.0 * v0) * (v1 - 3.0 * v0);
      sum[1] += (v1 - v0) * (v1 - v0);
    }
  }
}

void mpp_walls_find(mpp_odd_ends *odd, const mpp_window *w)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  for (size_t c = 0; c < w->C; c++) {
    unsigned bits = 0;
    for (int end = 0; end < 6; end++) {
      const int a = end / 2;
      double sum[2] = {0.0, 0.0};
      if (w->grid[a] < 4 || w->edge[a] == MPP_EDGE_WRAP) {
        continue;
      }
      for (size_t t = 0; t < w->T; t++) {
        add_end(sum, w->x + t * w->stride + c * cells, w->grid, a, end % 2);
      }
      bits |= sum[0] < 0.25 * sum[1] ? 1u << end : 0u;
    }
    odd[c] = (mpp_odd_ends)bits;
  }
}
