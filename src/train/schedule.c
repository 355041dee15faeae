/* schedule.c - learning rate over steps. */
#include "schedule.h"

#include <assert.h>
#include <math.h>

/* Rate after the warm-up and before the tail, which starts at `end`. */
static double course(const mpp_schedule *s, uint64_t step, uint64_t end)
{
  if (s->kind == MPP_SCHEDULE_CONSTANT) {
    return s->peak;
  }
  if (s->kind == MPP_SCHEDULE_RSQRT) {
    const double warmup = s->warmup > 0 ? (double)s->warmup : 1.0;
    return fmax(s->peak * sqrt(warmup / (double)(step + 1)), s->floor);
  }
  const uint64_t bottom = s->span > 0 ? s->span : end;
  if (bottom <= s->warmup) { /* no step between warm-up and tail: the tail starts at the peak */
    return s->span > 0 ? s->floor : s->peak;
  }
  const double done = fmin((double)(step - s->warmup) / (double)(bottom - s->warmup), 1.0);
  return s->floor + (s->peak - s->floor) * 0.5 * (1.0 + cos(acos(-1.0) * done));
}

double mpp_schedule_rate(const mpp_schedule *s, uint64_t step)
{
  assert(step < s->steps && s->floor >= 0.0 && s->floor <= s->peak);
  assert(s->cooldown == 0 || s->warmup + s->cooldown <= s->steps);
  const uint64_t end = s->steps - s->cooldown;
  if (step < s->warmup) {
    return s->peak * (double)(step + 1) / (double)s->warmup;
  }
  if (step < end) {
    return course(s, step, end);
  }
  return course(s, end, end) * (double)(s->steps - step) / (double)(s->cooldown + 1);
}
