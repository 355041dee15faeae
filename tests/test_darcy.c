#include "test.h"
#include "trajectory.h"

static mpp_generate_options options_of(long resolution)
{
  return (mpp_generate_options){.samples = 1, .resolution = resolution};
}

static void open_of(mpp_trajectory *t, mpp_pde_case *c, const mpp_generate_options *o,
                    uint64_t sample)
{
  REQUIRE_OK(mpp_pde_case_make(c, &mpp_pde_darcy, o));
  REQUIRE_OK(mpp_trajectory_open(t, c));
  REQUIRE_OK(mpp_trajectory_init(t, sample));
}

/* u = 1 everywhere: the largest value is that of the series, which page after page quotes. */
static void the_uniform_medium_has_the_known_maximum(void)
{
  mpp_generate_options o = options_of(129); /* a cell at the centre */
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o, 0);
  for (size_t i = 0; i < c.cells; i++) { t.u[c.cells + i] = 2.0; }
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  /* (dx^2 / 12) times fourth derivatives of order 1 */
  CU_ASSERT_DOUBLE_EQUAL(t.u[c.cells / 2], 0.0736713513 / 2.0, 1e-5);
  CU_ASSERT(t.run->least[0] > 0.0);
  mpp_trajectory_close(&t);
}

/* What flows out through the walls is what the source gives. */
static void the_walls_carry_off_the_source(void)
{
  mpp_generate_options o = options_of(48);
  o.set = (mpp_text_list){.count = 1, .item = {"beta=2.5"}};
  for (uint64_t sample = 0; sample < 4; sample++) {
    const size_t n = 48;
    mpp_pde_case c;
    mpp_trajectory t;
    double out = 0.0;
    open_of(&t, &c, &o, sample);
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    const double *u = t.u, *a = t.u + c.cells;
    for (size_t i = 0; i < n; i++) {
      const size_t edge[4] = {i, (n - 1) * n + i, i * n, i * n + n - 1};
      for (int k = 0; k < 4; k++) { out += 2.0 * a[edge[k]] * u[edge[k]]; }
    }
    CU_ASSERT_DOUBLE_EQUAL(out / 2.5, 1.0, 1e-9); /* residual 1e-12 over 48^2 cells */
    mpp_trajectory_close(&t);
  }
}

/* Twice the source, twice the pressure: nothing of the start stays. */
static void pressure_is_proportional_to_the_source(void)
{
  double largest[2];
  for (int k = 0; k < 2; k++) {
    mpp_generate_options o = options_of(32);
    mpp_pde_case c;
    mpp_trajectory t;
    o.set = (mpp_text_list){.count = 1, .item = {"beta=0.01"}};
    snprintf(o.set.item[0], sizeof o.set.item[0], "beta=%g", k == 0 ? 0.01 : 100.0);
    open_of(&t, &c, &o, 1);
    mpp_trajectory_integrate(&t);
    largest[k] = 0.0;
    for (size_t i = 0; i < c.cells; i++) { largest[k] = fmax(largest[k], t.u[i]); }
    mpp_trajectory_close(&t);
  }
  CU_ASSERT_DOUBLE_EQUAL(largest[1] / largest[0], 1e4, 1e-5); /* twice the tolerance */
}

/* ---- as released ---- */

/* u of a sample with --pdebench-compat, and of the same permeability after a long time. */
static void march(mpp_trajectory *t, mpp_pde_case *c, const char *beta, double horizon,
                  uint64_t sample)
{
  mpp_generate_options o = options_of(24);
  o.pdebench_compat = true;
  o.horizon = horizon;
  o.set = (mpp_text_list){.count = 1};
  snprintf(o.set.item[0], sizeof o.set.item[0], "beta=%s", beta);
  open_of(t, c, &o, sample);
  mpp_trajectory_integrate(t);
  ASSERT_OK(mpp_trajectory_check(t));
}

static double largest_of(const mpp_trajectory *t, size_t cells)
{
  double largest = 0.0;
  for (size_t i = 0; i < cells; i++) { largest = fmax(largest, t->u[i]); }
  return largest;
}

/* Not steady: some per cent above with beta = 1; with beta = 0.01 what is left of the start is
 * larger than the solution in many samples. */
static void released_solutions_are_transients(void)
{
  for (int k = 0; k < 2; k++) {
    double excess = 0.0;
    for (uint64_t sample = 0; sample < 20; sample++) {
      mpp_pde_case c;
      mpp_trajectory early, late;
      march(&early, &c, k == 0 ? "1" : "0.01", 1.75, sample);
      march(&late, &c, k == 0 ? "1" : "0.01", 30.0, sample);
      excess += (largest_of(&early, c.cells) / largest_of(&late, c.cells) - 1.0) / 20.0;
      mpp_trajectory_close(&early);
      mpp_trajectory_close(&late);
    }
    CU_ASSERT(k == 0 ? excess > 0.005 && excess < 0.15 : excess > 0.5 && excess < 15.0);
  }
}

/* The wall is half a cell outside and faces have arithmetic means: a uniform medium is then the
 * exact problem on a square that is one cell wider, (26/25)^2 times the maximum. */
static void released_walls_lie_half_a_cell_outside(void)
{
  mpp_generate_options o = options_of(25);
  mpp_pde_case c;
  mpp_trajectory t;
  o.pdebench_compat = true;
  o.horizon = 5.0;
  open_of(&t, &c, &o, 0);
  for (size_t i = 0; i < c.cells; i++) { t.u[c.cells + i] = 1.0; }
  mpp_trajectory_integrate(&t);
  /* (dx^2 / 12) times fourth derivatives of order 1 */
  CU_ASSERT_DOUBLE_EQUAL(t.u[c.cells / 2], 0.0736713513 * (26.0 / 25.0) * (26.0 / 25.0), 2e-4);
  mpp_trajectory_close(&t);
}

/* ---- our own samples ---- */

/* 200 samples: both media take their share, and the pressure stays between the bounds of the two
 * uniform media. */
static void samples_keep_the_maximum_principle(void)
{
  mpp_generate_options o = options_of(24);
  mpp_pde_case c;
  mpp_trajectory t;
  double share = 0.0;
  open_of(&t, &c, &o, 0);
  for (uint64_t sample = 0; sample < 200; sample++) {
    double largest = 0.0;
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    for (size_t i = 0; i < c.cells; i++) {
      largest = fmax(largest, t.u[i]);
      share += t.u[c.cells + i] == 1.0 ? 1.0 / (200.0 * (double)c.cells) : 0.0;
    }
    CU_ASSERT(t.run->least[0] > 0.0 && largest > 0.073 && largest < 0.738);
  }
  CU_ASSERT(share > 0.3 && share < 0.6);
  mpp_trajectory_close(&t);
}

/* A tolerance below what float64 resolves is met to rounding; a permeability that is not finite is
 * an error that names the cell. */
static void failure_is_reported(void)
{
  mpp_generate_options o = options_of(16);
  mpp_pde_case c;
  mpp_trajectory t;
  open_of(&t, &c, &o, 3);
  t.u[c.cells + 87] = NAN;
  mpp_trajectory_integrate(&t);
  CU_ASSERT(t.diverged);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  mpp_trajectory_close(&t);
  o.resolution = 256;
  o.set = (mpp_text_list){.count = 1, .item = {"tolerance=1e-14"}};
  open_of(&t, &c, &o, 3);
  mpp_trajectory_integrate(&t);
  ASSERT_OK(mpp_trajectory_check(&t));
  mpp_trajectory_close(&t);
}

TESTS({"the uniform medium has the known maximum", the_uniform_medium_has_the_known_maximum},
      {"the walls carry off the source", the_walls_carry_off_the_source},
      {"pressure is proportional to the source", pressure_is_proportional_to_the_source},
      {"released solutions are transients", released_solutions_are_transients},
      {"released walls lie half a cell outside", released_walls_lie_half_a_cell_outside},
      {"samples keep the maximum principle", samples_keep_the_maximum_principle},
      {"failure is reported", failure_is_reported})
