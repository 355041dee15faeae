/* stencil_moments.c - one pass over the window: padded frames, then blocks of rows by frame. */
#include "stencil_moments.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "blas.h"
#include "check.h"
#include "normal_equations.h"
#include "threads.h"

enum {
  BLOCK = 128,         /* rows at a time: a block of a hundred terms stays in the cache */
  ROWS_MOST = 16384,   /* of a window */
  ROWS_PER_TERM = 24,  /* at least, where the grid has them */
  WORK = 70 * 1000000, /* rows * terms^2 that are spent beyond that */
  FRAMES_MOST = 32     /* last ones that are fitted */
};

/* splitmix64 of Steele, Lea and Flood (2014), as a hash. */
static uint64_t hash(uint64_t z)
{
  z += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* What one pass over the window needs. */
typedef struct pass {
  const mpp_stencil_moments *m;
  const mpp_window *w;
  size_t first, count; /* first frame that is a target, number of them */
  size_t rows;         /* of each */
  double *frames;      /* padded [count + reach.frames, C, size] */
  double *gram;        /* [count, side, side] */
  double *weight;      /* [count] */
  size_t *taken;       /* [count]: rows of them */
  double *block;       /* [count, side, BLOCK]: one a target frame */
} pass;

static const double *frame_of(const pass *p, size_t t, size_t c)
{
  const size_t from = p->first - p->m->reach.frames;
  return p->frames + ((t - from) * p->m->fields + c) * p->m->halo.size;
}

/* Cells of row numbers k .. k + n - 1 of target frame t, but for masked ones, as places in the
 * padded grid. Returns how many. */
static size_t choose_cells(size_t *place, const pass *p, size_t t, size_t k, size_t n)
{
  const mpp_halo *h = &p->m->halo;
  size_t taken = 0;
  for (size_t i = 0; i < n; i++) {
    size_t cell = k + i;
    if (p->rows < h->cells) {
      const double u = (double)(hash(t * p->rows + cell) >> 11) * 0x1p-53;
      cell = (size_t)(((double)cell + u) * (double)h->cells / (double)p->rows);
      cell = cell < h->cells ? cell : h->cells - 1;
    }
    const size_t line = cell / h->grid[2];
    if (p->w->mask != NULL && p->w->mask[cell] != 0) {
      continue;
    }
    place[taken++] = mpp_halo_row(h, line / h->grid[1], line % h->grid[1]) + cell % h->grid[2];
  }
  return taken;
}

static void fill_powers(double *row, const pass *p, const mpp_stencil_term *term, size_t t,
                        const size_t *place, size_t n, double weight)
{
  const mpp_stencil_moments *m = p->m;
  for (size_t i = 0; i < n; i++) { row[i] = weight; }
  for (size_t d = 0; d < term->degree; d++) {
    const size_t c = term->factor[d];
    const double *v = frame_of(p, t, c), mean = m->mean[c], scale = 1.0 / m->sd[c];
    for (size_t i = 0; i < n; i++) { row[i] *= (v[place[i]] - mean) * scale; }
  }
}

/* One term at n cells of frame t. */
static void fill_term(double *row, const pass *p, const mpp_stencil_term *term, size_t t,
                      const size_t *place, size_t n, double weight)
{
  const double *v = NULL, *before = NULL;
  switch (term->kind) {
  case MPP_TERM_VALUE:
    v = frame_of(p, t, term->field);
    for (size_t i = 0; i < n; i++) {
      const double base = term->ring == 0 ? p->m->mean[term->field] : v[place[i]];
      row[i] = weight * (v[place[i] + (size_t)term->offset] - base);
    }
    break;
  case MPP_TERM_INCREMENT:
    v = frame_of(p, t - term->lag, term->field);
    before = frame_of(p, t - term->lag - 1, term->field);
    for (size_t i = 0; i < n; i++) {
      const size_t at = place[i] + (size_t)term->offset;
      row[i] = weight * (v[at] - before[at]);
    }
    break;
  case MPP_TERM_POWER:
    fill_powers(row, p, term, t, place, n, weight);
    break;
  case MPP_TERM_ONE:
    for (size_t i = 0; i < n; i++) { row[i] = weight; }
    break;
  }
}

/* Inner products of the rows whose target is frame t. */
static void add_frame(const pass *p, size_t t)
{
  const mpp_stencil_moments *m = p->m;
  const size_t at = t - p->first, side = m->side;
  double *block = p->block + at * side * BLOCK;
  const double weight = sqrt(p->weight[at]);
  size_t place[BLOCK];
  for (size_t k = 0; k < p->rows && weight > 0.0; k += BLOCK) {
    const size_t n = choose_cells(place, p, t, k, p->rows - k < BLOCK ? p->rows - k : BLOCK);
    p->taken[at] += n;
    for (size_t j = 0; j < m->terms; j++) {
      fill_term(block + j * BLOCK, p, &m->term[j], t - 1, place, n, weight);
    }
    for (size_t c = 0; c < m->fields; c++) {
      const double *now = frame_of(p, t, c), *before = frame_of(p, t - 1, c);
      double *row = block + (m->terms + c) * BLOCK;
      for (size_t i = 0; i < n; i++) { row[i] = weight * (now[place[i]] - before[place[i]]); }
    }
    mpp_gram_add(p->gram + at * side * side, side, block, BLOCK, side, n);
  }
}

/* Mean square of the increments of field c into frame t. */
static double increment_ms(const mpp_window *w, size_t cells, size_t t, size_t c)
{
  const float *now = w->x + t * w->stride + c * cells, *before = now - w->stride;
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < cells; i++) {
    const double d = (double)now[i] - before[i];
    sum += d * d;
  }
  return sum / (double)cells;
}

/* Inverse mean squares; 0 of a frame into which nothing moves: it has no say. */
static void weigh_frames(pass *p)
{
  const size_t C = p->m->fields, cells = p->m->halo.cells;
  double ms[FRAMES_MOST][MPP_MAX_FIELDS], mean[MPP_MAX_FIELDS] = {0.0};
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < p->count * C; k++) {
    ms[k / C][k % C] = increment_ms(p->w, cells, p->first + k / C, k % C);
  }
  for (size_t k = 0; k < p->count * C; k++) { mean[k % C] += ms[k / C][k % C] / (double)p->count; }
  for (size_t k = 0; k < p->count; k++) {
    double sum = 0.0;
    for (size_t c = 0; c < C; c++) { sum += mean[c] > 0.0 ? ms[k][c] / mean[c] : 0.0; }
    p->weight[k] = sum > 0.0 ? (double)C / sum : 0.0;
  }
}

/* Mean and deviation of each field over the frames that are fitted. */
static void measure_values(mpp_stencil_moments *m, const mpp_window *w, size_t from)
{
  const double frames = (double)(w->T - from), cells = (double)m->halo.cells;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t c = 0; c < m->fields; c++) {
    double mean = 0.0, square = 0.0;
    const double origin = w->x[(w->T - 1) * w->stride + c * m->halo.cells];
    for (size_t t = from; t < w->T; t++) {
      const float *x = w->x + t * w->stride + c * m->halo.cells;
      double sum = 0.0, squares = 0.0;
#pragma omp simd reduction(+ : sum, squares)
      for (size_t i = 0; i < m->halo.cells; i++) {
        const double v = x[i] - origin;
        sum += v;
        squares += v * v;
      }
      mean += sum / cells / frames;
      square += squares / cells / frames;
    }
    const double variance = square - mean * mean;
    m->mean[c] = origin + mean;
    m->sd[c] = variance > 0.0 ? sqrt(variance) : 1.0;
  }
}

static size_t rows_of(const mpp_stencil_moments *m, size_t count)
{
  const size_t spent = WORK / (m->side * m->side), least = ROWS_PER_TERM * m->side;
  size_t rows = spent < ROWS_MOST ? spent : ROWS_MOST;
  rows = (rows > least ? rows : least) / count + 1;
  return rows < m->halo.cells ? rows : m->halo.cells;
}

static void add_up(mpp_stencil_moments *m, const pass *p, size_t head)
{
  const size_t n = m->side * m->side;
  for (size_t k = 0; k < p->count; k++) {
    for (size_t part = 0; part < MPP_FIT_PARTS; part++) {
      if (part == MPP_FIT_WHOLE || p->first + k < head) {
        for (size_t i = 0; i < n; i++) { m->gram[part][i] += p->gram[k * n + i]; }
        m->weight[part] += p->weight[k] * (double)p->taken[k];
      }
    }
  }
}

mpp_status mpp_stencil_moments_make(mpp_stencil_moments *m, const mpp_window *w,
                                    mpp_stencil_reach reach, size_t head)
{
  mpp_status st = MPP_OK;
  pass p = {.m = m, .w = w};
  memset(m, 0, sizeof *m);
  m->halo = mpp_halo_make(w->grid, w->edge, reach.radius);
  m->fields = w->C;
  m->terms = mpp_stencil_terms(m->term, &reach, &m->halo, w->C);
  m->reach = reach;
  m->side = m->terms + w->C;
  assert(head > reach.frames && head <= w->T);
  p.first = w->T > reach.frames + FRAMES_MOST ? w->T - FRAMES_MOST : reach.frames;
  p.count = w->T - p.first;
  p.rows = rows_of(m, p.count);
  const size_t from = p.first - reach.frames, frames = p.count + reach.frames;
  const size_t factor[] = {frames, w->C, m->halo.size};
  size_t all = 0;
  MPP_REQUIRE(mpp_product(&all, factor, 3), MPP_ERR_DATA, "window: too large");
  MPP_TRY(mpp_blas_reserve());
  MPP_TRY(MPP_ALLOC(&p.frames, all));
  MPP_TRY(MPP_ALLOC(&p.gram, p.count * m->side * m->side));
  MPP_TRY(MPP_ALLOC(&p.block, p.count * m->side * BLOCK));
  MPP_TRY(MPP_ALLOC(&p.weight, p.count));
  MPP_TRY(MPP_ALLOC(&p.taken, p.count));
  MPP_TRY(MPP_ALLOC(&m->gram[MPP_FIT_HEAD], m->side * m->side));
  MPP_TRY(MPP_ALLOC(&m->gram[MPP_FIT_WHOLE], m->side * m->side));
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < frames * w->C; k++) {
    mpp_halo_load(&m->halo, p.frames + k * m->halo.size,
                  w->x + (from + k / w->C) * w->stride + k % w->C * m->halo.cells,
                  w->odd[k % w->C]);
  }
  measure_values(m, w, from);
  weigh_frames(&p);
#pragma omp parallel for num_threads(mpp_threads()) schedule(dynamic)
  for (size_t k = 0; k < p.count; k++) { add_frame(&p, p.first + k); }
  add_up(m, &p, head);
done:
  mpp_free(p.frames);
  mpp_free(p.gram);
  mpp_free(p.block);
  mpp_free(p.weight);
  mpp_free(p.taken);
  return st;
}

void mpp_stencil_moments_free(mpp_stencil_moments *m)
{
  for (size_t part = 0; part < MPP_FIT_PARTS; part++) {
    mpp_free(m->gram[part]);
    m->gram[part] = NULL;
  }
}
