/* test_crop.c - the part of a window that predictors are tested on. */
#include "crop.h"

#include "window_case.h"

enum { T = 3, C = 2, N = 80, CELLS = N * N };

/* Something that moves around (50, 60) and nothing else, in the second field. */
static mpp_window moving(float *x)
{
  memset(x, 0, (size_t)T * C * CELLS * sizeof *x);
  for (size_t t = 0; t < T; t++) {
    for (size_t i = 0; i < CELLS; i++) {
      const size_t row = i / N, column = i % N;
      const double r2 = pow((double)row - 50.0, 2.0) + pow((double)column - 60.0, 2.0);
      x[(t * C + 1) * CELLS + i] = (float)((double)t * exp(-r2 / 20.0));
    }
  }
  return (mpp_window){.x = x,
                      .T = T,
                      .C = C,
                      .stride = (size_t)C * CELLS,
                      .grid = {1, N, N},
                      .edge = {MPP_EDGE_WRAP, MPP_EDGE_WRAP, MPP_EDGE_WRAP}};
}

static void a_crop_is_where_things_move(void)
{
  static float x[T * C * CELLS];
  const mpp_window w = moving(x);
  mpp_crop c;
  for (size_t reach = 0; reach <= 4; reach += 4) {
    REQUIRE_OK(mpp_crop_make(&c, &w, reach));
    const size_t side = 48 + 2 * reach;
    CU_ASSERT(c.window.grid[0] == 1 && c.window.grid[1] == side && c.window.grid[2] == side);
    CU_ASSERT(c.window.edge[0] == MPP_EDGE_WRAP && c.window.edge[1] == MPP_EDGE_MIRROR);
    CU_ASSERT(c.margin[0] == 0 && c.margin[1] == reach && c.margin[2] == reach);
    size_t top = 0; /* cell of the largest value */
    const float *last = c.window.x + (T - 1) * c.window.stride + side * side;
    for (size_t i = 0; i < side * side; i++) { top = last[i] > last[top] ? i : top; }
    CU_ASSERT_EQUAL(last[top], 2.0f);
    const size_t y = 50 - top / side, z = 60 - top % side; /* where the block begins */
    for (size_t k = 0; k < (size_t)T * C * side; k++) { /* and its rows are those of the window */
      const size_t frame = k / side, row = k % side;
      CU_ASSERT(memcmp(c.window.x + k * side, x + frame * CELLS + (y + row) * N + z,
                       side * sizeof *x) == 0);
    }
    mpp_crop_free(&c);
  }
}

static void a_mask_is_cropped_along_and_own_edges_are_even(void)
{
  static float x[T * C * CELLS];
  static unsigned char mask[CELLS];
  mpp_window w = moving(x);
  mpp_crop c;
  for (size_t i = 0; i < CELLS; i++) { mask[i] = (unsigned char)(i % 7 == 0); }
  w.mask = mask;
  w.odd[1] = 63;
  REQUIRE_OK(mpp_crop_make(&c, &w, 0));
  const size_t first = (size_t)(c.window.mask - c.mask); /* 0: its own array */
  CU_ASSERT_EQUAL(first, 0);
  size_t y = 0, z = 0; /* where the block lies: its rows are found by their values */
  for (; y + 48 < N && z == 0; y++) {
    for (size_t k = 0; k + 48 <= N; k++) {
      const float *row = x + ((T - 1) * C + 1) * (size_t)CELLS + (y + 24) * N + k;
      if (memcmp(row, c.window.x + ((T - 1) * C + 1) * (size_t)48 * 48 + (size_t)24 * 48,
                 48 * sizeof *row) == 0) {
        z = k;
        break;
      }
    }
  }
  y--;
  for (size_t i = 0; i < (size_t)48 * 48; i++) {
    CU_ASSERT_EQUAL(c.mask[i], mask[(y + i / 48) * N + z + i % 48]);
  }
  CU_ASSERT(c.window.odd[1] == 3 && c.window.odd[0] == 0); /* axis 0 is whole */
  mpp_crop_free(&c);
}

static void small_windows_stay_whole(void)
{
  static float x[T * C * CELLS];
  mpp_window w = moving(x);
  mpp_crop c;
  REQUIRE_OK(mpp_crop_make(&c, &w, 12)); /* 72^2 of 80^2: not worth a copy */
  CU_ASSERT(c.window.x == x && c.x == NULL && c.margin[1] == 0);
  w.grid[1] = 1;
  w.grid[2] = 4096;
  REQUIRE_OK(mpp_crop_make(&c, &w, 0));
  CU_ASSERT(c.window.x == x && c.window.grid[2] == 4096);
  mpp_crop_free(&c);
}

static void every_allocation_may_fail(void)
{
  static float x[T * C * CELLS];
  const mpp_window w = moving(x);
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    mpp_crop c;
    TEST_FAULT(&faults, mpp_crop_make(&c, &w, 0));
    mpp_crop_free(&c);
  }
  CU_ASSERT_EQUAL(faults.failed, 4); /* an array an axis, the copy */
}

TESTS({"a crop is where things move", a_crop_is_where_things_move},
      {"a mask is cropped along, and own edges are even",
       a_mask_is_cropped_along_and_own_edges_are_even},
      {"small windows stay whole", small_windows_stay_whole},
      {"every allocation may fail", every_allocation_may_fail})
