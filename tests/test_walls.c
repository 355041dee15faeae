/* test_walls.c - ends at which fields are odd, and what that does for a fit. */
#include "walls.h"

#include "window_case.h"
#include "window_forecast.h"

enum { T = 4, H = 6, W = 8, CELLS = H * W };

/* Field 0: sin(pi y) f(x, t), odd at both ends of y; 1: cos(pi y) f, even at both; 2: odd at the
 * upper end of x alone; 3: nothing at all. Cell centres. */
static mpp_window window_of(float *x)
{
  for (size_t i = 0; i < (size_t)T * 4 * CELLS; i++) {
    const size_t frame = i / ((size_t)4 * CELLS), row = i % CELLS / W;
    const double t = (double)frame, column = (double)(i % W) + 0.5;
    const double y = 3.141592653589793 * ((double)row + 0.5) / H;
    const double f = 1.0 + 0.3 * cos(3.141592653589793 * column / W + t);
    const double of[4] = {sin(y) * f, cos(y) * f, (1.0 + 0.1 * t) * cos(1.5707963 * column / W), 0};
    x[i] = (float)of[i / CELLS % 4];
  }
  return (mpp_window){.x = x,
                      .T = T,
                      .C = 4,
                      .stride = (size_t)4 * CELLS,
                      .grid = {1, H, W},
                      .edge = {MPP_EDGE_MIRROR, MPP_EDGE_MIRROR, MPP_EDGE_MIRROR}};
}

static void odd_ends_are_found(void)
{
  static float x[T * 4 * CELLS];
  mpp_odd_ends odd[4];
  mpp_window w = window_of(x);
  mpp_walls_find(odd, &w);
  CU_ASSERT(odd[0] == (1 << 2 | 1 << 3) && odd[1] == 0 && odd[2] == 1 << 5 && odd[3] == 0);
  w.edge[1] = MPP_EDGE_WRAP;
  mpp_walls_find(odd, &w);
  CU_ASSERT(odd[0] == 0 && odd[2] == 1 << 5);
  w.grid[1] = 2; /* 2 x 24 cells: other numbers, but no ends along the short axis */
  w.grid[2] = 24;
  w.edge[1] = MPP_EDGE_MIRROR;
  mpp_walls_find(odd, &w);
  for (size_t c = 0; c < 4; c++) { CU_ASSERT((odd[c] & (1 << 2 | 1 << 3)) == 0); }
}

/* Standing waves between ends where they vanish: the leapfrog of the wave equation on cell centres
 * with odd ghosts, which stencils of 3 cells and 2 frames follow up to the ends. */
static void waves_go_on_between_walls(void)
{
  enum { N = 40, FRAMES = 12, AHEAD = 10 };
  static float x[(FRAMES + AHEAD) * N], y[N];
  double v[N], d[N] = {0.0};
  for (size_t i = 0; i < N; i++) {
    const double s = 3.141592653589793 * ((double)i + 0.5) / N;
    v[i] = sin(s) + 0.5 * sin(2.0 * s) - 0.3 * sin(5.0 * s);
  }
  for (size_t t = 0; t < FRAMES + AHEAD; t++) {
    double next[N];
    for (size_t i = 0; i < N; i++) {
      const double left = i > 0 ? v[i - 1] : -v[0], right = i + 1 < N ? v[i + 1] : -v[N - 1];
      x[t * N + i] = (float)v[i];
      next[i] = d[i] + 0.2 * (left + right - 2.0 * v[i]);
    }
    for (size_t i = 0; i < N; i++) {
      d[i] = next[i];
      v[i] += d[i];
    }
  }
  const mpp_window w = {.x = x,
                        .T = FRAMES,
                        .C = 1,
                        .stride = N,
                        .grid = {1, 1, N},
                        .edge = {MPP_EDGE_MIRROR, MPP_EDGE_MIRROR, MPP_EDGE_MIRROR}};
  mpp_window_forecast *f = NULL;
  REQUIRE_OK(mpp_window_forecast_create(&f, &w, "stencil-3x2-linear"));
  for (size_t k = 0; k < AHEAD; k++) { mpp_window_forecast_step(f, y); }
  /* Rounding of the data, amplified by the fit over ten steps; with even ends 0.1 and more. */
  CU_ASSERT(test_relative_error(y, x + (size_t)(FRAMES + AHEAD - 1) * N, N) < 1e-3);
  mpp_window_forecast_destroy(f);
}

TESTS({"odd ends are found", odd_ends_are_found},
      {"waves go on between walls", waves_go_on_between_walls})
