/* stencil.c - the regression; its step is in stencil_step.c; the method and its regularisation are
 * in stencil.h. */
#include "stencil.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "normal_equations.h"
#include "threads.h"

/* Of the scaled equations (unit diagonal): what float32 data and the inner products resolve. */
static const double ridge = 1e-10;

/* ---- fit ---- */

/* One set of normal equations: the chosen terms of the moments. */
typedef struct equations {
  const mpp_stencil_moments *m;
  const double *gram; /* [side, side] of the part */
  double rows;        /* sum of weights */
  size_t n;           /* terms chosen */
  size_t *term;       /* [n] their numbers */
  double *g;          /* [n, n] work */
  double *b;          /* [fields, n] right sides, then solutions */
  double *scale;      /* [n] */
} equations;

/* A term as a sum of at most two noisy numbers: value of `field` at `offset`, `lag` frames back. */
typedef struct noisy {
  size_t lag;
  ptrdiff_t offset;
  double sign;
} noisy;

static size_t noise_of(noisy out[2], const mpp_stencil_term *t)
{
  if (t->kind == MPP_TERM_VALUE) {
    out[0] = (noisy){0, t->offset, 1.0};
    out[1] = (noisy){0, 0, -1.0};
    return t->ring == 0 ? 1 : 2;
  }
  if (t->kind == MPP_TERM_INCREMENT) {
    out[0] = (noisy){t->lag, t->offset, 1.0};
    out[1] = (noisy){t->lag + 1u, t->offset, -1.0};
    return 2;
  }
  return 0;
}

/* Expected product of the noise of two terms, noise of variance 1. */
static double noise_product(const mpp_stencil_term *a, const mpp_stencil_term *b)
{
  noisy p[2], q[2];
  double sum = 0.0;
  if (a->field != b->field) {
    return 0.0;
  }
  const size_t np = noise_of(p, a), nq = noise_of(q, b);
  for (size_t i = 0; i < np; i++) {
    for (size_t j = 0; j < nq; j++) {
      sum += p[i].lag == q[j].lag && p[i].offset == q[j].offset ? p[i].sign * q[j].sign : 0.0;
    }
  }
  return sum;
}

/* Solves for noise of variance[c] in field c; solutions in e->b. */
static bool solve(equations *e, const double *variance)
{
  static const mpp_stencil_term centre = {.kind = MPP_TERM_VALUE};
  const size_t n = e->n, C = e->m->fields, side = e->m->side;
  for (size_t i = 0; i < n; i++) {
    const mpp_stencil_term *p = &e->m->term[e->term[i]];
    const bool noisy_term = p->kind == MPP_TERM_VALUE || p->kind == MPP_TERM_INCREMENT;
    const double strength = noisy_term ? e->rows * variance[p->field] : 0.0;
    for (size_t j = i; j < n; j++) {
      const mpp_stencil_term *q = &e->m->term[e->term[j]];
      const double noise = strength > 0.0 ? strength * noise_product(p, q) : 0.0;
      e->g[i * n + j] = e->gram[e->term[i] * side + e->term[j]] + noise;
    }
    for (size_t c = 0; c < C; c++) {
      mpp_stencil_term target = centre; /* from the noisy value back to the true next one */
      target.field = (unsigned char)c;
      const double noise = strength > 0.0 ? strength * noise_product(p, &target) : 0.0;
      e->b[c * n + i] = e->gram[e->term[i] * side + e->m->terms + c] - noise;
    }
  }
  for (size_t i = 0; i < n; i++) {
    const double d = e->g[i * n + i];
    e->scale[i] = d > 0.0 ? 1.0 / sqrt(d) : 0.0; /* a term that is 0 all over is left out */
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = i; j < n; j++) { e->g[i * n + j] *= e->scale[i] * e->scale[j]; }
    e->g[i * n + i] = 1.0 + ridge;
    for (size_t c = 0; c < C; c++) { e->b[c * n + i] *= e->scale[i]; }
  }
  if (!mpp_cholesky_solve(e->g, e->b, n, C)) {
    return false;
  }
  for (size_t i = 0; i < n * C; i++) {
    e->b[i] *= e->scale[i % n];
    if (!isfinite(e->b[i])) {
      return false;
    }
  }
  return true;
}

/* Mean square of what the solution leaves of the increments of field c. */
static double residual(const equations *e, size_t c)
{
  const size_t side = e->m->side, at = e->m->terms + c, n = e->n;
  const double *a = e->b + c * n;
  double sum = e->gram[at * side + at];
  for (size_t i = 0; i < n; i++) {
    double product = 0.5 * a[i] * e->gram[e->term[i] * side + e->term[i]];
    for (size_t j = i + 1; j < n; j++) {
      product += a[j] * e->gram[e->term[i] * side + e->term[j]];
    }
    sum += 2.0 * a[i] * (product - e->gram[e->term[i] * side + at]);
  }
  return e->rows > 0.0 ? fmax(sum, 0.0) / e->rows : 0.0;
}

mpp_status mpp_stencil_fit(double *a, bool *solved, const mpp_stencil_moments *m,
                           const mpp_stencil_reach *reach, double noise, mpp_fit_part part)
{
  mpp_status st = MPP_OK;
  equations e = {.m = m, .gram = m->gram[part], .rows = m->weight[part]};
  double variance[MPP_MAX_FIELDS] = {0.0};
  memset(a, 0, m->terms * m->fields * sizeof *a);
  *solved = false;
  MPP_TRY(MPP_ALLOC(&e.term, m->terms));
  MPP_TRY(MPP_ALLOC(&e.g, m->terms * m->terms));
  MPP_TRY(MPP_ALLOC(&e.b, m->terms * m->fields));
  MPP_TRY(MPP_ALLOC(&e.scale, m->terms));
  for (size_t j = 0; j < m->terms; j++) {
    if (mpp_stencil_takes(reach, &m->term[j])) {
      e.term[e.n++] = j;
    }
  }
  *solved = e.rows > 0.0 && solve(&e, variance);
  if (*solved && noise > 0.0) {
    for (size_t c = 0; c < m->fields; c++) { variance[c] = noise * noise * residual(&e, c); }
    *solved = solve(&e, variance);
  }
  for (size_t i = 0; *solved && i < e.n; i++) {
    for (size_t c = 0; c < m->fields; c++) { a[e.term[i] * m->fields + c] = e.b[c * e.n + i]; }
  }
done:
  mpp_free(e.term);
  mpp_free(e.g);
  mpp_free(e.b);
  mpp_free(e.scale);
  return st;
}

/* ---- taps ---- */

/* The tap of an array and an offset; a new one has coefficients 0. */
static double *tap_of(mpp_stencil *s, size_t from, ptrdiff_t offset)
{
  for (size_t i = 0; i < s->taps; i++) {
    if (s->tap[i].from == from && s->tap[i].offset == offset) {
      return s->by + i * s->fields;
    }
  }
  s->tap[s->taps] = (mpp_stencil_tap){from, offset};
  return s->by + s->taps++ * s->fields;
}

/* Adds what a term with coefficients a [fields] does. */
static void add_term(mpp_stencil *s, const mpp_stencil_term *t, const double *a)
{
  const size_t C = s->fields;
  if (t->kind == MPP_TERM_VALUE) {
    double *at = tap_of(s, t->field, t->offset);
    for (size_t c = 0; c < C; c++) { at[c] += a[c]; }
    double *centre = t->ring > 0 ? tap_of(s, t->field, 0) : NULL;
    for (size_t c = 0; c < C; c++) {
      if (centre != NULL) {
        centre[c] -= a[c];
      } else {
        s->constant[c] -= a[c] * s->mean[t->field];
      }
    }
  } else if (t->kind == MPP_TERM_INCREMENT) {
    double *at = tap_of(s, (t->lag + 1u) * C + t->field, t->offset);
    for (size_t c = 0; c < C; c++) { at[c] += a[c]; }
  } else if (t->kind == MPP_TERM_POWER) {
    s->power[s->powers] = *t;
    memcpy(s->power_by + s->powers++ * C, a, C * sizeof *a);
  } else {
    for (size_t c = 0; c < C; c++) { s->constant[c] += a[c]; }
  }
}

static bool used(const double *a, const mpp_stencil_moments *m, size_t term)
{
  for (size_t c = 0; c < m->fields; c++) {
    if (a[term * m->fields + c] != 0.0) {
      return true;
    }
  }
  return false;
}

mpp_status mpp_stencil_make(mpp_stencil *s, const double *a, const mpp_stencil_moments *m)
{
  mpp_status st = MPP_OK;
  size_t powers = 0, others = 0;
  memset(s, 0, sizeof *s);
  s->fields = m->fields;
  memcpy(s->mean, m->mean, sizeof s->mean);
  memcpy(s->sd, m->sd, sizeof s->sd);
  for (size_t j = 0; j < m->terms; j++) {
    const bool power = m->term[j].kind == MPP_TERM_POWER;
    powers += used(a, m, j) && power ? 1 : 0;
    others += used(a, m, j) && !power ? 1 : 0;
  }
  /* A term is one tap or one power, or it shares the tap of the cell itself. */
  MPP_TRY(MPP_ALLOC(&s->tap, others + m->fields));
  MPP_TRY(MPP_ALLOC(&s->by, (others + m->fields) * m->fields));
  MPP_TRY(MPP_ALLOC(&s->power, powers));
  MPP_TRY(MPP_ALLOC(&s->power_by, powers * m->fields));
  for (size_t j = 0; j < m->terms; j++) {
    if (used(a, m, j)) {
      add_term(s, &m->term[j], a + j * m->fields);
    }
  }
done:
  return st;
}

void mpp_stencil_free(mpp_stencil *s)
{
  mpp_free(s->tap);
  mpp_free(s->by);
  mpp_free(s->power);
  mpp_free(s->power_by);
  memset(s, 0, sizeof *s);
}

size_t mpp_stencil_bytes(const mpp_stencil *s)
{
  return s->taps * (sizeof *s->tap + s->fields * sizeof *s->by) +
         s->powers * (sizeof *s->power + s->fields * sizeof *s->power_by);
}
