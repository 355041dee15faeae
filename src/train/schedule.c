/* schedule.c - learning rate over steps. */
#include "schedule.h"

#include <assert.h>
#include <math.h>

double mpp_schedule_rate(const mpp_schedule *s, uint64_t step)
{
  assert(step < s->steps);
  if (step < s->warmup) {
    return s->peak * (double)(step + 1) / (double)s->warmup;
  }
  /* warmup <= step < steps, so the length of the cosine is not 0. */
  const double done = (double)(step - s->warmup) / (double)(s->steps - s->warmup);
  return s->floor + (s->peak - s->floor) * 0.5 * (1.0 + cos(acos(-1.0) * done));
}
