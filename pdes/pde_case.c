/* pde_case.c - options -> a checked case. */
#include "pde_case.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "number.h"

enum { RESOLUTION_MIN = 8, RESOLUTION_MAX = 65536, FRAMES_MAX = 1000000, NAMES_MAX = 64 };

static mpp_status unknown(const char *what, const mpp_pde *pde, const char *name,
                          const char *const *names, size_t count)
{
  const char *close = mpp_closest(name, names, count);
  if (close != NULL) {
    return mpp_fail(MPP_ERR_USAGE, "%s %s: %s has none of this name (did you mean '%s'?)", what,
                    name, pde->name, close);
  }
  return mpp_fail(MPP_ERR_USAGE, "%s %s: %s has none of this name%s%s%s", what, name, pde->name,
                  count > 0 ? ", its first is '" : "", count > 0 ? names[0] : "",
                  count > 0 ? "'" : "");
}

/* ---- parameters ---- */

/* Index of a word in "a|b|c". */
static bool find_choice(double *out, const char *choices, const char *word)
{
  const size_t length = strlen(word);
  double index = 0.0;
  for (const char *at = choices; *at != '\0'; index += 1.0) {
    const size_t n = strcspn(at, "|");
    if (n == length && strncmp(at, word, n) == 0) {
      *out = index;
      return true;
    }
    at += n + (at[n] == '|');
  }
  return false;
}

static mpp_status parse_value(double *out, const mpp_pde_param *p, const char *text)
{
  mpp_status st = MPP_OK;
  char *end = NULL;
  if (p->kind == MPP_PARAM_CHOICE) {
    MPP_REQUIRE(find_choice(out, p->choices, text), MPP_ERR_USAGE,
                "--set %s: found '%s', expected one of %s", p->name, text, p->choices);
    return st;
  }
  const double value = mpp_number_read(text, &end);
  MPP_REQUIRE(end != text && *end == '\0' && isfinite(value), MPP_ERR_USAGE,
              "--set %s: found '%s', expected a number", p->name, text);
  MPP_REQUIRE(value >= p->min && value <= p->max, MPP_ERR_USAGE,
              "--set %s: found %g, expected %g to %g [%s]", p->name, value, p->min, p->max,
              p->units);
  MPP_REQUIRE(p->kind != MPP_PARAM_WHOLE || value == floor(value), MPP_ERR_USAGE,
              "--set %s: found %g, expected a whole number", p->name, value);
  *out = value;
done:
  return st;
}

/* One setting "name=value" of `length` characters. */
static mpp_status set_parameter(mpp_pde_setup *setup, const mpp_pde *pde, const char *text,
                                size_t length)
{
  const char *equals = memchr(text, '=', length), *names[MPP_PDE_MAX_PARAMS] = {NULL};
  const size_t before = equals != NULL ? (size_t)(equals - text) : 0;
  mpp_name name = "", value = "";
  size_t at = 0;
  if (before == 0 || before >= sizeof name || length - before > sizeof value) {
    return mpp_fail(MPP_ERR_USAGE, "--set: found '%.*s', expected NAME=VALUE", (int)length, text);
  }
  memcpy(name, text, before);
  memcpy(value, equals + 1, length - before - 1);
  while (pde->params[at].name != NULL && strcmp(pde->params[at].name, name) != 0) {
    names[at] = pde->params[at].name;
    at++;
  }
  return pde->params[at].name != NULL ? parse_value(&setup->param[at], &pde->params[at], value)
                                      : unknown("--set", pde, name, names, at);
}

/* Settings "name=value,name=value"; NULL: none. */
static mpp_status set_parameters(mpp_pde_setup *setup, const mpp_pde *pde, const char *text)
{
  mpp_status st = MPP_OK;
  while (text != NULL && *text != '\0') {
    const size_t length = strcspn(text, ",");
    MPP_TRY(set_parameter(setup, pde, text, length));
    text += length + (text[length] == ',');
  }
done:
  return st;
}

/* ---- boundaries ---- */

static const char *const edge_name[] = {
    [MPP_EDGE_PERIODIC] = "periodic", [MPP_EDGE_OPEN] = "open", [MPP_EDGE_WALL] = "wall"};
enum { EDGES = sizeof edge_name / sizeof edge_name[0] };

/* Kinds that an axis can have, "periodic|open". */
static void edge_choices(char out[32], const mpp_pde *pde, int axis)
{
  const unsigned edges = pde->edges != 0 ? pde->edges : 1u << pde->edge[axis];
  out[0] = '\0';
  for (unsigned e = 0; e < EDGES; e++) {
    if ((edges >> e & 1u) != 0) {
      const size_t used = strlen(out);
      snprintf(out + used, 32 - used, "%s%s", used > 0 ? "|" : "", edge_name[e]);
    }
  }
}

static mpp_status set_edge(mpp_pde_setup *setup, const mpp_pde *pde, const char *name,
                           const char *value)
{
  mpp_status st = MPP_OK;
  char choices[32];
  double index = 0.0;
  bool found = false;
  unsigned e = 0;
  while (e < EDGES - 1 && strcmp(edge_name[e], value) != 0) { e++; }
  for (int a = 0; a < 3; a++) {
    if (pde->axis[a][0] == '\0' || (name[0] != '\0' && strcmp(pde->axis[a], name) != 0)) {
      continue;
    }
    edge_choices(choices, pde, a);
    MPP_REQUIRE(find_choice(&index, choices, value), MPP_ERR_USAGE,
                "--boundary: axis %s of %s: found '%s', expected one of %s", pde->axis[a],
                pde->name, value, choices);
    setup->edge[a] = (mpp_edge)e;
    found = true;
  }
  MPP_REQUIRE(found, MPP_ERR_USAGE, "--boundary: %s has no axis '%s'", pde->name, name);
done:
  return st;
}

/* "x=periodic,y=open", or one word for all axes; NULL or "": nothing. */
static mpp_status set_boundary(mpp_pde_setup *setup, const mpp_pde *pde, const char *text)
{
  mpp_status st = MPP_OK;
  while (text != NULL && *text != '\0') {
    const size_t length = strcspn(text, ",");
    const char *equals = memchr(text, '=', length);
    const size_t before = equals != NULL ? (size_t)(equals - text) : 0;
    const size_t value_at = equals != NULL ? before + 1 : 0;
    char name[16] = "", value[16] = "";
    MPP_REQUIRE(before < sizeof name && length - value_at < sizeof value, MPP_ERR_USAGE,
                "--boundary: found '%.*s', expected AXIS=KIND", (int)length, text);
    memcpy(name, text, before);
    memcpy(value, text + value_at, length - value_at);
    MPP_TRY(set_edge(setup, pde, name, value));
    text += length + (text[length] == ',');
  }
done:
  return st;
}

/* "x=periodic,y=open": in the order of the names, whatever that of the grid. */
static void describe_boundary(char out[64], const mpp_pde *pde, const mpp_edge edge[3])
{
  out[0] = '\0';
  for (const char *name = "xyz"; *name != '\0'; name++) {
    for (int a = 0; a < 3; a++) {
      if (pde->axis[a][0] == *name) {
        const size_t used = strlen(out);
        snprintf(out + used, 64 - used, "%s%c=%s", used > 0 ? "," : "", *name, edge_name[edge[a]]);
      }
    }
  }
}

mpp_pde_defaults mpp_pde_get_defaults(const mpp_pde *pde)
{
  mpp_pde_defaults d = {
      .resolution = pde->resolution, .frames = pde->frames, .horizon = pde->horizon};
  for (int a = 0; a < 3; a++) { d.dimensions += pde->axis[a][0] != '\0'; }
  describe_boundary(d.boundary, pde, pde->edge);
  edge_choices(d.boundaries, pde, 2);
  return d;
}

/* ---- grid ---- */

static mpp_status count_values(mpp_pde_case *c)
{
  const size_t *n = c->stored;
  size_t state = 0;
  if (!mpp_product(&c->cells, c->setup.grid.n, 3) ||
      !mpp_mul(&state, c->cells, c->pde->nfields * sizeof(double)) ||
      !mpp_product(&c->values, (const size_t[]){c->frames, c->pde->nstored, n[0], n[1], n[2]}, 5) ||
      !mpp_product(&c->once, (const size_t[]){c->pde->nonce, n[0], n[1], n[2]}, 4)) {
    return mpp_fail(MPP_ERR_USAGE, "--resolution %zu with %zu frames is too large", n[2],
                    c->frames);
  }
  return MPP_OK;
}

/* Grids of the computation and of what is stored, `stored` cells along each axis of the latter. */
static mpp_status set_grid(mpp_pde_case *c, size_t stored)
{
  const mpp_pde *pde = c->pde;
  mpp_grid *g = &c->setup.grid;
  double low[3], high[3];
  memcpy(low, pde->low, sizeof low);
  memcpy(high, pde->high, sizeof high);
  if (pde->domain != NULL) {
    pde->domain(low, high, &c->setup);
  }
  for (int a = 0; a < 3; a++) {
    const bool used = pde->axis[a][0] != '\0';
    c->stored[a] = used ? stored : 1;
    g->n[a] = used ? stored * c->stride : 1;
    g->low[a] = low[a];
    g->dx[a] = used ? (high[a] - low[a]) / (double)g->n[a] : 1.0;
  }
  return count_values(c);
}

mpp_status mpp_pde_case_place(mpp_pde_case *c, const size_t n[3], const double low[3],
                              const double dx[3])
{
  c->stride = 1;
  c->offset = 0;
  for (int a = 0; a < 3; a++) {
    c->stored[a] = c->setup.grid.n[a] = n[a];
    c->setup.grid.low[a] = low[a];
    c->setup.grid.dx[a] = dx[a];
  }
  return count_values(c);
}

/* ---- options ---- */

static mpp_status check_options(const mpp_generate_options *o, const mpp_pde *pde)
{
  mpp_status st = MPP_OK;
  const int least = pde->steady ? 1 : 2, most = pde->steady ? 1 : FRAMES_MAX;
  MPP_REQUIRE(o->resolution == 0 ||
                  (o->resolution >= RESOLUTION_MIN && o->resolution <= RESOLUTION_MAX),
              MPP_ERR_USAGE, "--resolution: found %ld, expected %d to %d", o->resolution,
              RESOLUTION_MIN, RESOLUTION_MAX);
  MPP_REQUIRE(o->frames == 0 || (o->frames >= least && o->frames <= most), MPP_ERR_USAGE,
              "--frames: found %ld, expected %d to %d", o->frames, least, most);
  MPP_REQUIRE(o->horizon >= 0.0 && isfinite(o->horizon), MPP_ERR_USAGE,
              "--horizon: found %g, expected a positive time", o->horizon);
  MPP_REQUIRE(o->seed >= 0, MPP_ERR_USAGE, "--seed: found %ld, expected 0 or more", o->seed);
  MPP_REQUIRE(!o->pdebench_compat || !pde->unreleased, MPP_ERR_USAGE,
              "--pdebench-compat: PDEBench has no data of %s", pde->name);
  MPP_REQUIRE(!o->pdebench_compat || o->seed + (o->samples > 0 ? o->samples : 0) <= 0x100000000L,
              MPP_ERR_USAGE,
              "--seed %ld --samples %ld: with --pdebench-compat seeds end at 2^32 - 1", o->seed,
              o->samples);
done:
  return st;
}

static mpp_status find_preset(const mpp_pde_preset **out, const mpp_pde *pde, const char *name)
{
  static const mpp_pde_preset none = {.set = ""};
  const char *names[NAMES_MAX] = {NULL};
  size_t count = 0;
  *out = &none;
  if (name[0] == '\0') {
    return MPP_OK;
  }
  for (const mpp_pde_preset *p = pde->presets; p != NULL && p->name != NULL; p++) {
    if (strcmp(p->name, name) == 0) {
      *out = p;
      return MPP_OK;
    }
    if (count < NAMES_MAX) {
      names[count++] = p->name;
    }
  }
  return unknown("--preset", pde, name, names, count);
}

/* Whichever is given: the option, the preset's, the system's own. */
static size_t first_given(long option, size_t preset, size_t own)
{
  return option > 0 ? (size_t)option : preset > 0 ? preset : own;
}

mpp_status mpp_pde_case_make(mpp_pde_case *out, const mpp_pde *pde,
                             const mpp_generate_options *options)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c = {.pde = pde};
  const mpp_pde_preset *preset = NULL;
  mpp_pde_setup *s = &c.setup;
  MPP_TRY(check_options(options, pde));
  MPP_TRY(find_preset(&preset, pde, options->preset));
  c.frames = first_given(options->frames, preset->frames, pde->frames);
  s->horizon = options->horizon > 0.0  ? options->horizon
               : preset->horizon > 0.0 ? preset->horizon
                                       : pde->horizon;
  s->interval = s->horizon / (double)(c.frames > 1 ? c.frames - 1 : 1);
  s->compat = options->pdebench_compat;
  s->seed = s->compat && options->seed == 0 ? preset->seed : (uint64_t)options->seed;
  memcpy(s->edge, pde->edge, sizeof s->edge);
  for (size_t i = 0; pde->params[i].name != NULL; i++) { s->param[i] = pde->params[i].fallback; }
  MPP_TRY(set_parameters(s, pde, preset->set));
  for (size_t i = 0; i < options->set.count; i++) {
    MPP_TRY(set_parameter(s, pde, options->set.item[i], strlen(options->set.item[i])));
  }
  MPP_TRY(set_boundary(s, pde, preset->boundary));
  MPP_TRY(set_boundary(s, pde, options->boundary));
  describe_boundary(c.boundary, pde, s->edge);
  c.stride = pde->stride != NULL ? pde->stride(s) : 1;
  c.offset = c.stride > 1 ? 1 : 0; /* as the released data: [1::4] */
  MPP_TRY(set_grid(&c, first_given(options->resolution, preset->resolution, pde->resolution)));
  if (pde->check != NULL) {
    MPP_TRY(pde->check(s));
  }
  *out = c;
done:
  return st;
}

mpp_status mpp_pde_case_problem(mpp_pde_case *out, const mpp_pde *pde,
                                const mpp_pde_problem *problem, int doublings)
{
  mpp_status st = MPP_OK;
  mpp_generate_options o = {.samples = 1, .horizon = problem->horizon};
  mpp_pde_case c;
  size_t cells = problem->cells > 0 ? problem->cells : 32;
  cells <<= problem->refine == NULL ? doublings : 0;
  o.resolution = (long)cells;
  MPP_TRY(mpp_pde_case_make(&c, pde, &o));
  MPP_TRY(set_parameters(&c.setup, pde, problem->set));
  MPP_TRY(set_boundary(&c.setup, pde, problem->boundary));
  describe_boundary(c.boundary, pde, c.setup.edge);
  for (size_t i = 0; problem->refine != NULL && pde->params[i].name != NULL; i++) {
    c.setup.param[i] *=
        strcmp(pde->params[i].name, problem->refine) == 0 ? ldexp(1.0, -doublings) : 1.0;
  }
  MPP_TRY(set_grid(&c, cells)); /* the domain may depend on the settings */
  for (int a = 0; a < 3 && problem->low < problem->high; a++) {
    if (pde->axis[a][0] != '\0') {
      c.setup.grid.low[a] = problem->low;
      c.setup.grid.dx[a] = (problem->high - problem->low) / (double)cells;
    }
  }
  if (pde->check != NULL) {
    MPP_TRY(pde->check(&c.setup));
  }
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

static size_t along(const mpp_pde_case *c, int axis, size_t i)
{
  return c->setup.grid.n[axis] > 1 ? i * c->stride + c->offset : 0;
}

size_t mpp_pde_case_cell(const mpp_pde_case *c, size_t d, size_t h, size_t w)
{
  const size_t *n = c->setup.grid.n;
  return (along(c, 0, d) * n[1] + along(c, 1, h)) * n[2] + along(c, 2, w);
}

void mpp_pde_case_cell_text(mpp_cell_text out, const mpp_pde_case *c, size_t cell)
{
  const size_t *n = c->setup.grid.n;
  const size_t at[3] = {cell / n[2] / n[1], cell / n[2] % n[1], cell % n[2]};
  out[0] = '\0';
  for (int a = 0; a < 3; a++) {
    if (c->pde->axis[a][0] != '\0') {
      const size_t used = strlen(out);
      snprintf(out + used, sizeof(mpp_cell_text) - used, "%s%s %zu", used > 0 ? ", " : "",
               c->pde->axis[a], at[a]);
    }
  }
}
