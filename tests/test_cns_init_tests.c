#include "cns_setup.h"
#include "test.h"

/* Sums over the cells of density, momentum along axis c and energy, times their volume. */
static void totals(double total[3], const double *u, const mpp_pde_setup *s, size_t c)
{
  const size_t cells = cns_cells(s), dims = (size_t)mpp_cns_dims(s);
  const double volume = s->grid.dx[0] * s->grid.dx[1] * s->grid.dx[2];
  total[0] = total[1] = total[2] = 0.0;
  for (size_t i = 0; i < cells; i++) {
    const double rho = u[dims * cells + i];
    double square = 0.0;
    for (size_t a = 0; a < dims; a++) { square += u[a * cells + i] * u[a * cells + i]; }
    total[0] += volume * rho;
    total[1] += volume * rho * u[c * cells + i];
    total[2] += volume * (1.5 * u[(dims + 1) * cells + i] + 0.5 * rho * square);
  }
}

static double *initial(const mpp_pde_setup *s)
{
  double *u = NULL;
  REQUIRE_OK(MPP_ALLOC(&u, ((size_t)mpp_cns_dims(s) + 2) * cns_cells(s)));
  REQUIRE_OK(mpp_cns_init(u, s, 0));
  return u;
}

static mpp_pde_setup tube(size_t cells, int test, bool compat)
{
  mpp_pde_setup s = cns_setup(1, cells, MPP_CNS_1D_RIEMANN, compat, 0);
  s.grid.low[2] = 0.0;
  s.grid.dx[2] = 1.0 / (double)cells;
  s.param[MPP_CNS_TEST] = test;
  return s;
}

static void the_shock_tubes_have_the_published_states(void)
{
  static const double sound[7][6] = {{1.0, 0.75, 1.0, 0.125, 0.0, 0.1},
                                     {1.0, -2.0, 0.4, 1.0, 2.0, 0.4},
                                     {1.0, 0.0, 1000.0, 1.0, 0.0, 0.01},
                                     {5.99924, 19.5975, 460.894, 5.99242, -6.19633, 46.095},
                                     {1.0, -19.59745, 1000.0, 1.0, -19.59745, 0.01},
                                     {1.4, 0.0, 1.0, 1.0, 0.0, 1.0},
                                     {1.4, 0.1, 1.0, 1.0, 0.1, 1.0}};
  static const double jump[7] = {0.3, 0.5, 0.5, 0.4, 0.8, 0.5, 0.5};
  const size_t n = 1024;
  for (int test = 1; test <= 7; test++) {
    const mpp_pde_setup s = tube(n, test, true);
    double *u = initial(&s);
    const double *expected = sound[test - 1];
    int wrong = 0;
    for (size_t i = 0; i < n; i++) {
      const int right = ((double)i + 0.5) / (double)n < jump[test - 1] ? 0 : 3;
      wrong += u[n + i] != expected[right];
      wrong += u[i] != expected[right + 1];
      wrong += u[2 * n + i] != expected[right + 2];
    }
    CU_ASSERT_EQUAL(wrong, 0);
    mpp_free(u);
  }
}

/* A jump inside a cell: the integrals are those of the exact position. */
static void jumps_lie_at_the_same_place_on_any_grid(void)
{
  const size_t cells[] = {8, 33, 100};
  for (int k = 0; k < 3; k++) {
    const mpp_pde_setup s = tube(cells[k], 4, false);
    const double a = 0.4, b = 0.6;
    double total[3], *u = initial(&s);
    totals(total, u, &s, 0);
    const double left = 1.5 * 460.894 + 0.5 * 5.99924 * 19.5975 * 19.5975;
    const double right = 1.5 * 46.095 + 0.5 * 5.99242 * 6.19633 * 6.19633;
    CU_ASSERT_DOUBLE_EQUAL(total[0], a * 5.99924 + b * 5.99242,
                           1e-12); /* rounding, here and below */
    CU_ASSERT_DOUBLE_EQUAL(total[1], a * 5.99924 * 19.5975 - b * 5.99242 * 6.19633, 1e-10);
    CU_ASSERT_DOUBLE_EQUAL(total[2], a * left + b * right, 1e-9);
    mpp_free(u);
  }
}

static void four_states_meet_in_the_middle(void)
{
  for (int k = 0; k < 4; k++) {
    const size_t n = k < 2 ? 16 : 17;
    const mpp_pde_setup s = cns_setup(2, n, MPP_CNS_2D_SHOCK, k % 2 == 1, 0);
    const size_t cells = n * n, last = n - 1;
    double total[3], *u = initial(&s);
    const double *vx = u, *vy = u + cells, *rho = u + 2 * cells, *p = u + 3 * cells;
    CU_ASSERT(rho[0] == 0.5 && p[0] == 0.1 && vx[0] == 0.0 && vy[0] == 0.0);
    CU_ASSERT(rho[last] == 0.1 && p[last] == 1.0 && vx[last] == 1.0 && vy[last] == 0.0);
    CU_ASSERT(rho[last * n] == 0.1 && p[last * n] == 1.0 && vx[last * n] == 0.0 &&
              vy[last * n] == 1.0);
    CU_ASSERT(rho[cells - 1] == 0.1 && p[cells - 1] == 0.01);
    totals(total, u, &s, 0);
    if (k % 2 == 0) { /* four quarters, on odd grids too */
      CU_ASSERT_DOUBLE_EQUAL(total[0], 0.25 * 0.8, 1e-14);
      CU_ASSERT_DOUBLE_EQUAL(total[1], 0.25 * 0.1, 1e-14);
      CU_ASSERT_DOUBLE_EQUAL(total[2], 0.25 * (1.5 * 2.11 + 0.1), 1e-14);
    }
    mpp_free(u);
  }
}

static mpp_pde_setup streams(size_t n, double dk, double mach, bool compat)
{
  mpp_pde_setup s = cns_setup(2, n, MPP_CNS_2D_KELVIN_HELMHOLTZ, compat, 0);
  s.param[MPP_CNS_KH_DK] = dk;
  s.param[MPP_CNS_KH_K] = 4.0;
  s.param[MPP_CNS_M] = mach;
  return s;
}

static void streams_pass_each_other_along_a_wave(void)
{
  const size_t n = 64, cells = n * n;
  const mpp_pde_setup s = streams(n, 5.0, 0.2, false);
  double *u = initial(&s);
  const double *rho = u + 2 * cells, *p = rho + cells;
  for (size_t i = 0; i < n; i++) {
    CU_ASSERT(u[i * n] == -1.0 && u[i * n + n - 1] == 1.0);
    CU_ASSERT(rho[i * n] == 10.0 / 6.0 && rho[i * n + n - 1] == 2.0 / 6.0);
    CU_ASSERT_DOUBLE_EQUAL(p[i * n], 25.0 * 0.6, 1e-12); /* c = 5 at the mean density 1 */
    const double mean = cns_mean(rho + i * n, n);
    const double height = 0.5 + 0.005 * sin(8.0 * M_PI * ((double)i + 0.5) / 64.0);
    /* the interface cuts one cell of a column, which knows where: densities give its height */
    CU_ASSERT_DOUBLE_EQUAL((mean - 2.0 / 6.0) / (8.0 / 6.0), height, 1e-12);
  }
  for (size_t i = 0; i < cells; i++) { CU_ASSERT(u[cells + i] == 0.0); }
  mpp_free(u);
}

static void released_streams_have_a_sharp_interface(void)
{
  const size_t n = 64, cells = n * n;
  const mpp_pde_setup s = streams(n, 1.0, 0.1, true);
  double *u = initial(&s);
  for (size_t i = 0; i < cells; i++) { CU_ASSERT(fabs(u[i]) == 1.0 && u[2 * cells + i] == 1.0); }
  mpp_free(u);
}

static void the_vortex_is_orszags_and_tangs(void)
{
  const size_t n = 12, cells = n * n;
  const mpp_pde_setup s = cns_setup(2, n, MPP_CNS_2D_ORSZAG_TANG, false, 0);
  double *u = initial(&s);
  for (size_t i = 0; i < cells; i++) {
    const size_t row = i / n;
    const double x = ((double)row + 0.5) / 12.0, y = ((double)(i % n) + 0.5) / 12.0;
    CU_ASSERT_DOUBLE_EQUAL(u[i], -sin(2.0 * M_PI * y), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(u[cells + i], sin(2.0 * M_PI * x), 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(u[2 * cells + i], 25.0 / 9.0, 1e-15);
    CU_ASSERT_DOUBLE_EQUAL(u[3 * cells + i], 5.0 / 3.0, 1e-15);
  }
  mpp_free(u);
}

static mpp_pde_setup blast(size_t n, bool compat)
{
  mpp_pde_setup s = cns_setup(3, n, MPP_CNS_3D_BLAST, compat, 0);
  for (int a = 0; a < 3; a++) {
    s.grid.low[a] = -1.0;
    s.grid.dx[a] = 2.0 / (double)n;
  }
  s.param[MPP_CNS_BLAST_RADIUS] = 0.05;
  s.param[MPP_CNS_BLAST_PRESSURE] = 100.0;
  return s;
}

/* 1.5 times the pressures; the cells' own points find the volume of the ball to some per cent. */
static void a_blast_has_the_same_energy_on_any_grid(void)
{
  const double ball = 4.0 / 3.0 * M_PI * 0.001, expected = 1.5 * (0.1 * 8.0 + 99.9 * ball);
  const size_t cells[] = {8, 33, 40};
  for (int k = 0; k < 3; k++) {
    const mpp_pde_setup s = blast(cells[k], false);
    double total[3], *u = initial(&s);
    totals(total, u, &s, 0);
    CU_ASSERT_DOUBLE_EQUAL(total[0], 8.0, 1e-9); /* rounding of 64 000 terms */
    CU_ASSERT_DOUBLE_EQUAL(total[2] / expected, 1.0, 0.03);
    mpp_free(u);
  }
}

static void a_released_blast_takes_the_cells_whose_centre_is_inside(void)
{
  const size_t n = 40, cells = n * n * n;
  const mpp_pde_setup s = blast(n, true);
  double *u = initial(&s);
  int wrong = 0;
  for (size_t i = 0; i < cells; i++) {
    const size_t plane = i / n / n, row = i / n % n;
    const double x = ((double)plane + 0.5) / 20.0 - 1.0;
    const double y = ((double)row + 0.5) / 20.0 - 1.0;
    const double z = ((double)(i % n) + 0.5) / 20.0 - 1.0;
    wrong += u[4 * cells + i] != (x * x + y * y + z * z < 0.01 ? 100.0 : 0.1);
  }
  CU_ASSERT_EQUAL(wrong, 0);
  mpp_free(u);
}

TESTS({"the shock tubes have the published states", the_shock_tubes_have_the_published_states},
      {"jumps lie at the same place on any grid", jumps_lie_at_the_same_place_on_any_grid},
      {"four states meet in the middle", four_states_meet_in_the_middle},
      {"streams pass each other along a wave", streams_pass_each_other_along_a_wave},
      {"released streams have a sharp interface", released_streams_have_a_sharp_interface},
      {"the vortex is Orszag's and Tang's", the_vortex_is_orszags_and_tangs},
      {"a blast has the same energy on any grid", a_blast_has_the_same_energy_on_any_grid},
      {"a released blast takes the cells whose centre is inside",
       a_released_blast_takes_the_cells_whose_centre_is_inside})
