/* scalar_released.c - written from the published description (Takamoto et al., NeurIPS 2022, and
 * what the released numbers say); float32 throughout, since its rounding is part of those data. */
#include "scalar_released.h"

#include <math.h>

#include "check.h"

/* Added to diffusivities, against division by 0. It shows: where diffusion limits them all steps
 * have the same length, and time is rounded the same way in each, by up to 1e-4 of it. */
static const float no_diffusion = 1e-8F;

/* fminf asks what is not a number, which keeps loops from the vector units. */
static inline float lesser(float a, float b) { return a < b ? a : b; }

/* Half the MC-limited difference across a cell from its one-sided ones. */
static inline float half_slope(float a, float b)
{
  const float central = 0.5F * (a + b);
  const float size = lesser(2.0F * lesser(fabsf(a), fabsf(b)), fabsf(central));
  return a * b > 0.0F ? copysignf(0.5F * size, central) : 0.0F;
}

/* State on the left and on the right of the face between at[0] and at[1]. */
static inline float left_state(const float *at)
{
  return at[0] + half_slope(at[0] - at[-1], at[1] - at[0]);
}

static inline float right_state(const float *at)
{
  return at[1] - half_slope(at[1] - at[0], at[2] - at[1]);
}

/* ---- advection ---- */

static float advection_limit(const float *u, size_t n, const void *context)
{
  const mpp_scalar_numbers *s = context;
  (void)u;
  (void)n;
  return 0.4F * s->dx / s->speed;
}

static void advection_step(float *to, const float *from, const float *at, float dt, size_t n,
                           const void *context)
{
  const mpp_scalar_numbers *s = context;
  const float ratio = dt / s->dx, speed = s->speed;
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float in = speed * left_state(at + i - 1), out = speed * left_state(at + i);
    to[i] = from[i] - ratio * (out - in);
  }
}

/* ---- Burgers ---- */

enum { LANES = 16 };

static float burgers_limit(const float *u, size_t n, const void *context)
{
  const mpp_scalar_numbers *s = context;
  float most[LANES] = {0.0F}, fastest = 0.0F; /* in lanes, since a maximum is not vectorised */
  for (size_t i = 0; i < n; i += LANES) {
    const size_t count = n - i < LANES ? n - i : LANES;
    for (size_t l = 0; l < count; l++) {
      most[l] = fabsf(u[i + l]) > most[l] ? fabsf(u[i + l]) : most[l];
    }
  }
  for (size_t l = 0; l < LANES; l++) { fastest = most[l] > fastest ? most[l] : fastest; }
  return 0.25F * lesser(s->dx / fastest, 0.5F * s->dx * s->dx / (s->diffusivity + no_diffusion));
}

static inline float burgers_flux(const float *at, float conductance)
{
  const float l = left_state(at), r = right_state(at);
  const float upwind = 0.5F * (0.5F * l * l + 0.5F * r * r) - 0.25F * fabsf(l + r) * (r - l);
  return upwind - conductance * (at[1] - at[0]);
}

static void burgers_step(float *to, const float *from, const float *at, float dt, size_t n,
                         const void *context)
{
  const mpp_scalar_numbers *s = context;
  const float ratio = dt / s->dx, conductance = s->diffusivity / s->dx;
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float in = burgers_flux(at + i - 1, conductance);
    const float out = burgers_flux(at + i, conductance);
    to[i] = from[i] - ratio * (out - in);
  }
}

/* ---- Fisher ---- */

static float fisher_limit(const float *u, size_t n, const void *context)
{
  const mpp_scalar_numbers *s = context;
  (void)u;
  (void)n;
  return 0.25F * (0.5F * s->dx * s->dx / (s->diffusivity + no_diffusion));
}

/* The reaction changes u by about one unit of its last digit a step. This way of writing the
 * logistic equation is the released one as far as is known: where u stops growing, at 8/15 for nu =
 * 0.5 and rho = 1, is where the released samples of few waves stop to 1e-5, while those of many
 * waves stop before, at places that must depend on how the machine they ran on divides. */
static void fisher_step(float *to, const float *from, const float *at, float dt, size_t n,
                        const void *context)
{
  const mpp_scalar_numbers *s = context;
  const float ratio = dt / s->dx, conductance = s->diffusivity / s->dx;
  const float decay = expf(-s->growth * dt);
#pragma omp simd
  for (size_t i = 0; i < n; i++) {
    const float in = -conductance * (at[i] - at[i - 1]), out = -conductance * (at[i + 1] - at[i]);
    const float grown = 1.0F / (1.0F + decay * (1.0F / from[i] - 1.0F));
    to[i] = grown - ratio * (out - in);
  }
}

/* ---- a run ---- */

mpp_status mpp_scalar_released_check(const mpp_pde_setup *setup, double diffusivity,
                                     const char *name, double value)
{
  const float horizon = (float)setup->horizon, before = nextafterf(horizon, 0.0F);
  const double dx = setup->grid.dx[2],
               step = 0.125 * dx * dx / (diffusivity + (double)no_diffusion);
  const float after = before + (float)step;
  return after > before
             ? MPP_OK
             : mpp_fail(
                   MPP_ERR_USAGE,
                   "%s: found %g: with --pdebench-compat steps of %.2g s do not advance the "
                   "time in float32 up to %g s; expected less, fewer cells or a shorter horizon",
                   name, value, step, setup->horizon);
}

mpp_status mpp_scalar_released_create(mpp_scalar_released *r, mpp_released_scheme scheme,
                                      const mpp_scalar_numbers *numbers, const mpp_pde_setup *setup)
{
  static const mpp_midpoint_scheme schemes[] = {
      [MPP_RELEASED_ADVECTION] = {.limit = advection_limit, .step = advection_step},
      [MPP_RELEASED_BURGERS] = {.limit = burgers_limit, .step = burgers_step},
      [MPP_RELEASED_FISHER] = {.limit = fisher_limit, .step = fisher_step}};
  mpp_midpoint_scheme made = schemes[scheme];
  r->numbers = *numbers;
  r->horizon = setup->horizon;
  r->interval = setup->interval;
  made.context = &r->numbers;
  return mpp_midpoint_create(&r->midpoint, &made, setup->grid.n[2]);
}

void mpp_scalar_released_free(mpp_scalar_released *r) { mpp_midpoint_free(&r->midpoint); }

void mpp_scalar_released_start(mpp_scalar_released *r, const double *u)
{
  mpp_midpoint_start(&r->midpoint, u, r->horizon, r->interval);
}

bool mpp_scalar_released_advance(mpp_scalar_released *r, mpp_pde_run *run, double *u, double t)
{
  const bool good = mpp_midpoint_advance(&r->midpoint, u, t);
  run->t = (double)r->midpoint.t;
  run->steps = r->midpoint.steps;
  return good;
}
