#include "pde_case.h"
#include "test.h"

static mpp_generate_options o;

static void reset(void) { o = (mpp_generate_options){.samples = 1}; }

static void set(const char *text)
{
  reset();
  o.set.count = 1;
  snprintf(o.set.item[0], sizeof o.set.item[0], "%s", text);
}

static void refused(const char *message)
{
  mpp_pde_case c = {.frames = 77};
  ASSERT_STATUS(mpp_pde_case_make(&c, &mpp_pde_swe, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE(message);
  CU_ASSERT_EQUAL(c.frames, 77); /* untouched */
}

static void defaults_are_the_systems_own(void)
{
  mpp_pde_case c;
  reset();
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  CU_ASSERT_EQUAL(c.frames, 101);
  CU_ASSERT_EQUAL(c.setup.grid.n[0], 1);
  CU_ASSERT_EQUAL(c.setup.grid.n[1], 128);
  CU_ASSERT_EQUAL(c.setup.grid.n[2], 128);
  CU_ASSERT_EQUAL(c.setup.grid.dx[1], 5.0 / 128);
  CU_ASSERT_EQUAL(c.values, 1654784); /* 101 x 128 x 128 */
  CU_ASSERT_EQUAL(c.setup.horizon, 1.0);
  CU_ASSERT_EQUAL(c.setup.param[1], 2.0);
  CU_ASSERT_EQUAL(mpp_pde_case_coordinate(&c, 1, 0), -2.5 + 2.5 / 128);
}

static void options_replace_them(void)
{
  mpp_pde_case c;
  set("gravity=9.81");
  o.resolution = 50;
  o.frames = 11;
  o.horizon = 0.3;
  o.seed = 9;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  CU_ASSERT_EQUAL(c.stored[2], 50);
  CU_ASSERT_EQUAL(c.setup.seed, 9);
  CU_ASSERT_EQUAL(c.setup.param[0], 9.81);
  CU_ASSERT_EQUAL(mpp_pde_case_time(&c, 0), 0.0);
  CU_ASSERT_DOUBLE_EQUAL(mpp_pde_case_time(&c, 7), 0.21, 1e-16); /* rounding */
  CU_ASSERT_EQUAL(mpp_pde_case_time(&c, 10), 0.3);
}

static void wrong_settings_are_explained(void)
{
  set("gravty=1");
  refused("did you mean 'gravity'?");
  set("xyz=1");
  refused("swe has none of this name");
  set("gravity");
  refused("expected NAME=VALUE");
  set("=3");
  refused("expected NAME=VALUE");
  set("gravity=");
  refused("expected a number");
  set("gravity=1x");
  refused("found '1x'");
  set("gravity=nan");
  refused("expected a number");
  set("gravity=-1");
  refused("expected 0.001 to 100 [m s-2]");
}

static void wrong_options_are_explained(void)
{
  reset();
  o.resolution = 7;
  refused("--resolution: found 7");
  o.resolution = 65537;
  refused("--resolution");
  reset();
  o.frames = 1;
  refused("--frames: found 1");
  reset();
  o.horizon = -1.0;
  refused("--horizon");
  o.horizon = HUGE_VAL;
  refused("--horizon");
  reset();
  o.seed = -1;
  refused("--seed");
  reset();
  o.pdebench_compat = true;
  mpp_pde_case c;
  ASSERT_STATUS(mpp_pde_case_make(&c, &mpp_pde_wave, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("PDEBench has no data of wave");
  o.seed = 0xffffffffL;
  o.samples = 2;
  refused("2^32");
}

static void boundaries_are_named_by_axis(void)
{
  mpp_pde_case c;
  reset();
  snprintf(o.boundary, sizeof o.boundary, "x=wall");
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  CU_ASSERT(c.setup.edge[2] == MPP_EDGE_WALL && c.setup.edge[1] == MPP_EDGE_OPEN);
  CU_ASSERT_STRING_EQUAL(c.boundary, "x=wall,y=open");
  snprintf(o.boundary, sizeof o.boundary, "wall");
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  CU_ASSERT_STRING_EQUAL(c.boundary, "x=wall,y=wall");
  snprintf(o.boundary, sizeof o.boundary, "z=wall");
  refused("swe has no axis 'z'");
  snprintf(o.boundary, sizeof o.boundary, "x=periodic");
  refused("axis x of swe: found 'periodic', expected one of open|wall");
  snprintf(o.boundary, sizeof o.boundary, "a_name_of_many_characters=open");
  refused("expected AXIS=KIND");
}

/* What is given beside a preset wins over it. */
static void presets_stand_in_for_options(void)
{
  mpp_pde_case c;
  reset();
  snprintf(o.preset, sizeof o.preset, "2D_rdb_NA_NA");
  o.resolution = 32;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_swe, &o));
  CU_ASSERT(c.frames == 101 && c.stored[1] == 32);
  snprintf(o.preset, sizeof o.preset, "2D_rdb_NA_NB");
  refused("--preset 2D_rdb_NA_NB: swe has none of this name (did you mean '2D_rdb_NA_NA'?)");
}

static void whole_numbers_are_whole(void)
{
  mpp_pde_case c = {.frames = 77};
  set("modes=3.5");
  ASSERT_STATUS(mpp_pde_case_make(&c, &mpp_pde_diffusion_reaction, &o), MPP_ERR_USAGE);
  ASSERT_MESSAGE("--set modes: found 3.5, expected a whole number");
}

/* A problem brings its own settings, and is refined by cells. */
static void problems_make_cases(void)
{
  const mpp_pde_problem *p = &mpp_pde_diffusion_reaction.problems[0];
  const mpp_pde_problem other = {
      .name = "other", .low = -1.0, .high = 3.0, .horizon = 2.0, .refine = "Du", .cells = 16};
  mpp_pde_case c;
  REQUIRE_OK(mpp_pde_case_problem(&c, &mpp_pde_diffusion_reaction, p, 1));
  CU_ASSERT(c.setup.grid.n[1] == 64 && c.setup.param[3] == 0.0); /* reaction */
  CU_ASSERT_EQUAL(c.setup.horizon, p->horizon);
  REQUIRE_OK(mpp_pde_case_problem(&c, &mpp_pde_diffusion_reaction, &other, 2));
  CU_ASSERT(c.setup.grid.n[1] == 16 && c.setup.grid.low[2] == -1.0 && c.setup.grid.dx[2] == 0.25);
  CU_ASSERT_EQUAL(c.setup.param[0], 1e-3 / 4.0);
}

/* A cell of what is stored and the cell of the computation it shows have the same centre. */
static void stored_cells_lie_where_they_were_computed(void)
{
  mpp_pde_case c;
  set("subsample=3");
  o.pdebench_compat = true;
  o.resolution = 10;
  REQUIRE_OK(mpp_pde_case_make(&c, &mpp_pde_diffusion_reaction, &o));
  CU_ASSERT_EQUAL(c.setup.grid.n[1], 30);
  for (size_t i = 0; i < 10; i++) {
    const size_t cell = mpp_pde_case_cell(&c, 0, i, 2);
    CU_ASSERT_EQUAL(cell % 30, 7); /* 1, 4, 7 */
    const size_t row = cell / 30;
    const double y = -1.0 + ((double)row + 0.5) * (2.0 / 30);
    CU_ASSERT_DOUBLE_EQUAL(mpp_pde_case_coordinate(&c, 1, i), y, 1e-15); /* rounding */
  }
}

TESTS({"defaults are the system's own", defaults_are_the_systems_own},
      {"options replace them", options_replace_them},
      {"wrong settings are explained", wrong_settings_are_explained},
      {"wrong options are explained", wrong_options_are_explained},
      {"boundaries are named by axis", boundaries_are_named_by_axis},
      {"presets stand in for options", presets_stand_in_for_options},
      {"whole numbers are whole", whole_numbers_are_whole},
      {"problems make cases", problems_make_cases},
      {"stored cells lie where they were computed", stored_cells_lie_where_they_were_computed})
