#include "cns.h"
#include "cns_exact.h"
#include "cns_scheme.h"
#include "h5.h"
#include "mpp/threads.h"
#include "test.h"

typedef struct box {
  mpp_pde_setup setup;
  mpp_cns_scheme s;
  double *u;
  size_t n, cells, count;
} box;

static void open_box(box *b, int dims, size_t n, mpp_edge edge, double gamma, double eta)
{
  *b = (box){.n = n, .cells = 1};
  for (int a = 0; a < 3; a++) {
    const bool used = a >= 3 - dims;
    b->setup.grid.n[a] = used ? n : 1;
    b->setup.grid.dx[a] = used ? 1.0 / (double)n : 1.0;
    b->setup.edge[a] = edge;
    b->cells *= b->setup.grid.n[a];
  }
  b->count = ((size_t)dims + 2) * b->cells;
  b->setup.param[MPP_CNS_GAMMA] = gamma;
  b->setup.param[MPP_CNS_ETA] = eta;
  REQUIRE_OK(mpp_cns_scheme_create(&b->s, &b->setup, 0.5));
  REQUIRE_OK(MPP_ALLOC(&b->u, b->count));
}

static void close_box(box *b)
{
  mpp_cns_scheme_free(&b->s);
  mpp_free(b->u);
}

static bool run(box *b, double t)
{
  mpp_cns_scheme_start(&b->s, b->u);
  return mpp_cns_scheme_advance(&b->s, b->u, t);
}

static void put(box *b, size_t cell, const double *q)
{
  for (size_t f = 0; f < b->count / b->cells; f++) { b->u[f * b->cells + cell] = q[f]; }
}

static double *reference(const char *path, size_t rows, size_t columns)
{
  double *x = NULL;
  hid_t file = -1;
  REQUIRE_OK(MPP_ALLOC(&x, rows * columns));
  REQUIRE_OK(mpp_h5_init());
  REQUIRE_OK(mpp_h5_open(&file, MPP_TEST_DATA "/pdes/pyro2_euler.h5"));
  REQUIRE_OK(mpp_h5_read_f64(x, file, "pyro2", path, (const size_t[]){0, 0},
                             (const size_t[]){rows, columns}));
  mpp_h5_close(file);
  return x;
}

/* Another program's solution (MUSCL-Hancock with corner transport, twice the cells): four shocks
 * that meet, jets at their corner. Where the two differ is at shocks, by about a cell. */
static void four_shocks_meet_as_in_pyro2(void)
{
  enum { N = 128 };
  const size_t n = N, cells = n * n;
  static const double quadrant[4][4] = {
      /* by 2 (x > 0.8) + (y > 0.8) */
      {1.206045378311055, 1.206045378311055, 0.137992831541219, 0.029032258064516},
      {1.206045378311055, 0.0, 0.532258064516129, 0.3},
      {0.0, 1.206045378311055, 0.532258064516129, 0.3},
      {0.0, 0.0, 1.4, 1.5}};
  box b;
  double *expected = reference("quadrants/density", N, N), sum = 0.0;
  size_t asymmetric = 0;
  open_box(&b, 2, N, MPP_EDGE_OPEN, 1.4, 0.0);
  for (size_t i = 0; i < cells; i++) {
    const size_t row = i / n, column = i % n;
    const bool x = ((double)row + 0.5) / (double)n > 0.8,
               y = ((double)column + 0.5) / (double)n > 0.8;
    put(&b, i, quadrant[2 * x + y]);
  }
  mpp_set_threads(1);
  CU_ASSERT(run(&b, 0.8));
  mpp_set_threads(0);
  for (size_t i = 0; i < cells; i++) {
    const double difference = fabs(b.u[2 * cells + i] - expected[i]);
    sum += difference / (double)cells;
    asymmetric += b.u[2 * cells + i] != b.u[2 * cells + i % n * n + i / n];
  }
  CU_ASSERT(sum < 0.03 * 0.889);  /* 0.026 measured; 0.0073 on 256 x 256 */
  CU_ASSERT_EQUAL(asymmetric, 0); /* unsplit: x and y are exchanged to the last bit */
  CU_ASSERT(b.s.least[0] > 0.13 && b.s.least[1] > 0.029);
  close_box(&b);
  mpp_free(expected);
}

/* Not farther from the exact solution than another program of the same order. */
static void sods_tube_is_as_near_as_pyro2s(void)
{
  enum { N = 128 };
  const mpp_gas_point left = {1.0, 0.0, 1.0}, right = {0.125, 0.0, 0.1};
  box b;
  double *other = reference("sod/density", N, 1), own_error = 0.0, other_error = 0.0;
  open_box(&b, 1, N, MPP_EDGE_OPEN, 1.4, 0.0);
  for (size_t i = 0; i < N; i++) {
    put(&b, i, i < N / 2 ? (const double[]){0.0, 1.0, 1.0} : (const double[]){0.0, 0.125, 0.1});
  }
  CU_ASSERT(run(&b, 0.2));
  for (size_t i = 0; i < N; i++) {
    const double x = ((double)i + 0.5) / N - 0.5;
    const double exact = mpp_gas_riemann(left, right, 1.4, x / 0.2).density;
    own_error += fabs(b.u[N + i] - exact) / N;
    other_error += fabs(other[i] - exact) / N;
  }
  CU_ASSERT(own_error < other_error);
  CU_ASSERT(own_error > 1e-4);
  close_box(&b);
  mpp_free(other);
}

static void a_contact_at_rest_stays_to_the_last_bit(void)
{
  box b;
  size_t changed = 0;
  open_box(&b, 1, 64, MPP_EDGE_OPEN, 5.0 / 3, 0.0);
  for (size_t i = 0; i < 64; i++) { put(&b, i, (const double[]){0.0, i < 32 ? 1.4 : 1.0, 1.0}); }
  CU_ASSERT(run(&b, 2.0));
  for (size_t i = 0; i < 64; i++) {
    changed += b.u[i] != 0.0 || fabs(b.u[64 + i] - (i < 32 ? 1.4 : 1.0)) > 0.0;
    CU_ASSERT_DOUBLE_EQUAL(b.u[128 + i], 1.0, 1e-13); /* energy and back, each step */
  }
  CU_ASSERT_EQUAL(changed, 0);
  close_box(&b);
}

/* Gas that parts at Mach 20 in a periodic box and meets itself: near vacuum, then strong shocks. */
static void near_vacuum_is_survived_without_loss(void)
{
  box b;
  double mass[2] = {0.0, 0.0}, energy[2] = {0.0, 0.0};
  enum { N = 48, CELLS = N * N };
  const size_t cells = CELLS;
  open_box(&b, 2, N, MPP_EDGE_PERIODIC, 5.0 / 3, 0.0);
  for (size_t i = 0; i < CELLS; i++) {
    const size_t x = i / N, y = i % N;
    const double vx = x < N / 2 ? -6.0 : 6.0, vy = y < N / 2 ? 4.0 : -4.0;
    put(&b, i, (const double[]){vx, vy, (x / 5 + y / 7) % 2 == 0 ? 1.0 : 1e-3, 0.05});
  }
  for (int pass = 0; pass < 2; pass++) {
    for (size_t i = 0; i < CELLS; i++) {
      const double *q = b.u + i;
      mass[pass] += q[2 * cells];
      energy[pass] += q[3 * cells] * 1.5 + 0.5 * q[2 * cells] * (q[0] * q[0] + q[cells] * q[cells]);
    }
    if (pass == 0) {
      CU_ASSERT(run(&b, 0.2));
    }
  }
  CU_ASSERT(b.s.repaired > 0.0); /* this is what it is for */
  CU_ASSERT(b.s.least[0] > 0.0 && b.s.least[1] > 0.0);
  CU_ASSERT_DOUBLE_EQUAL(mass[1] / mass[0], 1.0, 1e-12); /* roundings of some hundred steps */
  CU_ASSERT_DOUBLE_EQUAL(energy[1] / energy[0], 1.0, 1e-12);
  close_box(&b);
}

/* Sound in a box with walls, viscous too: nothing leaves. */
static void walls_keep_mass_and_energy(void)
{
  for (int viscous = 0; viscous < 2; viscous++) {
    box b;
    double mass[2] = {0.0, 0.0}, energy[2] = {0.0, 0.0};
    enum { N = 10, CELLS = N * N * N };
    const size_t cells = CELLS;
    open_box(&b, 3, N, MPP_EDGE_WALL, 5.0 / 3, viscous != 0 ? 0.05 : 0.0);
    for (size_t i = 0; i < CELLS; i++) {
      const size_t sum = i % N + 2 * (i / N % N) + 3 * (i / N / N);
      const double r = (double)sum / (6.0 * N);
      put(&b, i, (const double[]){0.3 - r, r, 0.2, 1.0 + r, 2.0 - r});
    }
    for (int pass = 0; pass < 2; pass++) {
      for (size_t i = 0; i < CELLS; i++) {
        const double *q = b.u + i;
        double square = 0.0;
        for (size_t f = 0; f < 3; f++) { square += q[f * cells] * q[f * cells]; }
        mass[pass] += q[3 * cells];
        energy[pass] += q[4 * cells] * 1.5 + 0.5 * q[3 * cells] * square;
      }
      if (pass == 0) {
        CU_ASSERT(run(&b, 1.0));
      }
    }
    CU_ASSERT_DOUBLE_EQUAL(mass[1] / mass[0], 1.0, 1e-13);
    CU_ASSERT_DOUBLE_EQUAL(energy[1] / energy[0], 1.0, 1e-13);
    CU_ASSERT((b.s.viscous.passes > 0) == (viscous != 0));
    close_box(&b);
  }
}

/* Motion that starts suddenly needs shorter steps than the gas at rest allows for. */
static void steps_that_are_too_long_are_taken_back(void)
{
  box b;
  open_box(&b, 1, 64, MPP_EDGE_OPEN, 1.4, 1e-3);
  for (size_t i = 0; i < 64; i++) { put(&b, i, (const double[]){0.0, 1.0, i < 32 ? 1e4 : 1e-3}); }
  mpp_cns_scheme_start(&b.s, b.u);
  b.s.rate *= 1e-3; /* as if nothing were known of the pressure */
  CU_ASSERT(mpp_cns_scheme_advance(&b.s, b.u, 1e-3));
  CU_ASSERT(b.s.rejected >= 1 && b.s.rejected < 10);
  for (size_t i = 0; i < 192; i++) { CU_ASSERT(isfinite(b.u[i])); }
  close_box(&b);
}

static void what_cannot_be_computed_stops_the_run(void)
{
  static const double bad[] = {-1.0, NAN, HUGE_VAL};
  for (int k = 0; k < 3; k++) {
    for (int viscous = 0; viscous < 2; viscous++) {
      box b;
      open_box(&b, 2, 16, MPP_EDGE_PERIODIC, 1.4, 0.01 * viscous);
      for (size_t i = 0; i < 256; i++) {
        put(&b, i, (const double[]){0.1, 0.0, 1.0, i == 100 ? bad[k] : 1.0});
      }
      CU_ASSERT_FALSE(run(&b, 0.1));
      CU_ASSERT(!(b.u[3 * 256 + 100] > 0.0 && b.u[3 * 256 + 100] < HUGE_VAL));
      for (size_t i = 0; i < 256; i++) { put(&b, i, (const double[]){0.1, 0.0, 1.0, 1.0}); }
      CU_ASSERT(run(&b, 0.1)); /* the next trajectory is not harmed */
      CU_ASSERT_DOUBLE_EQUAL(b.s.t, 0.1, 0.0);
      close_box(&b);
    }
  }
}

static void lack_of_memory_leaves_nothing(void)
{
  box b;
  open_box(&b, 2, 16, MPP_EDGE_PERIODIC, 1.4, 0.01);
  const long live = mpp_alloc_live();
  for (long k = 0; k < 8; k++) {
    mpp_cns_scheme s;
    mpp_fault_after(k);
    ASSERT_STATUS(mpp_cns_scheme_create(&s, &b.setup, 0.5), MPP_ERR_NOMEM);
    mpp_fault_after(-1);
    CU_ASSERT_EQUAL(mpp_alloc_live(), live);
  }
  close_box(&b);
}

TESTS({"four shocks meet as in pyro2", four_shocks_meet_as_in_pyro2},
      {"Sod's tube is as near as pyro2's", sods_tube_is_as_near_as_pyro2s},
      {"a contact at rest stays to the last bit", a_contact_at_rest_stays_to_the_last_bit},
      {"near vacuum is survived without loss", near_vacuum_is_survived_without_loss},
      {"walls keep mass and energy", walls_keep_mass_and_energy},
      {"steps that are too long are taken back", steps_that_are_too_long_are_taken_back},
      {"what cannot be computed stops the run", what_cannot_be_computed_stops_the_run},
      {"lack of memory leaves nothing", lack_of_memory_leaves_nothing})
