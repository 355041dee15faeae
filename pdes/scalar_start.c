/* scalar_start.c - see scalar_start.h. */
#include "scalar_start.h"

#include "alloc.h"
#include "check.h"

enum { MODES = 4, ROWS = 10000 };

static const double window_probability = 0.1;

mpp_sines mpp_scalar_profile(const mpp_pde_setup *s, uint64_t sample)
{
  if (s->compat) {
    const mpp_threefry_key key = mpp_threefry_seed(s->seed + sample / ROWS);
    return mpp_sines_draw_released(MODES, window_probability, key, ROWS, (uint32_t)(sample % ROWS));
  }
  return mpp_sines_draw(MODES, window_probability, s->seed, sample, 0);
}

mpp_status mpp_scalar_init(double *u, const mpp_pde_setup *s, uint64_t sample)
{
  mpp_status st = MPP_OK;
  const mpp_sines_axis axis = {.n = s->grid.n[2], .low = s->grid.low[2], .dx = s->grid.dx[2]};
  const mpp_sines profile = mpp_scalar_profile(s, sample);
  float *released = NULL;
  if (!s->compat) {
    mpp_sines_averages(u, &profile, &axis, 0.0);
    return st;
  }
  MPP_TRY(MPP_ALLOC(&released, axis.n));
  mpp_sines_released(released, &profile, &axis);
  for (size_t i = 0; i < axis.n; i++) { u[i] = (double)released[i]; }
done:
  mpp_free(released);
  return st;
}

size_t mpp_scalar_details(mpp_note *notes, const mpp_pde_setup *s, uint64_t sample)
{
  const mpp_sines profile = mpp_scalar_profile(s, sample);
  notes[0] = (mpp_note){.key = "absolute_value", .value = profile.absolute};
  notes[1] = (mpp_note){.key = "window", .value = profile.window};
  return 2;
}

size_t mpp_scalar_integral(double *value, double *size, const double *u, const mpp_pde_setup *s)
{
  value[0] = mpp_pde_integral(&size[0], u, &s->grid);
  return 1;
}
