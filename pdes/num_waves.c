/* num_waves.c - a plane wave is a sum of products of one function of each coordinate, so that the
 * sum of all waves is a small tensor g [P, Q, R] between tables of cosines and sines:
 *   u(z, y, x) = sum_pqr g_pqr a_p(z) b_q(y) c_r(x),  functions 1, cos 1, sin 1, cos 2, sin 2, ...
 * It is contracted plane by plane and row by row: R multiplications a cell. */
#include "num_waves.h"

#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

#include "alloc.h"
#include "check.h"
#include "threads.h"

enum {
  FUNCTIONS = 2 * MPP_WAVES_LARGEST + 1,
  SMALL = 1 << 15 /* cells that one thread sums sooner than others are woken */
};

typedef struct sums {
  size_t n[3];
  size_t q[3];      /* functions of each axis, 2 (largest wave number) + 1 */
  double *tensor;   /* [P, Q, R], owned */
  double *planes;   /* [D, Q, R]: contracted over the first axis; owned */
  double *table[3]; /* [functions, cells] of each axis, owned */
} sums;

mpp_wave mpp_wave_make(const int k[3], double amplitude, double phase)
{
  return (mpp_wave){{k[0], k[1], k[2]}, amplitude * cos(phase), amplitude * sin(phase)};
}

static size_t cosine_of(int k) { return k == 0 ? 0 : 2 * (size_t)abs(k) - 1; }

/* Angles are whole multiples of pi / n, taken modulo the period before they are rounded. */
static void fill_table(double *table, size_t functions, size_t n)
{
  for (size_t f = 0; f < functions; f++) {
    const size_t k = (f + 1) / 2;
    for (size_t i = 0; i < n; i++) {
      const double angle = M_PI * (double)(k * (2 * i + 1) % (2 * n)) / (double)n;
      table[f * n + i] = f == 0 ? 1.0 : f % 2 == 1 ? cos(angle) : sin(angle);
    }
  }
}

/* exp(i (a + b + c)) is the product of three exponentials, each cos + i sign(k) sin; choosing the
 * sine along the axes of `set` gives a factor i for each of them. */
static void add_wave(double *tensor, const size_t q[3], const mpp_wave *m)
{
  for (unsigned set = 0; set < 8; set++) {
    size_t at[3];
    int sines = 0, sign = 1;
    for (int a = 0; a < 3; a++) {
      const int is_sine = (int)(set >> a & 1u);
      if (is_sine != 0 && m->k[a] == 0) {
        sign = 0; /* sin 0 */
      }
      at[a] = cosine_of(m->k[a]) + (size_t)is_sine;
      sign *= is_sine != 0 && m->k[a] < 0 ? -1 : 1;
      sines += is_sine;
    }
    if (sign == 0) {
      continue;
    }
    /* i^sines: the real part goes to the cosine of the sum of angles, the imaginary to its sine */
    const double part = sines % 2 == 0 ? m->cosine : m->sine;
    tensor[(at[0] * q[1] + at[1]) * q[2] + at[2]] += (sines >= 2 ? -sign : sign) * part;
  }
}

static mpp_status prepare(sums *s, const size_t n[3], const mpp_wave *waves, size_t count)
{
  mpp_status st = MPP_OK;
  for (int a = 0; a < 3; a++) {
    s->n[a] = n[a];
    s->q[a] = 1;
    for (size_t m = 0; m < count; m++) {
      const size_t functions = 2 * (size_t)abs(waves[m].k[a]) + 1;
      s->q[a] = functions > s->q[a] ? functions : s->q[a];
    }
    MPP_REQUIRE(s->q[a] <= FUNCTIONS, MPP_ERR_INTERNAL, "waves: wave number above %d",
                MPP_WAVES_LARGEST);
    MPP_TRY(MPP_ALLOC(&s->table[a], s->q[a] * n[a]));
    fill_table(s->table[a], s->q[a], n[a]);
  }
  const size_t plane = s->q[1] * s->q[2];
  MPP_TRY(MPP_ALLOC(&s->tensor, s->q[0] * plane));
  MPP_TRY(MPP_ALLOC(&s->planes, n[0] * plane));
  for (size_t m = 0; m < count; m++) { add_wave(s->tensor, s->q, &waves[m]); }
  for (size_t d = 0; d < n[0]; d++) {
    for (size_t p = 0; p < s->q[0]; p++) {
      const double factor = s->table[0][p * n[0] + d];
      for (size_t i = 0; i < plane; i++) {
        s->planes[d * plane + i] += factor * s->tensor[p * plane + i];
      }
    }
  }
done:
  return st;
}

/* Row (d, h) of u. */
static void sum_row(double *restrict row, const sums *s, size_t d, size_t h)
{
  double coefficient[FUNCTIONS] = {0.0};
  const double *plane = s->planes + d * s->q[1] * s->q[2];
  for (size_t r = 0; r < s->q[2]; r++) {
    for (size_t q = 0; q < s->q[1]; q++) {
      coefficient[r] += s->table[1][q * s->n[1] + h] * plane[q * s->q[2] + r];
    }
  }
  for (size_t w = 0; w < s->n[2]; w++) { row[w] = coefficient[0]; }
  for (size_t r = 1; r < s->q[2]; r++) {
    const double factor = coefficient[r], *restrict wave = s->table[2] + r * s->n[2];
#pragma omp simd
    for (size_t w = 0; w < s->n[2]; w++) { row[w] += factor * wave[w]; }
  }
}

static int threads_for(const size_t n[3])
{
  return omp_in_parallel() || n[0] * n[1] * n[2] < SMALL ? 1 : mpp_threads();
}

mpp_status mpp_waves_sum(double *u, const size_t n[3], const mpp_wave *waves, size_t count)
{
  mpp_status st = MPP_OK;
  sums s = {{0}, {0}, NULL, NULL, {NULL}};
  MPP_TRY(prepare(&s, n, waves, count));
  const int64_t rows = (int64_t)(n[0] * n[1]);
#pragma omp parallel for num_threads(threads_for(n)) schedule(static)
  for (int64_t row = 0; row < rows; row++) {
    const size_t at = (size_t)row;
    sum_row(u + at * n[2], &s, at / n[1], at % n[1]);
  }
done:
  for (int a = 0; a < 3; a++) { mpp_free(s.table[a]); }
  mpp_free(s.planes);
  mpp_free(s.tensor);
  return st;
}
