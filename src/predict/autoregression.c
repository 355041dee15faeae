/* autoregression.c - rule in autoregression.h. Everything that the fit needs are the inner products
 * of the increments, R[i][j] = sum over cells of d_i d_j: normal equations and residuals are sums
 * of its entries. */
#include "autoregression.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "scale_floor.h"
#include "threads.h"

enum { MOST = MPP_AUTOREGRESSION_MOST, MAX_FRAMES = 16, CELLS = 128 };

static const double largest_growth = 1.05;
static const double ridge = 1e-9;

typedef struct products {
  size_t n;                         /* increments */
  double r[MAX_FRAMES][MAX_FRAMES]; /* their inner products */
  double value_ms[MAX_FRAMES];      /* mean square of the frame that increment i leads to */
} products;

/* x: the first of n + 1 frames of one field, `stride` floats apart. */
static void inner_products(products *p, const float *x, size_t n, size_t stride, size_t s)
{
  memset(p, 0, sizeof *p);
  p->n = n;
  for (size_t from = 0; from < s; from += CELLS) {
    const size_t count = s - from < CELLS ? s - from : CELLS;
    double d[MAX_FRAMES][CELLS];
    for (size_t i = 0; i < n; i++) {
      const float *before = x + i * stride + from, *after = before + stride;
      double square = 0.0;
      for (size_t k = 0; k < count; k++) { d[i][k] = (double)after[k] - before[k]; }
#pragma omp simd reduction(+ : square)
      for (size_t k = 0; k < count; k++) { square += (double)after[k] * after[k]; }
      p->value_ms[i] += square / (double)s;
      for (size_t j = 0; j <= i; j++) {
        double sum = 0.0;
#pragma omp simd reduction(+ : sum)
        for (size_t k = 0; k < count; k++) { sum += d[i][k] * d[j][k]; }
        p->r[i][j] += sum;
      }
    }
  }
  for (size_t i = 0; i < n; i++) {
    for (size_t j = 0; j < i; j++) { p->r[j][i] = p->r[i][j]; }
  }
}

/* Solves G a = g in place by Cholesky; G [order, order] symmetric positive definite. */
static void solve(double a[MOST], double G[MOST][MOST], size_t order)
{
  for (size_t j = 0; j < order; j++) {
    for (size_t k = 0; k < j; k++) {
      for (size_t i = j; i < order; i++) { G[i][j] -= G[i][k] * G[j][k]; }
    }
    const double pivot = sqrt(fmax(G[j][j], 1e-300));
    for (size_t i = j; i < order; i++) { G[i][j] /= pivot; }
  }
  for (size_t i = 0; i < order; i++) {
    for (size_t k = 0; k < i; k++) { a[i] -= G[i][k] * a[k]; }
    a[i] /= G[i][i];
  }
  for (size_t i = order; i-- > 0;) {
    for (size_t k = i + 1; k < order; k++) { a[i] -= G[k][i] * a[k]; }
    a[i] /= G[i][i];
  }
}

static void least_squares(double a[MOST], const products *p, size_t order)
{
  double G[MOST][MOST] = {{0.0}}, trace = 0.0;
  memset(a, 0, MOST * sizeof *a);
  for (size_t t = order; t < p->n; t++) {
    if (p->r[t][t] <= 0.0) {
      continue; /* nothing moved in this step: it has no say in how increments follow each other */
    }
    const double weight = 1.0 / p->r[t][t];
    for (size_t i = 0; i < order; i++) {
      a[i] += weight * p->r[t][t - 1 - i];
      for (size_t j = 0; j < order; j++) { G[i][j] += weight * p->r[t - 1 - i][t - 1 - j]; }
    }
  }
  for (size_t i = 0; i < order; i++) { trace += G[i][i]; }
  if (order == 0 || !(trace > 0.0) || !isfinite(trace)) {
    memset(a, 0, MOST * sizeof *a);
    return;
  }
  for (size_t i = 0; i < order; i++) { G[i][i] += ridge * trace / (double)order; }
  solve(a, G, order);
}

/* Largest modulus of the roots: ||M^(2^k)||^(1/2^k) of the companion matrix, k = 10, which is
 * within half a percent. */
static double spectral_radius(const double a[MOST])
{
  double m[MOST][MOST] = {{0.0}}, logarithm = 0.0;
  for (size_t i = 0; i < MOST; i++) { m[0][i] = a[i]; }
  for (size_t i = 1; i < MOST; i++) { m[i][i - 1] = 1.0; }
  for (int squaring = 0; squaring < 10; squaring++) {
    double next[MOST][MOST] = {{0.0}}, largest = 0.0;
    for (size_t i = 0; i < MOST; i++) {
      for (size_t j = 0; j < MOST; j++) {
        for (size_t k = 0; k < MOST; k++) { next[i][j] += m[i][k] * m[k][j]; }
        largest = fmax(largest, fabs(next[i][j]));
      }
    }
    if (largest == 0.0) {
      return 0.0;
    }
    logarithm = 2.0 * logarithm + log(largest);
    for (size_t i = 0; i < MOST; i++) {
      for (size_t j = 0; j < MOST; j++) { m[i][j] = next[i][j] / largest; }
    }
  }
  return exp(logarithm / 1024.0);
}

static void damp(double a[MOST])
{
  const double radius = spectral_radius(a);
  if (radius > largest_growth) {
    double factor = 1.0;
    for (size_t k = 0; k < MOST; k++) {
      factor *= largest_growth / radius;
      a[k] *= factor;
    }
  }
}

/* Mean over the tested increments of |d_t - sum a_k d_{t-k}|^2, and their scale. */
static double residual_scale(const products *p, const double a[MOST], size_t order, size_t s)
{
  const size_t quarter = p->n - (p->n + 4) / 4;
  const size_t first = quarter > order ? quarter : order;
  double error = 0.0, increment = 0.0, value = 0.0;
  for (size_t t = first; t < p->n; t++) {
    double e = p->r[t][t];
    for (size_t i = 0; i < order; i++) {
      e -= 2.0 * a[i] * p->r[t][t - 1 - i];
      for (size_t j = 0; j < order; j++) { e += a[i] * a[j] * p->r[t - 1 - i][t - 1 - j]; }
    }
    error += fmax(e, 0.0);
    increment += p->r[t][t];
    value += p->value_ms[t];
  }
  const double tested = (double)(p->n - first), count = tested * (double)s;
  return mpp_floored_scale(error / count, increment / count, value / tested);
}

void mpp_autoregression_fit_fields(double *a, float *scale, const float *x, size_t stride, size_t T,
                                   size_t fields, size_t s, size_t order)
{
  assert(T >= 1 && s >= 1 && order >= 1 && order <= MOST);
  const size_t frames = T < MAX_FRAMES ? T : MAX_FRAMES, n = frames - 1;
  const size_t used = n / 2 < order ? n / 2 : order;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < fields; k++) {
    products p;
    double fitted[MOST];
    inner_products(&p, x + (T - frames) * stride + k * s, n, stride, s);
    least_squares(fitted, &p, used);
    damp(fitted);
    memcpy(a + k * order, fitted, order * sizeof *a);
    if (n > 0) {
      scale[k] = (float)residual_scale(&p, fitted, used, s);
    } else { /* one frame: its own size stands in for increments */
      double square = 0.0;
      for (size_t i = 0; i < s; i++) { square += (double)x[k * s + i] * x[k * s + i]; }
      scale[k] = (float)mpp_floored_scale(0.0, square / (double)s, square / (double)s);
    }
  }
}

void mpp_autoregression_fit(double *a, float *scale, const float *x, size_t T, size_t B, size_t C,
                            size_t s)
{
  mpp_autoregression_fit_fields(a, scale, x, B * C * s, T, B * C, s, MPP_AUTOREGRESSION_ORDER);
}

void mpp_autoregression_extrapolate(float *y, const float *x, const double *a, size_t steps,
                                    size_t T, size_t B, size_t C, size_t s)
{
  assert(T >= 1 && steps >= 1);
  enum { ORDER = MPP_AUTOREGRESSION_ORDER };
  const size_t stride = B * C * s, history = T - 1 < ORDER ? T - 1 : ORDER;
#pragma omp parallel for num_threads(mpp_threads()) schedule(static)
  for (size_t k = 0; k < B * C; k++) {
    const double *ak = a + k * ORDER;
    const float *last = x + (T - 1) * stride + k * s;
    for (size_t i = 0; i < s; i++) {
      double d[ORDER] = {0.0}, value = last[i]; /* d[0]: the newest increment */
      for (size_t j = 0; j < history; j++) {
        d[j] = (double)*(last + i - j * stride) - *(last + i - (j + 1) * stride);
      }
      for (size_t step = 0; step < steps; step++) {
        double next = 0.0;
        for (size_t j = 0; j < ORDER; j++) { next += ak[j] * d[j]; }
        for (size_t j = ORDER - 1; j > 0; j--) { d[j] = d[j - 1]; }
        d[0] = next;
        value += next;
      }
      y[k * s + i] = (float)value;
    }
  }
}
