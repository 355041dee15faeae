/* crop.c - where the block lies, and its copy. */
#include "crop.h"

#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"

/* Inner cells along an axis, by the number of axes; two to four thousand cells in all. */
static const size_t sides[4] = {1, 4096, 48, 16};

/* Where the n cells along an axis begin whose sum of `energy` [cells] is largest. */
static size_t busiest(const double *energy, size_t cells, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++) { sum += energy[i]; }
  double most = sum;
  size_t best = 0;
  for (size_t i = n; i < cells; i++) {
    sum += energy[i] - energy[i - n];
    if (sum > most) {
      most = sum;
      best = i - n + 1;
    }
  }
  return best;
}

/* Adds the squares of the last increments of field c, over their mean, to the cells of each
 * axis. */
static void add_energy(double *energy[3], const mpp_window *w, size_t c)
{
  const size_t cells = w->grid[0] * w->grid[1] * w->grid[2];
  const float *now = w->x + (w->T - 1) * w->stride + c * cells;
  const float *before = w->T > 1 ? now - w->stride : now;
  double total = 0.0;
  for (size_t i = 0; i < cells; i++) { total += pow((double)now[i] - before[i], 2.0); }
  const double by = total > 0.0 ? 1.0 / total : 0.0;
  for (size_t z = 0; z < w->grid[0]; z++) {
    for (size_t y = 0; y < w->grid[1]; y++) {
      double row = 0.0;
      for (size_t x = 0; x < w->grid[2]; x++) {
        const double square = by * pow((double)*now++ - *before++, 2.0);
        energy[2][x] += square;
        row += square;
      }
      energy[1][y] += row;
      energy[0][z] += row;
    }
  }
}

static mpp_status find(size_t from[3], const size_t extent[3], const mpp_window *w)
{
  mpp_status st = MPP_OK;
  double *energy[3] = {NULL};
  for (int a = 0; a < 3; a++) { MPP_TRY(MPP_ALLOC(&energy[a], w->grid[a])); }
  for (size_t c = 0; c < w->C; c++) { add_energy(energy, w, c); }
  for (int a = 0; a < 3; a++) { from[a] = busiest(energy[a], w->grid[a], extent[a]); }
done:
  for (int a = 0; a < 3; a++) { mpp_free(energy[a]); }
  return st;
}

static void copy_mask(unsigned char *to, const mpp_window *w, const size_t from[3],
                      const size_t extent[3])
{
  for (size_t z = 0; z < extent[0]; z++) {
    for (size_t y = 0; y < extent[1]; y++) {
      const size_t row = (from[0] + z) * w->grid[1] + from[1] + y;
      memcpy(to, w->mask + row * w->grid[2] + from[2], extent[2]);
      to += extent[2];
    }
  }
}

static void copy(float *to, const mpp_window *w, const size_t from[3], const size_t extent[3])
{
  for (size_t t = 0; t < w->T; t++) {
    for (size_t c = 0; c < w->C; c++) {
      const float *x = w->x + t * w->stride + c * w->grid[0] * w->grid[1] * w->grid[2];
      for (size_t z = 0; z < extent[0]; z++) {
        for (size_t y = 0; y < extent[1]; y++) {
          const size_t row = (from[0] + z) * w->grid[1] + from[1] + y;
          memcpy(to, x + row * w->grid[2] + from[2], extent[2] * sizeof *to);
          to += extent[2];
        }
      }
    }
  }
}

mpp_status mpp_crop_make(mpp_crop *c, const mpp_window *w, size_t reach)
{
  mpp_status st = MPP_OK;
  size_t axes = 0, extent[3], from[3] = {0, 0, 0}, part = 1, whole = 1;
  *c = (mpp_crop){.window = *w};
  for (int a = 0; a < 3; a++) { axes += w->grid[a] > 1 ? 1 : 0; }
  for (int a = 0; a < 3; a++) {
    const size_t wanted = sides[axes] + 2 * reach;
    extent[a] = w->grid[a] > wanted ? wanted : w->grid[a];
    part *= extent[a];
    whole *= w->grid[a];
  }
  if (4 * part > 3 * whole) { /* not worth the copy */
    return MPP_OK;
  }
  MPP_TRY(find(from, extent, w));
  MPP_TRY(MPP_ALLOC(&c->x, w->T * w->C * part));
  copy(c->x, w, from, extent);
  c->window.x = c->x;
  if (w->mask != NULL) {
    MPP_TRY(MPP_ALLOC(&c->mask, part));
    copy_mask(c->mask, w, from, extent);
    c->window.mask = c->mask;
  }
  c->window.stride = w->C * part;
  for (int a = 0; a < 3; a++) {
    c->window.grid[a] = extent[a];
    if (extent[a] < w->grid[a]) {
      c->window.edge[a] = MPP_EDGE_MIRROR;
      c->margin[a] = reach;
      for (size_t k = 0; k < w->C; k++) { /* the block's own edges are no walls */
        c->window.odd[k] = (mpp_odd_ends)(c->window.odd[k] & ~(3u << (2 * a)));
      }
    }
  }
done:
  return st;
}

void mpp_crop_free(mpp_crop *c)
{
  mpp_free(c->x);
  mpp_free(c->mask);
  c->x = NULL;
  c->mask = NULL;
}
