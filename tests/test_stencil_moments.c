/* test_stencil_moments.c - inner products of terms against sums written down cell by cell. */
#include "mpp/threads.h"
#include "window_case.h"

enum { T = 7, C = 2, H = 4, W = 5, CELLS = H * W };
static const size_t grid[3] = {1, H, W};

static double value(const float *x, size_t t, size_t c, long y, long i)
{
  const size_t row = (size_t)((y + H) % H), col = (size_t)((i + W) % W);
  return x[(t * C + c) * CELLS + row * W + col];
}

/* One term at a cell of frame t by its definition; neighbours by undoing the offset. */
static double plain_term(const mpp_stencil_moments *m, const mpp_stencil_term *k, const float *x,
                         size_t t, long y, long i)
{
  const long wide = (long)m->halo.padded[2], shifted = (long)k->offset + 2 * wide + 2;
  const long dy = shifted / wide - 2, dx = shifted % wide - 2;
  double product = 1.0;
  switch (k->kind) {
  case MPP_TERM_VALUE:
    return value(x, t, k->field, y + dy, i + dx) -
           (k->ring == 0 ? m->mean[k->field] : value(x, t, k->field, y, i));
  case MPP_TERM_INCREMENT:
    return value(x, t - k->lag, k->field, y + dy, i + dx) -
           value(x, t - k->lag - 1, k->field, y + dy, i + dx);
  case MPP_TERM_POWER:
    for (size_t d = 0; d < k->degree; d++) {
      const size_t c = k->factor[d];
      product *= (value(x, t, c, y, i) - m->mean[c]) / m->sd[c];
    }
    return product;
  case MPP_TERM_ONE:
    break;
  }
  return 1.0;
}

/* Constant increments: all weights are 1, and the product of the constant with itself counts
 * rows. */
static void masked_cells_give_no_rows(void)
{
  static float x[T * C * CELLS];
  static mpp_stencil_moments m;
  static const unsigned char mask[CELLS] = {0, 1, 0, 0, 1, 1};
  mpp_window w = random_window(x, T, C, grid, MPP_EDGE_WRAP);
  for (size_t i = C * CELLS; i < (size_t)T * C * CELLS; i++) { x[i] = x[i - C * CELLS] + 1.0f; }
  for (int masked = 0; masked < 2; masked++) {
    const double rows = masked ? CELLS - 3 : CELLS;
    w.mask = masked ? mask : NULL;
    REQUIRE_OK(mpp_stencil_moments_make(&m, &w, (mpp_stencil_reach){1, 3, 1}, 5));
    const size_t one = m.terms - 1;
    CU_ASSERT_DOUBLE_EQUAL(m.weight[MPP_FIT_WHOLE], rows * (T - 3), 1e-4); /* weights in float32 */
    CU_ASSERT_DOUBLE_EQUAL(m.weight[MPP_FIT_HEAD], rows * 2, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(m.gram[MPP_FIT_WHOLE][one * m.side + one], rows * (T - 3), 1e-4);
    mpp_stencil_moments_free(&m);
  }
}

static void the_products_are_weighted_sums_over_all_cells(void)
{
  static float x[T * C * CELLS];
  static mpp_stencil_moments m;
  const mpp_window w = random_window(x, T, C, grid, MPP_EDGE_WRAP);
  double weight[T] = {0.0}, ms[T][C], mean[C] = {0.0};
  REQUIRE_OK(mpp_stencil_moments_make(&m, &w, (mpp_stencil_reach){1, 3, 3}, 5));
  for (size_t t = 3; t < T; t++) {
    for (size_t c = 0; c < C; c++) {
      ms[t][c] = 0.0;
      for (size_t i = 0; i < CELLS; i++) {
        const float *at = x + (t * C + c) * CELLS + i;
        ms[t][c] += ((double)*at - *(at - C * CELLS)) * ((double)*at - *(at - C * CELLS)) / CELLS;
      }
      mean[c] += ms[t][c] / (T - 3);
    }
  }
  for (size_t t = 3; t < T; t++) { weight[t] = 2.0 / (ms[t][0] / mean[0] + ms[t][1] / mean[1]); }
  for (size_t part = 0; part < MPP_FIT_PARTS; part++) {
    const size_t end = part == MPP_FIT_HEAD ? 5 : T;
    for (size_t a = 0; a < m.terms; a += 3) {
      for (size_t b = a; b < m.side; b += 2) {
        double sum = 0.0;
        for (size_t t = 3; t < end; t++) {
          for (long k = 0; k < CELLS; k++) {
            const long y = k / W, i = k % W;
            const double other =
                b < m.terms ? plain_term(&m, &m.term[b], x, t - 1, y, i)
                            : value(x, t, b - m.terms, y, i) - value(x, t - 1, b - m.terms, y, i);
            sum += weight[t] * plain_term(&m, &m.term[a], x, t - 1, y, i) * other;
          }
        }
        /* hundreds of terms of order 10, each rounded a few times */
        CU_ASSERT_DOUBLE_EQUAL(m.gram[part][a * m.side + b], sum, 1e-11);
      }
    }
  }
  mpp_stencil_moments_free(&m);
}

static void frames_into_which_nothing_moves_have_no_say(void)
{
  static float x[T * C * CELLS];
  static mpp_stencil_moments m;
  const mpp_window w = random_window(x, T, C, grid, MPP_EDGE_COPY);
  const size_t frame = (size_t)C * CELLS;
  for (size_t t = 1; t < T; t++) { memcpy(x + t * frame, x, frame * sizeof *x); }
  REQUIRE_OK(mpp_stencil_moments_make(&m, &w, (mpp_stencil_reach){1, 1, 1}, 5));
  for (size_t i = 0; i < m.side * m.side; i++) { CU_ASSERT_EQUAL(m.gram[MPP_FIT_WHOLE][i], 0.0); }
  CU_ASSERT_EQUAL(m.weight[MPP_FIT_WHOLE], 0.0);
  mpp_stencil_moments_free(&m);
}

/* A grid of more cells than rows are taken. */
static void rows_are_a_fixed_choice_for_any_number_of_threads(void)
{
  enum { N = 96, FRAMES = 9 };
  static float x[FRAMES * N * N];
  static mpp_stencil_moments one, more;
  const mpp_window w = wave_window(x, FRAMES, N);
  mpp_set_threads(1);
  REQUIRE_OK(mpp_stencil_moments_make(&one, &w, (mpp_stencil_reach){2, 2, 3}, 6));
  for (int n = 2; n <= 3; n++) {
    mpp_set_threads(n);
    REQUIRE_OK(mpp_stencil_moments_make(&more, &w, (mpp_stencil_reach){2, 2, 3}, 6));
    const size_t bytes = one.side * one.side * sizeof(double);
    CU_ASSERT(memcmp(one.gram[MPP_FIT_HEAD], more.gram[MPP_FIT_HEAD], bytes) == 0);
    CU_ASSERT(memcmp(one.gram[MPP_FIT_WHOLE], more.gram[MPP_FIT_WHOLE], bytes) == 0);
    mpp_stencil_moments_free(&more);
  }
  mpp_set_threads(0);
  /* The mean square of a term over the chosen cells is near that over all: 1 / sqrt(rows). */
  const size_t last = one.side - 1;
  double square = 0.0, rows = one.gram[MPP_FIT_WHOLE][(one.terms - 1) * one.side + one.terms - 1];
  for (size_t i = 0; i < (size_t)N * N; i++) {
    const double d = (double)x[(FRAMES - 1) * N * N + i] - x[(FRAMES - 2) * N * N + i];
    square += d * d / (N * N);
  }
  CU_ASSERT(one.gram[MPP_FIT_WHOLE][last * one.side + last] / rows > 0.1 * square);
  CU_ASSERT_DOUBLE_EQUAL(rows, one.weight[MPP_FIT_WHOLE], 1e-9 * rows);
  mpp_stencil_moments_free(&one);
}

TESTS({"masked cells give no rows", masked_cells_give_no_rows},
      {"the products are weighted sums over all cells",
       the_products_are_weighted_sums_over_all_cells},
      {"frames into which nothing moves have no say", frames_into_which_nothing_moves_have_no_say},
      {"rows are a fixed choice for any number of threads",
       rows_are_a_fixed_choice_for_any_number_of_threads})
