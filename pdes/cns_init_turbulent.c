/* cns_init_turbulent.c - turbulence (PDEBench): waves without divergence in a gas of uniform
 * density and pressure, the mean of the velocity 1, Mach number M. The slope is that of the
 * released generators, 0.5 in 2D and 1 in 3D; PDEBench's paper has 1 and 2.
 *
 * By default each wave is projected by itself, so that the velocity is solenoidal to rounding. The
 * released generator projects with wave numbers that are off by one, which leaves some per cent of
 * the kinetic energy compressive. */
#include "check.h"
#include "cns_init.h"
#include "cns_waves.h"

/* Adds part times (1 - q q^T / |q|^2) to m; 1 where q is 0. */
static void add_projection(double m[3][3], const double q[3], double part)
{
  const double square = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];
  for (int a = 0; a < 3; a++) {
    for (int b = 0; b < 3; b++) {
      m[a][b] += part * ((a == b ? 1.0 : 0.0) - (square > 0.0 ? q[a] * q[b] / square : 0.0));
    }
  }
}

/* What takes the compressive part out of a wave. The released generator projects the transform with
 * wave numbers one too small and keeps the real part of what comes back: half the projections of k
 * and of -k. */
static void project(mpp_cns_waves *w, size_t index, const mpp_pde_setup *s)
{
  const int dims = mpp_cns_dims(s), *k = w->wave[0][index].k;
  double m[3][3] = {{0.0}}, plus[3] = {0.0}, minus[3] = {0.0};
  const double shift = s->compat ? 1.0 : 0.0;
  for (int a = 3 - dims; a < 3; a++) {
    plus[a] = k[a] - shift;
    minus[a] = -k[a] - shift;
  }
  add_projection(m, plus, 0.5);
  add_projection(m, minus, 0.5);
  double sine[3] = {0.0}, cosine[3] = {0.0};
  for (int c = 0; c < dims; c++) {
    for (int e = 0; e < dims; e++) {
      sine[c] += m[3 - dims + c][3 - dims + e] * w->wave[e][index].sine;
      cosine[c] += m[3 - dims + c][3 - dims + e] * w->wave[e][index].cosine;
    }
  }
  for (int c = 0; c < dims; c++) {
    w->wave[c][index].sine = sine[c];
    w->wave[c][index].cosine = cosine[c];
  }
}

mpp_status mpp_cns_turbulent(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const size_t cells = s->grid.n[0] * s->grid.n[1] * s->grid.n[2], dims = (size_t)mpp_cns_dims(s);
  const double sound = 1.0 / s->param[MPP_CNS_M];
  mpp_cns_waves w = {0};
  mpp_status st = MPP_OK;
  MPP_TRY(mpp_cns_waves_draw(&w, s, sample, dims, 0));
  for (size_t i = 0; i < w.count; i++) { project(&w, i, s); }
  MPP_TRY(mpp_cns_waves_velocity(u, &w, 1.0, s));
  for (size_t i = 0; i < cells; i++) {
    u[dims * cells + i] = 1.0;
    u[(dims + 1) * cells + i] = sound * sound / s->param[MPP_CNS_GAMMA];
  }
done:
  mpp_cns_waves_free(&w);
  return st;
}
