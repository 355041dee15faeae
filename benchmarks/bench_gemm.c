/* bench_gemm.c - mpp_gemm_parallel against one call of OpenBLAS with as many threads, for the
 * products of the network: forward, gradient of the input, gradient of the weights.
 * Usage: bench_gemm [THREADS]. Prints GFLOP/s, best of 40. */
#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "alloc.h"
#include "gemm_kernel.h"
#include "mpp/threads.h"
#include "threads.h"

typedef struct shape {
  const char *name;
  size_t m, n, k;
  bool ta, tb;
} shape;

static const shape shapes[] = {
    {"Ti qkv", 1024, 576, 192, false, true},      {"Ti mlp", 1024, 768, 192, false, true},
    {"Ti mlp out", 1024, 192, 768, false, true},  {"Ti mlp dx", 1024, 192, 768, false, false},
    {"Ti mlp dw", 768, 192, 1024, true, false},   {"Ti mlp out dw", 192, 768, 1024, true, false},
    {"Ti qkv dw", 576, 192, 1024, true, false},   {"nano qkv", 4096, 288, 96, false, true},
    {"nano mlp out", 4096, 96, 384, false, true}, {"nano mlp dw", 384, 96, 4096, true, false},
    {"nano out dw", 96, 96, 4096, true, false},   {"S mlp", 2048, 1536, 384, false, true},
    {"S mlp dw", 1536, 384, 2048, true, false},   {"B mlp", 1024, 3072, 768, false, true},
    {"B mlp dx", 1024, 768, 3072, false, false},  {"B mlp dw", 3072, 768, 1024, true, false}};

typedef struct arrays {
  float *a, *b, *c, *d, *e;
} arrays;

static void whole(const arrays *x, const shape *s)
{
  cblas_sgemm(CblasRowMajor, s->ta ? CblasTrans : CblasNoTrans, s->tb ? CblasTrans : CblasNoTrans,
              (int)s->m, (int)s->n, (int)s->k, 1.0f, x->a, (int)(s->ta ? s->m : s->k), x->b,
              (int)(s->tb ? s->k : s->n), 0.0f, x->c, (int)s->n);
}

static void tiled(const arrays *x, const shape *s)
{
  mpp_gemm_parallel(x->d, s->n, x->a, s->ta ? s->m : s->k, s->ta, x->b, s->tb ? s->k : s->n, s->tb,
                    s->m, s->n, s->k, 0.0f);
}

/* With operands rounded to bfloat16, where the processor has it. */
static void rounded(const arrays *x, const shape *s)
{
  const mpp_gemm_product p = {.c = x->e,
                              .ldc = s->n,
                              .a = x->a,
                              .a_row = s->ta ? 1 : s->k,
                              .a_column = s->ta ? s->m : 1,
                              .b = x->b,
                              .ldb = s->tb ? s->k : s->n,
                              .b_transposed = s->tb,
                              .m = s->m,
                              .n = s->n,
                              .k = s->k,
                              .bf16 = true};
  mpp_gemm_run(&p);
}

static double seconds(void (*product)(const arrays *, const shape *), const arrays *x,
                      const shape *s, double best)
{
  const double start = mpp_clock();
  product(x, s);
  return fmin(best, mpp_clock() - start);
}

/* 0 if the product `d` is the whole one up to rounding: of sums of k terms in another order, or of
 * operands to 8 bits. */
static int check(const arrays *x, const float *d, double tolerance, const shape *s)
{
  double difference = 0.0, norm = 0.0;
  for (size_t i = 0; i < s->m * s->n; i++) {
    difference += ((double)x->c[i] - d[i]) * ((double)x->c[i] - d[i]);
    norm += (double)x->c[i] * x->c[i];
  }
  if (!(norm > 0.0 && sqrt(difference / norm) < tolerance)) {
    fprintf(stderr, "%s: products differ by %g\n", s->name, sqrt(difference / norm));
    return 1;
  }
  return 0;
}

static int bench(const arrays *x, const shape *s, int threads)
{
  double alone = HUGE_VAL, together = HUGE_VAL, short_time = HUGE_VAL;
  for (int round = 0; round < 4; round++) { /* in turn: other load on the machine meets both */
    for (int r = 0; r < 10; r++) { together = seconds(tiled, x, s, together); }
    for (int r = 0; r < 10 && mpp_gemm_has_bf16(); r++) {
      short_time = seconds(rounded, x, s, short_time);
    }
    openblas_set_num_threads(threads);
    for (int r = 0; r < 10; r++) { alone = seconds(whole, x, s, alone); }
    openblas_set_num_threads(1);
    nanosleep(&(struct timespec){.tv_nsec = 50000000},
              NULL); /* its threads wait busily for 30 ms */
  }
  const double work = 2e-9 * (double)s->m * (double)s->n * (double)s->k;
  printf("%-14s [%4zu,%4zu] k=%4zu  OpenBLAS %6.1f  ours %6.1f  bf16 %6.1f GFLOP/s\n", s->name,
         s->m, s->n, s->k, work / alone, work / together, work / short_time);
  return check(x, x->d, 1e-5, s) + (mpp_gemm_has_bf16() ? check(x, x->e, 1e-2, s) : 0);
}

int main(int argc, char **argv)
{
  enum { COUNT = 1 << 22 };
  arrays x = {NULL, NULL, NULL, NULL, NULL};
  int failed = 0;
  mpp_set_threads(argc > 1 ? atoi(argv[1]) : 0);
  const mpp_gemm_kernel *kernels[MPP_GEMM_KERNELS];
  mpp_gemm_kernels(kernels);
  printf("%d threads, %s against %s\n", mpp_threads(), kernels[0]->name, mpp_blas_version());
  if (MPP_ALLOC(&x.a, COUNT) == MPP_OK && MPP_ALLOC(&x.b, COUNT) == MPP_OK &&
      MPP_ALLOC(&x.c, COUNT) == MPP_OK && MPP_ALLOC(&x.d, COUNT) == MPP_OK &&
      MPP_ALLOC(&x.e, COUNT) == MPP_OK) {
    for (size_t i = 0; i < COUNT; i++) {
      x.a[i] = (float)(i * 7 % 101) / 101.0f - 0.5f;
      x.b[i] = (float)(i * 3 % 97) / 97.0f - 0.5f;
    }
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
      failed += bench(&x, &shapes[i], mpp_threads());
    }
  } else {
    failed = 1;
  }
  mpp_free(x.a);
  mpp_free(x.b);
  mpp_free(x.c);
  mpp_free(x.d);
  mpp_free(x.e);
  return failed != 0;
}
