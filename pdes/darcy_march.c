/* darcy_march.c - explicit steps stretched by stages: the second-order Runge-Kutta-Legendre scheme
 * of C. D. Meyer, D. S. Balsara and T. D. Aslam, J. Comput. Phys. 257 (2014) 594. s stages go (s^2
 * + s - 2) / 4 times as far as a step of the explicit scheme. */
#include "darcy_march.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum { WORTH = 16384 }; /* cells that make a thread worth its start */

/* Length of a step: the slowest mode of a medium with a = 1 decays by 0.1 in it, and its error is a
 * part in 1000 of that at most. */
static const double step_most = 0.005;

struct mpp_darcy_march {
  size_t nx, ny, stride, count;
  double area;
  const double *gx, *gy, *b;   /* of the run under way, borrowed */
  double *start, *rate, *y[3]; /* [nx + 2, ny + 2] with a border of zeros */
  double *memory;
  int threads;
};

mpp_status mpp_darcy_march_create(mpp_darcy_march **out, size_t nx, size_t ny, double area)
{
  mpp_status st = MPP_OK;
  mpp_darcy_march *m = NULL;
  MPP_TRY(MPP_ALLOC(&m, 1));
  *m = (mpp_darcy_march){.nx = nx, .ny = ny, .stride = ny + 2, .area = area, .threads = 1};
  MPP_REQUIRE(nx > 0 && ny > 0 && nx < UINT32_MAX && ny < UINT32_MAX &&
                  mpp_mul(&m->count, nx + 2, ny + 2) && m->count < SIZE_MAX / 64,
              MPP_ERR_INTERNAL, "march: grid of %zu x %zu", nx, ny);
  MPP_TRY(MPP_ALLOC(&m->memory, 5 * m->count));
  m->start = m->memory;
  m->rate = m->start + m->count;
  for (size_t k = 0; k < 3; k++) { m->y[k] = m->rate + (k + 1) * m->count; }
  *out = m;
  m = NULL;
done:
  mpp_darcy_march_destroy(m);
  return st;
}

void mpp_darcy_march_destroy(mpp_darcy_march *m)
{
  if (m != NULL) {
    mpp_free(m->memory);
    mpp_free(m);
  }
}

/* What a stage makes: to = last * a + before * b + start * c + u_t(last) * rate + rate_0 *
 * first. */
typedef struct stage {
  double *to;
  const double *last, *before;
  double of_last, of_before, of_start, of_rate, of_first;
} stage;

/* The first stage, which also keeps u_t of the start, has `before` NULL. */
static void run_stage(const mpp_darcy_march *m, const stage *s)
{
  const size_t row = m->stride, ny = m->ny;
  const double inverse = 1.0 / m->area;
#pragma omp parallel for num_threads(m->threads) schedule(static)
  for (size_t i = 0; i < m->nx; i++) {
    const double *restrict gx = m->gx + i * ny, *restrict gy = m->gy + i * (ny + 1);
    const double *restrict b = m->b + i * ny;
    const size_t first = (i + 1) * row + 1;
#pragma omp simd
    for (size_t j = 0; j < ny; j++) {
      const size_t k = first + j;
      const double u = s->last[k];
      const double out = (gx[j] * (u - s->last[k - row]) + gx[ny + j] * (u - s->last[k + row])) +
                         (gy[j] * (u - s->last[k - 1]) + gy[j + 1] * (u - s->last[k + 1]));
      const double rate = (b[j] - out) * inverse;
      if (s->before == NULL) {
        m->rate[k] = rate;
        s->to[k] = u + s->of_rate * rate;
      } else {
        s->to[k] = ((s->of_last * u + s->of_before * s->before[k]) + s->of_start * m->start[k]) +
                   (s->of_rate * rate + s->of_first * m->rate[k]);
      }
    }
  }
}

static double weight(double j)
{
  return j < 2.0 ? 1.0 / 3.0 : (j * j + j - 2.0) / (2.0 * j * (j + 1.0));
}

/* start -> start after dt, in `stages` stages. */
static void run_step(mpp_darcy_march *m, double dt, size_t stages)
{
  const double s = (double)stages, w = 4.0 / (s * s + s - 2.0);
  double *last = m->y[0], *before = m->start, *to = m->y[1], *spare = m->y[2];
  const stage opening = {.to = last, .last = m->start, .of_rate = w * dt / 3.0};
  run_stage(m, &opening);
  for (size_t k = 2; k <= stages; k++) {
    const double j = (double)k, b = weight(j);
    const double mu = (2.0 * j - 1.0) / j * b / weight(j - 1.0);
    const double nu = -(j - 1.0) / j * b / weight(j - 2.0);
    const stage next = {.to = to,
                        .last = last,
                        .before = before,
                        .of_last = mu,
                        .of_before = nu,
                        .of_start = 1.0 - mu - nu,
                        .of_rate = mu * w * dt,
                        .of_first = -(1.0 - weight(j - 1.0)) * mu * w * dt};
    run_stage(m, &next);
    double *const freed = before == m->start ? spare : before;
    before = last;
    last = to;
    to = freed;
  }
  memcpy(m->start, last, m->count * sizeof *last);
}

/* The stiffest eigenvalue is at most twice the largest diagonal. */
static double explicit_step(const mpp_darcy_march *m)
{
  double largest = 0.0;
  for (size_t i = 0; i < m->nx; i++) {
    const double *gx = m->gx + i * m->ny, *gy = m->gy + i * (m->ny + 1);
    for (size_t j = 0; j < m->ny; j++) {
      largest = fmax(largest, (gx[j] + gx[m->ny + j]) + (gy[j] + gy[j + 1]));
    }
  }
  return m->area / largest;
}

size_t mpp_darcy_march_run(mpp_darcy_march *m, double *u, const double *gx, const double *gy,
                           const double *b, double duration)
{
  const size_t worth = m->nx * m->ny / WORTH + 1;
  const size_t there = omp_in_parallel() ? 1 : (size_t)mpp_threads();
  const size_t count = duration > 0.0 ? (size_t)ceil(duration / step_most) : 0;
  m->threads = (int)(worth < there ? worth : there);
  m->gx = gx;
  m->gy = gy;
  m->b = b;
  if (count == 0) {
    return 0;
  }
  const double dt = duration / (double)count, ratio = dt / explicit_step(m);
  const size_t stages = (size_t)fmax(3.0, ceil(0.5 * (sqrt(9.0 + 16.0 * ratio) - 1.0)));
  for (size_t i = 0; i < m->nx; i++) {
    memcpy(m->start + (i + 1) * m->stride + 1, u + i * m->ny, m->ny * sizeof *u);
  }
  for (size_t k = 0; k < count; k++) { run_step(m, dt, stages | 1); }
  for (size_t i = 0; i < m->nx; i++) {
    memcpy(u + i * m->ny, m->start + (i + 1) * m->stride + 1, m->ny * sizeof *u);
  }
  return count * (stages | 1);
}
