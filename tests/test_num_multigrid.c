#include "num_multigrid.h"

#include "mpp/threads.h"
#include "test.h"

typedef struct network {
  size_t nx, ny;
  double *gx, *gy, *b, *u;
  mpp_multigrid *solver;
} network;

/* Conductances spread over a factor of `contrast`, sources of both signs. */
static network make(size_t nx, size_t ny, double contrast)
{
  network w = {.nx = nx, .ny = ny};
  float *x = NULL;
  const size_t n = (nx + 1) * (ny + 1);
  REQUIRE_OK(MPP_ALLOC(&w.gx, n));
  REQUIRE_OK(MPP_ALLOC(&w.gy, n));
  REQUIRE_OK(MPP_ALLOC(&w.b, n));
  REQUIRE_OK(MPP_ALLOC(&w.u, n));
  REQUIRE_OK(MPP_ALLOC(&x, 3 * n));
  test_fill(x, 3 * n, 5);
  for (size_t i = 0; i < n; i++) {
    w.gx[i] = x[i] > 0.0F ? contrast : 1.0;
    w.gy[i] = x[n + i] > 0.0F ? contrast : 1.0;
    w.b[i] = x[2 * n + i];
  }
  mpp_free(x);
  REQUIRE_OK(mpp_multigrid_create(&w.solver, nx, ny));
  mpp_multigrid_set(w.solver, w.gx, w.gy);
  return w;
}

static void drop(network *w)
{
  mpp_multigrid_destroy(w->solver);
  mpp_free(w->gx);
  mpp_free(w->gy);
  mpp_free(w->b);
  mpp_free(w->u);
}

static double potential(const network *w, ptrdiff_t i, ptrdiff_t j)
{
  const bool inside = i >= 0 && j >= 0 && i < (ptrdiff_t)w->nx && j < (ptrdiff_t)w->ny;
  return inside ? w->u[(size_t)i * w->ny + (size_t)j] : 0.0;
}

/* |b - A u| / |b|, A as it stands in the header. */
static double residual_of(const network *w)
{
  double sum = 0.0, size = 0.0;
  for (size_t i = 0; i < w->nx; i++) {
    for (size_t j = 0; j < w->ny; j++) {
      const ptrdiff_t x = (ptrdiff_t)i, y = (ptrdiff_t)j;
      const double u = potential(w, x, y), b = w->b[i * w->ny + j];
      const double *gx = w->gx + i * w->ny + j, *gy = w->gy + i * (w->ny + 1) + j;
      const double r = b - gx[0] * (u - potential(w, x - 1, y)) -
                       gx[w->ny] * (u - potential(w, x + 1, y)) -
                       gy[0] * (u - potential(w, x, y - 1)) - gy[1] * (u - potential(w, x, y + 1));
      sum += r * r;
      size += b * b;
    }
  }
  return sqrt(sum / size);
}

static void the_solution_solves_the_network(void)
{
  static const size_t size[][2] = {{1, 1}, {1, 7}, {2, 3}, {8, 8}, {33, 16}, {50, 37}, {64, 64}};
  for (size_t k = 0; k < sizeof size / sizeof size[0]; k++) {
    network w = make(size[k][0], size[k][1], 10.0);
    const mpp_multigrid_result r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 60);
    CU_ASSERT(r.converged);
    CU_ASSERT(residual_of(&w) < 1e-10);
    /* computed in another order: rounding of u, some 1e-16, times conductances of 40 over b */
    CU_ASSERT_DOUBLE_EQUAL(residual_of(&w), r.residual, 1e-13);
    drop(&w);
  }
}

/* What multigrid is for. Smooth conductances: the coarse operators are those of coarse grids. */
static void iterations_do_not_grow_with_the_grid(void)
{
  size_t few = 0, many = 0;
  for (size_t n = 16; n <= 512; n *= 32) {
    network w = make(n, n, 1.0);
    const mpp_multigrid_result r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 60);
    CU_ASSERT(r.converged);
    *(n == 16 ? &few : &many) = r.iterations;
    drop(&w);
  }
  CU_ASSERT(few > 0 && many <= few + 4);
}

static void what_does_not_converge_says_so(void)
{
  network w = make(32, 32, 10.0);
  mpp_multigrid_result r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 2);
  CU_ASSERT(!r.converged && r.iterations == 2 && r.residual > 1e-6);
  CU_ASSERT_DOUBLE_EQUAL(residual_of(&w), r.residual, 1e-13); /* rounding */
  w.b[77] = NAN;
  r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 60);
  CU_ASSERT(!r.converged);
  drop(&w);
}

static void no_source_gives_no_potential(void)
{
  network w = make(9, 9, 10.0);
  for (size_t i = 0; i < 81; i++) {
    w.b[i] = 0.0;
    w.u[i] = 1.0;
  }
  const mpp_multigrid_result r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 60);
  CU_ASSERT(r.converged && r.residual == 0.0);
  for (size_t i = 0; i < 81; i++) { CU_ASSERT_EQUAL(w.u[i], 0.0); }
  drop(&w);
}

/* A grid that is worth three threads. */
static void threads_change_no_bits(void)
{
  const size_t count = (size_t)256 * 200;
  network w = make(256, 200, 10.0);
  double *one = NULL;
  REQUIRE_OK(MPP_ALLOC(&one, count));
  for (int threads = 1; threads <= 3; threads++) {
    mpp_set_threads(threads);
    const mpp_multigrid_result r = mpp_multigrid_solve(w.solver, w.u, w.b, 1e-10, 60);
    CU_ASSERT(r.converged);
    if (threads == 1) {
      memcpy(one, w.u, count * sizeof *one);
    }
    CU_ASSERT_EQUAL(memcmp(one, w.u, count * sizeof *one), 0);
  }
  mpp_set_threads(0);
  mpp_free(one);
  drop(&w);
}

static void memory_that_is_not_there_leaves_nothing_behind(void)
{
  mpp_multigrid *m = NULL;
  test_faults faults = {0};
  while (test_faults_next(&faults)) {
    const mpp_status st = TEST_FAULT(&faults, mpp_multigrid_create(&m, 8, 8));
    CU_ASSERT_EQUAL(st, m != NULL ? MPP_OK : MPP_ERR_NOMEM);
    mpp_multigrid_destroy(m);
    m = NULL;
  }
  ASSERT_STATUS(mpp_multigrid_create(&m, 0, 8), MPP_ERR_INTERNAL);
}

TESTS({"the solution solves the network", the_solution_solves_the_network},
      {"iterations do not grow with the grid", iterations_do_not_grow_with_the_grid},
      {"what does not converge says so", what_does_not_converge_says_so},
      {"no source gives no potential", no_source_gives_no_potential},
      {"threads change no bits", threads_change_no_bits},
      {"memory that is not there leaves nothing behind",
       memory_that_is_not_there_leaves_nothing_behind})
