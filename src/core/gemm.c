/* gemm.c - chooses a kernel for this processor and cuts products into tiles. */
#include "gemm.h"

#include <assert.h>
#include <stdatomic.h>

#include "blas.h"
#include "cpu.h"
#include "gemm_kernel.h"
#include "gemm_share.h"
#include "threads.h"

/* Multiplications; less takes a few microseconds, as waking threads. */
enum { PARALLEL_LEAST = 1 << 19 };

void mpp_gemm_kernels(const mpp_gemm_kernel *list[MPP_GEMM_KERNELS])
{
  size_t count = 0;
#if defined(__x86_64__)
  if (mpp_cpu_level() >= 4) {
    list[count++] = &mpp_gemm_avx512;
  }
  if (mpp_cpu_level() >= 3) {
    list[count++] = &mpp_gemm_avx2;
  }
#endif
  list[count++] = &mpp_gemm_blas;
  list[count] = NULL;
}

const mpp_gemm_kernel *mpp_gemm_bf16_kernel(void)
{
#if defined(__x86_64__)
  return mpp_cpu_has_bf16() ? &mpp_gemm_bf16 : NULL;
#else
  return NULL;
#endif
}

bool mpp_gemm_has_bf16(void) { return mpp_gemm_bf16_kernel() != NULL; }

static const mpp_gemm_kernel *best_kernel(void)
{
  static _Atomic(const mpp_gemm_kernel *) best;
  const mpp_gemm_kernel *kernel = atomic_load_explicit(&best, memory_order_relaxed);
  if (kernel == NULL) {
    const mpp_gemm_kernel *list[MPP_GEMM_KERNELS];
    mpp_gemm_kernels(list);
    kernel = list[0];
    atomic_store_explicit(&best, kernel, memory_order_relaxed);
  }
  return kernel;
}

mpp_status mpp_gemm_prepare(void)
{
  return best_kernel() == &mpp_gemm_blas ? mpp_blas_reserve() : MPP_OK;
}

/* The part of a product that is `tile` of the tiling. */
static mpp_gemm_product part_of(const mpp_gemm_product *p, const mpp_gemm_tiling *t, size_t tile)
{
  const size_t i = tile / t->across * t->rows, j = tile % t->across * t->columns;
  mpp_gemm_product part = *p;
  part.c += i * p->ldc + j;
  part.a += i * p->a_row;
  part.b += p->b_transposed ? j * p->ldb : j;
  part.bias = p->bias != NULL ? p->bias + j : NULL;
  part.gain = p->gain != NULL ? p->gain + j : NULL;
  part.add = p->add != NULL ? p->add + i * p->ldc + j : NULL;
  part.times = p->times != NULL ? p->times + i * p->ldc + j : NULL;
  part.first_row = p->first_row + i;
  part.m = p->m - i < t->rows ? p->m - i : t->rows;
  part.n = p->n - j < t->columns ? p->n - j : t->columns;
  return part;
}

void mpp_gemm_run_with(const mpp_gemm_kernel *kernel, const mpp_gemm_product *p)
{
  if (p->m == 0 || p->n == 0) {
    return;
  }
  const int threads = p->m * p->n * p->k < PARALLEL_LEAST ? 1 : mpp_threads();
  if (kernel->run_on != NULL) {
    kernel->run_on(p, threads);
    return;
  }
  const mpp_gemm_tiling t = kernel->tiling(p->m, p->n, p->k, (size_t)threads);
  mpp_gemm_shares shares;
  mpp_gemm_divide(&shares, t.count, (size_t)threads);
#pragma omp parallel num_threads(threads) if (threads > 1 && t.count > 1)
  {
    size_t tile, turn = 0;
    while (mpp_gemm_take(&tile, &turn, &shares)) {
      const mpp_gemm_product part = part_of(p, &t, tile);
      kernel->run(&part);
    }
  }
}

void mpp_gemm_run(const mpp_gemm_product *p)
{
  const mpp_gemm_kernel *kernel = p->bf16 ? mpp_gemm_bf16_kernel() : best_kernel();
  assert(kernel != NULL && "whoever asks for bfloat16 asks first whether it is there");
  mpp_gemm_run_with(kernel, p);
}

static mpp_gemm_product product_of(float *c, size_t ldc, const float *a, size_t lda, bool ta,
                                   const float *b, size_t ldb, bool tb, size_t m, size_t n,
                                   size_t k, float beta)
{
  return (mpp_gemm_product){.c = c,
                            .ldc = ldc,
                            .a = a,
                            .a_row = ta ? 1 : lda,
                            .a_column = ta ? lda : 1,
                            .b = b,
                            .ldb = ldb,
                            .b_transposed = tb,
                            .m = m,
                            .n = n,
                            .k = k,
                            .beta = beta};
}

void mpp_gemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b, size_t ldb,
              bool tb, size_t m, size_t n, size_t k, float beta)
{
  const mpp_gemm_product p = product_of(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, beta);
  if (m > 0 && n > 0) {
    best_kernel()->run(&p);
  }
}

void mpp_gemm_parallel(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float beta)
{
  const mpp_gemm_product p = product_of(c, ldc, a, lda, ta, b, ldb, tb, m, n, k, beta);
  mpp_gemm_run(&p);
}
