/* certificate.c - solver, scheme, measured order, drift of what is conserved, smallest values of
 * what must stay positive. */
#include "certificate.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "mpp/version.h"
#include "number.h"

/* ---- course ---- */

mpp_course mpp_course_of(const mpp_trajectory *t)
{
  mpp_course c = {.sample = (double)t->sample,
                  .steps = (double)t->run->steps,
                  .rejected = (double)t->run->rejected,
                  .repaired = t->run->repaired,
                  .nconserved = (double)t->nconserved};
  memcpy(c.drift, t->drift, sizeof c.drift);
  memcpy(c.least, t->run->least, sizeof c.least);
  return c;
}

void mpp_course_add(mpp_course *worst, const mpp_course *other)
{
  const bool first = worst->sample == 0.0;
  worst->sample += 1.0;
  worst->steps += other->steps;
  worst->rejected += other->rejected;
  worst->repaired += other->repaired;
  worst->nconserved = other->nconserved;
  for (int i = 0; i < MPP_PDE_MAX_CONSERVED; i++) {
    worst->drift[i] = fmax(worst->drift[i], other->drift[i]);
  }
  for (int i = 0; i < MPP_PDE_MAX_POSITIVE; i++) {
    worst->least[i] = first ? other->least[i] : fmin(worst->least[i], other->least[i]);
  }
}

/* ---- order ---- */

mpp_status mpp_pde_problem_error(double *out, const mpp_pde *pde, const mpp_pde_problem *problem,
                                 int doublings)
{
  mpp_status st = MPP_OK;
  mpp_pde_case c;
  mpp_trajectory t = {.c = NULL};
  double *exact = NULL, sum = 0.0;
  MPP_TRY(mpp_pde_case_problem(&c, pde, problem, doublings));
  MPP_TRY(mpp_trajectory_open(&t, &c));
  const size_t count = pde->nfields * c.cells;
  MPP_TRY(MPP_ALLOC(&exact, count));
  problem->exact(t.u, 0.0, &c.setup);
  pde->start(t.run, t.u);
  MPP_REQUIRE(pde->advance(t.run, t.u, problem->horizon), MPP_ERR_DIVERGED,
              "%s: the solution of '%s' on %zu cells diverged at t = %g", pde->name, problem->name,
              c.setup.grid.n[2], t.run->t);
  problem->exact(exact, problem->horizon, &c.setup);
  for (size_t i = 0; i < count; i++) { sum += fabs(t.u[i] - exact[i]); }
  *out = sum / (double)count;
done:
  mpp_free(exact);
  mpp_trajectory_close(&t);
  return st;
}

mpp_status mpp_certify_order(double *order, const mpp_pde *pde)
{
  mpp_status st = MPP_OK;
  double coarse = 0.0, fine = 0.0;
  MPP_TRY(mpp_pde_problem_error(&coarse, pde, &pde->problems[0], 0));
  MPP_TRY(mpp_pde_problem_error(&fine, pde, &pde->problems[0], 1));
  *order = log2(coarse / fine);
done:
  return st;
}

/* ---- notes ---- */

void mpp_note_text(mpp_notes *n, const char *key, const char *text)
{
  assert(n->count < MPP_MAX_NOTES);
  mpp_note *to = &n->item[n->count++];
  *to = (mpp_note){.value = 0.0};
  snprintf(to->key, sizeof to->key, "%s", key);
  snprintf(to->text, sizeof to->text, "%s", text);
}

void mpp_note_number(mpp_notes *n, const char *prefix, const char *key, double value)
{
  assert(n->count < MPP_MAX_NOTES);
  mpp_note *to = &n->item[n->count++];
  *to = (mpp_note){.value = value};
  snprintf(to->key, sizeof to->key, "%s%s", prefix, key);
}

static void note_parameter(mpp_notes *n, const mpp_pde_param *p, double value)
{
  if (p->kind == MPP_PARAM_CHOICE) {
    mpp_name word;
    mpp_options_choice(word, sizeof word, p->choices, (int)value);
    mpp_note_text(n, p->name, word);
  } else {
    mpp_note_number(n, "", p->name, value);
  }
}

void mpp_note_case(mpp_notes *n, const mpp_pde_case *c)
{
  const mpp_pde *pde = c->pde;
  mpp_note_text(n, "solver", pde->name);
  mpp_note_text(n, "system", pde->label);
  mpp_note_text(n, "boundary", c->boundary);
  mpp_note_text(n, "solver_version", "mpp " MPP_VERSION);
  const bool released = c->setup.compat && pde->released_scheme != NULL;
  mpp_note_text(n, "scheme", released ? pde->released_scheme : pde->scheme);
  mpp_note_text(n, "reference", pde->reference);
  mpp_note_text(n, "mode", c->setup.compat ? "pdebench-compat" : "default");
  mpp_note_number(n, "", "seed", (double)c->setup.seed);
  mpp_note_number(n, "", "horizon", c->setup.horizon);
  mpp_note_number(n, "", "computed_cells_per_axis", (double)c->setup.grid.n[2]);
  for (size_t i = 0; pde->params[i].name != NULL; i++) {
    note_parameter(n, &pde->params[i], c->setup.param[i]);
  }
}

void mpp_note_course(mpp_notes *n, const mpp_pde *pde, const mpp_course *course)
{
  const size_t nconserved = (size_t)course->nconserved;
  for (size_t i = 0; i < nconserved && i < MPP_PDE_MAX_CONSERVED; i++) {
    mpp_note_number(n, "drift_", pde->conserved[i], course->drift[i]);
  }
  for (size_t i = 0; i < MPP_PDE_MAX_POSITIVE && pde->positive[i] != NULL; i++) {
    mpp_note_number(n, "smallest_", pde->positive[i], course->least[i]);
  }
  mpp_note_number(n, "", "steps", course->steps);
  mpp_note_number(n, "", "steps_rejected", course->rejected);
  if (pde->positive[0] != NULL) {
    mpp_note_number(n, "", "cells_repaired", course->repaired);
  }
}

void mpp_note_details(mpp_notes *n, const mpp_pde_case *c, uint64_t sample)
{
  mpp_note_number(n, "", "sample", (double)sample);
  assert(n->count + MPP_PDE_MAX_DETAILS <= MPP_MAX_NOTES);
  if (c->pde->details != NULL) {
    n->count += c->pde->details(&n->item[n->count], &c->setup, sample);
  }
}

/* ---- identity ---- */

mpp_status mpp_case_identity(char **out, const mpp_pde_case *c)
{
  mpp_status st = MPP_OK;
  const mpp_grid *g = &c->setup.grid;
  mpp_notes *n = NULL;
  char *text = NULL;
  size_t used = 0;
  const size_t line = sizeof(mpp_note) + MPP_NUMBER_MAX;
  MPP_TRY(MPP_ALLOC(&n, 1));
  mpp_note_case(n, c);
  mpp_note_number(n, "", "frames", (double)c->frames);
  for (int a = 0; a < 3; a++) {
    mpp_note_number(n, "resolution ", c->pde->axis[a], (double)g->n[a]);
  }
  MPP_TRY(MPP_ALLOC(&text, n->count * line));
  for (size_t i = 0; i < n->count; i++) {
    char number[MPP_NUMBER_MAX];
    mpp_number_format(number, n->item[i].value);
    used += (size_t)snprintf(text + used, line, "%s=%s\n", n->item[i].key,
                             n->item[i].text[0] != '\0' ? n->item[i].text : number);
  }
  *out = text;
  text = NULL;
done:
  mpp_free(text);
  mpp_free(n);
  return st;
}
