/* blas.h - the address space that OpenBLAS takes for its work.
 * OpenBLAS maps 128 MiB for each of its calls that run at the same time, keeps them for later
 * calls, and where the system refuses it asks again for ever. So where the process has a limit of
 * address space or data (ulimit -v, -d), room is taken beforehand, and no more calls run beside
 * each other than there is room for. Without such a limit all this is nothing. */
#ifndef MPP_BLAS_H
#define MPP_BLAS_H

#include "check.h"

/* Takes room for calls of as many threads as compute, fewer where that would take more than an
 * eighth of what is left; again it does nothing. Call it in serial code before the first BLAS call.
 * MPP_ERR_NOMEM: there is no room for one. */
MPP_MUST_CHECK mpp_status mpp_blas_reserve(void);

/* Around each call of BLAS or LAPACK; waits while all that is reserved is in use. Room that is to
 * be refused with a status has to be reserved before. */
void mpp_blas_enter(void);
void mpp_blas_leave(void);

/* ---- for tests ---- */

/* Calls that may run at the same time; 0: nothing is reserved, -1: any number. */
int mpp_blas_places(void);

#endif
