#include "darcy_march.h"

#include "mpp/threads.h"
#include "num_multigrid.h"
#include "test.h"

typedef struct medium {
  size_t nx, ny;
  double *gx, *gy, *b, *u;
  mpp_darcy_march *march;
} medium;

/* Cells of the unit square with a wall half a cell away, a = 1, no source. */
static medium make(size_t nx, size_t ny)
{
  medium m = {.nx = nx, .ny = ny};
  const double ratio = (double)nx / (double)ny;
  REQUIRE_OK(MPP_ALLOC(&m.gx, (nx + 1) * ny));
  REQUIRE_OK(MPP_ALLOC(&m.gy, nx * (ny + 1)));
  REQUIRE_OK(MPP_ALLOC(&m.b, nx * ny));
  REQUIRE_OK(MPP_ALLOC(&m.u, nx * ny));
  for (size_t k = 0; k < (nx + 1) * ny; k++) {
    m.gx[k] = k < ny || k >= nx * ny ? 2.0 * ratio : ratio;
  }
  for (size_t k = 0; k < nx * (ny + 1); k++) {
    m.gy[k] = (k % (ny + 1) == 0 || k % (ny + 1) == ny ? 2.0 : 1.0) / ratio;
  }
  REQUIRE_OK(mpp_darcy_march_create(&m.march, nx, ny, 1.0 / (double)(nx * ny)));
  return m;
}

static void drop(medium *m)
{
  mpp_darcy_march_destroy(m->march);
  mpp_free(m->gx);
  mpp_free(m->gy);
  mpp_free(m->b);
  mpp_free(m->u);
}

static double sine(const medium *m, size_t k)
{
  const size_t row = k / m->ny, column = k % m->ny;
  return sin(M_PI * ((double)row + 0.5) / (double)m->nx) *
         sin(M_PI * ((double)column + 0.5) / (double)m->ny);
}

/* sin sin is an eigenvector, away from the walls: 4 n^2 sin^2(pi / 2 n) along each axis. */
static void a_mode_decays_as_it_should(void)
{
  medium m = make(48, 30);
  const double rate = 4.0 * 48.0 * 48.0 * sin(M_PI / 96.0) * sin(M_PI / 96.0) +
                      4.0 * 30.0 * 30.0 * sin(M_PI / 60.0) * sin(M_PI / 60.0);
  double worst = 0.0;
  for (size_t k = 0; k < m.nx * m.ny; k++) { m.u[k] = sine(&m, k); }
  const size_t stages = mpp_darcy_march_run(m.march, m.u, m.gx, m.gy, m.b, 0.1);
  for (size_t k = 0; k < m.nx * m.ny; k++) {
    worst = fmax(worst, fabs(m.u[k] - exp(-0.1 * rate) * sine(&m, k)));
  }
  CU_ASSERT(stages > 20 && stages < 500);     /* explicit steps would be 1000 */
  CU_ASSERT(worst < 5e-3 * exp(-0.1 * rate)); /* 0.1^3 / 6 in each of 20 steps */
  drop(&m);
}

/* After a long time: the solution of num_multigrid.h. */
static void it_ends_where_the_steady_solver_does(void)
{
  medium m = make(24, 24);
  mpp_multigrid *solver = NULL;
  double *steady = NULL, worst = 0.0;
  REQUIRE_OK(MPP_ALLOC(&steady, 576));
  REQUIRE_OK(mpp_multigrid_create(&solver, 24, 24));
  for (size_t k = 0; k < 576; k++) {
    m.b[k] = (double)(k % 7) / 576.0;
    m.u[k] = k % 2 == 0 ? 3.0 : -3.0;
  }
  for (size_t k = 0; k < 600; k++) {
    m.gx[k] *= k % 5 == 0 ? 0.1 : 1.0;
    m.gy[k] *= k % 3 == 0 ? 0.1 : 1.0;
  }
  mpp_multigrid_set(solver, m.gx, m.gy);
  CU_ASSERT(mpp_multigrid_solve(solver, steady, m.b, 1e-12, 60).converged);
  CU_ASSERT(mpp_darcy_march_run(m.march, m.u, m.gx, m.gy, m.b, 10.0) > 1000);
  for (size_t k = 0; k < 576; k++) { worst = fmax(worst, fabs(m.u[k] - steady[k])); }
  CU_ASSERT(steady[300] > 0.1);
  CU_ASSERT(worst < 1e-10); /* the tolerance of the one, rounding of the other */
  mpp_multigrid_destroy(solver);
  mpp_free(steady);
  drop(&m);
}

static void no_time_is_no_change(void)
{
  medium m = make(8, 8);
  m.u[3] = 2.0;
  CU_ASSERT_EQUAL(mpp_darcy_march_run(m.march, m.u, m.gx, m.gy, m.b, 0.0), 0);
  CU_ASSERT(m.u[3] == 2.0 && m.u[4] == 0.0);
  drop(&m);
}

/* A grid that is worth three threads. */
static void threads_change_no_bits(void)
{
  medium m[3];
  for (int k = 0; k < 3; k++) {
    m[k] = make(200, 200);
    for (size_t i = 0; i < m[k].nx * m[k].ny; i++) { m[k].u[i] = (double)(i % 13); }
    mpp_set_threads(1 + k);
    CU_ASSERT(mpp_darcy_march_run(m[k].march, m[k].u, m[k].gx, m[k].gy, m[k].b, 0.01) > 10);
    CU_ASSERT_EQUAL(memcmp(m[0].u, m[k].u, m[k].nx * m[k].ny * sizeof *m[k].u), 0);
  }
  mpp_set_threads(0);
  for (int k = 0; k < 3; k++) { drop(&m[k]); }
}

static void failures_leave_nothing_behind(void)
{
  mpp_darcy_march *m = NULL;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_darcy_march_create(&m, 8, 8, 1.0));
    CU_ASSERT_EQUAL(st, m != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_darcy_march_destroy(m);
    m = NULL;
  }
  ASSERT_STATUS(mpp_darcy_march_create(&m, 0, 8, 1.0), MPP_ERR_INTERNAL);
}

TESTS({"a mode decays as it should", a_mode_decays_as_it_should},
      {"it ends where the steady solver does", it_ends_where_the_steady_solver_does},
      {"no time is no change", no_time_is_no_change},
      {"threads change no bits", threads_change_no_bits},
      {"failures leave nothing behind", failures_leave_nothing_behind})
