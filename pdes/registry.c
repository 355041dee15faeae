/* registry.c - the one list of systems. */
#include <string.h>

#include "pde_case.h"

static const mpp_pde *const systems[] = {
    &mpp_pde_swe,
    &mpp_pde_diffusion_reaction,
    &mpp_pde_darcy,
    &mpp_pde_ins,
    &mpp_pde_cns_1d,
    &mpp_pde_cns_2d,
    &mpp_pde_cns_3d,
    &mpp_pde_advection,
    &mpp_pde_burgers,
    &mpp_pde_reaction_diffusion,
    &mpp_pde_gray_scott,
    &mpp_pde_ins_periodic,
    &mpp_pde_kuramoto_sivashinsky,
    &mpp_pde_wave,
    &mpp_pde_diffusion_sorption,
};

const mpp_pde *mpp_pde_at(size_t index)
{
  return index < sizeof systems / sizeof systems[0] ? systems[index] : NULL;
}

const mpp_pde *mpp_pde_find(const char *name)
{
  for (size_t i = 0; mpp_pde_at(i) != NULL; i++) {
    const mpp_pde *pde = systems[i];
    if (strcmp(name, pde->name) == 0 || (pde->alias != NULL && strcmp(name, pde->alias) == 0)) {
      return pde;
    }
  }
  return NULL;
}

const char *mpp_pde_name(const mpp_pde *pde) { return pde->name; }
const char *mpp_pde_summary(const mpp_pde *pde) { return pde->summary; }
const char *mpp_pde_reference(const mpp_pde *pde) { return pde->reference; }
const mpp_pde_param *mpp_pde_params(const mpp_pde *pde) { return pde->params; }
const mpp_pde_preset *mpp_pde_presets(const mpp_pde *pde) { return pde->presets; }
