#include "cns.h"
#include "mpp/threads.h"
#include "test.h"
#include "trajectory.h"

static const char *const systems[] = {"cns-1d", "cns-2d", "cns-3d"};

static mpp_pde_case case_of(const char *name, long resolution, const char *setting,
                            const char *boundary)
{
  mpp_generate_options o = {.samples = 1, .resolution = resolution, .frames = 3};
  mpp_pde_case c;
  snprintf(o.boundary, sizeof o.boundary, "%s", boundary);
  if (setting[0] != '\0') {
    snprintf(o.set.item[o.set.count++], MPP_TEXT_MAX, "%s", setting);
  }
  REQUIRE_OK(mpp_pde_case_make(&c, mpp_pde_find(name), &o));
  return c;
}

static void tables_are_in_the_order_of_their_names(void)
{
  for (int k = 0; k < 3; k++) {
    const mpp_pde_param *p = mpp_pde_find(systems[k])->params;
    CU_ASSERT_STRING_EQUAL(p[MPP_CNS_GAMMA].name, "gamma");
    CU_ASSERT_STRING_EQUAL(p[MPP_CNS_ETA].name, "eta");
    CU_ASSERT_STRING_EQUAL(p[MPP_CNS_ZETA].name, "zeta");
    CU_ASSERT_STRING_EQUAL(p[MPP_CNS_VISCOSITY].name, "viscosity");
    CU_ASSERT_STRING_EQUAL(p[MPP_CNS_WINDOW].name, "window");
    CU_ASSERT_STRING_EQUAL(p[k == 0 ? MPP_CNS_TEST : MPP_CNS_M].name, k == 0 ? "test" : "M");
  }
  CU_ASSERT_STRING_EQUAL(mpp_pde_find("cns-2d")->params[MPP_CNS_KH_K].name, "k");
  CU_ASSERT_STRING_EQUAL(mpp_pde_find("cns-3d")->params[MPP_CNS_BLAST_PRESSURE].name,
                         "blast_pressure");
}

static void domains_follow_the_initial_condition(void)
{
  const mpp_pde_case line = case_of("cns-1d", 32, "", "");
  const mpp_pde_case tube = case_of("cns-1d", 32, "initial=riemann", "");
  const mpp_pde_case cube = case_of("cns-3d", 8, "", "");
  const mpp_pde_case blast = case_of("cns-3d", 8, "initial=blast", "");
  CU_ASSERT(line.setup.grid.low[2] == -1.0 && line.setup.grid.dx[2] == 2.0 / 32);
  CU_ASSERT(tube.setup.grid.low[2] == 0.0 && tube.setup.grid.dx[2] == 1.0 / 32);
  CU_ASSERT(cube.setup.grid.low[0] == 0.0 && cube.setup.grid.dx[0] == 1.0 / 8);
  CU_ASSERT(blast.setup.grid.low[1] == -1.0 && blast.setup.grid.dx[1] == 2.0 / 8);
}

/* Density 2, velocity (1, -3), pressure 0.6 on the unit square; gamma = 5/3. */
static void conserved_quantities_are_those_of_the_edges(void)
{
  static const struct {
    const char *boundary;
    size_t count;
  } edges[] = {{"periodic", 4}, {"x=periodic,y=wall", 3}, {"x=wall,y=periodic", 2},
               {"wall", 2},     {"x=periodic,y=open", 0}, {"open", 0}};
  const double q[4] = {1.0, -3.0, 2.0, 0.6};
  const double expected[4] = {2.0, 0.9 + 10.0, 2.0, -6.0};
  double u[4 * 64], value[5], size[5];
  for (size_t i = 0; i < sizeof u / sizeof *u; i++) { u[i] = q[i / 64]; }
  for (size_t k = 0; k < sizeof edges / sizeof edges[0]; k++) {
    const mpp_pde_case c = case_of("cns-2d", 8, "", edges[k].boundary);
    CU_ASSERT_EQUAL(c.pde->conserve(value, size, u, &c.setup), edges[k].count);
    for (size_t i = 0; i < edges[k].count; i++) {
      CU_ASSERT_DOUBLE_EQUAL(value[i], expected[i], 1e-13); /* rounding of sums */
      CU_ASSERT(size[i] >= fabs(value[i]) - 1e-13);
    }
  }
}

static void a_failure_names_the_field_and_the_cell(void)
{
  const mpp_pde_case c = case_of("cns-2d", 8, "", "");
  mpp_trajectory t;
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  REQUIRE_OK(mpp_trajectory_init(&t, 5));
  t.u[3 * 64 + 21] = -1.0;
  mpp_trajectory_integrate(&t);
  ASSERT_STATUS(mpp_trajectory_check(&t), MPP_ERR_DIVERGED);
  ASSERT_MESSAGE("sample 5: the solution diverged at t = 0: pressure in cell (x 2, y 5): found -1");
  mpp_trajectory_close(&t);
}

/* Some samples of a published set on a coarse grid, over its whole horizon. */
static void stays_bounded(const mpp_pde *pde, const mpp_pde_preset *p, long resolution)
{
  mpp_generate_options o = {.samples = 4, .resolution = resolution, .frames = 3};
  mpp_pde_case c;
  mpp_trajectory t;
  snprintf(o.preset, sizeof o.preset, "%s", p->name);
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  REQUIRE_OK(mpp_trajectory_open(&t, &c));
  for (uint64_t sample = 0; sample < (p->samples > 1 ? 4 : 1); sample++) {
    REQUIRE_OK(mpp_trajectory_init(&t, sample));
    mpp_trajectory_integrate(&t);
    ASSERT_OK(mpp_trajectory_check(&t));
    CU_ASSERT(t.run->least[0] > 0.0 && t.run->least[1] > 0.0);
    for (size_t i = 0; i < t.nconserved; i++) { CU_ASSERT(t.drift[i] < 1e-12); } /* rounding */
  }
  mpp_trajectory_close(&t);
}

static void every_published_set_stays_bounded(void)
{
  static const long cells[] = {64, 24, 8};
  size_t sets = 0;
  mpp_set_threads(1);
  for (int k = 0; k < 3; k++) {
    const mpp_pde *pde = mpp_pde_find(systems[k]);
    for (const mpp_pde_preset *p = pde->presets; p->name != NULL; p++, sets++) {
      stays_bounded(pde, p, cells[k]);
    }
  }
  mpp_set_threads(0);
  CU_ASSERT(sets >= 20);
}

TESTS({"tables are in the order of their names", tables_are_in_the_order_of_their_names},
      {"domains follow the initial condition", domains_follow_the_initial_condition},
      {"conserved quantities are those of the edges", conserved_quantities_are_those_of_the_edges},
      {"a failure names the field and the cell", a_failure_names_the_field_and_the_cell},
      {"every published set stays bounded", every_published_set_stays_bounded})
