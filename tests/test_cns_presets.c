#include "cns_init.h"
#include "pde_case.h"
#include "test.h"

static mpp_pde_case case_of(const char *system, const char *preset)
{
  mpp_generate_options o = {.samples = 1};
  const mpp_pde *pde = mpp_pde_find(system);
  mpp_pde_case c;
  CU_ASSERT_PTR_NOT_NULL_FATAL(pde);
  snprintf(o.preset, sizeof o.preset, "%s", preset);
  REQUIRE_OK(mpp_pde_case_make(&c, pde, &o));
  return c;
}

/* Names are those of the published files; each gives a case that can be computed. */
static void hold_presets(const char *system, const mpp_pde_preset *presets, size_t expected)
{
  size_t count = 0;
  CU_ASSERT_PTR_EQUAL(mpp_pde_presets(mpp_pde_find(system)), presets);
  for (; presets[count].name != NULL; count++) {
    const mpp_pde_preset *p = &presets[count];
    const mpp_pde_case c = case_of(system, p->name);
    CU_ASSERT_EQUAL(c.stored[2], p->resolution);
    CU_ASSERT_EQUAL(c.frames, p->frames);
    CU_ASSERT_EQUAL(c.setup.horizon, p->horizon);
    CU_ASSERT(p->samples > 0);
    const char *zeta = strstr(p->name, "_Zeta");
    if (zeta != NULL) {
      CU_ASSERT_EQUAL(c.setup.param[MPP_CNS_ZETA], strtod(zeta + 5, NULL));
      CU_ASSERT_EQUAL(c.setup.param[MPP_CNS_ETA], strtod(strstr(p->name, "_Eta") + 4, NULL));
      CU_ASSERT((strstr(p->name, "_trans") != NULL) == (c.setup.edge[2] == MPP_EDGE_OPEN));
      CU_ASSERT((strstr(p->name, "_periodic") != NULL) == (c.setup.edge[2] == MPP_EDGE_PERIODIC));
      CU_ASSERT(p->seed >= 2020);
    }
    const char *mach = strstr(p->name, "_M");
    if (zeta != NULL && mach != NULL) {
      CU_ASSERT_EQUAL(c.setup.param[MPP_CNS_M], strtod(mach + 2, NULL));
    }
    for (size_t other = 0; other < count; other++) {
      CU_ASSERT_STRING_NOT_EQUAL(presets[other].name, p->name);
    }
  }
  CU_ASSERT_EQUAL(count, expected);
}

static void all_published_sets_can_be_made(void)
{
  hold_presets("cns-1d", mpp_cns_presets_1d, 12);
  hold_presets("cns-2d", mpp_cns_presets_2d, 17);
  hold_presets("cns-3d", mpp_cns_presets_3d, 8);
}

static void initial_conditions_are_those_of_the_names(void)
{
  static const struct {
    const char *system, *preset;
    int initial;
  } known[] = {{"cns-1d", "1D_CFD_Rand_Eta0.1_Zeta0.1_periodic", MPP_CNS_1D_RANDOM},
               {"cns-1d", "1D_CFD_Shock_Eta1.e-8_Zeta1.e-8_trans", MPP_CNS_1D_SHOCK},
               {"cns-2d", "2D_CFD_Rand_M1.0_Eta0.1_Zeta0.1_periodic_128", MPP_CNS_2D_RANDOM},
               {"cns-2d", "2D_CFD_Turb_M1.0_Eta1e-08_Zeta1e-08_periodic_512", MPP_CNS_2D_TURBULENT},
               {"cns-2d", "2D_shock", MPP_CNS_2D_SHOCK},
               {"cns-2d", "OTVortex", MPP_CNS_2D_ORSZAG_TANG},
               {"cns-3d", "3D_CFD_Rand_M1.0_Eta1e-08_Zeta1e-08_periodic", MPP_CNS_3D_RANDOM},
               {"cns-3d", "Turb_M05", MPP_CNS_3D_TURBULENT},
               {"cns-3d", "BlastWave", MPP_CNS_3D_BLAST}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    const mpp_pde_case c = case_of(known[i].system, known[i].preset);
    CU_ASSERT_EQUAL((int)c.setup.param[MPP_CNS_INITIAL], known[i].initial);
  }
  const mpp_pde_case kh = case_of("cns-2d", "KH_M04_dk1_Re1e3"), sod = case_of("cns-1d", "Sod5");
  CU_ASSERT_EQUAL((int)kh.setup.param[MPP_CNS_INITIAL], MPP_CNS_2D_KELVIN_HELMHOLTZ);
  CU_ASSERT_EQUAL(kh.setup.param[MPP_CNS_M], 0.4);
  CU_ASSERT_EQUAL(kh.setup.param[MPP_CNS_KH_DK], 1.0);
  CU_ASSERT_EQUAL(kh.setup.param[MPP_CNS_ETA], 1e-3);
  CU_ASSERT(kh.setup.edge[1] == MPP_EDGE_PERIODIC && kh.setup.edge[2] == MPP_EDGE_OPEN);
  CU_ASSERT_EQUAL((int)sod.setup.param[MPP_CNS_INITIAL], MPP_CNS_1D_RIEMANN);
  CU_ASSERT_EQUAL(sod.setup.param[MPP_CNS_TEST], 5.0);
  CU_ASSERT_EQUAL(sod.setup.horizon, mpp_cns_tube_of(5).horizon);
}

TESTS({"all published sets can be made", all_published_sets_can_be_made},
      {"initial conditions are those of the names", initial_conditions_are_those_of_the_names})
