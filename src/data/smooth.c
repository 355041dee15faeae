/* smooth.c - a Gaussian before cells are left out, so that what the coarse grid cannot hold does
 * not fold back. As The Well's small datasets: scipy's gaussian_filter (cut at four standard
 * deviations, mode "nearest") with sigma = (stride - 1) / 2, then every stride-th cell. */
#include <math.h>
#include <string.h>

#include "alloc.h"
#include "check.h"
#include "dataset_impl.h"

enum { MOST_TAPS = 1 << 12 };

/* Weights [2 radius + 1] that add up to 1; returns the radius. */
static size_t make_weights(double *weight, size_t step)
{
  const double sigma = 0.5 * (double)(step - 1);
  const size_t radius = (size_t)(4.0 * sigma + 0.5);
  double sum = 0.0;
  for (size_t i = 0; i <= 2 * radius; i++) {
    const double r = ((double)i - (double)radius) / sigma;
    weight[i] = exp(-0.5 * r * r);
    sum += weight[i];
  }
  for (size_t i = 0; i <= 2 * radius; i++) { weight[i] /= sum; }
  return radius;
}

/* Index i - radius + k on an axis of n cells. */
static size_t source(size_t i, size_t k, size_t radius, size_t n, bool periodic)
{
  const long at = (long)i + (long)k - (long)radius;
  if (periodic) {
    const long m = at % (long)n;
    return (size_t)(m < 0 ? m + (long)n : m);
  }
  return at < 0 ? 0 : at >= (long)n ? n - 1 : (size_t)at;
}

static mpp_status smooth_axis(float *x, const size_t grid[3], int axis, size_t step, bool periodic)
{
  mpp_status st = MPP_OK;
  double *weight = NULL, *line = NULL;
  const size_t n = grid[axis], cells = grid[0] * grid[1] * grid[2];
  const size_t stride = axis == 0 ? grid[1] * grid[2] : axis == 1 ? grid[2] : 1;
  MPP_REQUIRE(step <= MOST_TAPS / 4, MPP_ERR_USAGE, "stride %zu, expected at most %d to smooth",
              step, MOST_TAPS / 4);
  MPP_TRY(MPP_ALLOC(&weight, 4 * step + 8));
  MPP_TRY(MPP_ALLOC(&line, n));
  const size_t radius = make_weights(weight, step);
  for (size_t first = 0; first < cells; first++) {
    if (first / stride % n != 0) {
      continue; /* not the begin of a line */
    }
    for (size_t i = 0; i < n; i++) { line[i] = x[first + i * stride]; }
    for (size_t i = 0; i < n; i++) {
      double sum = 0.0;
      for (size_t k = 0; k <= 2 * radius; k++) {
        sum += weight[k] * line[source(i, k, radius, n, periodic)];
      }
      x[first + i * stride] = (float)sum;
    }
  }
done:
  mpp_free(weight);
  mpp_free(line);
  return st;
}

static mpp_status smooth_all(float *x, const size_t grid[3], const bool periodic[3],
                             const mpp_part part[3])
{
  mpp_status st = MPP_OK;
  for (int a = 0; a < 3; a++) {
    if (part[a].step > 1) {
      MPP_TRY(smooth_axis(x, grid, a, part[a].step, periodic[a]));
    }
  }
done:
  return st;
}

/* The weighted mean of what counts: smoothed values over smoothed weights. Where nothing that
 * counts is near, x stays. */
static mpp_status smooth_open(float *x, const unsigned char *hidden, const size_t grid[3],
                              const bool periodic[3], const mpp_part part[3])
{
  mpp_status st = MPP_OK;
  const size_t n = grid[0] * grid[1] * grid[2];
  float *weight = NULL, *y = NULL;
  MPP_TRY(MPP_ALLOC(&weight, n));
  MPP_TRY(MPP_ALLOC(&y, n));
  for (size_t i = 0; i < n; i++) {
    weight[i] = hidden[i] != 0 ? 0.0f : 1.0f;
    y[i] = hidden[i] != 0 ? 0.0f : x[i];
  }
  MPP_TRY(smooth_all(weight, grid, periodic, part));
  MPP_TRY(smooth_all(y, grid, periodic, part));
  for (size_t i = 0; i < n; i++) { /* less weight than this is what rounding leaves of none */
    x[i] = weight[i] > 1e-5f ? y[i] / weight[i] : x[i];
  }
done:
  mpp_free(weight);
  mpp_free(y);
  return st;
}

mpp_status mpp_smooth(float *out, float *x, const unsigned char *hidden, const size_t grid[3],
                      const bool periodic[3], const mpp_part part[3])
{
  mpp_status st = MPP_OK;
  const size_t n = grid[0] * grid[1] * grid[2];
  if (hidden != NULL && memchr(hidden, 1, n) != NULL) {
    MPP_TRY(smooth_open(x, hidden, grid, periodic, part));
  } else {
    MPP_TRY(smooth_all(x, grid, periodic, part));
  }
  for (size_t i = 0; i < part[0].count; i++) {
    for (size_t j = 0; j < part[1].count; j++) {
      for (size_t k = 0; k < part[2].count; k++) {
        *out++ = x[((part[0].from + i * part[0].step) * grid[1] + part[1].from + j * part[1].step) *
                       grid[2] +
                   part[2].from + k * part[2].step];
      }
    }
  }
done:
  return st;
}
