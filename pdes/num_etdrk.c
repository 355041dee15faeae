/* num_etdrk.c - one step, with the names of Kassam and Trefethen:
 *   a = E2 v + Q N(v)            b = E2 v + Q N(a)            c = E2 a + Q (2 N(b) - N(v))
 *   v <- E v + f1 N(v) + 2 f2 (N(a) + N(b)) + f3 N(c)
 *   E = e^z, E2 = e^{z/2}, Q = h/2 phi1(z/2), f1 = h (phi1 - 3 phi2 + 4 phi3), f2 = h (phi2 - 2
 * phi3), f3 = h (4 phi3 - phi2), phi = phi(z), z = L h. Between two evaluations of N one pass goes
 * over the modes. */
#include "num_etdrk.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

/* Coefficients of one field, each [modes]. */
typedef struct coefficients {
  double *e, *e2, *q, *f1, *f2, *f3;
} coefficients;

struct mpp_etdrk {
  mpp_etdrk_problem problem; /* linear: owned copies */
  coefficients coefficients[MPP_ETDRK_FIELDS];
  double h;             /* of the coefficients; 0: none yet */
  double *v, *a, *b;    /* [fields, modes] pairs */
  double *nv, *na, *nb; /* [terms, modes] pairs */
  double *memory;       /* of all, owned */
};

/* Taylor series where the differences cancel, |z| < 1: 1/3! sum_j z^j 3!/(j + 3)!, to 2^-53. */
void mpp_etdrk_phi(double phi[4], double z)
{
  phi[0] = exp(z);
  if (fabs(z) < 1.0) {
    double sum = 1.0;
    for (int j = 17; j > 0; j--) { sum = 1.0 + sum * z / (double)(j + 3); }
    phi[3] = sum / 6.0;
    phi[2] = 0.5 + z * phi[3];
    phi[1] = 1.0 + z * phi[2];
  } else {
    phi[1] = (phi[0] - 1.0) / z;
    phi[2] = (phi[1] - 1.0) / z;
    phi[3] = (phi[2] - 0.5) / z;
  }
}

mpp_status mpp_etdrk_create(mpp_etdrk **out, const mpp_etdrk_problem *problem)
{
  mpp_status st = MPP_OK;
  mpp_etdrk *e = NULL;
  const size_t modes = problem->modes, state = 2 * problem->fields * modes;
  const size_t term = 2 * problem->terms * modes;
  MPP_REQUIRE(modes > 0 && problem->fields > 0 && problem->fields <= MPP_ETDRK_FIELDS &&
                  problem->terms > 0 && problem->terms <= problem->fields,
              MPP_ERR_INTERNAL, "exponential integrator: %zu fields, %zu terms, %zu modes",
              problem->fields, problem->terms, modes);
  MPP_TRY(MPP_ALLOC(&e, 1));
  e->problem = *problem;
  MPP_TRY(MPP_ALLOC(&e->memory, 3 * state + 3 * term + 7 * problem->fields * modes));
  double *next = e->memory;
  double **const array[] = {&e->v, &e->a, &e->b, &e->nv, &e->na, &e->nb};
  for (size_t i = 0; i < 6; i++) {
    *array[i] = next;
    next += i < 3 ? state : term;
  }
  for (size_t f = 0; f < problem->fields; f++) {
    coefficients *c = &e->coefficients[f];
    double **const each[] = {&c->e, &c->e2, &c->q, &c->f1, &c->f2, &c->f3};
    for (size_t i = 0; i < 6; i++) {
      *each[i] = next;
      next += modes;
    }
    memcpy(next, problem->linear[f], modes * sizeof *next);
    e->problem.linear[f] = next;
    next += modes;
  }
  *out = e;
  e = NULL;
done:
  mpp_etdrk_destroy(e);
  return st;
}

void mpp_etdrk_destroy(mpp_etdrk *e)
{
  if (e != NULL) {
    mpp_free(e->memory);
    mpp_free(e);
  }
}

double *mpp_etdrk_state(mpp_etdrk *e) { return e->v; }

static void set_step(mpp_etdrk *e, double h)
{
  for (size_t f = 0; f < e->problem.fields && h != e->h; f++) {
    const coefficients *c = &e->coefficients[f];
    for (size_t i = 0; i < e->problem.modes; i++) {
      double half[4], phi[4];
      mpp_etdrk_phi(half, 0.5 * h * e->problem.linear[f][i]);
      mpp_etdrk_phi(phi, h * e->problem.linear[f][i]);
      c->e[i] = phi[0];
      c->e2[i] = half[0];
      c->q[i] = 0.5 * h * half[1];
      c->f1[i] = h * (phi[1] - 3.0 * phi[2] + 4.0 * phi[3]);
      c->f2[i] = 2.0 * h * (phi[2] - 2.0 * phi[3]);
      c->f3[i] = h * (4.0 * phi[3] - phi[2]);
    }
  }
  e->h = h;
}

/* ---- passes over the modes [from, to) of a field ---- */

/* out = E2 v + Q n */
static void predict(double *restrict out, const double *restrict v, const double *restrict n,
                    const coefficients *c, size_t from, size_t to)
{
  const double *restrict e2 = c->e2, *restrict q = c->q;
#pragma omp simd
  for (size_t i = from; i < to; i++) {
    out[2 * i] = e2[i] * v[2 * i] + q[i] * n[2 * i];
    out[2 * i + 1] = e2[i] * v[2 * i + 1] + q[i] * n[2 * i + 1];
  }
}

/* a = E2 a + Q (2 nb - nv);  v = E v + f1 nv + 2 f2 (na + nb) */
static void combine(double *restrict a, double *restrict v, const double *restrict nv,
                    const double *restrict na, const double *restrict nb, const coefficients *c,
                    size_t from, size_t to)
{
  const double *restrict e = c->e, *restrict e2 = c->e2, *restrict q = c->q;
  const double *restrict f1 = c->f1, *restrict f2 = c->f2;
#pragma omp simd
  for (size_t i = from; i < to; i++) {
    a[2 * i] = e2[i] * a[2 * i] + q[i] * (2.0 * nb[2 * i] - nv[2 * i]);
    a[2 * i + 1] = e2[i] * a[2 * i + 1] + q[i] * (2.0 * nb[2 * i + 1] - nv[2 * i + 1]);
    v[2 * i] = e[i] * v[2 * i] + f1[i] * nv[2 * i] + f2[i] * (na[2 * i] + nb[2 * i]);
    v[2 * i + 1] =
        e[i] * v[2 * i + 1] + f1[i] * nv[2 * i + 1] + f2[i] * (na[2 * i + 1] + nb[2 * i + 1]);
  }
}

/* v += f3 n */
static void finish(double *restrict v, const double *restrict n, const coefficients *c, size_t from,
                   size_t to)
{
  const double *restrict f3 = c->f3;
#pragma omp simd
  for (size_t i = from; i < to; i++) {
    v[2 * i] += f3[i] * n[2 * i];
    v[2 * i + 1] += f3[i] * n[2 * i + 1];
  }
}

typedef enum { PREDICT_A, PREDICT_B, COMBINE, FINISH } stage;

static void pass(mpp_etdrk *e, stage s, size_t field, size_t from, size_t to)
{
  const coefficients *c = &e->coefficients[field];
  const size_t state = 2 * field * e->problem.modes;
  const size_t term = 2 * e->problem.term[field] * e->problem.modes;
  double *v = e->v + state, *a = e->a + state, *b = e->b + state;
  const double *nv = e->nv + term, *na = e->na + term, *nb = e->nb + term;
  switch (s) {
  case PREDICT_A:
    predict(a, v, nv, c, from, to);
    break;
  case PREDICT_B:
    predict(b, v, na, c, from, to);
    break;
  case COMBINE:
    combine(a, v, nv, na, nb, c, from, to);
    break;
  case FINISH:
    finish(v, na, c, from, to);
    break;
  }
}

/* Blocks of modes, the same for any number of threads. */
enum { BLOCK = 1024, BLOCKS_PER_THREAD = 32 };

static void pass_all(mpp_etdrk *e, stage s)
{
  const size_t modes = e->problem.modes, blocks = (modes + BLOCK - 1) / BLOCK;
  const size_t all = blocks * e->problem.fields, useful = all / BLOCKS_PER_THREAD;
  const int most = omp_in_parallel() ? 1 : mpp_threads();
  const int threads = useful < 1 ? 1 : useful < (size_t)most ? (int)useful : most;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (size_t k = 0; k < all; k++) {
    const size_t from = k % blocks * BLOCK;
    pass(e, s, k / blocks, from, from + BLOCK < modes ? from + BLOCK : modes);
  }
}

static void step(mpp_etdrk *e)
{
  const mpp_etdrk_problem *p = &e->problem;
  p->nonlinear(e->nv, e->v, p->context);
  pass_all(e, PREDICT_A);
  p->nonlinear(e->na, e->a, p->context);
  pass_all(e, PREDICT_B);
  p->nonlinear(e->nb, e->b, p->context);
  pass_all(e, COMBINE);
  p->nonlinear(e->na, e->a, p->context);
  pass_all(e, FINISH);
}

/* A value that is not finite spreads to all modes by the transforms: looking at the last is
 * enough. */
static bool is_finite(const mpp_etdrk *e)
{
  double sum = 0.0;
  for (size_t f = 1; f <= e->problem.fields; f++) { sum += e->v[2 * f * e->problem.modes - 1]; }
  return isfinite(sum);
}

bool mpp_etdrk_advance(mpp_etdrk *e, double *t, size_t *steps, double end, double longest,
                       double interval)
{
  const double start = *t, distance = end - start;
  const double span = fabs(distance - interval) <= 1e-9 * interval ? interval : distance;
  const size_t count = (size_t)fmax(1.0, ceil(span / longest * (1.0 - 1e-9)));
  if (!(distance > 0.0)) {
    return true;
  }
  set_step(e, span / (double)count);
  for (size_t k = 1; k <= count; k++) {
    step(e);
    (*steps)++;
    *t = k == count ? end : start + span * ((double)k / (double)count);
    if (!is_finite(e)) {
      return false;
    }
  }
  return true;
}
