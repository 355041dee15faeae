/* num_midpoint.c - U* = U - dt/2 L(U), U <- U - dt L(U*), in steps as long as `limit` allows that
 * end at the stored times. */
#include "num_midpoint.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

enum { GHOSTS = MPP_MIDPOINT_GHOSTS };

mpp_status mpp_midpoint_create(mpp_midpoint *m, const mpp_midpoint_scheme *scheme, size_t n)
{
  mpp_status st = MPP_OK;
  size_t row = 0, count = 0;
  float *memory = NULL;
  MPP_REQUIRE(n >= GHOSTS && mpp_add(&row, n, (size_t)2 * GHOSTS) && mpp_mul(&count, row, 2),
              MPP_ERR_INTERNAL, "midpoint rule on %zu cells", n);
  MPP_TRY(MPP_ALLOC(&memory, count));
  *m = (mpp_midpoint){.scheme = *scheme,
                      .n = n,
                      .u = memory + GHOSTS,
                      .half = memory + row + GHOSTS,
                      .memory = memory};
done:
  return st;
}

void mpp_midpoint_free(mpp_midpoint *m)
{
  mpp_free(m->memory);
  *m = (mpp_midpoint){.n = 0};
}

static void fill_ghosts(float *u, size_t n)
{
  for (size_t g = 1; g <= GHOSTS; g++) {
    u[-(ptrdiff_t)g] = u[n - g];
    u[n + g - 1] = u[g - 1];
  }
}

void mpp_midpoint_start(mpp_midpoint *m, const double *u0, double end, double between)
{
  for (size_t i = 0; i < m->n; i++) { m->u[i] = (float)u0[i]; }
  m->t = 0.0F;
  m->end = (float)end;
  m->between = m->save = (float)between;
  m->steps = 0;
}

static bool is_finite(const float *u, size_t n)
{
  float sum = 0.0F; /* of what is 0 unless a value is not finite */
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < n; i++) { sum += u[i] * 0.0F; }
  return sum == 0.0F;
}

/* Steps until `target`. */
static bool run_to(mpp_midpoint *m, float target)
{
  const float least_step = 1e-8F; /* shorter ones are left out, but for the time */
  const mpp_midpoint_scheme *s = &m->scheme;
  while (m->t < target) {
    const float before = m->t, limit = s->limit(m->u, m->n, s->context);
    const float dt = fminf(limit, target - before);
    m->t = before + dt;
    if (!(m->t > before) || !isfinite(dt)) {
      m->t = before;
      return false;
    }
    if (dt > least_step) {
      fill_ghosts(m->u, m->n);
      s->step(m->half, m->u, m->u, 0.5F * dt, m->n, s->context);
      fill_ghosts(m->half, m->n);
      s->step(m->u, m->u, m->half, dt, m->n, s->context);
      m->steps++;
    }
  }
  return is_finite(m->u, m->n);
}

bool mpp_midpoint_advance(mpp_midpoint *m, double *u, double t)
{
  const float wanted = fminf((float)t, m->end), near = 0.25F * m->between;
  bool good = true;
  while (good && m->save < wanted - near) {
    good = run_to(m, m->save);
    m->save += m->between;
  }
  /* A stored time is the accumulated one, which is not t to the last digit. */
  const bool stored = fabsf(m->save - wanted) <= near;
  good = good && run_to(m, stored ? fminf(m->save, m->end) : wanted);
  m->save += stored ? m->between : 0.0F;
  for (size_t i = 0; i < m->n; i++) { u[i] = (double)m->u[i]; }
  return good;
}
