/* num_tridiagonal.h - diffusion implicit in time: symmetric tridiagonal systems. */
#ifndef MPP_NUM_TRIDIAGONAL_H
#define MPP_NUM_TRIDIAGONAL_H

#include <stddef.h>

/* Solves -off x_{i-1} + diagonal_i x_i - off x_{i+1} = x_i, i < n, n > 1, x_{-1} = x_n = 0, in
 * place; diagonal_i > 2 |off| (at the ends > |off|): no pivots are needed. Eliminates from both
 * ends to the middle, which takes half the time of one direction and gives mirror images the same
 * bits. work [n] is overwritten. */
void mpp_tridiagonal_solve(double *x, const double *diagonal, double off, double *work, size_t n);

#endif
