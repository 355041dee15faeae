/* gemm.h - the only caller of BLAS. Single-threaded sgemm on tiles whose shapes do not depend on
 * the number of threads, each element of the result written by one tile: the same bits for any
 * number of threads. All arrays row-major. */
#ifndef MPP_GEMM_H
#define MPP_GEMM_H

#include <stdbool.h>
#include <stddef.h>

/* C [m, n] = op(A) op(B) + beta C; op transposes where ta, tb. One serial BLAS call. */
void mpp_gemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b, size_t ldb,
              bool tb, size_t m, size_t n, size_t k, float beta);

/* The same, tiled over the rows and columns of C and run in parallel. Sums over k are never split. */
void mpp_gemm_parallel(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float beta);

const char *mpp_blas_version(void); /* "OpenBLAS 0.3.21 ..." */

#endif
