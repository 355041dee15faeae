/* num_spectral.c - modes -> transforms -> products -> transforms -> modes. */
#include "num_spectral.h"

#include <math.h>
#include <omp.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum { MAX_SLOTS = 8, POINTS = 2048, ROWS = 16, VALUES_PER_THREAD = 32768 };

mpp_status mpp_spectral_create(mpp_spectral *s, const mpp_grid *grid, int degree, size_t slots)
{
  mpp_status st = MPP_OK;
  mpp_spectral made = {.n = {grid->n[1], grid->n[2]}, .slots = slots};
  size_t cut[2];
  MPP_REQUIRE(made.n[0] > 1 && made.n[1] > 1 && degree > 0 && slots > 0 && slots <= MAX_SLOTS,
              MPP_ERR_INTERNAL, "spectral grid of %zu x %zu, degree %d, %zu fields", made.n[0],
              made.n[1], degree, slots);
  for (int a = 0; a < 2; a++) { cut[a] = (made.n[a] - 1) / ((size_t)degree + 1); }
  made.rows = 2 * cut[0] + 1;
  made.columns = cut[1] + 1;
  made.modes = made.rows * made.columns;
  const mpp_fft_layout layout = {.n = {1, made.n[0], made.n[1]}, .modes = made.columns};
  MPP_TRY(mpp_fft_create(&made.fft, &layout));
  made.shape = mpp_fft_get_shape(made.fft);
  made.scale = made.shape.scale;
  MPP_TRY(MPP_ALLOC(&made.values, slots * made.shape.values));
  MPP_TRY(MPP_ALLOC(&made.spectrum, slots * made.shape.spectrum));
  MPP_TRY(MPP_ALLOC(&made.k[0], made.rows));
  MPP_TRY(MPP_ALLOC(&made.k[1], made.columns));
  for (int a = 0; a < 2; a++) {
    const double first = 2.0 * M_PI / (grid->dx[1 + a] * (double)made.n[a]);
    for (size_t i = 0; i < (a == 0 ? made.rows : made.columns); i++) {
      made.k[a][i] = first * (i <= cut[a] ? (double)i : (double)i - (double)made.rows);
    }
  }
  *s = made;
  made = (mpp_spectral){.fft = NULL};
done:
  mpp_spectral_free(&made);
  return st;
}

void mpp_spectral_free(mpp_spectral *s)
{
  mpp_fft_destroy(s->fft);
  mpp_free(s->values);
  mpp_free(s->spectrum);
  mpp_free(s->k[0]);
  mpp_free(s->k[1]);
  *s = (mpp_spectral){.fft = NULL};
}

static int threads_for(const mpp_spectral *s, size_t fields)
{
  const size_t useful = fields * s->shape.values / VALUES_PER_THREAD;
  const int most = omp_in_parallel() ? 1 : mpp_threads();
  return useful < 1 ? 1 : useful < (size_t)most ? (int)useful : most;
}

typedef void (*row_function)(double *const *row, size_t r, const void *context);

/* Calls `visit` for the rows of modes; if `clear`, zeroes the columns of all other rows. */
static void visit_rows(mpp_spectral *s, size_t fields, bool clear, row_function visit,
                       const void *context)
{
  const size_t nx = s->n[0], m = s->shape.m[2], positive = s->rows / 2 + 1;
  const int threads = threads_for(s, fields);
#pragma omp parallel for num_threads(threads) schedule(static, ROWS) if (threads > 1)
  for (size_t i = 0; i < nx; i++) {
    double *row[MAX_SLOTS];
    for (size_t f = 0; f < fields; f++) {
      row[f] = s->spectrum + f * s->shape.spectrum + 2 * i * m;
    }
    if (i < positive || i + s->rows >= nx + positive) {
      visit(row, i < positive ? i : i + s->rows - nx, context);
    } else if (clear) {
      for (size_t f = 0; f < fields; f++) { memset(row[f], 0, 2 * s->columns * sizeof *row[f]); }
    }
  }
}

static void visit_points(mpp_spectral *s, const mpp_spectral_terms *terms, const void *context)
{
  const size_t count = s->n[0] * s->n[1], blocks = (count + POINTS - 1) / POINTS;
  const int threads = threads_for(s, terms->in);
  double *u[MAX_SLOTS];
  for (size_t f = 0; f < s->slots; f++) { u[f] = s->values + f * s->shape.values; }
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (size_t b = 0; b < blocks; b++) {
    const size_t from = b * POINTS;
    terms->points(u, from, from + POINTS < count ? from + POINTS : count, context);
  }
}

void mpp_spectral_evaluate(mpp_spectral *s, const mpp_spectral_terms *terms, const void *context)
{
  visit_rows(s, terms->in, true, terms->spread, context);
  mpp_fft_inverse(s->fft, s->values, s->spectrum, terms->in);
  visit_points(s, terms, context);
  mpp_fft_forward(s->fft, s->spectrum, s->values, terms->out);
  visit_rows(s, terms->out, false, terms->gather, context);
}

/* ---- whole fields ---- */

typedef struct copy {
  const mpp_spectral *s;
  const double *from;
  double *to;
  size_t fields;
} copy;

static void spread_row(double *const *row, size_t r, const void *context)
{
  const copy *c = context;
  const size_t length = 2 * c->s->columns;
  for (size_t f = 0; f < c->fields; f++) {
    memcpy(row[f], c->from + 2 * f * c->s->modes + r * length, length * sizeof *row[f]);
  }
}

static void gather_row(double *const *row, size_t r, const void *context)
{
  const copy *c = context;
  const size_t length = 2 * c->s->columns;
  for (size_t f = 0; f < c->fields; f++) {
    double *to = c->to + 2 * f * c->s->modes + r * length;
    for (size_t i = 0; i < length; i++) { to[i] = row[f][i] * c->s->scale; }
  }
}

void mpp_spectral_to_grid(mpp_spectral *s, double *u, const double *v, size_t fields)
{
  const copy c = {.s = s, .from = v, .fields = fields};
  const size_t count = s->n[0] * s->n[1];
  visit_rows(s, fields, true, spread_row, &c);
  mpp_fft_inverse(s->fft, s->values, s->spectrum, fields);
  for (size_t f = 0; f < fields; f++) {
    memcpy(u + f * count, s->values + f * s->shape.values, count * sizeof *u);
  }
}

void mpp_spectral_from_grid(mpp_spectral *s, double *v, const double *u, size_t fields)
{
  const copy c = {.s = s, .to = v, .fields = fields};
  const size_t count = s->n[0] * s->n[1];
  for (size_t f = 0; f < fields; f++) {
    memcpy(s->values + f * s->shape.values, u + f * count, count * sizeof *u);
  }
  mpp_fft_forward(s->fft, s->spectrum, s->values, fields);
  visit_rows(s, fields, false, gather_row, &c);
}
