/* bench_nn.c - time of every layer at the shapes of the Ti model (16 frames of 128 x 128 cells and
 * 4 fields: 16 x 8 x 8 tokens of 192 channels). Each kernel's result is checked before its time is
 * printed. Run: build/benchmarks/bench_nn [THREADS]
 * Prints: kernel, shape, best and median time of the repetitions, GFLOP/s of the products. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpp/model.h"
#include "nn.h"
#include "rng.h"
#include "threads.h"

#define MOST ((size_t)1 << 21)

static float x[MOST], y[MOST], dy[MOST], dx[MOST], w[MOST], dw[MOST], work[MOST * 2];
static float gain[2048], bias[1 << 16], dgain[2048], dbias[1 << 16], mean[1 << 14], sd[1 << 14];

typedef struct bench {
  const char *name;
  void (*run)(size_t m, size_t n, size_t k);
  bool (*check)(size_t m, size_t n, size_t k);
  size_t m, n, k; /* what the shape means is said at each kernel */
} bench;

static bool close_to(double a, double b, double tolerance)
{
  return fabs(a - b) <= tolerance * fmax(1.0, fabs(b));
}

/* ---- linear: m tokens, n in, k out ---- */

static void linear_forward(size_t m, size_t n, size_t k)
{
  mpp_linear_forward(y, x, w, bias, m, n, k, false);
}
static bool linear_forward_check(size_t m, size_t n, size_t k)
{
  for (size_t at = 0; at < m * k; at += 997) {
    double sum = (double)bias[at % k];
    for (size_t j = 0; j < n; j++) { sum += (double)x[at / k * n + j] * (double)w[at % k * n + j]; }
    if (!close_to((double)y[at], sum, 1e-4)) {
      return false;
    }
  }
  return true;
}
static void linear_backward(size_t m, size_t n, size_t k)
{
  memset(dw, 0, n * k * sizeof *dw);
  mpp_linear_backward(dx, dw, dbias, dy, x, w, m, n, k, false);
}
static bool linear_backward_check(size_t m, size_t n, size_t k)
{
  for (size_t at = 0; at < n * k; at += 997) {
    double sum = 0.0;
    for (size_t i = 0; i < m; i++) {
      sum += (double)dy[i * k + at / n] * (double)x[i * n + at % n];
    }
    if (!close_to((double)dw[at], sum, 1e-4)) {
      return false;
    }
  }
  return true;
}

/* ---- norms: m frames, n tokens, k channels ---- */

static void rms_forward(size_t m, size_t n, size_t k)
{
  mpp_rms_inorm_forward(y, sd, x, gain, m, n, k);
}
static bool unit_deviation(size_t m, size_t n, size_t k)
{
  for (size_t c = 0; c < m * k; c += 7) {
    double sum = 0.0, square = 0.0;
    for (size_t i = 0; i < n; i++) {
      const double v = (double)y[(c / k * n + i) * k + c % k] / (double)gain[c % k];
      sum += v;
      square += v * v;
    }
    if (!close_to((square - sum * sum / (double)n) / (double)(n - 1), 1.0, 1e-3)) {
      return false;
    }
  }
  return true;
}
static void rms_backward(size_t m, size_t n, size_t k)
{
  memset(dgain, 0, sizeof dgain);
  mpp_rms_inorm_backward(dx, dgain, dy, x, gain, sd, m, n, k);
}
/* dg of one channel, from the forward's y = g x r. */
static bool gain_gradient(size_t m, size_t n, size_t k)
{
  double sum = 0.0;
  for (size_t i = 0; i < m * n; i++) {
    sum += (double)dy[i * k + 5] * (double)x[i * k + 5] / (double)sd[i / n * k + 5];
  }
  return close_to((double)dgain[5], sum, 1e-3);
}
static void inorm_forward(size_t m, size_t n, size_t k)
{
  mpp_inorm_forward(y, mean, sd, x, gain, bias, m, n, k);
}
static bool zero_mean(size_t m, size_t n, size_t k)
{
  for (size_t c = 0; c < m * k; c += 7) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
      sum += (double)y[(c / k * n + i) * k + c % k] - (double)bias[c % k];
    }
    if (!close_to(sum / (double)n, 0.0, 1e-5)) {
      return false;
    }
  }
  return true;
}
static void inorm_backward(size_t m, size_t n, size_t k)
{
  memset(dgain, 0, sizeof dgain);
  memset(dbias, 0, sizeof dbias);
  mpp_inorm_backward(dx, dgain, dbias, dy, x, gain, mean, sd, m, n, k);
}
static bool bias_gradient(size_t m, size_t n, size_t k)
{
  double sum = 0.0;
  for (size_t i = 0; i < m * n; i++) { sum += (double)dy[i * k + 5]; }
  return close_to((double)dbias[5], sum, 1e-3);
}

/* ---- elementwise: m values ---- */

static void gelu_forward(size_t m, size_t n, size_t k)
{
  (void)n, (void)k;
  mpp_gelu_forward(y, x, m);
}
static bool gelu_check(size_t m, size_t n, size_t k)
{
  (void)n, (void)k;
  for (size_t i = 0; i < m; i += 997) {
    const double v = (double)x[i];
    if (!close_to((double)y[i], 0.5 * v * erfc(-v / sqrt(2.0)), 1e-6)) {
      return false;
    }
  }
  return true;
}
static void gelu_backward(size_t m, size_t n, size_t k)
{
  (void)n, (void)k;
  memcpy(dx, dy, m * sizeof *dx); /* in the time measured */
  mpp_gelu_backward(dx, x, m);
}
static bool gelu_slope(size_t m, size_t n, size_t k)
{
  (void)m, (void)n, (void)k;
  for (size_t i = 0; i < 1024; i++) {
    const double v = (double)x[i];
    const double slope =
        0.5 * erfc(-v / sqrt(2.0)) + v * exp(-0.5 * v * v) / sqrt(2.0 * acos(-1.0));
    if (!close_to((double)dx[i], slope * (double)dy[i], 1e-6)) {
      return false;
    }
  }
  return true;
}

/* ---- attention: m outer, n tokens of the axis, k inner ---- */

static mpp_axis axis_of(size_t m, size_t n, size_t k)
{
  const mpp_axis a = {m, n, k, n, 3, 64};
  return a;
}
static void attend(size_t m, size_t n, size_t k, float *qkv)
{
  const mpp_axis a = axis_of(m, n, k);
  const mpp_qk_norm norm = {gain, gain + 64, gain + 128, gain + 192};
  mpp_attention_forward(y, qkv, NULL, &norm, bias, &a, 0.5f, false, work);
}
static void attention_forward(size_t m, size_t n, size_t k) { attend(m, n, k, x); }
/* With values of 1 the result is the sum of the probabilities. */
static bool weights_add_to_one(size_t m, size_t n, size_t k)
{
  memcpy(dw, x, sizeof dw);
  for (size_t row = 0; row < m * n * k * 3; row++) {
    for (size_t j = 0; j < 64; j++) { dw[row * 192 + 128 + j] = 1.0f; }
  }
  attend(m, n, k, dw);
  for (size_t i = 0; i < m * n * k * 192; i++) {
    if (!close_to((double)y[i], 0.5, 1e-5)) {
      return false;
    }
  }
  return true;
}
static void attention_backward(size_t m, size_t n, size_t k)
{
  const mpp_axis a = axis_of(m, n, k);
  const mpp_qk_norm norm = {gain, gain + 64, gain + 128, gain + 192};
  memset(dbias, 0, 3 * (2 * n - 1) * sizeof *dbias);
  mpp_attention_backward(dx, NULL, dbias, dy, x, NULL, &norm, bias, &a, 0.5f, false, work);
}
/* A constant added to all scores changes nothing: dbias of a head adds to 0. */
static bool heads_add_to_zero(size_t m, size_t n, size_t k)
{
  (void)m, (void)k;
  double most = 0.0;
  for (size_t h = 0; h < 3; h++) {
    double sum = 0.0;
    for (size_t j = 0; j < 2 * n - 1; j++) {
      const double d = (double)dbias[h * (2 * n - 1) + j];
      sum += d;
      most = fmax(most, fabs(d));
    }
    if (fabs(sum) > 1e-3) {
      return false;
    }
  }
  return most > 1e-3;
}

/* ---- the window: m frames, n fields, k x k cells ---- */

static void field_stats(size_t m, size_t n, size_t k)
{
  mpp_field_norm_stats(mean, sd, x, m, 1, n, k * k);
}
static bool stats_check(size_t m, size_t n, size_t k)
{
  double sum = 0.0;
  for (size_t i = 0; i < m * k * k; i++) {
    sum += (double)x[i / (k * k) * n * k * k + i % (k * k)];
  }
  return close_to((double)mean[0], sum / (double)(m * k * k), 1e-6);
}
static void field_patches(size_t m, size_t n, size_t k)
{
  mpp_field_patches(y, x, mean, sd, m, 1, n, (const size_t[3]){1, k, k}, 4);
}
static bool patches_check(size_t m, size_t n, size_t k)
{
  (void)m;
  return close_to((double)y[16 * n + 5], ((double)x[k + 5] - (double)mean[0]) / (double)sd[0],
                  1e-5);
}
/* ---- gather: m frames, n channels, k x k cells, factor 2 ---- */
static void gather(size_t m, size_t n, size_t k)
{
  mpp_patch_gather(y, x, m, (const size_t[3]){1, k, k}, 2, n);
}
static bool gather_check(size_t m, size_t n, size_t k)
{
  (void)m;
  return y[4 * n + 2 * n] == x[(k + 2) * n]; /* second patch, second row */
}

static const bench benches[] = {
    {"linear forward", linear_forward, linear_forward_check, 1024, 192, 576},
    {"linear forward", linear_forward, linear_forward_check, 1024, 192, 192},
    {"linear forward", linear_forward, linear_forward_check, 1024, 192, 768},
    {"linear forward", linear_forward, linear_forward_check, 1024, 768, 192},
    {"linear forward", linear_forward, linear_forward_check, 16384, 64, 48},
    {"linear backward", linear_backward, linear_backward_check, 1024, 192, 576},
    {"linear backward", linear_backward, linear_backward_check, 1024, 192, 192},
    {"linear backward", linear_backward, linear_backward_check, 1024, 192, 768},
    {"linear backward", linear_backward, linear_backward_check, 1024, 768, 192},
    {"rms_inorm forward", rms_forward, unit_deviation, 16, 64, 192},
    {"rms_inorm backward", rms_backward, gain_gradient, 16, 64, 192},
    {"rms_inorm forward", rms_forward, unit_deviation, 16, 1024, 48},
    {"rms_inorm backward", rms_backward, gain_gradient, 16, 1024, 48},
    {"inorm forward", inorm_forward, zero_mean, 16, 64, 192},
    {"inorm backward", inorm_backward, bias_gradient, 16, 64, 192},
    {"gelu forward", gelu_forward, gelu_check, 786432, 1, 1},
    {"gelu backward", gelu_backward, gelu_slope, 786432, 1, 1},
    {"attention time forward", attention_forward, weights_add_to_one, 1, 16, 64},
    {"attention time backward", attention_backward, heads_add_to_zero, 1, 16, 64},
    {"attention W forward", attention_forward, weights_add_to_one, 128, 8, 1},
    {"attention W backward", attention_backward, heads_add_to_zero, 128, 8, 1},
    {"attention H forward", attention_forward, weights_add_to_one, 16, 8, 8},
    {"attention H backward", attention_backward, heads_add_to_zero, 16, 8, 8},
    {"field_norm", field_stats, stats_check, 16, 4, 128},
    {"field patches", field_patches, patches_check, 16, 4, 128},
    {"patch gather", gather, gather_check, 16, 48, 32},
};

/* Values of a rough normal distribution, gains away from 0. */
static void fill_inputs(void)
{
  for (size_t i = 0; i < MOST; i++) {
    x[i] = (float)(4.0 * mpp_rng_uniform(1, MPP_STREAM_INIT, i, 0) - 2.0);
    dy[i] = (float)(2.0 * mpp_rng_uniform(2, MPP_STREAM_INIT, i, 0) - 1.0);
    w[i] = 0.1f * dy[i];
  }
  for (size_t i = 0; i < sizeof gain / sizeof gain[0]; i++) {
    gain[i] = 0.5f + 0.01f * (float)(i % 50);
  }
  for (size_t i = 0; i < sizeof bias / sizeof bias[0]; i++) { bias[i] = dy[i]; }
}

static int by_size(const void *a, const void *b)
{
  const double p = *(const double *)a, q = *(const double *)b;
  return (p > q) - (p < q);
}

int main(int argc, char **argv)
{
  enum { REPEATS = 41 };
  if (argc > 1) {
    mpp_set_threads((int)strtol(argv[1], NULL, 10));
  }
  fill_inputs();
  printf("%-24s %-16s %10s %10s  (%d threads)\n", "kernel", "shape", "best ms", "median ms",
         mpp_threads());
  for (size_t i = 0; i < sizeof benches / sizeof benches[0]; i++) {
    const bench *b = &benches[i];
    double seconds[REPEATS];
    for (size_t r = 0; r < REPEATS; r++) {
      const double start = mpp_clock();
      b->run(b->m, b->n, b->k);
      seconds[r] = mpp_clock() - start;
    }
    if (!b->check(b->m, b->n, b->k)) {
      fprintf(stderr, "%s %zu %zu %zu: wrong result\n", b->name, b->m, b->n, b->k);
      return 1;
    }
    qsort(seconds, REPEATS, sizeof seconds[0], by_size);
    char shape[64];
    snprintf(shape, sizeof shape, "%zu %zu %zu", b->m, b->n, b->k);
    printf("%-24s %-16s %10.3f %10.3f", b->name, shape, 1e3 * seconds[0],
           1e3 * seconds[REPEATS / 2]);
    if (strncmp(b->name, "linear", 6) == 0) {
      const double products = strstr(b->name, "backward") != NULL ? 2.0 : 1.0;
      printf(" %8.1f GFLOP/s", 2e-9 * products * (double)(b->m * b->n * b->k) / seconds[0]);
    }
    printf("\n");
  }
  return 0;
}
