/* bench_pdes.c - time of a trajectory of each system at its default size, and of the first samples
 * of the released PDEBench files, which are held against the released statistics first.
 * Usage: bench_pdes [THREADS]. Prints seconds; best of 5 for the short ones. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "alloc.h"
#include "mpp/mpp.h"
#include "mpp/threads.h"
#include "threads.h"

/* Mean and variance of each field over all frames. */
static void statistics(double mean[2], double variance[2], const float *x, const size_t shape[5])
{
  const size_t cells = shape[2] * shape[3] * shape[4], nfields = shape[1];
  for (size_t f = 0; f < nfields; f++) {
    double sum = 0.0, square = 0.0;
    for (size_t k = 0; k < shape[0]; k++) {
      for (size_t i = 0; i < cells; i++) { sum += x[(k * nfields + f) * cells + i]; }
    }
    mean[f] = sum / (double)(shape[0] * cells);
    for (size_t k = 0; k < shape[0]; k++) {
      for (size_t i = 0; i < cells; i++) {
        const double d = x[(k * nfields + f) * cells + i] - mean[f];
        square += d * d;
      }
    }
    variance[f] = square / (double)(shape[0] * cells);
  }
}

/* What is known of a released sample; a wrong solver has no speed. */
typedef struct released {
  double mean[2], variance[2];
} released;

/* Released shallow-water sample 0, float32 sums; diffusion-reaction sample 0, exact sums. */
static const released swe = {{1.03393555, 0.0}, {0.013489713, 0.0}};
static const released diffusion_reaction = {{-0.0365731907, -0.0228363384},
                                            {0.0213457058, 0.0130663140}};

static mpp_status check(const float *x, const size_t shape[5], const released *expected)
{
  double mean[2] = {0.0, 0.0}, variance[2] = {0.0, 0.0};
  statistics(mean, variance, x, shape);
  for (size_t f = 0; f < shape[1]; f++) {
    /* digits of the released figures */
    if (fabs(mean[f] - expected->mean[f]) > 1e-8 ||
        fabs(variance[f] / expected->variance[f] - 1.0) > 1e-6) {
      printf("field %zu: mean %.10f, expected %.10f; variance %.10f, expected %.10f\n", f, mean[f],
             expected->mean[f], variance[f], expected->variance[f]);
      return MPP_ERR_INTERNAL;
    }
  }
  return MPP_OK;
}

static mpp_status run(const char *name, bool compat, int repeats, const released *expected)
{
  const mpp_pde *pde = mpp_pde_find(name);
  const mpp_generate_options options = {.samples = 1, .pdebench_compat = compat};
  size_t shape[5], count = 0;
  float *x = NULL;
  double best = INFINITY;
  mpp_status st = mpp_pde_trajectory_shape(shape, pde, &options);
  if (st == MPP_OK && mpp_product(&count, shape, 5)) {
    st = MPP_ALLOC(&x, count);
  }
  for (int i = 0; i < repeats && st == MPP_OK; i++) {
    const double start = mpp_clock();
    st = mpp_pde_trajectory(x, pde, &options, 0);
    best = fmin(best, mpp_clock() - start);
  }
  if (st == MPP_OK && expected != NULL) {
    st = check(x, shape, expected);
  }
  if (st == MPP_OK) {
    printf("%-20s %-16s %zu frames of %zu x %zu: %8.3f s\n", name,
           compat ? "pdebench-compat" : "default", shape[0], shape[3], shape[4], best);
  }
  mpp_free(x);
  return st;
}

int main(int argc, char **argv)
{
  mpp_set_threads(argc > 1 ? (int)strtol(argv[1], NULL, 10) : 1);
  if (run("swe", true, 5, &swe) != MPP_OK || run("swe", false, 5, NULL) != MPP_OK ||
      run("diffusion-reaction", false, 5, NULL) != MPP_OK ||
      run("diffusion-reaction", true, 1, &diffusion_reaction) != MPP_OK) {
    fprintf(stderr, "bench_pdes: %s\n", mpp_last_error());
    return 1;
  }
  return 0;
}
