/* loss.c - the training loss, per sample and field: mean squared error over what it is measured
 * against (the mean square of the target in the published loss, a given scale otherwise). */
#include <math.h>

#include "chunks.h"
#include "nn.h"
#include "threads.h"

static const double floor_of_square = 1e-7; /* added to the target's mean square, as published */

static double mean_square(const float *t, size_t s)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < s; i++) { sum += (double)t[i] * (double)t[i]; }
  return sum / (double)s;
}

static double mean_square_error(const float *y, const float *t, size_t s)
{
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (size_t i = 0; i < s; i++) {
    const double e = (double)y[i] - (double)t[i];
    sum += e * e;
  }
  return sum / (double)s;
}

/* Denominator of pair k = b*C + c: den [k], or from the target where den is NULL. */
static double denominator(const double *den, const float *t, size_t k, size_t s)
{
  return den != NULL ? den[k] : floor_of_square + mean_square(t + k * s, s);
}

/* Sums of e and of sqrt(e), e the quotient of a pair, over all pairs. */
static void sum_pairs(double *sum, double *root_sum, const float *y, const float *t,
                      const double *den, size_t pairs, size_t s)
{
  double part[MPP_NN_CHUNKS], root[MPP_NN_CHUNKS];
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    part[chunk] = root[chunk] = 0.0;
    for (size_t k = mpp_chunk_start(pairs, chunk); k < mpp_chunk_start(pairs, chunk + 1); k++) {
      const double e = mean_square_error(y + k * s, t + k * s, s) / denominator(den, t, k, s);
      part[chunk] += e;
      root[chunk] += sqrt(e);
    }
  }
  *sum = *root_sum = 0.0;
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    *sum += part[chunk];
    *root_sum += root[chunk];
  }
}

/* dy += weight 2 (y - t) / (s den B C). */
static void pairs_backward(float *dy, const float *y, const float *t, const double *den,
                           float weight, size_t pairs, size_t s)
{
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < pairs; k++) {
    const double scale = 2.0 * (double)weight / ((double)s * (double)pairs);
    const float slope = (float)(scale / denominator(den, t, k, s));
    const float *yk = y + k * s, *tk = t + k * s;
    float *dyk = dy + k * s;
#pragma omp simd
    for (size_t i = 0; i < s; i++) { dyk[i] += slope * (yk[i] - tk[i]); }
  }
}

double mpp_nmse_forward(double *nrmse, const float *y, const float *t, size_t B, size_t C, size_t s)
{
  double sum, root_sum;
  sum_pairs(&sum, &root_sum, y, t, NULL, B * C, s);
  if (nrmse != NULL) {
    *nrmse = root_sum / (double)(B * C);
  }
  return sum / (double)(B * C);
}

void mpp_nmse_backward(float *dy, const float *y, const float *t, float weight, size_t B, size_t C,
                       size_t s)
{
  pairs_backward(dy, y, t, NULL, weight, B * C, s);
}

double mpp_scaled_mse_forward(const float *y, const float *t, const double *den, size_t B, size_t C,
                              size_t s)
{
  double sum, root_sum;
  sum_pairs(&sum, &root_sum, y, t, den, B * C, s);
  return sum / (double)(B * C);
}

void mpp_scaled_mse_backward(float *dy, const float *y, const float *t, const double *den,
                             float weight, size_t B, size_t C, size_t s)
{
  pairs_backward(dy, y, t, den, weight, B * C, s);
}

/* ---- with a mask ---- */

typedef struct masked_pair {
  double cells, error, denominator; /* cells that count; mean squares over them */
} masked_pair;

static masked_pair masked_pair_of(const float *y, const float *t, const unsigned char *mask,
                                  const double *den, size_t k, size_t s)
{
  const float *yk = y + k * s, *tk = t + k * s;
  const unsigned char *hidden = mask + k * s;
  double cells = 0.0, error = 0.0, square = 0.0;
#pragma omp simd reduction(+ : cells, error, square)
  for (size_t i = 0; i < s; i++) {
    const double e = hidden[i] == 0 ? (double)yk[i] - (double)tk[i] : 0.0;
    const double v = hidden[i] == 0 ? (double)tk[i] : 0.0;
    cells += hidden[i] == 0 ? 1.0 : 0.0;
    error += e * e;
    square += v * v;
  }
  const double n = fmax(cells, 1.0);
  return (masked_pair){cells, error / n, den != NULL ? den[k] : floor_of_square + square / n};
}

double mpp_masked_mse_forward(double *nrmse, const float *y, const float *t,
                              const unsigned char *mask, const double *den, size_t B, size_t C,
                              size_t s)
{
  double part[MPP_NN_CHUNKS], root[MPP_NN_CHUNKS], counted[MPP_NN_CHUNKS];
  double sum = 0.0, root_sum = 0.0, pairs = 0.0;
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    part[chunk] = root[chunk] = counted[chunk] = 0.0;
    for (size_t k = mpp_chunk_start(B * C, chunk); k < mpp_chunk_start(B * C, chunk + 1); k++) {
      const masked_pair p = masked_pair_of(y, t, mask, den, k, s);
      part[chunk] += p.error / p.denominator;
      root[chunk] += sqrt(p.error / p.denominator);
      counted[chunk] += p.cells > 0.0 ? 1.0 : 0.0;
    }
  }
  for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
    sum += part[chunk];
    root_sum += root[chunk];
    pairs += counted[chunk];
  }
  if (nrmse != NULL) {
    *nrmse = root_sum / fmax(pairs, 1.0);
  }
  return sum / fmax(pairs, 1.0);
}

void mpp_masked_mse_backward(float *dy, const float *y, const float *t, const unsigned char *mask,
                             const double *den, float weight, size_t B, size_t C, size_t s)
{
  double pairs = 0.0;
  for (size_t k = 0; k < B * C; k++) {
    size_t i = k * s;
    while (i < (k + 1) * s && mask[i] != 0) { i++; }
    pairs += i < (k + 1) * s ? 1.0 : 0.0;
  }
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
  for (size_t k = 0; k < B * C; k++) {
    const masked_pair p = masked_pair_of(y, t, mask, den, k, s);
    const float slope =
        (float)(2.0 * (double)weight / (fmax(p.cells, 1.0) * pairs * p.denominator));
    for (size_t i = k * s; i < (k + 1) * s; i++) {
      dy[i] += mask[i] == 0 ? slope * (y[i] - t[i]) : 0.0f;
    }
  }
}
