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
  o.seed = 0xffffffffL;
  o.samples = 2;
  refused("2^32");
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
      {"stored cells lie where they were computed", stored_cells_lie_where_they_were_computed})
