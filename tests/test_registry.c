#include "pde_system.h"
#include "test.h"

static void systems_are_found_by_name_and_alias(void)
{
  CU_ASSERT_PTR_EQUAL(mpp_pde_find("swe"), &mpp_pde_swe);
  CU_ASSERT_PTR_EQUAL(mpp_pde_find("diffusion-reaction"), &mpp_pde_diffusion_reaction);
  CU_ASSERT_PTR_EQUAL(mpp_pde_find("diffre2d"), &mpp_pde_diffusion_reaction);
  CU_ASSERT_PTR_NULL(mpp_pde_find("swe2"));
  CU_ASSERT_PTR_NULL(mpp_pde_find(""));
}

static void the_list_has_an_end(void)
{
  size_t n = 0;
  while (mpp_pde_at(n) != NULL) { n++; }
  CU_ASSERT(n >= 2);
  CU_ASSERT_PTR_NULL(mpp_pde_at(n + 1000));
}

/* Stored fields that the field table does not know. */
static size_t fields_without_units(const mpp_pde *pde)
{
  size_t count = 0;
  for (size_t f = 0; f < pde->nstored; f++) {
    mpp_name name;
    count += mpp_field_qualify(name, pde->label, pde->field[f]) != MPP_OK ||
             mpp_field_find(name) == NULL;
  }
  return count;
}

static void every_system_describes_itself(void)
{
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    const mpp_pde *pde = mpp_pde_at(i);
    CU_ASSERT_PTR_EQUAL(mpp_pde_find(mpp_pde_name(pde)), pde);
    CU_ASSERT(strlen(mpp_pde_summary(pde)) > 10 && strlen(mpp_pde_reference(pde)) > 10);
    CU_ASSERT(pde->nstored > 0 && pde->nstored <= pde->nfields);
    CU_ASSERT(pde->nfields <= MPP_PDE_MAX_FIELDS);
    CU_ASSERT_EQUAL(fields_without_units(pde), 0);
  }
}

static void every_parameter_has_units_and_a_default_in_range(void)
{
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    size_t count = 0;
    for (const mpp_pde_param *p = mpp_pde_params(mpp_pde_at(i)); p->name != NULL; p++, count++) {
      CU_ASSERT(p->units != NULL && strlen(p->units) > 0 && strlen(p->help) > 0);
      CU_ASSERT(p->kind == MPP_PARAM_CHOICE
                    ? p->choices != NULL && strchr(p->choices, '|') != NULL
                    : p->min <= p->fallback && p->fallback <= p->max && p->min < p->max);
    }
    CU_ASSERT(count > 0 && count <= MPP_PDE_MAX_PARAMS);
  }
}

TESTS({"systems are found by name and alias", systems_are_found_by_name_and_alias},
      {"the list has an end", the_list_has_an_end},
      {"every system describes itself", every_system_describes_itself},
      {"every parameter has units and a default in range",
       every_parameter_has_units_and_a_default_in_range})
