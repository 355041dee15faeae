/* Inline code takes on the rounding of its user: none here is contracted, as in the solvers. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif
#include "num_hllc.h"
#include "test.h"

static const double gamma_ = 1.4, heat = 2.5;

static mpp_gas_state state(size_t i)
{
  static float x[5 * 64];
  if (x[0] == 0.0F) {
    test_fill(x, sizeof x / sizeof *x, 7);
  }
  const float *r = x + 5 * (i % 64);
  return (mpp_gas_state){2.0 * r[0], r[1], r[2], 1.1 + (double)r[3], 1.1 + (double)r[4]};
}

static mpp_gas_flux physical(const mpp_gas_state *q)
{
  const double m = q->density * q->u;
  return (mpp_gas_flux){.mass = m,
                        .u = m * q->u + q->pressure,
                        .v = m * q->v,
                        .w = m * q->w,
                        .energy = (mpp_gas_energy(q, heat) + q->pressure) * q->u};
}

static double distance(const mpp_gas_flux *a, const mpp_gas_flux *b)
{
  return fabs(a->mass - b->mass) + fabs(a->u - b->u) + fabs(a->v - b->v) + fabs(a->w - b->w) +
         fabs(a->energy - b->energy);
}

typedef mpp_gas_flux (*solver)(const mpp_gas_state *, const mpp_gas_state *, double, double);
static const solver solvers[2] = {mpp_hllc, mpp_hllc_released};

/* One state on both sides, and states that all waves leave behind. */
static void fluxes_are_those_of_the_upwind_state(void)
{
  for (int k = 0; k < 2; k++) {
    for (size_t i = 0; i < 64; i++) {
      mpp_gas_state l = state(i), r = state(i + 1);
      const mpp_gas_flux same = solvers[k](&l, &l, gamma_, heat), expected = physical(&l);
      CU_ASSERT(distance(&same, &expected) < 1e-13); /* rounding of numbers of size 10 */
      l.u = 9.0;
      r.u = 9.5;
      const mpp_gas_flux right = solvers[k](&l, &r, gamma_, heat), from_left = physical(&l);
      CU_ASSERT(distance(&right, &from_left) < 1e-12);
      l.u = -9.5;
      r.u = -9.0;
      const mpp_gas_flux left = solvers[k](&l, &r, gamma_, heat), from_right = physical(&r);
      CU_ASSERT(distance(&left, &from_right) < 1e-12);
    }
  }
}

static void mirror_images_have_the_same_bits(void)
{
  for (size_t i = 0; i < 64; i++) {
    const mpp_gas_state l = state(i), r = state(i + 5);
    mpp_gas_state image_l = r, image_r = l;
    image_l.u = -r.u;
    image_r.u = -l.u;
    const mpp_gas_flux a = mpp_hllc(&l, &r, gamma_, heat);
    const mpp_gas_flux b = mpp_hllc(&image_l, &image_r, gamma_, heat);
    CU_ASSERT(a.mass == -b.mass && a.u == b.u && a.v == -b.v && a.w == -b.w);
    CU_ASSERT(a.energy == -b.energy && a.speed == b.speed);
  }
}

/* Symmetric collision: the contact stands still, where the released choice takes the right flux. */
static void a_collision_has_no_flux_of_mass(void)
{
  const mpp_gas_state l = {0.5, 0.3, 0.0, 1.0, 1.0}, r = {-0.5, 0.3, 0.0, 1.0, 1.0};
  const mpp_gas_flux f = mpp_hllc(&l, &r, gamma_, heat);
  const mpp_gas_flux g = mpp_hllc_released(&l, &r, gamma_, heat), right = physical(&r);
  CU_ASSERT(f.mass == 0.0 && f.v == 0.0 && f.energy == 0.0 && f.u > 1.0);
  CU_ASSERT(distance(&g, &right) < 1e-14); /* one rounding each */
}

static void a_contact_at_rest_stays_exactly(void)
{
  const mpp_gas_state l = {0.0, 0.3, -0.1, 1.4, 0.7}, r = {0.0, -0.2, 0.4, 0.3, 0.7};
  const mpp_gas_flux f = mpp_hllc(&l, &r, gamma_, heat);
  CU_ASSERT(f.mass == 0.0 && f.u == 0.7 && f.v == 0.0 && f.w == 0.0 && f.energy == 0.0);
}

/* Across a face that moves with the contact both sides see its flux: HLLC resolves contacts. */
static void a_moving_contact_carries_its_upwind_gas(void)
{
  for (int k = -1; k <= 1; k += 2) {
    const mpp_gas_state l = {0.2 * k, 0.3, 0.0, 1.4, 0.7}, r = {0.2 * k, -0.2, 0.0, 0.3, 0.7};
    const mpp_gas_flux f = mpp_hllc(&l, &r, gamma_, heat), expected = physical(k > 0 ? &l : &r);
    CU_ASSERT(distance(&f, &expected) < 1e-14); /* rounding */
  }
}

/* A first-order step of half a wave's way keeps both positive even where gases part at Mach 5. */
static void density_and_pressure_stay_positive(void)
{
  for (size_t i = 0; i < 64; i++) {
    mpp_gas_state q[3] = {state(i), state(i + 1), state(i + 2)};
    q[0].u -= 6.0;
    q[2].u += 6.0;
    q[1].pressure *= 1e-3;
    const mpp_gas_flux a = mpp_hllc(&q[0], &q[1], gamma_, heat);
    const mpp_gas_flux b = mpp_hllc(&q[1], &q[2], gamma_, heat);
    const double lambda = 0.5 / mpp_most(a.speed, b.speed), density = q[1].density;
    const double m = density - lambda * (b.mass - a.mass);
    const double u = density * q[1].u - lambda * (b.u - a.u);
    const double v = density * q[1].v - lambda * (b.v - a.v);
    const double w = density * q[1].w - lambda * (b.w - a.w);
    const double e = mpp_gas_energy(&q[1], heat) - lambda * (b.energy - a.energy);
    CU_ASSERT(m > 0.0);
    CU_ASSERT(e - 0.5 * (u * u + v * v + w * w) / m > 0.0);
  }
}

TESTS({"fluxes are those of the upwind state", fluxes_are_those_of_the_upwind_state},
      {"mirror images have the same bits", mirror_images_have_the_same_bits},
      {"a collision has no flux of mass", a_collision_has_no_flux_of_mass},
      {"a contact at rest stays exactly", a_contact_at_rest_stays_exactly},
      {"a moving contact carries its upwind gas", a_moving_contact_carries_its_upwind_gas},
      {"density and pressure stay positive", density_and_pressure_stay_positive})
