/* threads.h - thread counts of OpenMP and OpenBLAS in one place (mpp_set_threads in mpp/model.h).
 * BLAS calls are single-threaded inside our own parallel regions. */
#ifndef MPP_THREADS_H
#define MPP_THREADS_H

/* Number of threads that parallel regions use. */
int mpp_threads(void);

/* Seconds of a steady clock. */
double mpp_clock(void);

#endif
