/* darcy_medium.c - bumps are products of a function of x and one of y: means over the square need
 * one exponential per row and one per column. */
#include "darcy_medium.h"

#include <math.h>

#include "rng.h"

double mpp_darcy_centre(const mpp_grid *g, int axis, size_t i)
{
  return g->low[axis] + ((double)i + 0.5) * g->dx[axis];
}

/* s = 0, which is drawn once in 2^53 times, would leave exp(-0/0): no bump. */
void mpp_darcy_draw_bumps(mpp_darcy_bump b[MPP_DARCY_BUMPS], uint64_t seed, uint64_t sample)
{
  for (uint32_t i = 0; i < MPP_DARCY_BUMPS; i++) {
    b[i].s = fmax(0.5 * mpp_rng_uniform(seed, MPP_STREAM_PDE, sample, 3 * i), 1e-300);
    b[i].x = mpp_rng_uniform(seed, MPP_STREAM_PDE, sample, 3 * i + 1);
    b[i].y = mpp_rng_uniform(seed, MPP_STREAM_PDE, sample, 3 * i + 2);
  }
}

static double along(const mpp_grid *g, int axis, size_t i, double centre, double s)
{
  const double d = mpp_darcy_centre(g, axis, i) - centre;
  return exp(-d * d / s);
}

static double mean_along(const mpp_grid *g, int axis, double centre, double s)
{
  double sum = 0.0;
  for (size_t i = 0; i < g->n[axis]; i++) { sum += along(g, axis, i, centre, s); }
  return sum / (double)g->n[axis];
}

double mpp_darcy_batch_mean(const mpp_grid *g, uint64_t seed, uint64_t sample)
{
  const uint64_t first = sample - sample % MPP_DARCY_BATCH;
  double sum = 0.0;
  for (uint64_t k = first; k < first + MPP_DARCY_BATCH; k++) {
    mpp_darcy_bump b[MPP_DARCY_BUMPS];
    mpp_darcy_draw_bumps(b, seed, k);
    for (int i = 0; i < MPP_DARCY_BUMPS; i++) {
      sum += mean_along(g, 1, b[i].x, b[i].s) * mean_along(g, 2, b[i].y, b[i].s);
    }
  }
  return sum / MPP_DARCY_BATCH;
}

void mpp_darcy_permeability(double *a, const mpp_grid *g, const mpp_darcy_bump b[MPP_DARCY_BUMPS],
                            double threshold, double low, double high)
{
  const size_t nx = g->n[1], ny = g->n[2];
  for (size_t i = 0; i < nx; i++) {
    double *row = a + i * ny;
    for (size_t j = 0; j < ny; j++) { row[j] = 0.0; }
    for (int k = 0; k < MPP_DARCY_BUMPS; k++) {
      const double at_x = mpp_darcy_centre(g, 1, i) - b[k].x;
      for (size_t j = 0; j < ny; j++) {
        const double at_y = mpp_darcy_centre(g, 2, j) - b[k].y;
        row[j] += exp(-(at_x * at_x + at_y * at_y) / b[k].s);
      }
    }
    for (size_t j = 0; j < ny; j++) { row[j] = row[j] > threshold ? high : low; }
  }
}
