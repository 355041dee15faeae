/* test_pde_spec.c - "SYSTEM,NAME=VALUE,..." taken apart. */
#include "test.h"

#include "mpp/pde.h"

static void options_boundaries_and_parameters_are_told_apart(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  REQUIRE_OK(mpp_pde_parse(
      &pde, &o, "cns-2d,resolution=64,M=0.3,frames=7,horizon=0.5,seed=12,x=open,y=wall"));
  CU_ASSERT_STRING_EQUAL(mpp_pde_name(pde), "cns-2d");
  CU_ASSERT(o.resolution == 64 && o.frames == 7 && o.horizon == 0.5 && o.seed == 12);
  CU_ASSERT_STRING_EQUAL(o.boundary, "x=open,y=wall");
  CU_ASSERT(o.set.count == 1 && strcmp(o.set.item[0], "M=0.3") == 0);
  REQUIRE_OK(mpp_pde_parse(&pde, &o, "diffre2d"));
  CU_ASSERT_STRING_EQUAL(mpp_pde_name(pde), "diffusion-reaction");
  CU_ASSERT(o.resolution == 0 && o.set.count == 0 && o.boundary[0] == '\0' && o.samples == 1);
}

static void what_is_wrong_is_named(void)
{
  static mpp_generate_options o;
  const mpp_pde *pde = NULL;
  ASSERT_STATUS(mpp_pde_parse(&pde, &o, "waves"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("solver 'waves': no such system (did you mean 'wave'?)");
  ASSERT_STATUS(mpp_pde_parse(&pde, &o, "swe,gravity"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("solver swe: found 'gravity', expected NAME=VALUE");
  ASSERT_STATUS(mpp_pde_parse(&pde, &o, "swe,frames=many"), MPP_ERR_USAGE);
  ASSERT_MESSAGE("'many' is no integer");
  CU_ASSERT_PTR_NULL(pde);
}

TESTS({"options, boundaries and parameters are told apart",
       options_boundaries_and_parameters_are_told_apart},
      {"what is wrong is named", what_is_wrong_is_named})
