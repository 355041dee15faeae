/* window_case.h - windows of equations whose step is a local stencil, for tests of predictors. */
#ifndef MPP_WINDOW_CASE_H
#define MPP_WINDOW_CASE_H

#include "stencil_moments.h"
#include "test.h"

/* Damped waves in 2D as a leapfrog, d' = 0.96 d + 0.2 (sum of four neighbours - 4 v), periodic,
 * from a smooth start: exact for stencils of 3 cells and 2 frames. x [T, 1, n, n], rounded to
 * float32. */
static inline mpp_window wave_window(float *x, size_t T, size_t n)
{
  const size_t cells = n * n;
  double *v = calloc(3 * cells, sizeof *v), *d = v + cells, *next = d + cells;
  for (size_t i = 0; v != NULL && i < cells; i++) {
    const double a = 6.283185307179586 * (double)(i % n) / (double)n,
                 b = 6.283185307179586 * (double)(i / n) / (double)n;
    v[i] = 1.0 + 0.3 * sin(a) * cos(2.0 * b) + 0.2 * cos(3.0 * a + b) + 0.1 * sin(2.0 * b - a);
    d[i] = 0.05 * cos(a - 2.0 * b);
  }
  for (size_t t = 0; v != NULL && t < T; t++) {
    for (size_t i = 0; i < cells; i++) { x[t * cells + i] = (float)v[i]; }
    for (size_t i = 0; i < cells; i++) {
      const size_t r = i / n, c = i % n;
      next[i] =
          0.96 * d[i] + 0.2 * (v[r * n + (c + 1) % n] + v[r * n + (c + n - 1) % n] +
                               v[(r + 1) % n * n + c] + v[(r + n - 1) % n * n + c] - 4.0 * v[i]);
    }
    for (size_t i = 0; i < cells; i++) {
      d[i] = next[i];
      v[i] += d[i];
    }
  }
  free(v);
  return (mpp_window){.x = x,
                      .T = T,
                      .C = 1,
                      .stride = cells,
                      .grid = {1, n, n},
                      .edge = {MPP_EDGE_WRAP, MPP_EDGE_WRAP, MPP_EDGE_WRAP}};
}

/* Any numbers: x [T, C, grid]. */
static inline mpp_window random_window(float *x, size_t T, size_t C, const size_t grid[3],
                                       mpp_edge edge)
{
  const size_t frame = C * grid[0] * grid[1] * grid[2];
  test_fill(x, T * frame, 17);
  return (mpp_window){.x = x,
                      .T = T,
                      .C = C,
                      .stride = frame,
                      .grid = {grid[0], grid[1], grid[2]},
                      .edge = {edge, edge, edge}};
}

#endif
