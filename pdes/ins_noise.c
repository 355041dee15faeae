/* ins_noise.c - with theta = 2 pi (mx x + my y) over half of the modes,
 *   u = sum (a cos theta + b sin theta) = sum over mx of cos(2 pi mx x) P(y) + sin(2 pi mx x) Q(y),
 *   P = sum over my of a cos(2 pi my y) + b sin(2 pi my y),  Q = b cos(2 pi my y) - a sin(2 pi my
 * y): two sums of one index each in place of one over both. */
#include "ins_noise.h"

#include <math.h>

#include "alloc.h"
#include "check.h"
#include "rng.h"

/* The first draws belong to what other numbers a system draws. */
enum { FIRST_DRAW = 1u << 24, SPAN = 2 * MPP_INS_NOISE_MAX_MODES + 1 };

typedef struct pair {
  double a, b;
} pair;

/* Amplitudes of mode (mx, my), mx >= 0; 0 for the half that is the mirror image of the other. */
static pair draw(const mpp_ins_noise *n, size_t mx, ptrdiff_t my)
{
  const double k = n->scale * n->scale * (double)((ptrdiff_t)(mx * mx) + my * my);
  if (k <= 0.1 || (mx == 0 && my < 0)) {
    return (pair){0.0, 0.0};
  }
  const uint32_t place = (uint32_t)(my + MPP_INS_NOISE_MAX_MODES) + (uint32_t)mx * SPAN;
  const uint32_t at = FIRST_DRAW + 2 * (place + n->field * SPAN * SPAN);
  const double weight = pow(k, -n->smoothness);
  return (pair){weight * mpp_rng_normal(n->seed, MPP_STREAM_PDE, n->sample, at),
                weight * mpp_rng_normal(n->seed, MPP_STREAM_PDE, n->sample, at + 1)};
}

/* cos and sin of 2 pi m x_i, into table[0][i] and table[1][i]. */
static void waves(double *table, size_t count, double low, double step, ptrdiff_t m)
{
  for (size_t i = 0; i < count; i++) {
    const double angle = 2.0 * M_PI * (double)m * (low + (double)i * step);
    table[i] = cos(angle);
    table[count + i] = sin(angle);
  }
}

/* Adds the modes (mx, my) of one mx to P and Q [2, ny]; returns their variance. */
static double add_column(double *pq, const double *tables, size_t ny, const mpp_ins_noise *n,
                         size_t mx)
{
  double variance = 0.0;
  for (size_t r = 0; r <= 2 * n->modes; r++) {
    const ptrdiff_t my = (ptrdiff_t)r - (ptrdiff_t)n->modes;
    const pair w = draw(n, mx, my);
    const double *c = tables + 2 * ny * (size_t)(my < 0 ? -my : my), *s = c + ny;
    const double sign = my < 0 ? -1.0 : 1.0;
    for (size_t j = 0; j < ny; j++) {
      pq[j] += w.a * c[j] + w.b * (sign * s[j]);
      pq[ny + j] += w.b * c[j] - w.a * (sign * s[j]);
    }
    variance += 0.5 * (w.a * w.a + w.b * w.b);
  }
  return variance;
}

mpp_status mpp_ins_noise_fill(double *u, size_t stride, const mpp_ins_points *p,
                              const mpp_ins_noise *n)
{
  mpp_status st = MPP_OK;
  const size_t nx = p->n[0], ny = p->n[1];
  double *tables = NULL, *wave = NULL, *pq = NULL, variance = 0.0;
  MPP_REQUIRE(n->modes <= MPP_INS_NOISE_MAX_MODES && n->field < 8, MPP_ERR_INTERNAL,
              "noise: %zu modes, field %u", n->modes, n->field);
  MPP_TRY(MPP_ALLOC(&tables, 2 * ny * (n->modes + 1)));
  MPP_TRY(MPP_ALLOC(&wave, 2 * nx));
  MPP_TRY(MPP_ALLOC(&pq, 2 * ny));
  for (size_t m = 0; m <= n->modes; m++) {
    waves(tables + 2 * ny * m, ny, p->low[1], p->step[1], (ptrdiff_t)m);
  }
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) { u[i * stride + j] = 0.0; }
  }
  for (size_t mx = 0; mx <= n->modes; mx++) {
    for (size_t j = 0; j < 2 * ny; j++) { pq[j] = 0.0; }
    variance += add_column(pq, tables, ny, n, mx);
    waves(wave, nx, p->low[0], p->step[0], (ptrdiff_t)mx);
    for (size_t i = 0; i < nx; i++) {
      const double c = wave[i], s = wave[nx + i];
      for (size_t j = 0; j < ny; j++) { u[i * stride + j] += c * pq[j] + s * pq[ny + j]; }
    }
  }
  const double factor = variance > 0.0 ? 1.0 / sqrt(variance) : 0.0;
  for (size_t i = 0; i < nx; i++) {
    for (size_t j = 0; j < ny; j++) { u[i * stride + j] *= factor; }
  }
done:
  mpp_free(tables);
  mpp_free(wave);
  mpp_free(pq);
  return st;
}
