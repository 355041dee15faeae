/* test_halo.c - ghost cells against the rule of each edge, one coordinate at a time. */
#include "halo.h"

#include "test.h"

static long reflect(mpp_edge edge, long i, long n)
{
  switch (edge) {
  case MPP_EDGE_WRAP:
    return (i + n) % n;
  case MPP_EDGE_MIRROR:
    return i < 0 ? -1 - i : i >= n ? 2 * n - 1 - i : i;
  case MPP_EDGE_COPY:
    break;
  }
  return i < 0 ? 0 : i >= n ? n - 1 : i;
}

static void expect_ghosts(const size_t grid[3], const mpp_edge edge[3], size_t radius)
{
  const mpp_halo h = mpp_halo_make(grid, edge, radius);
  static float x[512];
  static double p[4096];
  CU_ASSERT_FATAL(h.cells <= 512 && h.size <= 4096);
  for (size_t i = 0; i < h.cells; i++) { x[i] = (float)i; }
  memset(p, 0, sizeof p);
  mpp_halo_load(&h, p, x, 0);
  size_t at = 0;
  for (size_t z = 0; z < h.padded[0]; z++) {
    for (size_t y = 0; y < h.padded[1]; y++) {
      for (size_t i = 0; i < h.padded[2]; i++) {
        const size_t of[3] = {z, y, i};
        long cell = 0;
        for (int a = 0; a < 3; a++) {
          const long n = (long)grid[a];
          cell = cell * n + reflect(edge[a], (long)of[a] - (long)h.width[a], n);
        }
        CU_ASSERT_EQUAL(p[at++], (double)cell);
      }
    }
  }
  CU_ASSERT_EQUAL(at, h.size);
}

static void ghosts_follow_the_rule_of_their_edge(void)
{
  const mpp_edge rules[] = {MPP_EDGE_COPY, MPP_EDGE_WRAP, MPP_EDGE_MIRROR};
  for (size_t i = 0; i < 27; i++) {
    const mpp_edge edge[3] = {rules[i % 3], rules[i / 3 % 3], rules[i / 9]};
    expect_ghosts((const size_t[3]){1, 1, 9}, edge, 2);
    expect_ghosts((const size_t[3]){1, 5, 4}, edge, 2);
    expect_ghosts((const size_t[3]){3, 4, 5}, edge, 1);
    expect_ghosts((const size_t[3]){3, 4, 5}, edge, 2);
  }
}

static void axes_shorter_than_the_radius_have_fewer_ghosts(void)
{
  const mpp_edge edge[3] = {MPP_EDGE_WRAP, MPP_EDGE_MIRROR, MPP_EDGE_COPY};
  const mpp_halo h = mpp_halo_make((const size_t[3]){1, 2, 3}, edge, 3);
  CU_ASSERT(h.width[0] == 0 && h.width[1] == 2 && h.width[2] == 3);
  CU_ASSERT(h.size == 6 * 9 && h.cells == 6 && h.origin == 2 * 9 + 3);
  expect_ghosts((const size_t[3]){2, 2, 3}, edge, 3);
}

static void boundaries_of_datasets_have_an_edge(void)
{
  CU_ASSERT_EQUAL(mpp_edge_of(MPP_PERIODIC), MPP_EDGE_WRAP);
  CU_ASSERT_EQUAL(mpp_edge_of(MPP_OPEN), MPP_EDGE_MIRROR);
}

static void steps_are_the_same_on_another_grid(void)
{
  static const size_t grids[2][3] = {{4, 5, 6}, {3, 9, 2}};
  static const mpp_edge edge[3] = {MPP_EDGE_COPY, MPP_EDGE_COPY, MPP_EDGE_COPY};
  const mpp_halo a = mpp_halo_make(grids[0], edge, 2), b = mpp_halo_make(grids[1], edge, 2);
  for (ptrdiff_t z = -2; z <= 2; z++) {
    for (ptrdiff_t y = -2; y <= 2; y++) {
      for (ptrdiff_t x = -2; x <= 2; x++) {
        const ptrdiff_t from = (z * (ptrdiff_t)a.padded[1] + y) * (ptrdiff_t)a.padded[2] + x,
                        to = (z * (ptrdiff_t)b.padded[1] + y) * (ptrdiff_t)b.padded[2] + x;
        CU_ASSERT_EQUAL(mpp_halo_offset(&b, &a, from), to);
      }
    }
  }
}

TESTS({"steps are the same on another grid", steps_are_the_same_on_another_grid},
      {"ghosts follow the rule of their edge", ghosts_follow_the_rule_of_their_edge},
      {"axes shorter than the radius have fewer ghosts",
       axes_shorter_than_the_radius_have_fewer_ghosts},
      {"boundaries of datasets have an edge", boundaries_of_datasets_have_an_edge})
