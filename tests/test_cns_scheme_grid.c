#include <omp.h>

#include "cns.h"
#include "cns_scheme_grid.h"
#include "mpp/threads.h"
#include "test.h"

static mpp_pde_setup setup_of(size_t d, size_t h, size_t w, mpp_edge edge)
{
  return (mpp_pde_setup){.grid = {.n = {d, h, w}, .dx = {0.1, 0.2, 0.3}},
                         .edge = {edge, edge, edge}};
}

/* Value of field f at a cell, which may lie beyond an edge; -1 for what a wall negates. */
static double expected(size_t f, const ptrdiff_t at[3], const mpp_cns_grid *g)
{
  double value = 1.0 + (double)f, sign = 1.0;
  for (int a = 0; a < 3; a++) {
    const ptrdiff_t n = (ptrdiff_t)g->n[a];
    ptrdiff_t i = at[a];
    if (i < 0 || i >= n) {
      switch (g->edge[a]) {
      case MPP_EDGE_PERIODIC:
        i += i < 0 ? n : -n;
        break;
      case MPP_EDGE_OPEN:
        i = i < 0 ? 0 : n - 1;
        break;
      default:
        i = i < 0 ? -1 - i : 2 * n - 1 - i;
        sign *= (int)f == mpp_cns_velocity(g, a) ? -1.0 : 1.0;
      }
    }
    value = value * 31.0 + (double)i;
  }
  return sign * value;
}

/* Every cell that is at most two beyond an edge, corners too. */
static size_t wrong_cells(size_t d, size_t h, size_t w, mpp_edge edge)
{
  const mpp_pde_setup s = setup_of(d, h, w, edge);
  mpp_cns_grid g;
  double *u = NULL, *q = NULL, *back = NULL;
  size_t wrong = 0;
  REQUIRE_OK(mpp_cns_grid_make(&g, &s, 5));
  const size_t fields = (size_t)g.dims + 2, cells = d * h * w;
  REQUIRE_OK(MPP_ALLOC(&u, fields * cells));
  REQUIRE_OK(MPP_ALLOC(&back, fields * cells));
  REQUIRE_OK(MPP_ALLOC(&q, fields * g.field));
  for (size_t i = 0; i < fields * cells; i++) {
    const size_t c = i % cells;
    const ptrdiff_t at[3] = {(ptrdiff_t)(c / w / h), (ptrdiff_t)(c / w % h), (ptrdiff_t)(c % w)};
    u[i] = expected(i / cells, at, &g);
  }
  mpp_cns_grid_load(&g, q, u, fields);
  mpp_cns_grid_fill(&g, q, fields);
  mpp_cns_grid_store(&g, back, q, fields);
  wrong += memcmp(u, back, fields * cells * sizeof *u) != 0;
  const ptrdiff_t m[3] = {g.dims > 2 ? 2 : 0, g.dims > 1 ? 2 : 0, 2};
  for (size_t f = 0; f < fields; f++) {
    ptrdiff_t at[3];
    for (at[0] = -m[0]; at[0] < (ptrdiff_t)d + m[0]; at[0]++) {
      for (at[1] = -m[1]; at[1] < (ptrdiff_t)h + m[1]; at[1]++) {
        for (at[2] = -2; at[2] < (ptrdiff_t)w + 2; at[2]++) {
          const ptrdiff_t offset =
              at[0] * (ptrdiff_t)g.stride[0] + at[1] * (ptrdiff_t)g.stride[1] + at[2];
          wrong += q[(ptrdiff_t)(f * g.field + g.origin) + offset] != expected(f, at, &g);
        }
      }
    }
  }
  mpp_free(u);
  mpp_free(q);
  mpp_free(back);
  return wrong;
}

static void margins_hold_what_the_edges_say(void)
{
  for (mpp_edge e = MPP_EDGE_PERIODIC; e <= MPP_EDGE_WALL; e++) {
    CU_ASSERT_EQUAL(wrong_cells(1, 1, 9, e), 0);
    CU_ASSERT_EQUAL(wrong_cells(1, 8, 13, e), 0);
    CU_ASSERT_EQUAL(wrong_cells(5, 8, 6, e), 0);
  }
}

static void rows_start_cache_lines(void)
{
  const mpp_pde_setup s = setup_of(5, 9, 13, MPP_EDGE_OPEN);
  mpp_cns_grid g;
  REQUIRE_OK(mpp_cns_grid_make(&g, &s, 5));
  for (size_t h = 0; h < 9; h++) { CU_ASSERT_EQUAL(mpp_cns_row(&g, h % 5, h) % 8, 0); }
  CU_ASSERT_EQUAL(g.field % 8, 0);
}

static void huge_grids_are_refused(void)
{
  const mpp_pde_setup s = setup_of(1UL << 30, 1UL << 20, 1UL << 20, MPP_EDGE_OPEN);
  mpp_cns_grid g;
  ASSERT_STATUS(mpp_cns_grid_make(&g, &s, 5), MPP_ERR_NOMEM);
}

static void parallel_regions_get_one_thread(void)
{
  const mpp_pde_setup s = setup_of(1, 256, 256, MPP_EDGE_OPEN);
  mpp_cns_grid g;
  int inside = 0;
  REQUIRE_OK(mpp_cns_grid_make(&g, &s, 5));
  mpp_set_threads(3);
  CU_ASSERT_EQUAL(mpp_cns_threads(&g), 3);
#pragma omp parallel num_threads(2) reduction(max : inside)
  inside = mpp_cns_threads(&g);
  CU_ASSERT_EQUAL(inside, 1);
  mpp_set_threads(0);
}

TESTS({"margins hold what the edges say", margins_hold_what_the_edges_say},
      {"rows start cache lines", rows_start_cache_lines},
      {"huge grids are refused", huge_grids_are_refused},
      {"parallel regions get one thread", parallel_regions_get_one_thread})
