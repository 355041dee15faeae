/* stencil_step.c - the step of a stencil: each cell's sum over taps, in their order, then over
 * powers. Sums of some cells and two fields stay in registers while the taps go by; blocks at the
 * end of a row overlap the one before, since a cell's sum does not depend on its block. */
#include "stencil.h"

#include <assert.h>
#include <string.h>

#include "threads.h"

/* As wide as the registers: compilers take wider vectors apart badly. */
#if defined(__AVX512F__)
enum { LANES = 8 };
#elif defined(__AVX__)
enum { LANES = 4 };
#else
enum { LANES = 2 };
#endif
enum { WIDE = 4, PAIR = 2 }; /* vectors of a block; fields at a time */

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(8), may_alias));

enum { TAPS = MPP_STENCIL_TERMS + MPP_MAX_FIELDS };

/* What all cells of a step share. */
typedef struct pass {
  const mpp_roll *r;
  const mpp_stencil *s;
  const double *tap[TAPS];             /* what tap i sees at the first cell */
  const double *value[MPP_MAX_FIELDS]; /* at the first cell */
  double inverse[MPP_MAX_FIELDS];      /* of the deviations */
} pass;

/* Adds the powers to the sums of fields c .. c + count - 1. */
static inline __attribute__((always_inline)) void
add_powers(lanes sum[PAIR][WIDE], const pass *p, size_t at, size_t c, size_t count, size_t wide)
{
  const mpp_stencil *s = p->s;
  for (size_t i = 0; i < s->powers; i++) {
    const mpp_stencil_term *t = &s->power[i];
    for (size_t k = 0; k < wide; k++) {
      lanes z = (lanes){0.0} + 1.0;
      for (size_t d = 0; d < t->degree; d++) {
        const size_t f = t->factor[d];
        const double *v = p->value[f] + at + k * LANES;
        const lanes one = (*(const lanes *)v - s->mean[f]) * p->inverse[f];
        z *= one;
      }
      for (size_t j = 0; j < count; j++) { sum[j][k] += s->power_by[i * s->fields + c + j] * z; }
    }
  }
}

/* Next increments of fields c .. c + count - 1 at wide * LANES cells; `at` counts from the first
 * cell in the padded grid. */
static inline __attribute__((always_inline)) void step_block(double *next, const pass *p, size_t at,
                                                             size_t c, size_t count, size_t wide)
{
  const mpp_stencil *s = p->s;
  const size_t C = s->fields;
  lanes sum[PAIR][WIDE];
  for (size_t j = 0; j < count; j++) {
    for (size_t k = 0; k < wide; k++) { sum[j][k] = (lanes){0.0} + s->constant[c + j]; }
  }
  for (size_t i = 0; i < s->taps; i++) {
    const double *v = p->tap[i] + at, *by = s->by + i * C + c;
#pragma GCC unroll 4
    for (size_t k = 0; k < wide; k++) {
      const lanes x = *(const lanes *)(v + k * LANES);
#pragma GCC unroll 2
      for (size_t j = 0; j < count; j++) { sum[j][k] += by[j] * x; }
    }
  }
  add_powers(sum, p, at, c, count, wide);
  for (size_t j = 0; j < count; j++) {
    for (size_t k = 0; k < wide; k++) {
      *(lanes *)(next + j * p->r->halo.cells + k * LANES) = sum[j][k];
    }
  }
}

static void step_fields(double *next, const pass *p, size_t at, bool wide)
{
  const size_t C = p->s->fields;
  for (size_t c = 0; c < C; c += PAIR) {
    double *to = next + c * p->r->halo.cells;
    if (c + PAIR <= C) {
      if (wide) {
        step_block(to, p, at, c, PAIR, WIDE);
      } else {
        step_block(to, p, at, c, PAIR, 1);
      }
    } else if (wide) {
      step_block(to, p, at, c, 1, WIDE);
    } else {
      step_block(to, p, at, c, 1, 1);
    }
  }
}

/* A row of fewer cells than a vector has. */
static void step_cells(double *next, const pass *p, size_t at, size_t n)
{
  const mpp_stencil *s = p->s;
  for (size_t i = 0; i < n; i++) {
    for (size_t c = 0; c < s->fields; c++) {
      double sum = s->constant[c];
      for (size_t k = 0; k < s->taps; k++) { sum += s->by[k * s->fields + c] * p->tap[k][at + i]; }
      for (size_t k = 0; k < s->powers; k++) {
        double z = s->power_by[k * s->fields + c];
        for (size_t d = 0; d < s->power[k].degree; d++) {
          const size_t f = s->power[k].factor[d];
          z *= (p->value[f][at + i] - s->mean[f]) * p->inverse[f];
        }
        sum += z;
      }
      next[c * p->r->halo.cells + i] = sum;
    }
  }
}

static void step_row(double *next, const pass *p, size_t at, size_t n)
{
  if (n < LANES) {
    step_cells(next, p, at, n);
    return;
  }
  for (size_t i = 0; i < n;) {
    const bool wide = i + (size_t)WIDE * LANES <= n;
    const size_t from = i + LANES <= n ? i : n - LANES;
    step_fields(next + from, p, at + from, wide);
    i = from + (wide ? (size_t)WIDE * LANES : LANES);
  }
}

void mpp_stencil_step(mpp_roll *r, const mpp_stencil *s)
{
  const mpp_halo *h = &r->halo;
  pass p = {.r = r, .s = s};
  assert(s->fields == r->fields && s->taps <= TAPS);
  for (size_t i = 0; i < s->taps; i++) {
    const size_t lag = s->tap[i].from / s->fields, field = s->tap[i].from % s->fields;
    /* Steps to ghosts may go before the grid: only with the first cell's place is it in the
     * array. */
    p.tap[i] = r->array[lag] + field * h->size + h->origin + s->tap[i].offset;
  }
  for (size_t c = 0; c < s->fields; c++) {
    p.value[c] = r->array[0] + c * h->size + h->origin;
    p.inverse[c] = 1.0 / s->sd[c];
  }
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t row = 0; row < h->grid[0] * h->grid[1]; row++) {
    const size_t at = mpp_halo_row(h, row / h->grid[1], row % h->grid[1]);
    step_row(r->next + row * h->grid[2], &p, at - h->origin, h->grid[2]);
  }
}
