/* trajectory.c - init -> advance to each stored time -> float32 frames; drift of what is
 * conserved. */
#include "trajectory.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

mpp_status mpp_trajectory_open(mpp_trajectory *t, const mpp_pde_case *c)
{
  mpp_status st = MPP_OK;
  mpp_trajectory made = {.c = c};
  MPP_TRY(MPP_ALLOC(&made.u, c->pde->nfields * c->cells));
  MPP_TRY(MPP_ALLOC(&made.frames, c->values));
  if (c->once > 0) {
    MPP_TRY(MPP_ALLOC(&made.once, c->once));
  }
  MPP_TRY(c->pde->open(&made.run, &c->setup));
  *t = made;
  made = (mpp_trajectory){.c = c};
done:
  mpp_trajectory_close(&made);
  return st;
}

void mpp_trajectory_close(mpp_trajectory *t)
{
  mpp_free(t->u);
  mpp_free(t->frames);
  mpp_free(t->once);
  if (t->c != NULL) {
    t->c->pde->close(t->run);
  }
  *t = (mpp_trajectory){0};
}

mpp_status mpp_trajectory_init(mpp_trajectory *t, uint64_t sample)
{
  const mpp_status st = t->c->pde->init(t->u, &t->c->setup, sample);
  t->sample = sample;
  return st;
}

static void diverge(mpp_trajectory *t, double time, size_t field, size_t cell, double value)
{
  t->diverged = true;
  t->bad_time = time;
  t->bad_field = field;
  t->bad_cell = cell;
  t->bad_value = value;
}

/* Fields [first, first + count) of u as float32; false if one is not finite there. */
static bool store(mpp_trajectory *t, float *to, size_t first, size_t count, double time)
{
  const mpp_pde_case *c = t->c;
  const size_t *n = c->stored;
  for (size_t f = first; f < first + count; f++) {
    for (size_t i = 0; i < n[0] * n[1]; i++) {
      const size_t row = mpp_pde_case_cell(c, i / n[1], i % n[1], 0);
      const double *from = t->u + f * c->cells + row;
      size_t bad = 0;
      for (size_t w = 0; w < n[2]; w++) {
        to[w] = (float)from[w * c->stride];
        bad += isfinite(to[w]) ? 0 : 1;
      }
      for (size_t w = 0; bad > 0 && w < n[2]; w++) {
        if (!isfinite(to[w])) {
          diverge(t, time, f, row + w * c->stride, from[w * c->stride]);
          return false;
        }
      }
      to += n[2];
    }
  }
  return true;
}

typedef struct balance {
  double value[MPP_PDE_MAX_CONSERVED], size[MPP_PDE_MAX_CONSERVED];
} balance;

/* Compares with the balance at the start. */
static void measure(mpp_trajectory *t, balance *start, size_t frame)
{
  balance now;
  if (t->c->pde->conserve == NULL) {
    return;
  }
  t->nconserved = t->c->pde->conserve(now.value, now.size, t->u, &t->c->setup);
  for (size_t i = 0; i < t->nconserved; i++) {
    if (frame == 0) {
      start->value[i] = now.value[i];
      start->size[i] = now.size[i];
      t->drift[i] = 0.0;
    }
    const double difference = fabs(now.value[i] - start->value[i]);
    t->drift[i] =
        fmax(t->drift[i], start->size[i] > 0.0 ? difference / start->size[i] : difference);
  }
}

void mpp_trajectory_integrate(mpp_trajectory *t)
{
  const mpp_pde *pde = t->c->pde;
  balance start = {{0.0}, {0.0}};
  t->diverged = false;
  t->nconserved = 0;
  pde->start(t->run, t->u);
  if (pde->nonce > 0 && !store(t, t->once, pde->nstored, pde->nonce, 0.0)) {
    return;
  }
  for (size_t frame = 0; frame < t->c->frames; frame++) {
    const double time = mpp_pde_case_time(t->c, frame);
    float *to = t->frames + frame * (t->c->values / t->c->frames);
    if ((frame > 0 || pde->steady) && !pde->advance(t->run, t->u, time)) {
      diverge(t, t->run->t, t->run->bad / t->c->cells, t->run->bad % t->c->cells,
              t->run->bad_value);
      return;
    }
    if (!store(t, to, 0, pde->nstored, time)) {
      return;
    }
    measure(t, &start, frame);
  }
}

mpp_status mpp_trajectory_check(const mpp_trajectory *t)
{
  const mpp_pde *pde = t->c->pde;
  mpp_cell_text cell;
  if (!t->diverged) {
    return MPP_OK;
  }
  mpp_pde_case_cell_text(cell, t->c, t->bad_cell);
  return mpp_fail(MPP_ERR_DIVERGED,
                  "%s: sample %llu: the solution diverged at t = %g: %s in cell (%s): found %g, "
                  "expected a finite%s value",
                  pde->name, (unsigned long long)t->sample, t->bad_time, pde->field[t->bad_field],
                  cell, t->bad_value, isfinite(t->bad_value) ? " and sound" : "");
}

/* ---- one trajectory in memory ---- */

mpp_status mpp_pde_trajectory_shape(size_t shape[5], const mpp_pde *pde,
                                    const mpp_generate_options *options)
{
  mpp_pde_case c;
  const mpp_status st = mpp_pde_case_make(&c, pde, options);
  if (st == MPP_OK) {
    const size_t made[5] = {c.frames, pde->nstored, c.stored[0], c.stored[1], c.stored[2]};
    memcpy(shape, made, sizeof made);
  }
  return st;
}

mpp_status mpp_pde_trajectory(float *x, const mpp_pde *pde, const mpp_generate_options *options,
                              uint64_t sample)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  mpp_trajectory t = {.c = NULL};
  MPP_TRY(mpp_pde_case_make(&c, pde, options));
  MPP_TRY(mpp_trajectory_open(&t, &c));
  MPP_TRY(mpp_trajectory_init(&t, sample));
  mpp_trajectory_integrate(&t);
  MPP_TRY(mpp_trajectory_check(&t));
  memcpy(x, t.frames, c.values * sizeof *x);
done:
  mpp_trajectory_close(&t);
  return st;
}
