/* num_multigrid.c - preconditioned conjugate gradients. The preconditioner is one W-cycle over
 * grids that halve (a last cell without a partner stays alone), with one red-black Gauss-Seidel
 * sweep before and its adjoint after the coarse grid, values carried over as they are, and the
 * Galerkin operator of that transfer halved: where conductances are smooth this is the
 * finite-volume operator of the coarse grid (P. Wesseling and M. Khalil, An Introduction to
 * Multigrid Methods (1992), section 5.4). Every part is symmetric and the halved operator
 * over-corrects by less than a factor of 2, so that the preconditioner is symmetric positive
 * definite.
 *
 * Arrays have a border of zeros of one cell: index (i + 1) stride + j + 1. */
#include "num_multigrid.h"

#include <float.h>
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum { MAX_LEVELS = 40, WORTH = 16384 }; /* cells that make a thread worth its start */

typedef struct level {
  size_t nx, ny, stride, count; /* count: values of an array with its border */
  double *gx, *gy; /* conductance towards (i - 1, j) and (i, j - 1); arrays [nx + 2, ny + 2] */
  double *inverse; /* of the diagonal */
  double *x, *b;   /* correction and right-hand side of a cycle */
} level;

struct mpp_multigrid {
  level level[MAX_LEVELS];
  size_t nlevels;
  double *memory;        /* of all arrays, owned */
  double *u, *r, *p, *q; /* of conjugate gradients, on the finest grid, with border */
  double *row_sum;       /* [nx] */
  int threads;
};

static size_t at(const level *l, size_t i, size_t j) { return (i + 1) * l->stride + j + 1; }

static int threads_of(const mpp_multigrid *m, const level *l)
{
  const size_t worth = l->nx * l->ny / WORTH + 1;
  return worth < (size_t)m->threads ? (int)worth : m->threads;
}

/* ---- memory ---- */

mpp_status mpp_multigrid_create(mpp_multigrid **out, size_t nx, size_t ny)
{
  mpp_status st = MPP_OK;
  mpp_multigrid *m = NULL;
  double *next = NULL;
  size_t total = 0;
  MPP_REQUIRE(nx > 0 && ny > 0 && nx <= UINT32_MAX && ny <= UINT32_MAX, MPP_ERR_INTERNAL,
              "multigrid: grid of %zu x %zu", nx, ny);
  MPP_TRY(MPP_ALLOC(&m, 1));
  for (size_t x = nx, y = ny;; x = (x + 1) / 2, y = (y + 1) / 2) {
    level *l = &m->level[m->nlevels++];
    *l = (level){.nx = x, .ny = y, .stride = y + 2};
    MPP_REQUIRE(mpp_mul(&l->count, x + 2, y + 2) && l->count < SIZE_MAX / 64, MPP_ERR_NOMEM,
                "multigrid: %zu x %zu cells are too many", nx, ny);
    total += 5 * l->count;
    if (x == 1 && y == 1) {
      break;
    }
  }
  MPP_TRY(MPP_ALLOC(&m->memory, total + 4 * m->level[0].count + nx));
  next = m->memory;
  for (size_t k = 0; k < m->nlevels; k++) {
    level *l = &m->level[k];
    double **const array[5] = {&l->gx, &l->gy, &l->inverse, &l->x, &l->b};
    for (int a = 0; a < 5; a++, next += l->count) { *array[a] = next; }
  }
  double **const array[4] = {&m->u, &m->r, &m->p, &m->q};
  for (int a = 0; a < 4; a++, next += m->level[0].count) { *array[a] = next; }
  m->row_sum = next;
  *out = m;
  m = NULL;
done:
  mpp_multigrid_destroy(m);
  return st;
}

void mpp_multigrid_destroy(mpp_multigrid *m)
{
  if (m != NULL) {
    mpp_free(m->memory);
    mpp_free(m);
  }
}

/* ---- operators ---- */

static void set_inverse(const level *l)
{
  for (size_t i = 0; i < l->nx; i++) {
    for (size_t j = 0; j < l->ny; j++) {
      const size_t k = at(l, i, j);
      l->inverse[k] = 1.0 / ((l->gx[k] + l->gx[k + l->stride]) + (l->gy[k] + l->gy[k + 1]));
    }
  }
}

/* Half the sum of the fine faces that make up a coarse face. */
static void coarsen_operator(const level *c, const level *f)
{
  for (size_t i = 0; i <= c->nx; i++) {
    for (size_t j = 0; j <= c->ny; j++) {
      const size_t fi = 2 * i < f->nx ? 2 * i : f->nx, fj = 2 * j < f->ny ? 2 * j : f->ny;
      const size_t k = at(c, i, j), from = at(f, fi, fj);
      if (j < c->ny) {
        c->gx[k] = 0.5 * (f->gx[from] + (fj + 1 < f->ny ? f->gx[from + 1] : 0.0));
      }
      if (i < c->nx) {
        c->gy[k] = 0.5 * (f->gy[from] + (fi + 1 < f->nx ? f->gy[from + f->stride] : 0.0));
      }
    }
  }
}

void mpp_multigrid_set(mpp_multigrid *m, const double *gx, const double *gy)
{
  const level *fine = &m->level[0];
  for (size_t i = 0; i <= fine->nx; i++) {
    memcpy(fine->gx + at(fine, i, 0), gx + i * fine->ny, fine->ny * sizeof *gx);
    if (i < fine->nx) {
      memcpy(fine->gy + at(fine, i, 0), gy + i * (fine->ny + 1), (fine->ny + 1) * sizeof *gy);
    }
  }
  for (size_t k = 0; k < m->nlevels; k++) {
    if (k > 0) {
      coarsen_operator(&m->level[k], &m->level[k - 1]);
    }
    set_inverse(&m->level[k]);
  }
}

/* Sum of g u over the cells beside cell k. */
static inline double beside(const level *l, const double *u, size_t k)
{
  const size_t s = l->stride;
  return (l->gx[k] * u[k - s] + l->gx[k + s] * u[k + s]) +
         (l->gy[k] * u[k - 1] + l->gy[k + 1] * u[k + 1]);
}

/* ---- cycle ---- */

/* Cells with (i + j) odd or even: they depend on the others alone. */
static void relax(const mpp_multigrid *m, const level *l, size_t colour)
{
#pragma omp parallel for num_threads(threads_of(m, l)) schedule(static)
  for (size_t i = 0; i < l->nx; i++) {
    const size_t first = at(l, i, (i + colour) & 1), end = at(l, i, l->ny);
    for (size_t k = first; k < end; k += 2) {
      l->x[k] = (l->b[k] + beside(l, l->x, k)) * l->inverse[k];
    }
  }
}

/* Right-hand side of the coarse grid: residuals of the fine cells of a coarse one, added up. */
static void restrict_residual(const mpp_multigrid *m, const level *c, const level *f)
{
#pragma omp parallel for num_threads(threads_of(m, f)) schedule(static)
  for (size_t i = 0; i < c->nx; i++) {
    for (size_t j = 0; j < c->ny; j++) {
      double sum = 0.0;
      for (size_t fi = 2 * i; fi < 2 * i + 2 && fi < f->nx; fi++) {
        for (size_t fj = 2 * j; fj < 2 * j + 2 && fj < f->ny; fj++) {
          const size_t k = at(f, fi, fj);
          sum += f->b[k] - (f->x[k] / f->inverse[k] - beside(f, f->x, k));
        }
      }
      c->b[at(c, i, j)] = sum;
      c->x[at(c, i, j)] = 0.0;
    }
  }
}

static void prolong(const mpp_multigrid *m, const level *f, const level *c)
{
#pragma omp parallel for num_threads(threads_of(m, f)) schedule(static)
  for (size_t i = 0; i < f->nx; i++) {
    for (size_t j = 0; j < f->ny; j++) { f->x[at(f, i, j)] += c->x[at(c, i / 2, j / 2)]; }
  }
}

/* Improves x of level `depth` towards the solution for its b. Ends at a single cell. */
static void cycle(const mpp_multigrid *m, size_t depth) // NOLINT(misc-no-recursion)
{
  const level *l = &m->level[depth], *coarse = l + 1;
  relax(m, l, 0);
  relax(m, l, 1);
  if (depth + 1 < m->nlevels) {
    restrict_residual(m, coarse, l);
    for (int visit = 0; visit < 2; visit++) { cycle(m, depth + 1); }
    prolong(m, l, coarse);
    relax(m, l, 1);
    relax(m, l, 0);
  }
}

/* ---- conjugate gradients ---- */

/* Sums by rows first, so that threads change no bits. */
static double total(const mpp_multigrid *m)
{
  double sum = 0.0;
  for (size_t i = 0; i < m->level[0].nx; i++) { sum += m->row_sum[i]; }
  return sum;
}

static double dot(const mpp_multigrid *m, const double *a, const double *b)
{
  const level *l = &m->level[0];
#pragma omp parallel for num_threads(threads_of(m, l)) schedule(static)
  for (size_t i = 0; i < l->nx; i++) {
    double sum = 0.0;
    for (size_t k = at(l, i, 0); k < at(l, i, l->ny); k++) { sum += a[k] * b[k]; }
    m->row_sum[i] = sum;
  }
  return total(m);
}

/* q = A p; returns p . q */
static double apply(const mpp_multigrid *m, double *q, const double *p)
{
  const level *l = &m->level[0];
#pragma omp parallel for num_threads(threads_of(m, l)) schedule(static)
  for (size_t i = 0; i < l->nx; i++) {
    double sum = 0.0;
    for (size_t k = at(l, i, 0); k < at(l, i, l->ny); k++) {
      q[k] = p[k] / l->inverse[k] - beside(l, p, k);
      sum += p[k] * q[k];
    }
    m->row_sum[i] = sum;
  }
  return total(m);
}

/* u += alpha p, r -= alpha q; the new r is also the right-hand side of the next cycle, which starts
 * from 0. Returns r . r */
static double step(const mpp_multigrid *m, double alpha)
{
  const level *l = &m->level[0];
#pragma omp parallel for num_threads(threads_of(m, l)) schedule(static)
  for (size_t i = 0; i < l->nx; i++) {
    double sum = 0.0;
    for (size_t k = at(l, i, 0); k < at(l, i, l->ny); k++) {
      m->u[k] += alpha * m->p[k];
      m->r[k] -= alpha * m->q[k];
      l->b[k] = m->r[k];
      l->x[k] = 0.0;
      sum += m->r[k] * m->r[k];
    }
    m->row_sum[i] = sum;
  }
  return total(m);
}

/* |b - A u| from u, and |A| |u| eps, what rounding leaves of it. */
static double true_residual(mpp_multigrid *m, const double *b, double *rounding)
{
  const level *l = &m->level[0];
  double stiffest = 0.0, sum = 0.0;
  apply(m, m->q, m->u);
  for (size_t i = 0; i < l->nx; i++) {
    double row = 0.0;
    for (size_t j = 0; j < l->ny; j++) {
      const size_t k = at(l, i, j);
      const double r = b[i * l->ny + j] - m->q[k];
      row += r * r;
      stiffest = fmax(stiffest, 1.0 / l->inverse[k]);
    }
    sum += row;
  }
  *rounding = 4.0 * DBL_EPSILON * stiffest * sqrt(dot(m, m->u, m->u));
  return sqrt(sum);
}

/* The iteration itself; r = b, u = 0 at its start. Returns how many steps were taken. */
static size_t iterate(mpp_multigrid *m, double enough, size_t most)
{
  const level *l = &m->level[0];
  double rr = step(m, 0.0), rz = 0.0;
  size_t n = 0;
  for (; n < most && rr > enough; n++) { /* a NaN ends it, too */
    cycle(m, 0);
    const double now = dot(m, m->r, l->x), beta = n > 0 ? now / rz : 0.0;
    rz = now;
    for (size_t i = 0; i < l->nx; i++) {
      for (size_t k = at(l, i, 0); k < at(l, i, l->ny); k++) { m->p[k] = l->x[k] + beta * m->p[k]; }
    }
    rr = step(m, rz / apply(m, m->q, m->p));
  }
  return n;
}

mpp_multigrid_result mpp_multigrid_solve(mpp_multigrid *m, double *u, const double *b,
                                         double tolerance, size_t most_iterations)
{
  const level *l = &m->level[0];
  double rounding = 0.0;
  m->threads = omp_in_parallel() ? 1 : mpp_threads();
  memset(m->u, 0, 4 * l->count * sizeof *m->u);
  for (size_t i = 0; i < l->nx; i++) {
    memcpy(m->r + at(l, i, 0), b + i * l->ny, l->ny * sizeof *b);
  }
  const double size = sqrt(dot(m, m->r, m->r)), goal = tolerance * size;
  mpp_multigrid_result result = {.iterations = iterate(m, goal * goal, most_iterations)};
  const double residual = true_residual(m, b, &rounding);
  result.converged = residual <= 2.0 * goal + rounding;
  result.residual = size > 0.0 ? residual / size : residual;
  for (size_t i = 0; i < l->nx; i++) {
    memcpy(u + i * l->ny, m->u + at(l, i, 0), l->ny * sizeof *u);
  }
  return result;
}
