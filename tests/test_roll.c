/* test_roll.c - a forecast's state: values and increments that move on together. */
#include "roll.h"

#include "test.h"

enum { H = 3, W = 4, CELLS = H * W, C = 2, T = 5 };
static const mpp_edge open_edge[3] = {MPP_EDGE_COPY, MPP_EDGE_COPY, MPP_EDGE_COPY};

static void begin(mpp_roll *r, float *x, size_t t)
{
  const mpp_halo h = mpp_halo_make((const size_t[3]){1, H, W}, open_edge, 1);
  test_fill(x, (size_t)T * C * CELLS, 3);
  REQUIRE_OK(mpp_roll_make(r, &h, C));
  mpp_roll_begin(r, x, (size_t)C * CELLS, t);
}

static double cell(const mpp_roll *r, size_t array, size_t c, size_t y, size_t i)
{
  return r->array[array][c * r->halo.size + mpp_halo_row(&r->halo, 0, y) + i];
}

static void it_begins_with_the_last_values_and_increments(void)
{
  static float x[T * C * CELLS], y[CELLS];
  mpp_roll r;
  begin(&r, x, 2);
  for (size_t i = 0; i < (size_t)C * CELLS; i++) {
    const size_t c = i / CELLS, row = i % CELLS / W, col = i % W;
    const float *at = x + (size_t)2 * C * CELLS + i;
    CU_ASSERT_EQUAL(cell(&r, 0, c, row, col), (double)*at);
    CU_ASSERT_EQUAL(cell(&r, 1, c, row, col), (double)*at - *(at - C * CELLS));
    CU_ASSERT_EQUAL(cell(&r, 2, c, row, col), (double)*(at - C * CELLS) - x[i]);
    CU_ASSERT_EQUAL(cell(&r, 3, c, row, col), 0.0); /* before frame 0 */
  }
  mpp_roll_store(&r, y, 1);
  CU_ASSERT(memcmp(y, x + (2 * C + 1) * CELLS, sizeof y) == 0);
  CU_ASSERT_EQUAL(mpp_roll_error(&r, y, 1), 0.0);
  y[5] += 3.0f; /* values below 1: the sum is exact to some 1e-7 */
  CU_ASSERT_DOUBLE_EQUAL(mpp_roll_error(&r, y, 1), 9.0 / CELLS, 1e-5);
  mpp_roll_free(&r);
}

static void a_step_adds_increments_and_remembers_them(void)
{
  static float x[T * C * CELLS];
  mpp_roll r;
  begin(&r, x, 3);
  const double before = cell(&r, 0, 1, 2, 1), last = cell(&r, 1, 1, 2, 1);
  for (size_t i = 0; i < (size_t)C * CELLS; i++) { r.next[i] = 0.25 * (double)i; }
  mpp_roll_advance(&r);
  const double step = 0.25 * (CELLS + 2 * W + 1);
  CU_ASSERT_EQUAL(cell(&r, 0, 1, 2, 1), before + step);
  CU_ASSERT_EQUAL(cell(&r, 1, 1, 2, 1), step);
  CU_ASSERT_EQUAL(cell(&r, 2, 1, 2, 1), last);
  CU_ASSERT_EQUAL(cell(&r, 0, 0, 0, 0), r.array[0][0]); /* a ghost */
  double square = 0.0;
  for (size_t i = 0; i < CELLS; i++) { square += 0.0625 * (double)(i * i) / CELLS; }
  CU_ASSERT_DOUBLE_EQUAL(r.moved[0], square, 1e-14 * square); /* order of a sum */
  mpp_roll_free(&r);
}

static void values_are_held_between_their_bounds(void)
{
  static float x[T * C * CELLS];
  mpp_roll r;
  begin(&r, x, 3);
  r.low[0] = -2.0;
  r.high[0] = 2.0;
  memset(r.next, 0, (size_t)C * CELLS * sizeof *r.next);
  r.next[0] = 10.0;
  r.next[1] = -10.0;
  r.next[2] = NAN;
  r.next[CELLS] = 10.0; /* field 1 is free */
  const double first = cell(&r, 0, 0, 0, 0);
  mpp_roll_advance(&r);
  CU_ASSERT(cell(&r, 0, 0, 0, 0) == 2.0 && cell(&r, 0, 0, 0, 1) == -2.0);
  CU_ASSERT_EQUAL(cell(&r, 0, 0, 0, 2), -2.0);
  CU_ASSERT_EQUAL(cell(&r, 1, 0, 0, 0), 2.0 - first);
  CU_ASSERT(cell(&r, 0, 1, 0, 0) > 8.0 && r.held[0] == 3 && r.held[1] == 0);
  mpp_roll_free(&r);
}

TESTS({"it begins with the last values and increments",
       it_begins_with_the_last_values_and_increments},
      {"a step adds increments and remembers them", a_step_adds_increments_and_remembers_them},
      {"values are held between their bounds", values_are_held_between_their_bounds})
