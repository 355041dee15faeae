/* halo.c - ghosts axis by axis, last axis first: the ghosts of a slower axis are whole rows or
 * planes, so that corners come out right. */
#include "halo.h"

#include <string.h>

mpp_edge mpp_edge_of(mpp_boundary boundary)
{
  return boundary == MPP_PERIODIC ? MPP_EDGE_WRAP : MPP_EDGE_MIRROR;
}

mpp_halo mpp_halo_make(const size_t grid[3], const mpp_edge edge[3], size_t radius)
{
  mpp_halo h = {.cells = 1, .size = 1, .radius = radius};
  for (int a = 0; a < 3; a++) {
    h.grid[a] = grid[a];
    h.edge[a] = edge[a];
    h.width[a] = grid[a] == 1 ? 0 : radius < grid[a] ? radius : grid[a];
    h.padded[a] = grid[a] + 2 * h.width[a];
    h.cells *= h.grid[a];
    h.size *= h.padded[a];
  }
  h.origin = (h.width[0] * h.padded[1] + h.width[1]) * h.padded[2] + h.width[2];
  return h;
}

ptrdiff_t mpp_halo_offset(const mpp_halo *to, const mpp_halo *from, ptrdiff_t offset)
{
  const ptrdiff_t row = (ptrdiff_t)from->padded[2], plane = (ptrdiff_t)from->padded[1] * row;
  /* Seen from the first cell all steps are to places of the padded grid. */
  const ptrdiff_t place = (ptrdiff_t)from->origin + offset;
  const ptrdiff_t z = place / plane - (ptrdiff_t)from->width[0];
  const ptrdiff_t y = place % plane / row - (ptrdiff_t)from->width[1];
  const ptrdiff_t x = place % row - (ptrdiff_t)from->width[2];
  return (z * (ptrdiff_t)to->padded[1] + y) * (ptrdiff_t)to->padded[2] + x;
}

/* Which cell of an axis of n stands `k` cells (1, 2, ..) past its end. */
static size_t source(mpp_edge edge, size_t n, size_t k, int upper)
{
  switch (edge) {
  case MPP_EDGE_WRAP:
    return upper ? k - 1 : n - k;
  case MPP_EDGE_MIRROR:
    return upper ? n - k : k - 1;
  case MPP_EDGE_COPY:
    break;
  }
  return upper ? n - 1 : 0;
}

static void copy_item(double *to, const double *from, size_t n, int negative)
{
  memcpy(to, from, n * sizeof *to);
  for (size_t i = 0; negative && i < n; i++) { to[i] = -to[i]; }
}

/* Ghosts along axis a of `blocks` blocks of padded[a] items of `item` numbers each. */
static void fill_axis(const mpp_halo *h, double *p, int a, size_t blocks, size_t item,
                      mpp_odd_ends odd)
{
  const int lower = odd >> (2 * a) & 1, upper = odd >> (2 * a + 1) & 1;
  const size_t n = h->grid[a], w = h->width[a];
  for (size_t b = 0; b < blocks; b++) {
    double *block = p + b * h->padded[a] * item;
    for (size_t k = 1; k <= w; k++) {
      copy_item(block + (w - k) * item, block + (w + source(h->edge[a], n, k, 0)) * item, item,
                lower);
      copy_item(block + (w + n - 1 + k) * item, block + (w + source(h->edge[a], n, k, 1)) * item,
                item, upper);
    }
  }
}

void mpp_halo_fill(const mpp_halo *h, double *p, mpp_odd_ends odd)
{
  const size_t plane = h->padded[1] * h->padded[2];
  fill_axis(h, p, 2, h->padded[0] * h->padded[1], 1, odd);
  fill_axis(h, p, 1, h->padded[0], h->padded[2], odd);
  fill_axis(h, p, 0, 1, plane, odd);
}

void mpp_halo_load(const mpp_halo *h, double *p, const float *x, mpp_odd_ends odd)
{
  for (size_t z = 0; z < h->grid[0]; z++) {
    for (size_t y = 0; y < h->grid[1]; y++) {
      double *row = p + mpp_halo_row(h, z, y);
      for (size_t i = 0; i < h->grid[2]; i++) { row[i] = *x++; }
    }
  }
  mpp_halo_fill(h, p, odd);
}
