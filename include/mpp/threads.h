/* threads.h - how many threads mpp computes with. */
#ifndef MPP_THREAD_COUNT_H
#define MPP_THREAD_COUNT_H

#include "mpp/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Threads that mpp computes with; 0: what OpenMP would take. Results do not depend on it. */
MPP_API void mpp_set_threads(int n);
MPP_API int mpp_get_threads(void);

#ifdef __cplusplus
}
#endif
#endif
