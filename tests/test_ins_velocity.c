#include "ins_scheme.h"
#include "rng.h"
#include "test.h"

static mpp_ins make(size_t nx, size_t ny, double nu)
{
  const size_t n[2] = {nx, ny};
  const double low[2] = {0.0, 0.0}, dx[2] = {1.0 / (double)nx, 1.2 / (double)ny};
  mpp_ins s;
  REQUIRE_OK(mpp_ins_create(&s, n, low, dx, nu));
  return s;
}

/* Random values everywhere. */
static void fill(double *u, const mpp_ins *s, uint32_t draw)
{
  for (size_t k = 0; k < s->count; k++) { u[k] = mpp_rng_normal(7, MPP_STREAM_PDE, k, draw); }
}

static mpp_ins stirred(size_t nx, size_t ny)
{
  mpp_ins s = make(nx, ny, 0.01);
  fill(s.u, &s, 0);
  fill(s.v, &s, 1);
  mpp_ins_start(&s);
  return s;
}

static double divergence(const mpp_ins *s)
{
  double worst = 0.0;
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t j = 0; j < s->n[1]; j++) {
      const size_t k = mpp_ins_at(s, i, j);
      worst = fmax(worst, fabs((s->u[k + s->stride] - s->u[k]) / s->dx[0] +
                               (s->v[k + 1] - s->v[k]) / s->dx[1]));
    }
  }
  return worst;
}

static void projection_leaves_no_divergence(void)
{
  static const size_t size[][2] = {{8, 8}, {33, 20}, {64, 64}, {2, 3}};
  for (size_t k = 0; k < sizeof size / sizeof size[0]; k++) {
    mpp_ins s = stirred(size[k][0], size[k][1]);
    double size_of = 0.0;
    CU_ASSERT(divergence(&s) < 1e-11); /* rounding of velocities of 3 over cells of 1/64 */
    for (size_t j = 0; j < s.n[1]; j++) {
      CU_ASSERT(s.u[mpp_ins_at(&s, 0, j)] == 0.0 && s.u[mpp_ins_at(&s, s.n[0], j)] == 0.0);
      size_of = fmax(size_of, fabs(s.u[mpp_ins_at(&s, s.n[0] / 2, j)]));
    }
    CU_ASSERT(size_of > 1e-3);
    mpp_ins_free(&s);
  }
}

/* What is removed is a gradient, perpendicular to all that is left. */
static void projection_is_orthogonal(void)
{
  mpp_ins s = make(24, 17, 0.01);
  double product = 0.0, size = 0.0;
  fill(s.u, &s, 0);
  fill(s.v, &s, 1);
  mpp_ins_walls(&s, s.u, s.v, -1.0);
  memcpy(s.u_old, s.u, s.count * sizeof *s.u);
  memcpy(s.v_old, s.v, s.count * sizeof *s.v);
  mpp_ins_project(&s, s.u, s.v);
  for (size_t i = 0; i < 24; i++) {
    for (size_t j = 0; j < 17; j++) {
      const size_t k = mpp_ins_at(&s, i, j);
      product += s.u[k] * (s.u_old[k] - s.u[k]) + s.v[k] * (s.v_old[k] - s.v[k]);
      size += s.u[k] * s.u[k] + s.v[k] * s.v[k];
    }
  }
  CU_ASSERT(size > 10.0);
  CU_ASSERT(fabs(product) < 1e-12 * size); /* rounding */
  mpp_ins_free(&s);
}

/* Convection moves kinetic energy about; forces alone do work. */
static void convection_makes_no_energy(void)
{
  mpp_ins s = stirred(24, 17);
  double work = 0.0, size = 0.0;
  mpp_ins_rates(&s);
  for (size_t i = 0; i < 24; i++) {
    for (size_t j = 0; j < 17; j++) {
      const size_t k = mpp_ins_at(&s, i, j);
      const double a = i > 0 ? s.u[k] * s.u_rate[k] : 0.0, b = j > 0 ? s.v[k] * s.v_rate[k] : 0.0;
      work += a + b;
      size += fabs(a) + fabs(b);
    }
  }
  CU_ASSERT(size > 1.0);
  CU_ASSERT(fabs(work) < 1e-12 * size); /* rounding and the divergence that it leaves */
  mpp_ins_free(&s);
}

/* Any gradient: the pressure carries it alone. */
static void a_gradient_moves_nothing(void)
{
  mpp_ins s = make(20, 20, 0.01);
  double *chi = s.slope_x, worst = 0.0;
  fill(chi, &s, 2);
  for (size_t k = s.stride; k < s.count; k++) {
    s.fx[k] = (chi[k] - chi[k - s.stride]) / s.dx[0];
    s.fy[k] = (chi[k] - chi[k - 1]) / s.dx[1];
    s.c[k] = 2.0;
  }
  mpp_ins_start(&s);
  CU_ASSERT(mpp_ins_advance(&s, 1.0));
  for (size_t k = 0; k < s.count; k++) { worst = fmax(worst, fmax(fabs(s.u[k]), fabs(s.v[k]))); }
  CU_ASSERT(s.steps > 3);
  CU_ASSERT(worst < 1e-11); /* rounding of forces of 100 */
  mpp_ins_free(&s);
}

static double energy(const mpp_ins *s)
{
  double sum = 0.0;
  for (size_t i = 0; i < s->n[0]; i++) {
    for (size_t k = mpp_ins_at(s, i, 0); k < mpp_ins_at(s, i, s->n[1]); k++) {
      sum += s->u[k] * s->u[k] + s->v[k] * s->v[k];
    }
  }
  return sum;
}

/* A flow on its own loses energy, however long the step is; so slow that steps are long. */
static void viscosity_is_stable(void)
{
  mpp_ins s = stirred(32, 32);
  s.nu = 1.0;
  for (size_t k = 0; k < s.count; k++) {
    s.u[k] *= 1e-3;
    s.v[k] *= 1e-3;
  }
  mpp_ins_start(&s);
  const double before = energy(&s);
  CU_ASSERT(mpp_ins_advance(&s, 1.0));
  CU_ASSERT(s.steps < 500 && before > 0.0); /* explicit steps would be 4000 or more */
  CU_ASSERT(energy(&s) < 1e-15 * before);   /* the slowest mode goes with exp(-2 45 t) */
  mpp_ins_free(&s);
}

TESTS({"projection leaves no divergence", projection_leaves_no_divergence},
      {"projection is orthogonal", projection_is_orthogonal},
      {"convection makes no energy", convection_makes_no_energy},
      {"a gradient moves nothing", a_gradient_moves_nothing},
      {"viscosity is stable", viscosity_is_stable})
