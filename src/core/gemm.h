/* gemm.h - matrix products, and the only caller of BLAS. All arrays row-major. Processors with
 * AVX-512 or AVX2 use our own kernel (gemm_panel.h), others OpenBLAS; the choice is made at run
 * time. Operands can be rounded to bfloat16 (gemm_bf16.c). The sum of an element has a fixed order
 * that depends on k alone, and one writer: the same bits for any number of threads, and from both
 * kernels of our own. */
#ifndef MPP_GEMM_H
#define MPP_GEMM_H

#include <stdbool.h>
#include <stddef.h>

#include "mpp/status.h"

/* C [m, n] = times row_gain gain (A B + bias) + beta add. C is not read where beta is 0. */
typedef struct mpp_gemm_product {
  float *c;
  size_t ldc;
  const float
      *a; /* [m, k]: element (i, l) at a[i * a_row + l * a_column], one of the two being 1 */
  size_t a_row, a_column;
  const float *b; /* [k, n], or [n, k] where b_transposed */
  size_t ldb;
  bool b_transposed;
  size_t m, n, k;
  const float *bias, *gain; /* of the columns [n]; NULL: 0 and 1 */
  const float *times;       /* [m, n] with rows of ldc floats; NULL: 1 */
  const float *add;         /* [m, n] with rows of ldc floats; NULL: C; it may be C */
  float beta;
  /* Row i has the factor sample_gain[(first_row + i) / sample_rows % samples]; NULL: 1. */
  const float *sample_gain;
  size_t sample_rows, samples, first_row;
  bool bf16; /* operands rounded to bfloat16; needs mpp_gemm_has_bf16() */
} mpp_gemm_product;

/* Whether this processor has products with operands in bfloat16. */
bool mpp_gemm_has_bf16(void);

/* A product cut into tiles that all threads work on. */
void mpp_gemm_run(const mpp_gemm_product *p);

/* C [m, n] = op(A) op(B) + beta C; op transposes where ta, tb. Serial. */
void mpp_gemm(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b, size_t ldb,
              bool tb, size_t m, size_t n, size_t k, float beta);

/* The same on all threads. */
void mpp_gemm_parallel(float *c, size_t ldc, const float *a, size_t lda, bool ta, const float *b,
                       size_t ldb, bool tb, size_t m, size_t n, size_t k, float beta);

/* Before the first product: takes what the kernel of this processor needs. Serial code. */
MPP_MUST_CHECK mpp_status mpp_gemm_prepare(void);

const char *mpp_blas_version(void); /* "OpenBLAS 0.3.21 ..." */

#endif
