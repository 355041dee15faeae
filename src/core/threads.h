/* threads.h - the number of threads of our parallel regions (mpp_set_threads in mpp/threads.h).
 * BLAS calls inside them are single-threaded (blas.h). */
#ifndef MPP_THREADS_H
#define MPP_THREADS_H

/* Number of threads that parallel regions use. */
int mpp_threads(void);

/* The same for regions that the calling thread begins: n, or 0 for that of all. For threads that
 * work beside the computation. */
void mpp_threads_of_caller(int n);

/* Seconds of a steady clock. */
double mpp_clock(void);

#endif
