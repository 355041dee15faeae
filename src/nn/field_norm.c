/* field_norm.c - statistics of the window's normalisation, per sample and field, over time and
 * space. The window is cut into fixed pieces; each piece has its own mean and sum of squares about
 * it, merged in order by the formula of Chan, Golub and LeVeque (1979). */
#include <math.h>

#include "chunks.h"
#include "nn.h"
#include "threads.h"

static const double floor_of_sd = 1e-7; /* added to the deviation, as published */

typedef struct moments {
  double count, mean, square; /* square: sum of squares about the mean */
} moments;

/* Index range begin..end-1 over [T, S] of one sample and field; `frame` floats from one frame of
 * it to the next. Equal values give their mean exactly and square 0: their sums are exact. */
static moments piece_moments(const float *x, size_t begin, size_t end, size_t s, size_t frame)
{
  moments m = {(double)(end - begin), 0.0, 0.0};
  double sum = 0.0;
  for (size_t i = begin; i < end;) {
    const size_t t = i / s, cell = i - t * s, n = mpp_min_size(s - cell, end - i);
    const float *run = x + t * frame + cell;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < n; j++) { sum += (double)run[j]; }
    i += n;
  }
  m.mean = end > begin ? sum / m.count : 0.0;
  const double mean = m.mean;
  double square = 0.0;
  for (size_t i = begin; i < end;) {
    const size_t t = i / s, cell = i - t * s, n = mpp_min_size(s - cell, end - i);
    const float *run = x + t * frame + cell;
#pragma omp simd reduction(+ : square)
    for (size_t j = 0; j < n; j++) {
      const double d = (double)run[j] - mean;
      square += d * d;
    }
    i += n;
  }
  m.square = square;
  return m;
}

/* The same of the values that are not masked; what is under a mask may be anything. */
static moments unmasked_moments(const float *x, const unsigned char *mask, size_t begin, size_t end,
                                size_t s, size_t frame)
{
  moments m = {0.0, 0.0, 0.0};
  double sum = 0.0;
  for (size_t i = begin; i < end; i++) {
    const size_t at = i / s * frame + i % s;
    sum += mask[at] == 0 ? (double)x[at] : 0.0;
    m.count += mask[at] == 0 ? 1.0 : 0.0;
  }
  m.mean = m.count > 0.0 ? sum / m.count : 0.0;
  for (size_t i = begin; i < end; i++) {
    const size_t at = i / s * frame + i % s;
    const double d = mask[at] == 0 ? (double)x[at] - m.mean : 0.0;
    m.square += d * d;
  }
  return m;
}

static moments merge(moments a, moments b)
{
  if (b.count == 0.0) {
    return a;
  }
  const double count = a.count + b.count, delta = b.mean - a.mean;
  const moments m = {count, a.mean + delta * b.count / count,
                     a.square + b.square + delta * delta * a.count * b.count / count};
  return m;
}

void mpp_field_norm_stats(float *mean, float *sd, const float *x, size_t T, size_t B, size_t C,
                          size_t s)
{
  mpp_field_norm_stats_masked(mean, sd, x, NULL, T, B, C, s);
}

void mpp_field_norm_stats_masked(float *mean, float *sd, const float *x, const unsigned char *mask,
                                 size_t T, size_t B, size_t C, size_t s)
{
  for (size_t k = 0; k < B * C; k++) {
    moments part[MPP_NN_CHUNKS];
#pragma omp parallel for schedule(static) num_threads(mpp_threads())
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) {
      const size_t begin = mpp_chunk_start(T * s, chunk), end = mpp_chunk_start(T * s, chunk + 1);
      part[chunk] = mask == NULL
                        ? piece_moments(x + k * s, begin, end, s, B * C * s)
                        : unmasked_moments(x + k * s, mask + k * s, begin, end, s, B * C * s);
    }
    moments all = {0.0, 0.0, 0.0};
    for (size_t chunk = 0; chunk < MPP_NN_CHUNKS; chunk++) { all = merge(all, part[chunk]); }
    mean[k] = (float)all.mean;
    sd[k] = (float)(sqrt(all.square / fmax(all.count - 1.0, 1.0)) + floor_of_sd);
  }
}
