/* normal_equations.c - the double precision part of BLAS and LAPACK that the project uses. */
#include "normal_equations.h"

#include <assert.h>
#include <cblas.h>
#include <limits.h>

#include "blas.h"

void mpp_gram_add(double *g, size_t ldg, const double *a, size_t lda, size_t n, size_t k)
{
  assert(n <= INT_MAX && k <= INT_MAX && lda <= INT_MAX && ldg <= INT_MAX);
  mpp_blas_enter();
  cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, (int)n, (int)k, 1.0, a, (int)lda, 1.0, g,
              (int)ldg);
  mpp_blas_leave();
}

/* Of LAPACK, as OpenBLAS has it; Debian's package comes without lapacke.h. */
extern void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda,
                   double *b, const int *ldb, int *info);

bool mpp_cholesky_solve(double *g, double *b, size_t n, size_t count)
{
  assert(n >= 1 && n <= INT_MAX && count <= INT_MAX);
  const int order = (int)n, sides = (int)count;
  int info = 0;
  mpp_blas_enter();
  dposv_("L", &order, &sides, g, &order, b, &order, &info); /* rows there are columns here */
  mpp_blas_leave();
  return info == 0;
}
