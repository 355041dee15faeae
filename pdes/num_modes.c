/* num_modes.c - coefficients by counter-based draws, sums by the inverse transform. */
#include "num_modes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "fft.h"
#include "rng.h"

/* Of a mode and its conjugate, one stands in the sum. */
static bool counts(int k, int l) { return l > 0 || k > 0; }

void mpp_modes_draw(mpp_modes *m, int most, double power, uint64_t seed, uint64_t sample,
                    uint32_t field)
{
  double square = 0.0;
  memset(m, 0, sizeof *m);
  for (int k = -most; k <= most; k++) {
    for (int l = 0; l <= most; l++) {
      const size_t at = mpp_modes_at(k, l);
      for (uint32_t i = 0; i < 2 && counts(k, l); i++) {
        const uint32_t draw = field * MPP_MODES_DRAWS + 2 * (uint32_t)at + i;
        m->c[at][i] = pow((double)(k * k + l * l), power) *
                      mpp_rng_normal(seed, MPP_STREAM_PDE, sample, draw);
        square += 0.5 * m->c[at][i] * m->c[at][i];
      }
    }
  }
  const double factor = 1.0 / sqrt(square);
  for (size_t i = 0; i < MPP_MODES_COUNT; i++) {
    m->c[i][0] *= factor;
    m->c[i][1] *= factor;
  }
}

/* Adds (re, im) exp(i phase) / 2 of a mode, or of its conjugate, to coefficient (k, l). Cell
 * centres lie half a cell from the edge where phases are 0. */
static void add(double *c, size_t nx, size_t ny, int k, int l, const double value[2], double sign)
{
  const size_t row = k >= 0 ? (size_t)k : nx - (size_t)-k;
  const double phase = M_PI * ((double)k / (double)nx + (double)l / (double)ny);
  const double re = 0.5 * value[0], im = 0.5 * sign * value[1];
  double *to = c + 2 * (row * (ny / 2 + 1) + (size_t)l);
  to[0] += re * cos(phase) - im * sin(phase);
  to[1] += re * sin(phase) + im * cos(phase);
}

mpp_status mpp_modes_sum(double *u, size_t nx, size_t ny, const mpp_modes *m, double factor,
                         double offset)
{
  mpp_status st = MPP_OK;
  const mpp_fft_layout layout = {.n = {1, nx, ny}};
  mpp_fft *fft = NULL;
  double *c = NULL, *values = NULL;
  MPP_REQUIRE(nx > 1 && ny > 1, MPP_ERR_INTERNAL, "sum of modes on %zu x %zu cells", nx, ny);
  MPP_TRY(mpp_fft_create(&fft, &layout));
  MPP_TRY(MPP_ALLOC(&c, mpp_fft_get_shape(fft).spectrum));
  MPP_TRY(MPP_ALLOC(&values, mpp_fft_get_shape(fft).values));
  for (int k = -MPP_MODES_MAX; k <= MPP_MODES_MAX; k++) {
    for (int l = 0; l <= MPP_MODES_MAX; l++) {
      if (counts(k, l) && 2 * (size_t)abs(k) < nx && 2 * (size_t)l < ny) {
        add(c, nx, ny, k, l, m->c[mpp_modes_at(k, l)], 1.0);
        if (l == 0) {
          add(c, nx, ny, -k, 0, m->c[mpp_modes_at(k, 0)], -1.0);
        }
      }
    }
  }
  mpp_fft_inverse(fft, values, c, 1);
  for (size_t i = 0; i < nx * ny; i++) { u[i] = offset + factor * values[i]; }
done:
  mpp_fft_destroy(fft);
  mpp_free(c);
  mpp_free(values);
  return st;
}
