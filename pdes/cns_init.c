/* cns_init.c - which initial condition. */
#include "cns_init.h"

void mpp_cns_set(double *u, const mpp_pde_setup *s, size_t cell, const mpp_cns_state *state)
{
  const size_t cells = s->grid.n[0] * s->grid.n[1] * s->grid.n[2], dims = (size_t)mpp_cns_dims(s);
  for (size_t c = 0; c < dims; c++) { u[c * cells + cell] = state->v[c]; }
  u[dims * cells + cell] = state->rho;
  u[(dims + 1) * cells + cell] = state->p;
}

static mpp_status init_1d(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  switch ((mpp_cns_initial_1d)s->param[MPP_CNS_INITIAL]) {
  case MPP_CNS_1D_RANDOM:
    return mpp_cns_random_1d(u, s, sample);
  case MPP_CNS_1D_SHOCK:
    mpp_cns_shock_1d(u, s, sample);
    break;
  case MPP_CNS_1D_RIEMANN:
    mpp_cns_riemann(u, s);
    break;
  }
  return MPP_OK;
}

static mpp_status init_2d(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  switch ((mpp_cns_initial_2d)s->param[MPP_CNS_INITIAL]) {
  case MPP_CNS_2D_RANDOM:
    return mpp_cns_random(u, s, sample);
  case MPP_CNS_2D_TURBULENT:
    return mpp_cns_turbulent(u, s, sample);
  case MPP_CNS_2D_SHOCK:
    mpp_cns_quadrants(u, s);
    break;
  case MPP_CNS_2D_KELVIN_HELMHOLTZ:
    mpp_cns_kelvin_helmholtz(u, s);
    break;
  case MPP_CNS_2D_ORSZAG_TANG:
    mpp_cns_orszag_tang(u, s);
    break;
  }
  return MPP_OK;
}

static mpp_status init_3d(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  switch ((mpp_cns_initial_3d)s->param[MPP_CNS_INITIAL]) {
  case MPP_CNS_3D_RANDOM:
    return mpp_cns_random(u, s, sample);
  case MPP_CNS_3D_TURBULENT:
    return mpp_cns_turbulent(u, s, sample);
  case MPP_CNS_3D_BLAST:
    mpp_cns_blast(u, s);
    break;
  }
  return MPP_OK;
}

mpp_status mpp_cns_init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const int dims = mpp_cns_dims(s);
  return dims == 1   ? init_1d(u, s, sample)
         : dims == 2 ? init_2d(u, s, sample)
                     : init_3d(u, s, sample);
}

size_t mpp_cns_details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  const int dims = mpp_cns_dims(s), initial = (int)s->param[MPP_CNS_INITIAL];
  if (dims == 1) {
    return initial == MPP_CNS_1D_SHOCK ? mpp_cns_shock_details(notes, s, sample) : 0;
  }
  const bool is_random = initial == (dims == 2 ? (int)MPP_CNS_2D_RANDOM : (int)MPP_CNS_3D_RANDOM);
  return is_random ? mpp_cns_random_details(notes, s, sample) : 0;
}
