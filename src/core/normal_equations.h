/* normal_equations.h - least squares in double: inner products by BLAS, solutions by LAPACK, both
 * of OpenBLAS. Serial calls: bits depend on the blocks that the caller adds, never on threads.
 * Matrices row-major. */
#ifndef MPP_NORMAL_EQUATIONS_H
#define MPP_NORMAL_EQUATIONS_H

#include <stdbool.h>
#include <stddef.h>

/* G [n, n] += A A^T for A [n, k], the upper triangle alone (G[i][j], i <= j), in double. */
void mpp_gram_add(double *g, size_t ldg, const double *a, size_t lda, size_t n, size_t k);

/* Solves G X = B in place for symmetric G [n, n], of which the upper triangle is read and both
 * triangles may be overwritten; B and X are `count` rows of n. False, with B void: G is not
 * positive definite. Serial. */
bool mpp_cholesky_solve(double *g, double *b, size_t n, size_t count);

#endif
