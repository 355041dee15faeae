/* cns_init_1d.c - random fields and random shock tubes in one dimension (PDEBench).
 *
 * random: density, pressure and velocity are profiles of num_sines.h; density and pressure are
 * brought to [0, 1], then to m u + b with m and b log-uniform in [1, 10] and in [10, 100].
 * shock: constant states on both sides of a jump in the middle half of the domain; densities
 * log-uniform in [1, 10], pressures in [10, 100], velocities uniform in [-0.5, 0.5].
 *
 * Against the released generators, by default the profiles are drawn independently (there the shape
 * of the density in one batch is that of the pressure in the batch before), velocities of the shock
 * tubes take both signs (there they are exponentiated) and all fields jump at the same place (there
 * each variable draws its own). Which key of the released shock tubes gives which number is not
 * known from their statistics: with compat their distribution is reproduced, not the single
 * samples. */
#include <math.h>
#include <stdio.h>

#include "alloc.h"
#include "check.h"
#include "cns_init.h"
#include "num_sines.h"
#include "rng.h"

enum { BATCH = 1000, FIELDS = 3 };

/* In the order of the generator's keys. */
enum { RHO, P, V };
static const double scale_low[FIELDS] = {1.0, 10.0, 0.0}, scale_high[FIELDS] = {10.0, 100.0, 0.0};

/* Our own draws: a profile each, then the scale and the offset of each field; of a shock tube the
 * left and the right of each field, then the place. */
enum { DRAW_SCALE = FIELDS * MPP_SINES_DRAWS, DRAW_OFFSET = DRAW_SCALE + FIELDS };
enum { DRAW_LEFT = 0, DRAW_RIGHT = DRAW_LEFT + FIELDS, DRAW_JUMP = DRAW_RIGHT + FIELDS };

static double own(const mpp_pde_setup *s, uint64_t sample, int draw, double low, double high)
{
  const double d = mpp_rng_uniform(s->seed, MPP_STREAM_PDE, sample, (uint32_t)draw);
  return low + (high - low) * d;
}

static mpp_threefry_key released_key(const mpp_pde_setup *s, uint64_t sample, int field)
{
  return mpp_threefry_seed(s->seed + sample / BATCH + (uint64_t)field);
}

static double released(mpp_threefry_key key, unsigned splits, uint64_t sample, double low,
                       double high)
{
  return (double)mpp_threefry_uniform(mpp_threefry_next(key, splits), (uint32_t)(sample % BATCH),
                                      BATCH, (float)low, (float)high);
}

/* Logarithms between those of the field's bounds. */
static double log_released(mpp_threefry_key key, unsigned splits, uint64_t sample, int f)
{
  return exp(released(key, splits, sample, log(scale_low[f]), log(scale_high[f])));
}

static double log_own(const mpp_pde_setup *s, uint64_t sample, int draw, int f)
{
  return exp(own(s, sample, draw, log(scale_low[f]), log(scale_high[f])));
}

/* ---- random ---- */

static mpp_status released_profile(double *u, const mpp_pde_setup *s, uint64_t sample, int f,
                                   const mpp_sines_axis *axis)
{
  const mpp_sines sines =
      mpp_sines_draw_released((int)s->param[MPP_CNS_MODES], s->param[MPP_CNS_WINDOW],
                              released_key(s, sample, f), BATCH, (uint32_t)(sample % BATCH));
  float *single = NULL;
  mpp_status st = MPP_OK;
  MPP_TRY(MPP_ALLOC(&single, axis->n));
  mpp_sines_released(single, &sines, axis);
  for (size_t i = 0; i < axis->n; i++) { u[i] = (double)single[i]; }
done:
  mpp_free(single);
  return st;
}

static mpp_status random_field(double *u, const mpp_pde_setup *s, uint64_t sample, int f)
{
  const mpp_sines_axis axis = {s->grid.n[2], s->grid.low[2], s->grid.dx[2]};
  const int modes = (int)s->param[MPP_CNS_MODES];
  double scale = 0.0, offset = 0.0;
  mpp_status st = MPP_OK;
  if (s->compat) {
    MPP_TRY(released_profile(u, s, sample, f, &axis));
    scale = log_released(released_key(s, sample, f), 3, sample, f);
    offset = log_released(released_key(s, sample, f), 4, sample, f);
  } else {
    const mpp_sines sines = mpp_sines_draw(modes, s->param[MPP_CNS_WINDOW], s->seed, sample,
                                           (uint32_t)(f * MPP_SINES_DRAWS));
    mpp_sines_averages(u, &sines, &axis, 0.0);
    scale = log_own(s, sample, DRAW_SCALE + f, f);
    offset = log_own(s, sample, DRAW_OFFSET + f, f);
  }
  if (f != V) {
    mpp_sines_normalise(u, axis.n);
    for (size_t i = 0; i < axis.n; i++) { u[i] = scale * u[i] + offset; }
  }
done:
  return st;
}

mpp_status mpp_cns_random_1d(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  static const int place[FIELDS] = {[RHO] = 1, [P] = 2, [V] = 0};
  mpp_status st = MPP_OK;
  MPP_REQUIRE(s->param[MPP_CNS_MODES] <= MPP_SINES_MAX_MODES, MPP_ERR_USAGE,
              "--set modes: found %g, expected at most %d in 1D", s->param[MPP_CNS_MODES],
              (int)MPP_SINES_MAX_MODES);
  for (int f = 0; f < FIELDS; f++) {
    MPP_TRY(random_field(u + (size_t)place[f] * s->grid.n[2], s, sample, f));
  }
done:
  return st;
}

/* ---- shock ---- */

typedef struct shock {
  double value[FIELDS][2]; /* left, right */
  double jump[FIELDS];     /* 0 to 1 along the domain */
} shock;

static shock shock_of(const mpp_pde_setup *s, uint64_t sample)
{
  shock q;
  for (int f = 0; f < FIELDS; f++) {
    const mpp_threefry_key key = released_key(s, sample, f);
    for (int side = 0; side < 2; side++) {
      const int draw = (side == 0 ? (int)DRAW_LEFT : (int)DRAW_RIGHT) + f;
      if (f != V) {
        q.value[f][side] =
            s->compat ? log_released(key, (unsigned)side, sample, f) : log_own(s, sample, draw, f);
      } else {
        q.value[f][side] = s->compat ? exp(released(key, (unsigned)side, sample, -0.5, 0.5))
                                     : own(s, sample, draw, -0.5, 0.5);
      }
    }
    q.jump[f] =
        s->compat ? released(key, 2, sample, 0.25, 0.75) : own(s, sample, DRAW_JUMP, 0.25, 0.75);
  }
  return q;
}

void mpp_cns_shock_1d(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  const shock q = shock_of(s, sample);
  const size_t n = s->grid.n[2];
  for (size_t i = 0; i < n; i++) {
    double value[FIELDS];
    for (int f = 0; f < FIELDS; f++) {
      value[f] = q.value[f][(double)i < floor(q.jump[f] * (double)n) ? 0 : 1];
    }
    mpp_cns_set(u, s, i, &(mpp_cns_state){{value[V]}, value[RHO], value[P]});
  }
}

size_t mpp_cns_shock_details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  static const char *const name[FIELDS][2] = {[RHO] = {"density_left", "density_right"},
                                              [P] = {"pressure_left", "pressure_right"},
                                              [V] = {"velocity_left", "velocity_right"}};
  const shock q = shock_of(s, sample);
  size_t count = 0;
  for (int f = 0; f < FIELDS; f++) {
    for (int side = 0; side < 2; side++) {
      notes[count] = (mpp_note){.value = q.value[f][side]};
      snprintf(notes[count++].key, sizeof(mpp_name), "%s", name[f][side]);
    }
  }
  notes[count++] = (mpp_note){.key = "jump", .value = q.jump[RHO]};
  return count;
}
