#include "cns.h"
#include "cns_exact.h"
#include "test.h"

static mpp_pde_setup setup_of(int dims, size_t n, double length)
{
  mpp_pde_setup s = {.grid = {.dx = {1.0, 1.0, 1.0}}};
  for (int a = 0; a < 3; a++) {
    s.grid.n[a] = a >= 3 - dims ? n : 1;
    s.grid.dx[a] = a >= 3 - dims ? length / (double)n : 1.0;
  }
  s.param[MPP_CNS_GAMMA] = 1.4;
  return s;
}

static const mpp_pde_problem *problem(const mpp_pde_problem *list, const char *name)
{
  while (strcmp(list->name, name) != 0) { list++; }
  return list;
}

/* Tubes start as two gases, and keep mass until a wave reaches an end, along each axis. */
static void tubes_lie_along_their_axis(void)
{
  enum { N = 16, CELLS = N * N * N };
  const size_t n = N, cells = CELLS;
  const mpp_pde_setup s = setup_of(3, N, 1.0);
  static double u[5 * CELLS];
  double mass = 0.0;
  problem(mpp_cns_problems_3d, "Sod's tube along z")->exact(u, 0.0, &s);
  for (size_t i = 0; i < cells; i++) {
    CU_ASSERT_DOUBLE_EQUAL(u[3 * cells + i], i % n < n / 2 ? 1.0 : 0.125, 1e-15);
  }
  problem(mpp_cns_problems_3d, "Sod's tube along x")->exact(u, 0.2, &s);
  for (size_t i = 0; i < cells; i++) {
    mass += u[3 * cells + i] / (double)cells;
    CU_ASSERT(u[i] >= 0.0 && u[cells + i] == 0.0 && u[2 * cells + i] == 0.0);
    CU_ASSERT_EQUAL(u[3 * cells + i], u[3 * cells + i / (n * n) * (n * n)]);
  }
  CU_ASSERT_DOUBLE_EQUAL(mass, 0.5625, 2e-3); /* of 16 parts of a cell at jumps */
}

/* After one period of its way along the diagonal the vortex is where it started. */
static void the_vortex_comes_back(void)
{
  enum { N = 20, CELLS = N * N };
  const size_t n = N, cells = CELLS;
  const mpp_pde_setup s = setup_of(2, N, 10.0);
  double a[4 * CELLS], b[4 * CELLS], worst = 0.0;
  const mpp_pde_problem *p = problem(mpp_cns_problems_2d, "isentropic vortex");
  p->exact(a, 0.0, &s);
  p->exact(b, 10.0, &s);
  for (size_t i = 0; i < 4 * cells; i++) { worst = fmax(worst, fabs(a[i] - b[i])); }
  CU_ASSERT(worst < 1e-13);                  /* rounding of the positions */
  CU_ASSERT(a[2 * cells + 9 * n + 9] < 0.6); /* its middle is thin */
  CU_ASSERT_DOUBLE_EQUAL(a[2 * cells], 1.0, 1e-8);
  /* velocity turns counterclockwise: right of the middle it is upwards */
  CU_ASSERT(a[9 * n + 12] < 0.7 && a[9 * n + 7] > 1.3);
  CU_ASSERT(a[cells + 12 * n + 9] > 1.3 && a[cells + 7 * n + 9] < 0.7);
}

/* Waves are carried along the diagonal: cells of one sum of indices are equal. */
static void waves_run_along_the_diagonal(void)
{
  enum { N = 12, CELLS = N * N };
  const size_t n = N, cells = CELLS;
  const mpp_pde_setup s = setup_of(2, N, 1.0);
  double u[4 * CELLS];
  problem(mpp_cns_problems_2d, "simple wave")->exact(u, 0.1, &s);
  for (size_t i = 0; i < cells; i++) {
    const size_t row = i / n, column = i % n, sum = (row + column) % n;
    CU_ASSERT_DOUBLE_EQUAL(u[i], u[cells + i], 0.0);
    CU_ASSERT_DOUBLE_EQUAL(u[3 * cells + i], u[3 * cells + sum], 1e-13);
  }
}

static void the_shear_wave_decays(void)
{
  enum { N = 8, CELLS = N * N };
  const size_t n = N, cells = CELLS;
  mpp_pde_setup s = setup_of(2, N, 1.0);
  double a[4 * CELLS], b[4 * CELLS];
  s.param[MPP_CNS_ETA] = 0.05;
  problem(mpp_cns_problems_2d, "shear wave")->exact(a, 0.0, &s);
  problem(mpp_cns_problems_2d, "shear wave")->exact(b, 0.2, &s);
  CU_ASSERT_DOUBLE_EQUAL(b[cells] / a[cells], exp(-0.01 * 4.0 * M_PI * M_PI), 1e-14);
  CU_ASSERT(fabs(a[cells + 1] - a[cells]) == 0.0 && a[cells + n] != a[cells]);
}

TESTS({"tubes lie along their axis", tubes_lie_along_their_axis},
      {"the vortex comes back", the_vortex_comes_back},
      {"waves run along the diagonal", waves_run_along_the_diagonal},
      {"the shear wave decays", the_shear_wave_decays})
