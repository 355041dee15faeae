/* pde_case.c - options -> a checked case. */
#include "pde_case.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

enum { RESOLUTION_MIN = 8, RESOLUTION_MAX = 8192, FRAMES_MAX = 1000000 };

static mpp_status unknown_parameter(const mpp_pde *pde, const char *name)
{
  const char *names[MPP_PDE_MAX_PARAMS];
  size_t count = 0;
  for (const mpp_pde_param *p = pde->params; p->name != NULL; p++) { names[count++] = p->name; }
  const char *closest = mpp_closest(name, names, count);
  if (closest != NULL) {
    return mpp_fail(MPP_ERR_USAGE, "--set %s: %s has no such parameter (did you mean '%s'?)", name,
                    pde->name, closest);
  }
  return mpp_fail(MPP_ERR_USAGE, "--set %s: %s has no such parameter, its first is '%s'", name,
                  pde->name, names[0]);
}

/* One setting "name=value". */
static mpp_status set_parameter(mpp_pde_setup *setup, const mpp_pde *pde, const char *text)
{
  const char *equals = strchr(text, '=');
  const size_t length = equals != NULL ? (size_t)(equals - text) : 0;
  mpp_name name = "";
  if (length == 0 || length >= sizeof name) {
    return mpp_fail(MPP_ERR_USAGE, "--set: found '%s', expected NAME=VALUE", text);
  }
  memcpy(name, text, length);
  size_t at = 0;
  while (pde->params[at].name != NULL && strcmp(pde->params[at].name, name) != 0) { at++; }
  const mpp_pde_param *p = &pde->params[at];
  if (p->name == NULL) {
    return unknown_parameter(pde, name);
  }
  char *end = NULL;
  const double value = strtod(equals + 1, &end);
  if (end == equals + 1 || *end != '\0' || !isfinite(value)) {
    return mpp_fail(MPP_ERR_USAGE, "--set %s: found '%s', expected a number", name, equals + 1);
  }
  if (value < p->min || value > p->max) {
    return mpp_fail(MPP_ERR_USAGE, "--set %s: found %g, expected %g to %g [%s]", name, value,
                    p->min, p->max, p->units);
  }
  setup->param[at] = value;
  return MPP_OK;
}

static mpp_status set_parameters(mpp_pde_setup *setup, const mpp_pde *pde,
                                 const mpp_text_list *settings)
{
  mpp_status st = MPP_OK;
  for (size_t i = 0; pde->params[i].name != NULL; i++) {
    setup->param[i] = pde->params[i].fallback;
  }
  for (size_t i = 0; i < settings->count; i++) {
    MPP_TRY(set_parameter(setup, pde, settings->item[i]));
  }
  if (pde->check != NULL) {
    MPP_TRY(pde->check(setup));
  }
done:
  return st;
}

/* Grids of the computation and of what is stored, `stored` cells along each axis of the latter. */
static mpp_status set_grid(mpp_pde_case *c, size_t stored)
{
  const mpp_pde *pde = c->pde;
  mpp_grid *g = &c->setup.grid;
  size_t state = 0;
  for (int a = 0; a < 3; a++) {
    const bool used = pde->axis[a][0] != '\0';
    c->stored[a] = used ? stored : 1;
    g->n[a] = used ? stored * c->stride : 1;
    g->low[a] = pde->low[a];
    g->dx[a] = (pde->high[a] - pde->low[a]) / (double)g->n[a];
  }
  if (!mpp_product(&c->cells, g->n, 3) ||
      !mpp_mul(&state, c->cells, pde->nfields * sizeof(double)) ||
      !mpp_product(
          &c->values,
          (const size_t[]){c->frames, pde->nstored, c->stored[0], c->stored[1], c->stored[2]}, 5)) {
    return mpp_fail(MPP_ERR_USAGE, "--resolution %zu with %zu frames is too large", stored,
                    c->frames);
  }
  return MPP_OK;
}

static mpp_status check_options(const mpp_generate_options *o)
{
  mpp_status st = MPP_OK;
  MPP_REQUIRE(o->resolution == 0 ||
                  (o->resolution >= RESOLUTION_MIN && o->resolution <= RESOLUTION_MAX),
              MPP_ERR_USAGE, "--resolution: found %ld, expected %d to %d", o->resolution,
              RESOLUTION_MIN, RESOLUTION_MAX);
  MPP_REQUIRE(o->frames == 0 || (o->frames >= 2 && o->frames <= FRAMES_MAX), MPP_ERR_USAGE,
              "--frames: found %ld, expected 2 to %d", o->frames, FRAMES_MAX);
  MPP_REQUIRE(o->horizon >= 0.0 && isfinite(o->horizon), MPP_ERR_USAGE,
              "--horizon: found %g, expected a positive time", o->horizon);
  MPP_REQUIRE(o->seed >= 0, MPP_ERR_USAGE, "--seed: found %ld, expected 0 or more", o->seed);
  MPP_REQUIRE(!o->pdebench_compat || o->seed + (o->samples > 0 ? o->samples : 0) <= 0x100000000L,
              MPP_ERR_USAGE,
              "--seed %ld --samples %ld: with --pdebench-compat seeds end at 2^32 - 1", o->seed,
              o->samples);
done:
  return st;
}

mpp_status mpp_pde_case_make(mpp_pde_case *out, const mpp_pde *pde,
                             const mpp_generate_options *options)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c = {.pde = pde};
  MPP_TRY(check_options(options));
  c.frames = options->frames > 0 ? (size_t)options->frames : pde->frames;
  c.setup.horizon = options->horizon > 0.0 ? options->horizon : pde->horizon;
  c.setup.seed = (uint64_t)options->seed;
  c.setup.compat = options->pdebench_compat;
  MPP_TRY(set_parameters(&c.setup, pde, &options->set));
  c.stride = pde->stride != NULL ? pde->stride(&c.setup) : 1;
  c.offset = c.stride > 1 ? 1 : 0; /* as the released data: [1::4] */
  MPP_TRY(set_grid(&c, options->resolution > 0 ? (size_t)options->resolution : pde->resolution));
  *out = c;
done:
  return st;
}

double mpp_pde_case_time(const mpp_pde_case *c, size_t frame)
{
  const double horizon = c->setup.horizon, last = (double)(c->frames - 1);
  return frame + 1 == c->frames ? horizon : (double)frame * (horizon / last);
}

double mpp_pde_case_coordinate(const mpp_pde_case *c, int axis, size_t i)
{
  const mpp_grid *g = &c->setup.grid;
  return g->low[axis] + ((double)(i * c->stride + c->offset) + 0.5) * g->dx[axis];
}

size_t mpp_pde_case_cell(const mpp_pde_case *c, size_t h, size_t w)
{
  const size_t *n = c->setup.grid.n;
  return (n[1] > 1 ? h * c->stride + c->offset : 0) * n[2] + w * c->stride + c->offset;
}
