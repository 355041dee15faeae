/* test_stencil_step.c - sums over taps and powers against the same sums cell by cell, for rows
 * shorter and longer than the vectors they are made of, and any number of fields. */
#include "stencil.h"

#include "mpp/threads.h"
#include "test.h"

enum { MOST = 3 * 75, TAPS = 7 };

/* Taps of both signs and all arrays, powers of two and three factors. */
static mpp_stencil make(size_t C, const mpp_halo *h)
{
  static mpp_stencil_tap tap[TAPS];
  static mpp_stencil_term power[2];
  static double by[TAPS * MPP_MAX_FIELDS], power_by[2 * MPP_MAX_FIELDS];
  mpp_stencil s = {.fields = C,
                   .taps = TAPS,
                   .powers = 2,
                   .tap = tap,
                   .by = by,
                   .power = power,
                   .power_by = power_by};
  for (size_t i = 0; i < TAPS; i++) {
    const ptrdiff_t row = (ptrdiff_t)h->padded[2], steps[TAPS] = {0, 1, -1, row, -row, row + 1, -1};
    tap[i] = (mpp_stencil_tap){(i % 3) * C + i % C, steps[i]};
  }
  power[0] = (mpp_stencil_term){.kind = MPP_TERM_POWER, .degree = 2};
  power[1] = (mpp_stencil_term){
      .kind = MPP_TERM_POWER, .degree = 3, .factor = {0, (unsigned char)(C - 1), 0}};
  for (size_t i = 0; i < TAPS * C; i++) { by[i] = cos(1.0 + (double)i); }
  for (size_t i = 0; i < 2 * C; i++) { power_by[i] = sin(2.0 + (double)i); }
  for (size_t c = 0; c < C; c++) {
    s.constant[c] = 0.1 * (double)c;
    s.mean[c] = 0.2;
    s.sd[c] = 0.5 + (double)c;
  }
  return s;
}

static double next_of(const mpp_roll *r, const mpp_stencil *s, size_t at, size_t c)
{
  double sum = s->constant[c];
  for (size_t i = 0; i < s->taps; i++) {
    const size_t lag = s->tap[i].from / s->fields, field = s->tap[i].from % s->fields;
    const ptrdiff_t place = (ptrdiff_t)(field * r->halo.size + at) + s->tap[i].offset;
    sum += s->by[i * s->fields + c] * r->array[lag][place];
  }
  for (size_t p = 0; p < s->powers; p++) {
    double z = 1.0;
    for (size_t d = 0; d < s->power[p].degree; d++) {
      const size_t f = s->power[p].factor[d];
      z *= (r->array[0][f * r->halo.size + at] - s->mean[f]) / s->sd[f];
    }
    sum += s->power_by[p * s->fields + c] * z;
  }
  return sum;
}

static void sums_are_those_of_each_cell(void)
{
  static const mpp_edge edge[3] = {MPP_EDGE_WRAP, MPP_EDGE_WRAP, MPP_EDGE_WRAP};
  static const size_t widths[] = {1, 3, 7, 8, 9, 31, 32, 45, 75};
  for (size_t C = 1; C <= 3; C++) {
    for (size_t k = 0; k < sizeof widths / sizeof *widths; k++) {
      const size_t grid[3] = {1, 3, widths[k]};
      const mpp_halo h = mpp_halo_make(grid, edge, 2);
      const mpp_stencil s = make(C, &h);
      static float x[4 * 3 * MOST];
      mpp_roll r;
      double worst = 0.0;
      test_fill(x, 4 * C * h.cells, k);
      REQUIRE_OK(mpp_roll_make(&r, &h, C));
      mpp_roll_begin(&r, x, C * h.cells, 3);
      mpp_stencil_step(&r, &s);
      for (size_t i = 0; i < C * h.cells; i++) {
        const size_t cell = i % h.cells, row = cell / grid[2];
        const double truth =
            next_of(&r, &s, mpp_halo_row(&h, 0, row) + cell % grid[2], i / h.cells);
        worst = fmax(worst, fabs(r.next[i] - truth));
      }
      CU_ASSERT(worst < 1e-13); /* rounding of ten terms of size one to ten */
      mpp_roll_free(&r);
    }
  }
}

TESTS({"sums are those of each cell", sums_are_those_of_each_cell})
